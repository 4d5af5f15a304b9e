"""tools.diff.contradictions: what a description says and its schema denies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tools.diff import contradictions

if TYPE_CHECKING:
    from tools.model import Change, Json, JsonObject


def judge(text: str, **schema: Json) -> tuple[Change, ...]:
    """What a property with that text and schema contradicts."""
    node: JsonObject = {**schema, "description": text}
    return contradictions({"components": {"schemas": {"X": {"properties": {"x": node}}}}})


CONTRADICTIONS = [
    pytest.param("At most 2048 characters", {"maxLength": 1024}, "says at most 2048 characters, but maxLength is 1024",
                 id="length"),
    pytest.param("限制2,000字符", {"maxLength": 1500}, "says at most 2000 characters", id="length-cn"),
    pytest.param("２０４８文字以内", {"maxLength": 1024}, "says at most 2048 characters", id="length-ja"),
    pytest.param("`2048`자를 초과할 수 없음", {"maxLength": 1024}, "says at most 2048 characters", id="length-ko"),
    pytest.param("Up to `3` images", {"type": "array", "maxItems": 9}, "says at most 3 items, but maxItems is 9",
                 id="items"),
    pytest.param("最多3张", {"type": "array", "maxItems": 9}, "says at most 3 items", id="items-cn"),
    pytest.param("Range: `3` ~ `15`", {"type": "integer", "minimum": 3, "maximum": 10},
                 "says 3 to 15, but maximum is 10", id="maximum"),
    pytest.param("any integer between `4`-`15` seconds", {"type": "integer", "minimum": 3, "maximum": 15},
                 "says 4 to 15, but minimum is 3", id="minimum"),
    pytest.param("整数，范围 [1, 8]", {"type": "integer", "maximum": 10}, "says 1 to 8", id="range-cn"),
    pytest.param("Defaults to `10`", {"default": 6}, "says the default is 10, but default is 6", id="default"),
    pytest.param("デフォルト：`720p`", {"default": "1080p"}, "says the default is 720p", id="default-ja"),
    pytest.param("기본값 10", {"default": 6}, "says the default is 10", id="default-ko"),
    pytest.param("- `low`: fast\n- `high`: slow (default)", {"default": "low"}, "says the default is high",
                 id="default-of-a-list"),
    pytest.param("enabled by default `true`", {"default": False}, "says the default is true", id="default-boolean"),
    pytest.param("**Options:**\n- `std`: x\n- `pro`: y\n- `max`: z", {"enum": ["std", "pro"]}, "also lists max",
                 id="listed-too-many"),
    pytest.param("可选值：\n- `std`: x\n- `pro`: y", {"enum": ["std", "pro", "max"]}, "does not list max",
                 id="listed-too-few"),
    pytest.param("Supported values: `5` or `10`", {"enum": [5, 15]}, "also lists 10", id="inline"),
    pytest.param("fixed to `a-1`", {"enum": ["a-2"]}, "says it is fixed to a-1", id="fixed"),
    pytest.param("固定为 `a-1`", {"const": "a-2"}, "says it is fixed to a-1, but const is", id="fixed-const"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "schema", "said"), CONTRADICTIONS)
def test_a_contradiction_is_a_warning(text: str, schema: JsonObject, said: str) -> None:
    """It quotes the text and the keyword, and stands at both."""
    change = judge(text, **schema)[0]
    assert (change.rule, change.level, change.axis) == ("prose-contradicts-schema", "warning", "prose")
    assert change.message.startswith(f"the text {said}")
    assert change.new.pointer == "/components/schemas/X/properties/x/description"
    keyword = (change.old.pointer or "").rpartition("/")[2]
    assert change.before == schema[keyword]


AGREEMENTS = [
    pytest.param("At most 2048 characters", {"maxLength": 2048}, id="equal"),
    pytest.param("At most 2048 characters", {}, id="nothing-in-the-schema"),
    pytest.param("limited to 2000 tokens", {"maxLength": 4000}, id="tokens-are-no-characters"),
    pytest.param("max 2500 characters in Chinese, max 5000 characters otherwise", {"maxLength": 5000}, id="two-cases"),
    pytest.param("At most 500 characters recommended", {"maxLength": 2000}, id="advice"),
    pytest.param("1-2 images, up to 9 images with references", {"type": "array", "maxItems": 9}, id="items-two-cases"),
    pytest.param("Up to `10` MB", {"type": "array", "maxItems": 3}, id="another-measure"),
    pytest.param("`end - start` must be between 10 - 30", {"type": "number", "minimum": 0}, id="of-something-else"),
    pytest.param("Range: 3-5 or range: 8-10", {"type": "integer", "minimum": 3, "maximum": 10}, id="two-ranges"),
    pytest.param("between 1 and 8", {"type": "string", "minimum": 3}, id="no-number"),
    pytest.param("defaults to `true`", {"default": True}, id="default"),
    pytest.param("Default: 1.0", {"default": 1}, id="default-number"),
    pytest.param("default is random", {"default": 5}, id="default-word"),
    pytest.param("default `5`, with video default `10`", {"default": 10}, id="default-two-cases"),
    pytest.param("defaults to `16:9`", {"default": "16:9"}, id="default-ratio"),
    pytest.param("**Options:**\n- `std`: x\n- `pro`: y", {"enum": ["pro", "std"]}, id="listed"),
    pytest.param("**Options:**\n- `16:9` (wide), `9:16` (high)\n- `1:1`", {"enum": ["16:9", "9:16", "1:1"]}, id="rows"),
    pytest.param("Options: such as `std`", {"enum": ["std", "pro"]}, id="some-of-them"),
    pytest.param("Options:\n- `720p`: `16:9`", {"enum": ["16:9", "9:16"]}, id="a-list-of-something-else"),
    pytest.param("fixed to `a-1`", {"enum": ["a-1"]}, id="fixed"),
    pytest.param("fixed to `8`s for `b`", {"enum": ["a", "b"]}, id="fixed-for-one"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "schema"), AGREEMENTS)
def test_what_agrees_or_speaks_of_something_else_is_none(text: str, schema: JsonObject) -> None:
    """A false alarm costs more than a missed one."""
    assert judge(text, **schema) == ()


def test_a_parameter_describes_its_schema() -> None:
    """The text stands on the parameter, the bound in its schema."""
    parameter = {"in": "query", "name": "n", "description": "Default: 3", "schema": {"default": 2}}
    (change,) = contradictions({"paths": {"/x": {"get": {"parameters": [parameter]}}}})
    assert change.old.pointer == "/paths/~1x/get/parameters/0/schema/default"
    assert change.new.pointer == "/paths/~1x/get/parameters/0/description"


def test_properties_called_description_are_no_text() -> None:
    """A property of that name is a schema like any other."""
    assert contradictions({"properties": {"description": {"type": "string", "maxLength": 3}}, "maxLength": 4}) == ()


def test_what_is_the_same_object_beside_is_not_read() -> None:
    """What both sides state is no news; what changed is read as ever."""
    kept: Json = {"type": "string", "description": "At most 5 characters.", "maxLength": 4}
    changed: Json = {"type": "string", "description": "At most 7 characters.", "maxLength": 6}
    old: JsonObject = {"components": {"schemas": {"Kept": kept, "Changed": {**changed, "maxLength": 7}}}}
    new: JsonObject = {"components": {"schemas": {"Kept": kept, "Changed": changed}}}
    assert len(contradictions(new)) == 2
    (change,) = contradictions(new, beside=old)
    assert change.pointer == "/components/schemas/Changed/description"
    assert contradictions(new, beside=new) == ()
