"""What is refused, with which documented body."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from vidgate.simulator import Account

if TYPE_CHECKING:
    from collections.abc import Callable

EVOLINK_BODIES = [
    pytest.param({"duration": 11}, "duration", id="duration-too-long"),
    pytest.param({"duration": "autox"}, "duration", id="duration-unknown-word"),
    pytest.param({"duration": "6"}, "duration", id="duration-as-text"),
    pytest.param({"aspect_ratio": "1:1"}, "aspect_ratio", id="ratio-unknown"),
    pytest.param({"prompt": None}, "prompt", id="prompt-null"),
    pytest.param({"model": "nothing"}, "model", id="model-unknown"),
    pytest.param({"model": 5}, "model", id="model-number"),
    pytest.param({"callback_url": "http://example.com/x"}, "callback_url", id="callback-not-https"),
    pytest.param({"callback_url": "https://127.0.0.1/x"}, "callback_url", id="callback-private"),
    pytest.param(
        {"model": "gemini-omni-flash-reference-to-video", "image_urls": ["https://example.com/a"] * 7},
        "image_urls",
        id="seven-images",
    ),
    pytest.param({"model": "gemini-omni-flash-video-edit"}, "video_urls", id="edit-without-video"),
]
APIMART_BODIES = [
    pytest.param({"duration": 7}, "duration", "invalid_duration", id="duration"),
    pytest.param({"resolution": "480p"}, "resolution", "invalid_resolution", id="resolution"),
    pytest.param({"image_urls": ["https://a.example/1"] * 2}, "image_urls", "unsupported_image_count", id="two-images"),
    pytest.param(
        {"generation_type": "frame", "image_urls": ["https://a.example/1"] * 3},
        "image_urls",
        "unsupported_image_count",
        id="frame-three-images",
    ),
    pytest.param(
        {"duration": None, "video_urls": ["https://a.example/1"] * 2},
        "video_urls",
        "unsupported_video_count",
        id="two-videos",
    ),
    pytest.param({"video_urls": ["https://a.example/1"]}, "video_urls", "invalid_request_error", id="video-duration"),
    pytest.param({"prompt": ""}, "prompt", "invalid_request_error", id="prompt-empty"),
    pytest.param({"model": "other"}, "model", "invalid_request_error", id="model-unknown"),
]
MALFORMED = [
    pytest.param(b"{", "application/json", id="no-json"),
    pytest.param(b"", "application/json", id="empty"),
    pytest.param(b"[1]", "application/json", id="no-object"),
    pytest.param(b"null", "application/json", id="null"),
    pytest.param(b'{"prompt": "a", "prompt": "b"}', "application/json", id="duplicate-member"),
    pytest.param(b'{"x": NaN}', "application/json", id="nan"),
    pytest.param(b'{"x": -Infinity}', "application/json", id="infinity"),
    pytest.param(b'{"x": 1e999}', "application/json", id="too-large"),
    pytest.param(b'{"x": ' + b"9" * 5000 + b"}", "application/json", id="endless-integer"),
    pytest.param(b'{"x": "\xff"}', "application/json", id="no-utf8"),
    pytest.param(b"[" * 100_000, "application/json", id="too-deep"),
    pytest.param(b"{}", "text/plain", id="wrong-media-type"),
    pytest.param(b"{}", "application/json; charset=latin-1", id="wrong-charset"),
    pytest.param(b"{}", None, id="no-media-type"),
]


@pytest.mark.parametrize(("changes", "field"), EVOLINK_BODIES)
def test_evolink_names_the_field(evolink: Any, changes: dict[str, Any], field: str) -> None:
    """A broken rule is a 400 with code invalid_parameter, and the message names the field."""
    response = evolink.create(**changes)
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (400, "invalid_parameter")
    assert f"'{field}" in error["message"]
    assert evolink.simulator.ledger == ()


@pytest.mark.parametrize(("changes", "field", "kind"), APIMART_BODIES)
def test_apimart_names_the_documented_type(apimart: Any, changes: dict[str, Any], field: str, kind: str) -> None:
    """A broken rule is a 400 with the type that the page's error table lists for it."""
    body = {name: value for name, value in (apimart.request | changes).items() if value is not None}
    response = apimart.client.post("/v1/videos/generations", json=body, headers={"Authorization": "Bearer sim-key"})
    error = response.json()["error"]
    assert (response.status_code, error["code"], error["type"]) == (400, 400, kind)
    assert field in error["message"]


@pytest.mark.parametrize(("content", "media_type"), MALFORMED)
def test_an_unreadable_body_is_refused(desk: Any, content: bytes, media_type: str | None) -> None:
    """What is no JSON object in UTF-8 is a documented 400."""
    headers = {"Authorization": "Bearer sim-key"} | ({"Content-Type": media_type} if media_type else {})
    response = desk.client.post("/v1/videos/generations", content=content, headers=headers)
    assert response.status_code == 400
    assert response.json()["error"]["code"] == ("invalid_request" if desk.provider == "evolink" else 400)


@pytest.mark.parametrize(("text", "status"), [("\\ud800", 400), ("\\ud83c\\udfac", 200)], ids=["half", "pair"])
def test_half_of_a_surrogate_pair_is_refused(desk: Any, text: str, status: int) -> None:
    """An escape that spells no character is refused; two that spell one are not."""
    content = json.dumps(desk.request | {"prompt": "@"}).replace("@", text).encode()
    headers = {"Authorization": "Bearer sim-key", "Content-Type": "application/json"}
    assert desk.client.post("/v1/videos/generations", content=content, headers=headers).status_code == status


