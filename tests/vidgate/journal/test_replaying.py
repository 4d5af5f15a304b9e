"""Settling by sending the same request again under the same key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.vidgate.journal.submissions import ACCEPTED, ID, create, only, unknown
from vidgate import errors
from vidgate.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.mark.parametrize(("provider", "options"), [("apimart", {}), ("evolink", {"replay": True})])
def test_recover_sends_the_same_again(
    open_world: Callable[..., Any], path: Path, provider: str, options: dict[str, Any]
) -> None:
    """Same key, same bytes, same row; the task it finds is waited for as any other."""
    world, submit_id = unknown(open_world, path, provider, (200, ACCEPTED[provider]))
    assert world.do(world.client.recover, submit_id, **options).id == ID
    first, second = world.posts
    assert first.content == second.content
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]
    entry = only(path)
    assert (entry.submit_id, entry.state, entry.task_id, entry.request) == (submit_id, "submitted", ID, None)


def test_recover_is_honest_where_nothing_is_promised(open_world: Callable[..., Any], path: Path) -> None:
    """Without --replay nothing is sent to a provider that does not say that it remembers keys."""
    world, submit_id = unknown(open_world, path, "evolink")
    with pytest.raises(errors.SubmitUnknown, match="do not promise") as caught:
        world.do(world.client.recover, submit_id)
    assert (caught.value.submit_id, len(world.posts)) == (submit_id, 1)


def test_recover_stops_before_the_provider_forgets(open_world: Callable[..., Any], path: Path) -> None:
    """A day later the same key could be charged again."""
    world, submit_id = unknown(open_world, path, "apimart")
    world.clock.time += 86_400 - 599
    with pytest.raises(errors.SubmitUnknown, match="older than the 24 hours"):
        world.do(world.client.recover, submit_id)
    assert len(world.posts) == 1


def test_recover_needs_the_request(open_world: Callable[..., Any], path: Path) -> None:
    """A journal that keeps no requests says what else settles it."""
    world, submit_id = unknown(open_world, Journal(path, keep_requests="never"), "apimart")  # type: ignore[arg-type]
    with pytest.raises(errors.SubmitUnknown, match="idempotency_key="):
        world.do(world.client.recover, submit_id)
    assert len(world.posts) == 1


def test_a_rejected_second_attempt_proves_nothing(open_world: Callable[..., Any], path: Path) -> None:
    """The first one may have been accepted all the same, so it stays unknown."""
    refusal = (401, {"error": {"message": "key disabled", "code": "key_disabled"}})
    world, submit_id = unknown(open_world, path, "apimart", refusal)
    with pytest.raises(errors.AuthenticationError):
        world.do(world.client.recover, submit_id)
    assert (only(path).state, only(path).request is not None) == ("unknown", True)


def test_an_idempotency_key_of_ones_own_settles_its_row(open_world: Callable[..., Any], path: Path) -> None:
    """`with_options(idempotency_key=…)` is the same submission, whatever client sends it."""
    world, submit_id = unknown(open_world, path, "evolink", (200, ACCEPTED["evolink"]))
    create(world, idempotency_key=only(path).idempotency_key)
    assert (only(path).submit_id, only(path).task_id) == (submit_id, ID)
