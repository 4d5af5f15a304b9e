"""What the journal does not keep: keys never, prompts no longer than needed, and nothing for others to read."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Any

import pytest

from tests.vidgate.journal.submissions import ACCEPTED, KEY, REQUESTS, create
from vidgate import errors
from vidgate.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import httpx


def files_of(path: Path) -> bytes:
    return b"".join(file.read_bytes() for file in path.parent.iterdir())


def test_the_key_is_nowhere_in_the_file(open_world: Callable[..., Any], path: Path) -> None:
    """Not when a server echoes it, not when somebody pastes it into the prompt, not as part of a path."""

    def answer(request: httpx.Request) -> Any:
        if b"echo" in request.content:
            return 400, {"error": {"message": f"bad key {KEY}", "code": KEY}}
        return 502, f"key {KEY}"

    world = open_world("evolink", answer, journal=path)
    for prompt in ("echo", "plain", f"my key is {KEY}"):
        with pytest.raises(errors.VidgateError):
            world.do(world.client.videos.create, **{**REQUESTS["evolink"], "prompt": prompt})
    entries = Journal(path).entries()
    assert [entry.state for entry in entries] == ["rejected", "unknown", "unknown"]
    assert [entry.request is not None for entry in entries] == [False, True, False]
    assert b"gemini-omni" in files_of(path)
    assert KEY.encode() not in files_of(path)
    assert KEY not in "".join(map(repr, entries))


def test_a_settled_prompt_is_erased(open_world: Callable[..., Any], path: Path) -> None:
    """A prompt is private: once the outcome is known and the journal closed, no byte of it is left."""
    world = open_world("evolink", [(200, ACCEPTED["evolink"])], journal=path)
    create(world)
    world.client.journal.close()
    assert b"secret cat" not in files_of(path)


@pytest.mark.parametrize(("keep", "kept"), [("always", True), ("never", False)])
def test_requests_are_kept_as_asked(open_world: Callable[..., Any], path: Path, keep: Any, kept: bool) -> None:  # noqa: FBT001
    """`always` keeps a settled one, `never` not even an open one."""
    answers = [(200, ACCEPTED["evolink"]), (502, "")]
    world = open_world("evolink", answers, journal=Journal(path, keep_requests=keep))
    create(world)
    with pytest.raises(errors.SubmitUnknown):
        create(world)
    assert [entry.request is not None for entry in Journal(path).entries()] == [kept, kept]


def test_the_file_is_its_owners(path: Path) -> None:
    """Nobody else may read it, whatever the umask."""
    earlier = os.umask(0)
    try:
        Journal(path).fingerprint(b"")
    finally:
        os.umask(earlier)
    for file in path.parent.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_reading_makes_no_file(path: Path) -> None:
    """Who only looks leaves nothing behind."""
    assert Journal(path).entries() == ()
    assert Journal(path).find("sub-1") is None
    assert not path.parent.exists()
