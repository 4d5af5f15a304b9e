"""Offline validation: bad requests are refused before anything is sent, good ones go out exactly as written."""

from __future__ import annotations

import datetime as dt
import decimal
import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from vidgate import APIMart, EvoLink, errors, evolink

if TYPE_CHECKING:
    from collections.abc import Callable

TEXT: Final = "gemini-omni-flash-text-to-video"
IMAGE: Final = "gemini-omni-flash-image-to-video"
REFERENCE: Final = "gemini-omni-flash-reference-to-video"
EDIT: Final = "gemini-omni-flash-video-edit"
OMNI: Final = "Omni-Flash-Ext"
PICTURE = "https://example.com/a.png"
FILM = "https://example.com/a.mp4"

# provider, request, field, rule, part of the fix
BAD: dict[str, tuple[str, dict[str, Any], str, str, str]] = {
    "duration too long": ("evolink", {"model": TEXT, "prompt": "x", "duration": 11}, "duration", "oneOf", "3 to 10"),
    "duration too short": ("evolink", {"model": TEXT, "prompt": "x", "duration": 2}, "duration", "oneOf", "3 to 10"),
    "duration misspelled": (
        "evolink",
        {"model": TEXT, "prompt": "x", "duration": "autox"},
        "duration",
        "oneOf",
        '"auto"',
    ),
    "duration in quotes": ("evolink", {"model": TEXT, "prompt": "x", "duration": "5"}, "duration", "oneOf", "Write 5,"),
    "duration in capitals": (
        "evolink",
        {"model": TEXT, "prompt": "x", "duration": "Auto"},
        "duration",
        "oneOf",
        "case",
    ),
    "duration null": ("evolink", {"model": TEXT, "prompt": "x", "duration": None}, "duration", "oneOf", "Leave it out"),
    "duration true": ("evolink", {"model": TEXT, "prompt": "x", "duration": True}, "duration", "oneOf", "3 to 10"),
    "ratio misspelled": (
        "evolink",
        {"model": TEXT, "prompt": "x", "aspect_ratio": "16-9"},
        "aspect_ratio",
        "enum",
        "16:9",
    ),
    "seven images": (
        "evolink",
        {"model": REFERENCE, "prompt": "x", "image_urls": [PICTURE] * 7},
        "image_urls",
        "maxItems",
        "1 to 6",
    ),
    "no image": ("evolink", {"model": IMAGE, "prompt": "x", "image_urls": []}, "image_urls", "minItems", "exactly 1"),
    "one image as text": (
        "evolink",
        {"model": IMAGE, "prompt": "x", "image_urls": PICTURE},
        "image_urls",
        "type",
        f'["{PICTURE}"]',
    ),
    "an image that is a number": (
        "evolink",
        {"model": REFERENCE, "prompt": "x", "image_urls": [PICTURE, 5]},
        "image_urls[1]",
        "type",
        '"5"',
    ),
    "media missing": ("evolink", {"model": EDIT, "prompt": "x"}, "video_urls", "required", "Add video_urls"),
    "two videos": ("evolink", {"model": EDIT, "prompt": "x", "video_urls": [FILM] * 2}, "video_urls", "maxItems", "1"),
    "prompt missing": ("evolink", {"model": TEXT}, "prompt", "required", "Add prompt"),
    "http callback": (
        "evolink",
        {"model": TEXT, "prompt": "x", "callback_url": "http://example.com/hook"},
        "callback_url",
        "callback-scheme",
        "https://",
    ),
    "callback too long": (
        "evolink",
        {"model": TEXT, "prompt": "x", "callback_url": f"https://example.com/{'a' * 2048}"},
        "callback_url",
        "maxLength",
        "2048",
    ),
    "callback to this machine": (
        "evolink",
        {"model": TEXT, "prompt": "x", "callback_url": "https://[::1]/hook"},
        "callback_url",
        "callback-host",
        "internet",
    ),
    "unknown model": (
        "evolink",
        {"model": "gemini-omni-flash-texttovideo", "prompt": "x"},
        "model",
        "unknown-model",
        f'"{TEXT}"',
    ),
    "model missing": ("evolink", {"modle": TEXT, "prompt": "x"}, "model", "required", "modle"),
    "model no text": ("evolink", {"model": 5, "prompt": "x"}, "model", "type", "Models:"),
    "misspelled keyword": (
        "evolink",
        {"model": TEXT, "prompt": "x", "durration": 6},
        "durration",
        "unknown-keyword",
        "Did you mean duration?",
    ),
    "keyword of another model": (
        "evolink",
        {"model": TEXT, "prompt": "x", "video_urls": [FILM]},
        "video_urls",
        "unknown-keyword",
        EDIT,
    ),
    "empty prompt": ("apimart", {"model": OMNI, "prompt": ""}, "prompt", "minLength", "not empty"),
    "duration not offered": ("apimart", {"model": OMNI, "prompt": "x", "duration": 7}, "duration", "enum", "6 or 8"),
    "apimart two images": (
        "apimart",
        {"model": OMNI, "prompt": "x", "image_urls": [PICTURE] * 2},
        "image_urls",
        "not",
        "one or three",
    ),
    "video and duration": (
        "apimart",
        {"model": OMNI, "prompt": "x", "duration": 6, "video_urls": [FILM]},
        "duration",
        "not",
        "Drop one",
    ),
    "apimart two videos": (
        "apimart",
        {"model": OMNI, "prompt": "x", "video_urls": [FILM] * 2},
        "video_urls",
        "maxItems",
        "at most 1",
    ),
    "frame with three images": (
        "apimart",
        {"model": OMNI, "prompt": "x", "generation_type": "frame", "image_urls": [PICTURE] * 3},
        "image_urls",
        "maxItems",
        "",
    ),
    "frame without image": (
        "apimart",
        {"model": OMNI, "prompt": "x", "generation_type": "frame"},
        "image_urls",
        "required",
        "",
    ),
    "resolution not offered": (
        "apimart",
        {"model": OMNI, "prompt": "x", "resolution": "8k"},
        "resolution",
        "pattern",
        '"720p", "1080p" or "4k"',
    ),
    "resolution as number": (
        "apimart",
        {"model": OMNI, "prompt": "x", "resolution": 720},
        "resolution",
        "type",
        '"720p"',
    ),
    "image by ftp": (
        "apimart",
        {"model": OMNI, "prompt": "x", "image_urls": ["ftp://example.com/a.png"]},
        "image_urls[0]",
        "pattern",
        "http://",
    ),
    "model in another case": ("apimart", {"model": "omni-flash-ext", "prompt": "x"}, "model", "unknown-model", OMNI),
    "not a number": (
        "evolink",
        {"model": TEXT, "prompt": "x", "duration": float("nan")},
        "duration",
        "not-json",
        "finite",
    ),
    "infinite": ("evolink", {"model": TEXT, "prompt": "x", "duration": float("inf")}, "duration", "not-json", "finite"),
    "bytes": ("evolink", {"model": TEXT, "prompt": b"x"}, "prompt", "not-json", "Decode"),
    "set": ("evolink", {"model": IMAGE, "prompt": "x", "image_urls": {PICTURE}}, "image_urls", "not-json", "list(…)"),
    "date": (
        "evolink",
        {"model": TEXT, "prompt": "x", "callback_url": dt.date(2026, 1, 1)},
        "callback_url",
        "not-json",
        "text",
    ),
    "decimal": (
        "evolink",
        {"model": TEXT, "prompt": "x", "duration": decimal.Decimal(6)},
        "duration",
        "not-json",
        "int(…)",
    ),
    "lone surrogate": ("evolink", {"model": TEXT, "prompt": "x\ud83d"}, "prompt", "not-json", "Remove"),
    "number as key": ("evolink", {"model": TEXT, "prompt": {1: "x"}}, "prompt", "not-json", "text as keys"),
}

