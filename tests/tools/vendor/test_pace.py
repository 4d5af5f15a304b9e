"""How a site is treated: who waits, and how long."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tools.vendor._pace import Manners, Pace, is_transient

if TYPE_CHECKING:
    from tests.tools.vendor.site import ManualClock

MANNERS = Manners(first_pause=1.0, longest_pause=8.0)


def pace(clock: ManualClock, chance: float = 1.0) -> Pace:
    """What the workers of a run share."""
    return Pace(clock=clock, manners=MANNERS, chance=lambda: chance)


def test_what_the_site_asks_for_binds_everybody(clock: ManualClock) -> None:
    """A worker that was not told to wait waits as well, up to the latest moment that anybody was told."""
    shared = pace(clock)

    async def told() -> None:
        await shared.pause(1, 60.0)
        await shared.pause(1, 20.0)

    asyncio.run(told())
    assert clock.naps == []
    asyncio.run(shared.turn())
    assert clock.naps == [60.0]
    asyncio.run(shared.turn())
    assert clock.naps == [60.0]


@pytest.mark.parametrize(("chance", "naps"), [(1.0, [1.0, 2.0, 4.0, 8.0, 8.0]), (0.0, [0.5, 1.0, 2.0, 4.0, 4.0])])
def test_pauses_double_up_to_the_longest(clock: ManualClock, chance: float, naps: list[float]) -> None:
    """Spread over the upper half, so that workers that failed together do not come back together."""
    shared = pace(clock, chance)
    for attempt in range(1, 6):
        asyncio.run(shared.pause(attempt, None))
    assert clock.naps == naps


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        pytest.param(None, None, id="absent"),
        pytest.param("", None, id="empty"),
        pytest.param("0", 0.0, id="at-once"),
        pytest.param(" 120 ", 120.0, id="seconds"),
        pytest.param("9" * 400, 999_999_999_999.0, id="beyond-all-numbers"),
        pytest.param("-5", None, id="negative"),
        pytest.param("soon", None, id="word"),
        pytest.param("Tue, 14 Nov 2023 22:14:20 GMT", 60.0, id="date"),
        pytest.param("Mon, 13 Nov 2023 00:00:00 GMT", 0.0, id="past"),
        pytest.param("Tue, 99 Nov 2023 22:14:20 GMT", None, id="no-date"),
    ],
)
def test_what_a_retry_after_says(clock: ManualClock, header: str | None, seconds: float | None) -> None:
    """A number or a date; anything else says nothing."""
    assert pace(clock).asked_for(header) == seconds


@pytest.mark.parametrize(
    ("status", "again"), [(200, False), (404, False), (408, True), (425, True), (429, True), (500, True), (599, True)]
)
def test_which_answers_may_change(status: int, *, again: bool) -> None:
    """The server's own faults, and requests to come back."""
    assert is_transient(status) is again
