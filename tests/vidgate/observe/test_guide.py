"""The guide names every event with its facts, and every level of the log."""

from __future__ import annotations

import dataclasses
import logging
import re
from pathlib import Path
from typing import Final

from vidgate import events
from vidgate._observe import logs

GUIDE: Final = (Path(__file__).parents[3] / "docs" / "observability.md").read_text(encoding="utf-8")
ROWS: Final = dict(re.findall(r"^\| `(\w+)` \| [^|]*\| ?(.*)\|$", GUIDE, flags=re.MULTILINE))


def test_every_event_has_its_row() -> None:
    """With the facts of its own; those that the row above names are not repeated where it says `and`."""
    kinds = [getattr(events, name) for name in events.__all__]
    kinds = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, events.Event)]
    of_all = {field.name for field in dataclasses.fields(events.Event)}
    of_requests = {"method", "url", "attempt"}
    told: dict[str, set[str]] = {}
    for kind in kinds:
        if kind is not events.Event:
            text = ROWS[kind.__name__]
            told[kind.__name__] = set(re.findall(r"`(\w+)`", text)) | (of_requests if text.startswith("and") else set())
    assert told == {
        kind.__name__: {field.name for field in dataclasses.fields(kind)} - of_all
        for kind in kinds
        if kind is not events.Event
    }
    (sentence,) = re.findall(r"^Every event has (.*?);", GUIDE, flags=re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", sentence)) == of_all


def test_every_level_has_its_row() -> None:
    """Those that lines are written at, and that of a hook that raised."""
    levels = {logging.getLevelName(line.level) for line in logs.LINES.values()} | {"ERROR"}
    section = GUIDE.split("## The log", 1)[1].split("\n## ", 1)[0]
    assert set(re.findall(r"^\| `([A-Z]+)` \|", section, flags=re.MULTILINE)) == levels
