"""The links of a completed task: that they work, what is behind them, and for how long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..._checks import check
from ..._json import is_array, is_object
from ..._lives import links_of
from ..._verdict import NotApplicable, Unreachable
from ._told import told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..._lives import Life
    from ..._run import Run
    from ...observe import Exchange

DAY = 86_400.0
NEAR = 300.0
"""Seconds around the end of a link's time in which nothing is expected of it."""
LONGEST = 400 * DAY
STARTS = (b"ftyp", b"\x1aE\xdf\xa3", b"RIFF")
"""How MP4 (from its fifth byte), WebM and AVI begin."""
NO_VIDEO = ("text/", "application/json", "application/xml", "image/", "audio/")


@check("LINK-WORKS", "LINK-CONTENT")
def check_a_link_leads_to_a_video(run: Run) -> None:
    """Fetched without a key, once the task is completed."""
    seen = 0
    for one in run.lives.every():
        if one.name == "plain" and one.downloads:  # a link is good for more than one time
            one.downloads.append(run.client().fetch(one.downloads[0].url, purpose="a link for the second time"))
        for answer in one.downloads:
            seen += 1
            run.saw("LINK-WORKS", 1, answer)
            if answer.status != 200:  # noqa: PLR2004 - the file itself
                run.broken("LINK-WORKS", f"the link of a completed task is {told(answer)}", one.readings[-1], answer)
                continue
            run.saw("LINK-CONTENT", 1, answer)
            problem = _no_video(answer)
            if problem:
                run.broken("LINK-CONTENT", problem, answer)
    if not seen:
        message = "no task had a link to fetch"
        raise Unreachable(message)


@check("LINK-EXPIRES-AT")
def check_the_end_of_a_link_is_a_time(run: Run) -> None:
    """In seconds, behind the end of the task."""
    seen = 0
    for one in run.lives.every():
        for reading in one.readings:
            for file in _files(run, reading):
                ends = file.get("expires_at")
                if not isinstance(ends, int | float) or one.ended is None:
                    continue
                seen += 1
                run.saw("LINK-EXPIRES-AT", 1, reading)
                ended = run.task(reading).get("completed", one.ended)
                if not isinstance(ended, int | float) or not ended < ends < one.ended + LONGEST:
                    run.broken("LINK-EXPIRES-AT", f"expires_at is {ends}, and the task ended at {ended}", reading)
    if not seen:
        message = "no link said when it ends"
        raise Unreachable(message)


@check("LINK-LIFETIME", "LINK-EXPIRES", last=True)
def check_a_link_lasts_as_long_as_it_should(run: Run) -> None:
    """A little before its time is over, and a little after; only where a day costs nothing."""
    if not run.is_virtual:
        message = "time cannot be moved here, and a link lasts for a day"
        raise NotApplicable(message)
    ends = sorted(_ends(run), key=lambda one: one[0])
    if not ends:
        message = "no task had a link to fetch"
        raise Unreachable(message)
    end, one, link = ends[0]
    channel = run.client()
    run.clock.sleep(max(0.0, end - NEAR - run.clock.now()))
    before = channel.fetch(link, purpose="a link shortly before its end")
    run.saw("LINK-LIFETIME", 1, before)
    if before.status != 200:  # noqa: PLR2004 - the file itself
        message = f"{NEAR:g} s before its end the link is {told(before)}"
        run.broken("LINK-LIFETIME", message, one.readings[-1], before)
    run.clock.sleep(end + NEAR - run.clock.now())
    after = channel.fetch(link, purpose="a link shortly after its end")
    run.saw("LINK-EXPIRES", 1, after)
    if after.ok:
        message = f"{NEAR:g} s after its end the link is {told(after)}"
        run.broken("LINK-EXPIRES", message, one.readings[-1], after)


def _ends(run: Run) -> Iterator[tuple[float, Life, str]]:
    """When links end: when they say so, or a day after the end of the task."""
    for one in run.lives.every():
        last = one.readings[-1]
        if one.ended is None or not one.downloads:
            continue
        told_ = [file.get("expires_at") for file in _files(run, last)]
        times = [time for time in told_ if isinstance(time, int | float)]
        seen = [reading.ended for reading in one.readings if reading.ended < one.ended]
        # The task ended between two readings: the earliest moment counts for what must still work.
        end = float(min(times)) if times else (seen[-1] if seen else one.ended) + DAY
        for link in links_of(run.task(last)):
            yield end, one, link


def _files(run: Run, reading: Exchange) -> Iterator[dict[str, object]]:
    result = run.task(reading).get("result")
    for files in result.values() if is_object(result) else ():
        for file in files if is_array(files) else ():
            if is_object(file):
                yield file


def _no_video(answer: Exchange) -> str:
    """Why this is no video; nothing when it may be one."""
    media = (answer.header("content-type") or "").lower()
    if not answer.body:
        return "the file behind the link is empty"
    if media.startswith("video/") or answer.body[4:8] == STARTS[0] or answer.body.startswith(STARTS[1:]):
        return ""
    if media.startswith(NO_VIDEO) or answer.body.lstrip()[:1] in {b"<", b"{"}:
        return f"behind the link there is {media or answer.body[:20]!r}, no video"
    return ""
