"""The items of a batch, from a file: one JSON object a line, or CSV. What could be read in two ways is refused."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, cast

from vidgate.cli._problems import UsageProblem
from vidgate.cli._request import Request, build, find_model

BYTE_ORDER_MARK = "\ufeff"


def read_items(source: str, provider: str | None) -> Iterator[tuple[str, Request]]:
    """The items of a file, or of standard input for `-`; a name ending in `.csv` is CSV. Raises UsageProblem."""
    read = _csv_items if source.lower().endswith(".csv") else _json_items
    seen: set[str] = set()
    for place, name, request in read(_read(source), named(source), provider):
        if not isinstance(name, str) or not name.strip():
            raise UsageProblem(f"{place} names no item", 'Add one, {"item": "poster-1", …}: under it, it is paid once.')
        if name in seen:
            raise UsageProblem(f"{place}: the item {name!r} is there twice", "Give each item its own name.")
        seen.add(name)
        yield name, request


def named(source: str) -> str:
    return "standard input" if source == "-" else source


def _json_items(text: str, source: str, provider: str | None) -> Iterator[tuple[str, object, Request]]:
    """One object a line; blank lines count for nothing."""
    # Not splitlines(): within JSON, the breaks that only Unicode knows are letters like others.
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        place = f"{source}, line {number}"
        try:
            value: object = json.loads(line, object_pairs_hook=_members)
        except (ValueError, RecursionError) as error:
            raise UsageProblem(f"{place} is not valid JSON: {error}") from None
        if not isinstance(value, dict):
            raise UsageProblem(f"{place} holds no JSON object", 'It should look like {"item": "…", "model": "…", …}.')
        body = cast("dict[str, Any]", value)
        name = body.pop("item", None)
        model = body.get("model")
        if not isinstance(model, str):
            raise UsageProblem(f"{place} names no model", "`vidgate models` lists them.")
        with _placed(place):
            row, info = find_model(model, provider)
        yield place, name, Request(provider=row, model=info.id, kind=info.kind, body=body)


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        twice = next(name for name in members if sum(name == other for other, _ in pairs) > 1)
        raise ValueError(f"{twice!r} is there twice")
    return members


def _csv_items(text: str, source: str, provider: str | None) -> Iterator[tuple[str, object, Request]]:
    """A line of names, then one item a line; an empty cell says nothing."""
    rows = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        names = rows.fieldnames or ()
        if len(set(names)) != len(names) or not all(name.strip() for name in names):
            raise UsageProblem(f"{source}: a name in the first line is there twice, or empty", "Name each column once.")
        for row in rows:
            place = f"{source}, line {rows.line_num}"
            if None in row or None in row.values():
                raise UsageProblem(f"{place} has more or fewer cells than the first line", "Quote cells with commas.")
            words = [f"{name}={cell}" for name, cell in row.items() if cell and name != "item"]
            with _placed(place):
                request = build(words, json_file=None, provider=provider)
            yield place, row.get("item"), request
    except csv.Error as error:
        raise UsageProblem(f"{source}, line {rows.line_num} is no CSV: {error}") from None


@contextlib.contextmanager
def _placed(place: str) -> Generator[None]:
    """Say where in the file something is wrong."""
    try:
        yield
    except UsageProblem as problem:
        raise UsageProblem(f"{place}: {problem.message}", problem.hint) from None


def _read(source: str) -> str:
    try:
        text = sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageProblem(f"cannot read {named(source)}: {reason}") from None
    return text.removeprefix(BYTE_ORDER_MARK)
