"""Keeps the books of a page: which line became what. A line nobody claimed is a leftover by construction."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from tools.model import Leftover, Page, Span

if TYPE_CHECKING:
    from collections.abc import Sequence

_LEFTOVER = "\0"
"""Marks a line's claim as a leftover; what follows is the reason."""


class Coverage:
    """One claim per line; a later claim on a line replaces the earlier one, so the particular beats the general."""

    def __init__(self, page: Page, rows: Sequence[str]) -> None:
        self._page = page
        self._rows = rows
        self._claims: list[str | None] = [None] * len(rows)

    def claim(self, first: int, last: int, what: str) -> None:
        """Lines `first` to `last` (from 1, inclusive) became `what`."""
        self._claims[first - 1 : last] = [what] * (last - first + 1)

    def leave(self, first: int, last: int, reason: str) -> None:
        """Lines `first` to `last` were not understood."""
        self.claim(first, last, _LEFTOVER + reason)

    def settle(self) -> tuple[tuple[Span, ...], tuple[Leftover, ...]]:
        """Runs of equal claims as spans and leftovers; blank lines join a run but neither begin nor end one."""
        spans: list[Span] = []
        leftovers: list[Leftover] = []
        for first, last, claim in self._runs():
            if not claim.startswith(_LEFTOVER):
                spans.append(Span(first=first, last=last, what=claim))
                continue
            text = "\n".join(self._rows[first - 1 : last])
            leftovers.append(Leftover(place=self._page.place(first), text=text, reason=claim.removeprefix(_LEFTOVER)))
        return tuple(spans), tuple(leftovers)

    def _runs(self) -> list[tuple[int, int, str]]:
        runs: list[tuple[int, int, str]] = []
        end = 0
        for claimed, rows in groupby(self._claims):
            start, end = end, end + sum(1 for _ in rows)
            first = next((number for number in range(start, end) if self._rows[number].strip()), end)
            if first == end:
                continue
            last = next(number for number in range(end - 1, start - 1, -1) if self._rows[number].strip())
            claim = _LEFTOVER + "no reader took this line" if claimed is None else claimed
            if runs and runs[-1][2] == claim:
                runs[-1] = (runs[-1][0], last + 1, claim)
            else:
                runs.append((first + 1, last + 1, claim))
        return runs
