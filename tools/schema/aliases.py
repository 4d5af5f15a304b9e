"""YAML aliases written out, for the one kind of page that has them. No I/O.

Each alias becomes the events of the node it names, at the lines where that node stands. What that costs is counted by
whoever takes the events, so that a bomb of aliases ends at the same limit as a large document.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from yaml import events

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import NoReturn

    Refuse = Callable[[str, events.Event], NoReturn]

MAX_ANCHORS: Final = 10_000
"""How many anchors a document may define; real pages reach 10."""

_NODES = (events.ScalarEvent, events.SequenceStartEvent, events.MappingStartEvent)
_STARTS = (events.SequenceStartEvent, events.MappingStartEvent)
_ENDS = (events.SequenceEndEvent, events.MappingEndEvent)


def written_out(stream: Iterable[events.Event], refuse: Refuse) -> Iterator[tuple[events.Event, bool]]:
    """Every event without anchors and aliases, and whether it is repeated from elsewhere.

    `refuse` raises; it is called for an alias to nothing, and for one inside the node it names.
    """
    book = _Book(refuse)
    for event in stream:
        book.note(event)
        if isinstance(event, events.AliasEvent):
            for repeated in book.repeat(event):
                yield _plain(repeated), True
        else:
            yield _plain(event), False


class _Book:
    """Remembers the events of anchored nodes, and of nothing else."""

    def __init__(self, refuse: Refuse) -> None:
        self._refuse = refuse
        self._history: list[events.Event] = []
        self._known: dict[str, tuple[int, int]] = {}
        self._opened: list[tuple[str | None, int]] = []
        """Every open container: its anchor, and where its events begin."""
        self._anchored = 0
        self._ranges: dict[int, tuple[int, int]] = {}
        """What the aliases in the history name."""

    def note(self, event: events.Event) -> None:
        """Take the next event of the document."""
        anchor = event.anchor if isinstance(event, _NODES) else None
        if anchor is not None:
            if len(self._known) >= MAX_ANCHORS:
                self._refuse(f"more than {MAX_ANCHORS} anchors", event)
            self._known.pop(anchor, None)
        first = len(self._history)
        if self._anchored or anchor is not None:
            if isinstance(event, events.AliasEvent):  # found now: its anchor may be defined again later
                self._ranges[first] = self._find(event)
            self._history.append(event)
        if isinstance(event, _STARTS):
            self._opened.append((anchor, first))
            self._anchored += anchor is not None
        elif isinstance(event, _ENDS):
            self._close(*self._opened.pop())
        elif anchor is not None:
            self._known[anchor] = (first, len(self._history))

    def _close(self, anchor: str | None, first: int) -> None:
        if anchor is not None:
            self._known[anchor] = (first, len(self._history))
            self._anchored -= 1

    def repeat(self, alias: events.AliasEvent) -> Iterator[events.Event]:
        """The events of the node an alias names, aliases inside it written out as well; no recursion."""
        stack = [self._find(alias)]
        while stack:
            position, end = stack.pop()
            while position < end:
                event = self._history[position]
                position += 1
                if isinstance(event, events.AliasEvent):
                    stack.append((position, end))
                    position, end = self._ranges[position - 1]
                else:
                    yield event

    def _find(self, alias: events.AliasEvent) -> tuple[int, int]:
        found = self._known.get(str(alias.anchor))
        if found is None:
            self._refuse(f"the alias *{alias.anchor!s:.80} names nothing that is complete there", alias)
        return found


def _plain(event: events.Event) -> events.Event:
    """An event without its anchor; the one that is remembered keeps it."""
    if not isinstance(event, _NODES) or event.anchor is None:
        return event
    if isinstance(event, events.ScalarEvent):
        return events.ScalarEvent(
            None, event.tag, event.implicit, event.value, event.start_mark, event.end_mark, event.style
        )
    return type(event)(None, event.tag, event.implicit, event.start_mark, event.end_mark, event.flow_style)
