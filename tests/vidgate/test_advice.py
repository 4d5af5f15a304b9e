"""Advice: what a request may say, but probably should not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import jsonschema_rs
import pytest

from vidgate import APIMart, errors

if TYPE_CHECKING:
    from collections.abc import Callable

OMNI: Final = "Omni-Flash-Ext"
PICTURE = "https://example.com/a.png"
ACCEPTED = {"code": 200, "data": [{"status": "submitted", "task_id": "task_1"}]}


@pytest.mark.parametrize(
    ("request_", "rule"),
    [
        ({"image_urls": [PICTURE] * 4}, "many-images"),
        ({"size": "9:16", "aspect_ratio": "16:9"}, "size-differs"),
    ],
    ids=["many images", "size differs"],
)
def test_advice_warns_and_lets_pass(request_: dict[str, Any], rule: str, open_world: Callable[..., Any]) -> None:
    """What is allowed but doubtful is a warning, in the report and at the call; the request still goes out."""
    world = open_world("apimart", [(200, ACCEPTED)])
    body = {"model": OMNI, "prompt": "x", **request_}
    report = world.client.check(body)
    assert report
    assert [problem.rule for problem in report.warnings] == [rule]
    with pytest.warns(errors.RequestAdvice) as caught:
        world.do(world.client.videos.create_from, body)
    assert len(caught) == 1
    assert len(world.requests) == 1


def test_warnings_point_at_the_caller() -> None:
    """The line that warns is the user's, not one of ours."""
    client = APIMart("sk-0123456789", base_url="http://127.0.0.1:9", attempts=1)
    with client, pytest.warns(errors.RequestAdvice) as caught, pytest.raises(errors.ConnectionFailed):
        client.videos.create(model=OMNI, prompt="x", image_urls=[PICTURE] * 4)
    assert caught[0].filename == __file__


def test_schemas_are_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request is checked against its model's rules and advice; compiling them would take longer than sending it."""
    body = {"model": OMNI, "prompt": "x", "image_urls": [PICTURE] * 4}
    client = APIMart("sk-0123456789")
    assert client.check(body).warnings
    compiled: list[Any] = []
    monkeypatch.setattr(jsonschema_rs, "Draft202012Validator", lambda *given, **_: compiled.append(given))
    assert client.check(body).warnings
    assert compiled == []