GOOD: dict[str, tuple[str, dict[str, Any]]] = {
    "least": ("evolink", {"model": TEXT, "prompt": "a cat"}),
    "seconds": ("evolink", {"model": TEXT, "prompt": "a cat", "duration": 6}),
    "shortest": ("evolink", {"model": TEXT, "prompt": "a cat", "duration": 3}),
    "longest": ("evolink", {"model": TEXT, "prompt": "a cat", "duration": 10}),
    "auto": ("evolink", {"model": TEXT, "prompt": "a cat", "duration": "auto"}),
    "wide": ("evolink", {"model": TEXT, "prompt": "a cat", "aspect_ratio": "16:9"}),
    "tall": ("evolink", {"model": TEXT, "prompt": "a cat", "aspect_ratio": "9:16", "duration": 6}),
    "other order": ("evolink", {"duration": 6, "aspect_ratio": "auto", "prompt": "a cat", "model": TEXT}),
    "any script": ("evolink", {"model": TEXT, "prompt": '고양이 🐈 \u202f\u2028 "quoted" \\ \n tab\t'}),
    "empty prompt": ("evolink", {"model": TEXT, "prompt": ""}),
    "callback": ("evolink", {"model": TEXT, "prompt": "a cat", "callback_url": "https://example.com/hook?a=1#b"}),
    "one image": ("evolink", {"model": IMAGE, "prompt": "a cat", "image_urls": [PICTURE]}),
    "data URL": ("evolink", {"model": IMAGE, "prompt": "a cat", "image_urls": ["data:image/png;base64,AAAA"]}),
    "plain base64": ("evolink", {"model": IMAGE, "prompt": "a cat", "image_urls": ["iVBORw0KGgo="]}),
    "six images": ("evolink", {"model": REFERENCE, "prompt": "a cat", "image_urls": [PICTURE] * 6}),
    "edit": ("evolink", {"model": EDIT, "prompt": "a cat", "video_urls": [FILM]}),
    "apimart least": ("apimart", {"model": OMNI, "prompt": "a cat"}),
    "apimart all": (
        "apimart",
        {"model": OMNI, "prompt": "a cat", "duration": 6, "resolution": "1080p", "aspect_ratio": "9:16"},
    ),
    "apimart capital": ("apimart", {"model": OMNI, "prompt": "a cat", "resolution": "4K"}),
    "apimart other ratio": ("apimart", {"model": OMNI, "prompt": "a cat", "aspect_ratio": "21:9"}),
    "apimart empty list": ("apimart", {"model": OMNI, "prompt": "a cat", "image_urls": []}),
    "apimart three images": ("apimart", {"model": OMNI, "prompt": "a cat", "image_urls": [PICTURE] * 3}),
    "apimart frame": (
        "apimart",
        {"model": OMNI, "prompt": "a cat", "generation_type": "frame", "image_urls": [PICTURE]},
    ),
    "apimart video": ("apimart", {"model": OMNI, "prompt": "a cat", "video_urls": [FILM]}),
    "apimart no video, duration": ("apimart", {"model": OMNI, "prompt": "a cat", "duration": 8, "video_urls": []}),
}