@pytest.mark.parametrize("announced", [True, False], ids=["content-length", "chunked"])
def test_a_body_over_the_limit_is_refused(make_desk: Callable[..., Any], announced: bool) -> None:  # noqa: FBT001
    """The limit holds whether or not the length is announced."""
    desk = make_desk("evolink", body_limit=1000)
    content = json.dumps(desk.request | {"prompt": "x" * 1000}).encode()
    headers = {"Authorization": "Bearer sim-key", "Content-Type": "application/json"}
    sent = content if announced else iter([content[:700], content[700:]])
    response = desk.client.post("/v1/videos/generations", content=sent, headers=headers)
    assert response.status_code == 400
    assert "longer than 1000 bytes" in response.json()["error"]["message"]


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param([], id="missing"),
        pytest.param([("Authorization", "Bearer nobody")], id="unknown"),
        pytest.param([("Authorization", "Basic sim-key")], id="scheme"),
        pytest.param([("Authorization", "sim-key")], id="bare"),
        pytest.param([("Authorization", "Bearer")], id="empty"),
        pytest.param([("Authorization", "Bearer sim-key")] * 2, id="twice"),
    ],
)
def test_a_call_without_a_key_is_401(desk: Any, headers: list[tuple[str, str]]) -> None:
    """Only one Bearer key that belongs to an account counts."""
    for response in (
        desk.client.post("/v1/videos/generations", json=desk.request, headers=headers),
        desk.client.get("/v1/tasks/task-unified-1-abcdefgh", headers=headers),
    ):
        assert response.status_code == 401
        assert response.json()["error"]["type"] == "authentication_error"


def test_a_key_without_quota_is_402(desk: Any) -> None:
    """A valid request of an empty account is refused and not charged."""
    response = desk.create(key="sim-no-quota")
    assert response.status_code == 402
    assert desk.simulator.ledger == ()


def test_a_key_without_model_access_is_403(evolink: Any) -> None:
    """EvoLink documents a 403 that names the model."""
    response = evolink.create(key="sim-no-access")
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (403, "model_access_denied")
    assert error["message"].endswith("gemini-omni-flash-text-to-video")


def test_a_limited_key_is_429(desk: Any) -> None:
    """Every call of the limited key is refused, with the seconds to wait."""
    for response in (desk.create(key="sim-limited"), desk.get("task-unified-1-abcdefgh", key="sim-limited")):
        assert (response.status_code, response.headers["Retry-After"]) == (429, "1")


def test_a_limit_ends_with_its_window(make_desk: Callable[..., Any]) -> None:
    """An account may call again after the announced time."""
    desk = make_desk("evolink", accounts={"slow": Account(name="slow", requests=1, window=10)})
    assert desk.create(key="slow").status_code == 200
    desk.clock.advance(4)
    refused = desk.create(key="slow")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "6")
    desk.clock.advance(6)
    assert desk.create(key="slow").status_code == 200


def test_tasks_belong_to_an_account(desk: Any) -> None:
    """Another account's key does not open a task."""
    task_id = desk.task_id(desk.create())
    assert desk.get(task_id, key="sim-other-account").status_code == 403


def test_a_malformed_evolink_id_is_400(evolink: Any) -> None:
    """An id of another form is no unknown id."""
    response = evolink.get("task_01")
    assert (response.status_code, response.json()["error"]["code"]) == (400, "invalid_task_id")


def test_an_unknown_id_is_refused_as_documented(desk: Any) -> None:
    """EvoLink documents a 404; APIMart's task query knows only a 400 for an id that is none."""
    response = desk.get("task-unified-1-abcdefgh")
    assert response.status_code == (404 if desk.provider == "evolink" else 400)
    assert "task" in response.json()["error"]["message"].lower()


def test_another_path_is_404(desk: Any) -> None:
    """An unknown path is answered in JSON, in the provider's shape, with a request id."""
    response = desk.client.get("/v1/videos")
    assert response.status_code == 404
    assert set(response.json()["error"]) == {"code", "message", "type"}
    assert response.headers[desk.simulator.behaviour.request_id_header].startswith("sim-")


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("GET", "/v1/videos/generations", "POST, OPTIONS"),
        ("HEAD", "/v1/videos/generations", "POST, OPTIONS"),
        ("DELETE", "/v1/tasks/x", "GET, HEAD, OPTIONS"),
        ("TRACE", "/v1/tasks/x", "GET, HEAD, OPTIONS"),
        ("GET", "/__sim/reset", "POST, OPTIONS"),
    ],
)
def test_another_method_is_405(desk: Any, method: str, path: str, allow: str) -> None:
    """The methods that work are listed, and OPTIONS lists the same."""
    response = desk.client.request(method, path)
    assert (response.status_code, response.headers["Allow"]) == (405, allow)
    assert (response.content == b"") == (method == "HEAD")
    options = desk.client.request("OPTIONS", path)
    assert (options.status_code, options.headers["Allow"]) == (204, allow)


def test_head_of_a_task_has_headers_only(desk: Any) -> None:
    """HEAD answers as GET does, without the body."""
    path = "/v1/tasks/" + desk.task_id(desk.create())
    headers = {"Authorization": "Bearer sim-key"}
    head, get = desk.client.head(path, headers=headers), desk.client.get(path, headers=headers)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Length"] == str(len(get.content))


def test_a_fault_of_the_simulator_is_a_documented_500(evolink: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unexpected exception never leaves the app."""

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(evolink.simulator, "submit", fail)
    response = evolink.create()
    assert (response.status_code, response.json()["error"]["code"]) == (500, "internal_error")
