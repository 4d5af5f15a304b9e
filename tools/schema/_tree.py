"""Builds a value from a stream of parts, with limits and a line for every pointer; shared by the strict readers.

Nothing here recurses: depth costs a list entry, not a stack frame.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

from tools.errors import HostilePage, PageError, Place, ToolError
from tools.schema import characters
from tools.schema.pointers import join

if TYPE_CHECKING:
    from tools.model import Json


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What one document may cost.

    `depth` counts containers inside each other, `nodes` containers and scalars (keys included), `scalar` and `key`
    characters, `digits` those of one number, `pointers` the characters of all JSON pointers together: deep long keys
    over many leaves would otherwise turn a small file into gigabytes.
    """

    depth: int = 100
    nodes: int = 60_000
    scalar: int = 200_000
    key: int = 1_000
    digits: int = 40
    pointers: int = 8_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Complaints:
    """Which errors a reader raises: `hostile` for a broken limit or forbidden content, `broken` for bad syntax."""

    hostile: type[ToolError] = HostilePage
    broken: type[ToolError] = PageError


@dataclass(kw_only=True, slots=True)
class _Frame:
    """One open container."""

    container: dict[str, Any] | list[Any]
    pointer: str
    key: str | None = None
    key_lines: dict[str, int] = field(default_factory=dict[str, int])


class Tree:
    """Takes keys, scalars and containers in document order."""

    def __init__(self, *, path: str, limits: Limits, complaints: Complaints) -> None:
        self.value: Json = None
        self.lines: dict[str, int] = {}
        self._path = path
        self._limits = limits
        self._complaints = complaints
        self._frames: list[_Frame] = []
        self._nodes = 0
        self._pointer_characters = 0

    @property
    def wants_key(self) -> bool:
        """Whether the next part is a key of the innermost mapping."""
        frames = self._frames
        return bool(frames) and frames[-1].key is None and isinstance(frames[-1].container, dict)

    @property
    def finished(self) -> bool:
        """Whether the root value is complete."""
        return "" in self.lines and not self._frames

    @property
    def innermost(self) -> dict[str, Any] | list[Any] | None:
        """The open container that takes the next part."""
        return self._frames[-1].container if self._frames else None

    def key(self, text: str, line: int) -> None:
        """Take the key of the next value of the innermost mapping."""
        frame = self._frames[-1]
        self._count(line)
        if len(text) > self._limits.key:
            self.hostile(f"a key of {len(text)} characters; at most {self._limits.key} are read", line)
        if "\t" in text or "\n" in text or "\r" in text:  # it would break every message that shows its pointer
            self.hostile(f"the key {text[:100]!r} holds a tab or a line end", line, pointer=frame.pointer)
        if text in frame.key_lines:
            first = frame.key_lines[text]
            message = f"the key {text!r} stands twice in one mapping, on lines {first} and {line}"
            self.hostile(message, line, fix="Keep one of the two.", pointer=join(frame.pointer, text))
        frame.key_lines[text] = line
        frame.key = text

    def scalar(self, value: Json, line: int) -> None:
        """Take a value that is no container."""
        self._count(line)
        if isinstance(value, str) and len(value) > self._limits.scalar:
            self.hostile(f"a text of {len(value)} characters; at most {self._limits.scalar} are read", line)
        self._put(value, line)

    def open(self, container: dict[str, Any] | list[Any], line: int) -> None:
        """Take an empty container; the parts that follow go into it until `close`."""
        self._count(line)
        if len(self._frames) >= self._limits.depth:
            self.hostile(f"containers nest deeper than {self._limits.depth}", line)
        pointer = self._put(container, line)
        self._frames.append(_Frame(container=container, pointer=pointer))

    def close(self) -> None:
        """End the innermost container."""
        self._frames.pop()

    def hostile(
        self, problem: str, line: int, *, fix: str = "Read the page; vendor a sound one.", pointer: str | None = None
    ) -> NoReturn:
        """Refuse the document for what it carries."""
        place = Place(path=self._path, line=line, pointer=self._here() if pointer is None else pointer)
        raise self._complaints.hostile(problem, fix=fix, places=[place])

    def broken(self, problem: str, line: int, *, fix: str = "Correct the syntax there.") -> NoReturn:
        """Refuse the document for what it is not."""
        raise self._complaints.broken(
            problem, fix=fix, places=[Place(path=self._path, line=line, pointer=self._here())]
        )

    def sound(self, text: str, line: int) -> str:
        """`text` as an escape spelled it, checked like the raw text around it."""
        refused = characters.refused(text)
        if refused:
            self.hostile(f"an escape spells {refused.what}", line)
        if not text.isascii() and characters.normal(text) != text:
            self.hostile("an escape spells text that is not in normal form C", line)
        return text

    def number(self, text: str, line: int, *, base: int = 10) -> int | float:
        """The number `text` spells: an int when it has neither point nor exponent."""
        if len(text) > self._limits.digits:
            self.hostile(f"a number of {len(text)} characters; at most {self._limits.digits} are read", line)
        if base != 10:  # noqa: PLR2004 - the usual base
            return int(text, base)
        if text.lstrip("+-").isdigit():
            return int(text)
        value = float(text)
        if value in (float("inf"), float("-inf")):
            self.hostile(f"the number {text} is beyond what a float can hold", line)
        return value

    def _here(self) -> str:
        if not self._frames:
            return ""
        frame = self._frames[-1]
        if isinstance(frame.container, list):
            return join(frame.pointer, str(len(frame.container)))
        return frame.pointer if frame.key is None else join(frame.pointer, frame.key)

    def _count(self, line: int) -> None:
        self._nodes += 1
        if self._nodes > self._limits.nodes:
            self.hostile(f"more than {self._limits.nodes} nodes", line)

    def _put(self, value: Json, line: int) -> str:
        pointer = ""
        if not self._frames:
            self.value = value
        else:
            frame = self._frames[-1]
            container = frame.container
            if isinstance(container, list):
                pointer = f"{frame.pointer}/{len(container)}"
                container.append(value)
            else:
                key = frame.key or ""
                pointer = join(frame.pointer, key)
                line = frame.key_lines[key]
                container[key] = value
                frame.key = None
        self._pointer_characters += len(pointer)
        if self._pointer_characters > self._limits.pointers:
            self.hostile("the keys are so long and so deep that their pointers exceed the memory set aside", line)
        self.lines[pointer] = line
        return pointer
