"""tools.diff: examples may be in another language; names, closed values, model ids and addresses may not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tools.diff.translated import page
from tools.diff import compare_languages

if TYPE_CHECKING:
    from tools.model import Change, Json, JsonObject

LOCALES = ("en", "ja", "ko")
SCHEMA: JsonObject = {
    "type": "object",
    "properties": {
        "model": {"type": "string"},
        "prompt": {"type": "string"},
        "mode": {"$ref": "#/components/schemas/Mode"},
        "parts": {"type": "array", "items": {"type": "object", "properties": {"kind": {"const": "text"}}}},
    },
}
VALUE: JsonObject = {
    "model": "sora-2",
    "prompt": "A cat",
    "mode": "fast",
    "image_url": "https://a.io/x.png",
    "parts": [{"kind": "text", "text": "hello"}],
}


def _page_with(locale: str, samples: Json, *, one: bool = False) -> JsonObject:
    media: JsonObject = {"schema": SCHEMA, "example" if one else "examples": samples}
    return {
        "openapi": "3.1.0",
        "paths": {"/v1/videos": {"post": {"requestBody": {"content": {"application/json": media}}}}},
        "components": {"schemas": {"Mode": {"type": "string", "enum": ["fast", "slow"]}}},
    }


def compare(odd: JsonObject) -> tuple[Change, ...]:
    """The example in en and ja against another in ko, under a translated name."""
    names = {"en": "basic", "ja": "基本", "ko": "기본"}
    return compare_languages(
        [
            page(locale, _page_with(locale, {names[locale]: {"value": odd if locale == "ko" else VALUE}}))
            for locale in LOCALES
        ],
        LOCALES,
    )


@pytest.mark.parametrize(
    ("odd", "message"),
    [
        pytest.param({**VALUE, "model": "소라-2"}, "'model' of an example is translated: 소라-2 in ko",
                     id="model"),
        pytest.param({**VALUE, "mode": "빠름"}, "'mode' of an example is translated: 빠름 in ko, fast", id="enum"),
        pytest.param(
            {**VALUE, "parts": [{"kind": "글", "text": "안녕"}]}, "'kind' of an example is translated: 글", id="const",
        ),
        pytest.param(
            {**VALUE, "image_url": "https://a.io/그림.png"}, "'image_url' of an example is translated", id="address",
        ),
        pytest.param(
            {"프롬프트" if name == "prompt" else name: value for name, value in VALUE.items()},
            "the example in ko has '프롬프트' and lacks 'prompt', unlike en and ja", id="name",
        ),
    ],
)  # fmt: skip
def test_what_should_not_be_translated(odd: JsonObject, message: str) -> None:
    """A warning that names the language, with both values."""
    (change,) = compare(odd)
    assert (change.rule, change.level, change.locales) == ("locale-example-translated", "warning", ("ko",))
    assert change.message.startswith(message)


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param({**VALUE, "mode": "slow"}, id="closed-value"),
        pytest.param({**VALUE, "seed": 3}, id="one-more-member"),
    ],
)
def test_another_example_is_information(odd: JsonObject) -> None:
    """It may be as right as the others."""
    (change,) = compare(odd)
    assert (change.rule, change.level) == ("locale-example-differs", "info")


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param({**VALUE, "prompt": "고양이"}, id="prompt"),
        pytest.param({**VALUE, "parts": [{"kind": "text", "text": "안녕"}]}, id="inner-text"),
        pytest.param({**VALUE, "image_url": "https://a.io/ko/x.png"}, id="another-address"),
        pytest.param(dict(reversed(VALUE.items())), id="order"),
    ],
)
def test_words_of_an_example_are_its_own(odd: JsonObject) -> None:
    """Prompts and texts in another language are as they should be."""
    assert compare(odd) == ()


def test_single_examples_are_compared() -> None:
    """`example` as well as `examples`."""
    pages = [page(one, _page_with(one, {"model": "sora-2"}, one=True)) for one in ("en", "ja")]
    pages.append(page("ko", _page_with("ko", {"model": "소라"}, one=True)))
    assert [change.rule for change in compare_languages(pages, LOCALES)] == ["locale-example-translated"]


def test_examples_of_other_numbers_do_not_meet() -> None:
    """Where a language shows more examples than another, nobody can tell which meets which."""
    more = {"a": {"value": {"model": "x"}}, "b": {"value": {"model": "소라"}}}
    pages = [page("en", _page_with("en", {"a": {"value": {"model": "sora-2"}}})), page("ko", _page_with("ko", more))]
    assert compare_languages(pages, LOCALES) == ()


def test_examples_of_equal_names_meet_by_name() -> None:
    """In whatever order they stand."""
    samples = {"a": {"value": {"model": "x"}}, "b": {"value": {"model": "y"}}}
    turned = dict(reversed(samples.items()))
    pages = [page("en", _page_with("en", samples)), page("ko", _page_with("ko", turned))]
    assert compare_languages(pages, LOCALES) == ()
