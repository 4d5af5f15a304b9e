"""Decisions of other overlay files become part of the provider's own, as text: comments and order stay."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING, Final

from tools.errors import JudgementError, Place, UsageError
from tools.store import OVERLAY, install, yaml_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tools.model import Json
    from tools.store import Workspace

_MEMBERS: Final = ("actions", "x-leftovers")
_EMPTY: Final = "overlay: 1.1.0\ninfo:\n  title: What we decided\n  version: 1.0.0\n"


def adopt(workspace: Workspace, provider: str, overlays: Sequence[Path]) -> None:
    """Append what the provider's overlay does not hold yet; every action must say why, as the build checks.

    Raises UsageError when the overlay is written in a style that nothing can be appended to.
    """
    if not overlays:
        return
    own, _ = workspace.judgements(provider)
    both, _ = workspace.judgements(provider, overlays)
    path = workspace.specs(provider) / OVERLAY
    text = path.read_text(encoding="utf-8") if path.is_file() and own.overlay.get("actions") else _EMPTY
    wanted: dict[str, list[Json]] = {}
    for member in _MEMBERS:
        rows: list[Json] = both.overlay[member]
        have = len(own.overlay[member])
        new = [row for row in rows[have:] if row not in rows[:have]]
        wanted[member] = [*rows[:have], *new]
        if new:
            text = _appended(text, member, new)
    install(workspace.root, {f"specs/{provider}/{OVERLAY}": text.encode("utf-8")})
    try:
        found, _ = workspace.judgements(provider)
    except JudgementError as error:
        raise _by_hand() from error
    if any(found.overlay[member] != wanted[member] for member in _MEMBERS):
        raise _by_hand()


def _appended(text: str, member: str, rows: list[Json]) -> str:
    """`text` with `rows` at the end of the list `member`, in the indentation that list has."""
    block = yaml_bytes({member: rows}).decode("utf-8").partition("\n")[2]
    lines = text.splitlines(keepends=True)
    start = next((number for number, line in enumerate(lines) if re.match(rf"{member}:\s*(#.*)?$", line)), None)
    if start is None:
        return f"{text.rstrip()}\n{member}:\n{block}"
    items = [line for line in lines[start + 1 :] if line.lstrip().startswith("- ")]
    indent = len(items[0]) - len(items[0].lstrip()) if items else 2
    block = textwrap.indent(textwrap.dedent(block), " " * indent)
    end = next((n for n in range(start + 1, len(lines)) if re.match(r"[^\s#-]", lines[n])), len(lines))
    while end > start + 1 and (not lines[end - 1].strip() or lines[end - 1].startswith("#")):
        end -= 1  # blank lines and comments before the next member are that member's
    return f"{''.join(lines[:end]).rstrip()}\n{block}{''.join(lines[end:])}"


def _by_hand() -> UsageError:
    return UsageError(
        f"the actions cannot be appended to {OVERLAY} as it is written",
        fix="Write its lists in block style, or append the actions yourself and run again without --overlay.",
        places=[Place(path=OVERLAY)],
    )