ACCEPTED = {
    "evolink": {"id": "task-unified-1-abc", "status": "pending"},
    "apimart": {"code": 200, "data": [{"task_id": "task_01", "status": "submitted"}]},
}


@pytest.mark.parametrize("name", BAD)
def test_bad_requests_are_refused_offline(name: str, open_world: Callable[..., Any]) -> None:
    """The field, the rule and the fix are named, and not a single request is sent."""
    provider, request, field, rule, fix = BAD[name]
    world = open_world(provider, [])
    with pytest.raises(errors.InvalidRequest) as caught:
        world.do(world.client.videos.create, **request)
    with pytest.raises(errors.InvalidRequest):
        world.do(world.client.videos.create_from, request)
    assert world.requests == []
    problems = {(problem.field, problem.rule): problem for problem in caught.value.report.errors}
    assert (field, rule) in problems
    problem = problems[field, rule]
    assert problem.message
    assert problem.fix
    assert fix in problem.fix
    assert problem.field in str(caught.value)
    assert problem.fix in str(caught.value)


@pytest.mark.parametrize("name", BAD)
def test_one_slip_is_one_problem(name: str) -> None:
    """A single slip is reported once, unless it also leaves a gap."""
    provider, request, field, _, _ = BAD[name]
    client: Any = (EvoLink if provider == "evolink" else APIMart)("sk-0123456789")
    report = client.check(request)
    assert not report
    assert {problem.field for problem in report.errors} == {field}
    assert len(report.errors) == 1


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize("way", ["keywords", "mapping"])
def test_good_requests_go_out_as_written(name: str, way: str, open_world: Callable[..., Any]) -> None:
    """The body on the wire is the request, byte for byte: same order, no default added."""
    provider, request = GOOD[name]
    world = open_world(provider, [(200, ACCEPTED[provider])])
    if way == "keywords":
        world.do(world.client.videos.create, **request)
    else:
        world.do(world.client.videos.create_from, request)
    (sent,) = world.requests
    assert sent.content == json.dumps(request, ensure_ascii=False, separators=(",", ":")).encode()
    assert sent.headers["content-type"] == "application/json"


