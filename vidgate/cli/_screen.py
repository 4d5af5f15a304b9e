"""What the command line shows: two consoles, and one way for each kind of message.

Nothing here interprets markup, and control characters become visible: providers' texts end up on the terminal.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from typing import Any, TextIO

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from vidgate._report import Problem

# Wide enough that nothing wraps where no terminal sets a width: a pipe wants one record a line.
PIPE_WIDTH = 4_000
NARROW = 72
INDENT = 2

UNPRINTABLE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def plain(text: str) -> str:
    """Make control characters visible; a line break stays one."""
    return UNPRINTABLE.sub(lambda match: " " if match.group() == "\t" else f"\\x{ord(match.group()):02x}", text)


class Screen:
    """Standard output for results, standard error for everything else."""

    def __init__(self) -> None:
        self.out = _console(sys.stdout)
        self.err = _console(sys.stderr)

    def result(self, line: str) -> None:
        """Print one line of a result, never wrapped: somebody copies or pipes it."""
        self.out.print(Text(plain(line)), soft_wrap=True)

    def json(self, value: Any) -> None:
        """Print a result for machines: always one JSON document, never coloured."""
        self.out.file.write(json.dumps(value, ensure_ascii=True, indent=2) + "\n")

    def json_line(self, value: Any) -> None:
        """Print one of several results for machines, a line each, as soon as it is known."""
        self.out.file.write(json.dumps(value, ensure_ascii=True) + "\n")
        self.out.file.flush()

    def show(self, renderable: RenderableType) -> None:
        """Print a result for people."""
        _print(self.out, renderable)

    def heading(self, title: str) -> None:
        """Print a title over what follows in a result, with an empty line before it."""
        self.show("")
        self.show(Text(title, style="dim"))

    def listing(self, text: str) -> None:
        """Print lines to copy as part of a result: the terminal may wrap them, we must not."""
        for line in text.splitlines():
            self.out.print(Text(f"{' ' * INDENT}{plain(line)}" if line else ""), soft_wrap=True)

    def explain(self, renderable: RenderableType) -> None:
        """Print something laid out that is no result."""
        _print(self.err, renderable)

    def note(self, text: str) -> None:
        """Print progress or an explanation."""
        self.err.print(Text(plain(text)))

    def command(self, lead: str, command: str) -> None:
        """Print a command to copy: the terminal may wrap it, we must not."""
        self.err.print(Text(plain(f"  {lead}: {command}")), soft_wrap=True)

    def warning(self, message: str) -> None:
        """Print a warning."""
        self.err.print(Text.assemble(("warning: ", "yellow"), plain(message)))

    def error(self, message: str, hint: str = "") -> None:
        """Print what is wrong in red, and below it what to do."""
        self.err.print(Text(f"error: {plain(message)}", style="red"))
        if hint:
            self.err.print(Padding(Text(plain(hint)), (0, 0, 0, 2), expand=False))

    @property
    def width(self) -> int:
        """Columns of the screen that results go to."""
        return self.out.width

    def is_narrow(self) -> bool:
        """Whether a table of several columns would not be readable."""
        return self.width < NARROW


def problems(found: Iterable[Problem], style: str) -> Table:
    """Lay out broken rules: the field beside what is wrong, what to do below."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for problem in found:
        field = Text("  " + plain(problem.field or "request"), style=style)
        text = Text(plain(problem.message))
        if problem.fix:
            text.append("\n" + plain(problem.fix), style="dim")
        grid.add_row(field, text)
    return grid


def facts(rows: Iterable[tuple[str, str]]) -> Table:
    """Lay out names and values; a value is never cut, so that links can be copied."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in rows:
        grid.add_row(name, Text(plain(value)))
    return grid


def _print(console: Console, renderable: RenderableType) -> None:
    if console.is_terminal:
        console.print(renderable)
        return
    # Columns are padded with blanks, which have no place in a file.
    with console.capture() as capture:
        console.print(renderable)
    console.file.write("".join(f"{line.rstrip()}\n" for line in capture.get().splitlines()))


def _console(stream: TextIO) -> Console:
    # A terminal that is not UTF-8 shows question marks rather than stopping the program.
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None and (stream.encoding or "").lower().replace("-", "") != "utf8":
        reconfigure(errors="replace")
    console = Console(file=stream, markup=False, highlight=False, emoji=False)
    if not console.is_terminal:
        console.width = PIPE_WIDTH
    return console
