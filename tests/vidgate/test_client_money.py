"""A submission is paid for once at most: what is sent again, what never is, and what is told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.vidgate.client_cases import CREATED, ID, REQUEST, TEXT
from vidgate import EvoLink, errors

if TYPE_CHECKING:
    from collections.abc import Callable


BROKEN: dict[str, Any] = {
    "hang": httpx.ReadTimeout("timed out"),
    "reset": httpx.ReadError("reset"),
    "server gone": httpx.RemoteProtocolError("server disconnected"),
    "write error": httpx.WriteError("broken pipe"),
    "write timeout": httpx.WriteTimeout("stuck"),
    "own protocol error": httpx.LocalProtocolError("odd"),
    "transport bug": RuntimeError("a bug of the transport"),
    "hook": httpx.HTTPStatusError("no", request=httpx.Request("GET", "http://x"), response=httpx.Response(500)),
    "502": (502, "<html>Bad Gateway</html>"),
    "500": (500, {"error": {"code": "internal_error", "message": "x"}}),
    "200 of another shape": (200, {"ok": True}),
}


@pytest.mark.parametrize("name", BROKEN)
def test_money_is_risked_once(name: str, open_world: Callable[..., Any]) -> None:
    """After an unclear outcome there is exactly one POST, and the error holds the key it was sent with."""
    world = open_world("evolink", lambda _: BROKEN[name])
    with pytest.raises(errors.SubmitUnknown) as caught:
        world.do(world.client.videos.create, **REQUEST)
    (post,) = world.posts
    assert caught.value.idempotency_key == post.headers["idempotency-key"]
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


UNDELIVERED: dict[str, Exception] = {
    "refused": httpx.ConnectError("refused"),
    "no route in time": httpx.ConnectTimeout("slow"),
    "no free connection": httpx.PoolTimeout("full"),
    "proxy": httpx.ProxyError("403 Forbidden"),
}


@pytest.mark.parametrize("name", UNDELIVERED)
def test_what_did_not_arrive_is_sent_again(name: str, open_world: Callable[..., Any]) -> None:
    """Without a connection the same request goes out again, under the same key."""
    world = open_world("evolink", [UNDELIVERED[name], UNDELIVERED[name], (200, CREATED)])
    assert world.do(world.client.videos.create, **REQUEST).id == ID
    assert len({(post.headers["idempotency-key"], post.content) for post in world.posts}) == 1
    assert len(world.posts) == 3


def test_each_submission_has_its_own_key(open_world: Callable[..., Any]) -> None:
    """Two calls are two tasks; the keys have the documented form."""
    import re

    world = open_world("evolink", lambda _: (200, CREATED))
    for _ in range(3):
        world.do(world.client.videos.create, **REQUEST)
    keys = [post.headers["idempotency-key"] for post in world.posts]
    assert len(set(keys)) == 3
    assert all(re.fullmatch(r"[A-Za-z0-9._-]{16,96}", key) for key in keys)


def test_an_unknown_outcome_can_be_settled(open_world: Callable[..., Any]) -> None:
    """The key of SubmitUnknown, given back, is the key of the next request."""
    world = open_world("evolink", [(504, ""), (200, CREATED)])
    with pytest.raises(errors.SubmitUnknown) as caught:
        world.do(world.client.videos.create, **REQUEST)
    again = world.client.with_options(idempotency_key=caught.value.idempotency_key)
    assert world.do(again.videos.create, **REQUEST).id == ID
    assert len({post.headers["idempotency-key"] for post in world.posts}) == 1


def test_an_interrupt_leaves_the_key_behind(open_world: Callable[..., Any]) -> None:
    """Ctrl-C in the middle of a paid request is passed on, with a note of the idempotency key."""

    class Interrupted(BaseException):
        pass

    def answer(_: httpx.Request) -> Any:
        raise Interrupted

    world = open_world("evolink", answer)
    with pytest.raises(Interrupted) as caught:
        world.do(world.client.videos.create, **REQUEST)
    assert world.posts[0].headers["idempotency-key"] in caught.value.__notes__[0]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(status: int, open_world: Callable[..., Any]) -> None:
    """Neither the request nor the key goes to another address, for a POST as for a GET."""

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(status, headers={"location": "https://elsewhere.example/v1"})

    world = open_world("evolink", answer)
    with pytest.raises(errors.VidgateError):
        world.do(world.client.videos.create, **REQUEST)
    with pytest.raises(errors.UnexpectedReply, match=r"elsewhere\.example"):
        world.do(world.client.tasks.get, ID)
    assert [request.url.host for request in world.requests] == ["api.evolink.ai"] * 2


def test_a_redirecting_http_client_does_not_redirect_us() -> None:
    """A handed-in client that follows redirects does not do so with our key."""
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.host)
        return httpx.Response(307, headers={"location": "https://elsewhere.example/"})

    with httpx.Client(transport=httpx.MockTransport(answer), follow_redirects=True) as http:
        client = EvoLink("sk-0123456789", http_client=http)
        with pytest.raises(errors.UnexpectedReply):
            client.videos.create(model=TEXT, prompt="x")
    assert seen == ["api.evolink.ai"]