def test_request_objects_go_out_as_written(open_world: Callable[..., Any]) -> None:
    """A request object sends what was set on it and nothing else."""
    world = open_world("evolink", [(200, ACCEPTED["evolink"])])
    request = evolink.GeminiOmniFlashTextToVideoRequest(prompt="a cat", duration=6)
    world.do(world.client.videos.create, request)
    assert json.loads(world.requests[0].content) == {"model": TEXT, "prompt": "a cat", "duration": 6}


def test_request_objects_are_checked(open_world: Callable[..., Any]) -> None:
    """A request object is refused like any other request."""
    world = open_world("evolink", [])
    request = evolink.GeminiOmniFlashTextToVideoRequest(prompt="a cat", duration=11)
    with pytest.raises(errors.InvalidRequest):
        world.do(world.client.videos.create, request)
    assert world.requests == []


def test_a_request_object_of_the_other_provider_is_refused(open_world: Callable[..., Any]) -> None:
    """Its model is unknown here."""
    world = open_world("apimart", [])
    with pytest.raises(errors.InvalidRequest) as caught:
        world.do(world.client.videos.create, evolink.GeminiOmniFlashTextToVideoRequest(prompt="a cat"))
    assert caught.value.fields == ("model",)


@pytest.mark.parametrize("request_", [5, "text", [1], object()], ids=["int", "str", "list", "object"])
def test_what_is_no_request_is_refused(request_: Any, open_world: Callable[..., Any]) -> None:
    """A wrong argument is an error of ours, not an AttributeError."""
    world = open_world("evolink", [])
    with pytest.raises(errors.ConfigurationError):
        world.do(world.client.videos.create, request_)
    with pytest.raises(errors.ConfigurationError):
        world.do(world.client.videos.create_from, request_)


def test_a_mapping_belongs_to_create_from(open_world: Callable[..., Any]) -> None:
    """Create takes keywords, so that type checkers see them; the error names the other way."""
    world = open_world("evolink", [])
    with pytest.raises(errors.ConfigurationError, match="create_from"):
        world.do(world.client.videos.create, {"model": TEXT, "prompt": "x"})


def test_validation_can_be_left_out(open_world: Callable[..., Any]) -> None:
    """With validate=False a request goes out whatever the contract says of it."""
    world = open_world("evolink", [(200, ACCEPTED["evolink"])] * 2)
    unchecked = world.client.with_options(validate=False)
    world.do(unchecked.videos.create_from, {"model": "brand-new", "style": "noir"})
    assert json.loads(world.requests[0].content) == {"model": "brand-new", "style": "noir"}
    with pytest.raises(errors.InvalidRequest):
        world.do(world.client.videos.create_from, {"model": "brand-new"})


def test_what_json_cannot_say_is_refused_in_any_case(open_world: Callable[..., Any]) -> None:
    """Without validation, too, nothing is guessed about a value that has no JSON."""
    world = open_world("evolink", [], validate=False)
    loop: list[Any] = []
    loop.append(loop)
    for value in (float("nan"), b"x", loop, "\udc00"):
        with pytest.raises(errors.InvalidRequest):
            world.do(world.client.videos.create_from, {"model": TEXT, "prompt": value})
    assert world.requests == []


def test_several_problems_come_together() -> None:
    """All fields at fault are reported at once."""
    report = EvoLink("sk-0123456789").check(model=TEXT, duration=11, aspect_ratio="wide", promt="x")
    assert {problem.field for problem in report.errors} == {"prompt", "duration", "aspect_ratio", "promt"}
    assert not report


def test_changing_a_list_later_changes_nothing(open_world: Callable[..., Any]) -> None:
    """What is checked is what is sent: the request is a copy."""
    pictures = [PICTURE]

    def answer(_: Any) -> Any:
        pictures.append("changed")
        return 200, ACCEPTED["evolink"]

    world = open_world("evolink", answer)
    world.do(world.client.videos.create, model=IMAGE, prompt="x", image_urls=pictures)
    assert json.loads(world.requests[0].content)["image_urls"] == [PICTURE]


def test_every_example_of_the_contract_is_good() -> None:
    """No documented request is refused."""
    for client in (EvoLink("sk-0123456789"), APIMart("sk-0123456789")):
        examples = _examples(client)
        assert examples
        for name, example in examples.items():
            assert client.check(example["value"]).errors == (), name


def _examples(client: EvoLink | APIMart) -> dict[str, Any]:
    from vidgate._contract import load

    document = load(f"{client.target.provider.name}_api").document
    content = document["paths"]["/v1/videos/generations"]["post"]["requestBody"]["content"]["application/json"]
    found: dict[str, Any] = content["examples"]
    return found
