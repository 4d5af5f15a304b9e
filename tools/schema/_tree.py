"""Builds a value from a stream of parts, with limits and a line for every pointer; shared by the strict readers.

Nothing here recurses: depth costs a list entry, not a stack frame.
"""

from __future__ import annotations

from dataclasses import dataclass
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


class Tree:
    """Takes keys, scalars and containers in document order.

    Every node of every page passes through here, so the innermost container is kept in attributes of its own, and
    only what is around it on a stack.
    """

    def __init__(self, *, path: str, limits: Limits, complaints: Complaints) -> None:
        self.value: Json = None
        self.lines: dict[str, int] = {}
        self.wants_key = False
        """Whether the next part is a key of the innermost mapping."""
        self.innermost: dict[str, Any] | list[Any] | None = None
        """The open container that takes the next part."""
        self._path = path
        self._limits = limits
        self._complaints = complaints
        self._around: list[tuple[dict[str, Any] | list[Any] | None, str]] = []
        """Containers around the innermost one, and their pointers."""
        self._pointer = ""
        self._key = ""
        """The key whose value comes next, where a mapping is innermost and wants none."""
        self._key_line = 0
        self._tokens: dict[str, str] = {}
        """Keys that were found sound, and how pointers show them."""
        self._nodes = 0
        self._pointer_characters = 0

    @property
    def finished(self) -> bool:
        """Whether the root value is complete."""
        return "" in self.lines and not self._around

    def key(self, text: str, line: int) -> None:
        """Take the key of the next value of the innermost mapping."""
        self._nodes += 1
        if self._nodes > self._limits.nodes:
            self._too_many(line)
        token = self._tokens.get(text)
        if token is None:
            token = self._token(text, line)
        container = self.innermost
        if container is not None and text in container:
            pointer = self._pointer + token
            message = f"the key {text!r} stands twice in one mapping, on lines {self.lines[pointer]} and {line}"
            self.hostile(message, line, fix="Keep one of the two.", pointer=pointer)
        self._key = text
        self._key_line = line
        self.wants_key = False

    def scalar(self, value: Json, line: int) -> None:
        """Take a value that is no container."""
        if isinstance(value, str) and len(value) > self._limits.scalar:
            self.hostile(f"a text of {len(value)} characters; at most {self._limits.scalar} are read", line)
        self._put(value, line)

    def open(self, container: dict[str, Any] | list[Any], line: int) -> None:
        """Take an empty container; the parts that follow go into it until `close`."""
        around = self._around
        if len(around) >= self._limits.depth:
            self.hostile(f"containers nest deeper than {self._limits.depth}", line)
        pointer = self._put(container, line)
        around.append((self.innermost, self._pointer))
        self.innermost, self._pointer = container, pointer
        self.wants_key = isinstance(container, dict)

    def close(self) -> None:
        """End the innermost container."""
        self.innermost, self._pointer = self._around.pop()
        self.wants_key = isinstance(self.innermost, dict)

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
        if isinstance(self.innermost, list):
            return join(self._pointer, str(len(self.innermost)))
        return self._pointer if self.innermost is None or self.wants_key else join(self._pointer, self._key)

    def _token(self, text: str, line: int) -> str:
        """How pointers show a key that was not met before; refuses one that no message could show."""
        if len(text) > self._limits.key:
            self.hostile(f"a key of {len(text)} characters; at most {self._limits.key} are read", line)
        if "\t" in text or "\n" in text or "\r" in text:  # it would break every message that shows its pointer
            self.hostile(f"the key {text[:100]!r} holds a tab or a line end", line, pointer=self._pointer)
        token = self._tokens[text] = join("", text)
        return token

    def _too_many(self, line: int) -> NoReturn:
        self.hostile(f"more than {self._limits.nodes} nodes", line)

    def _put(self, value: Json, line: int) -> str:
        self._nodes += 1
        if self._nodes > self._limits.nodes:
            self._too_many(line)
        container = self.innermost
        if isinstance(container, dict):
            key = self._key
            pointer = self._pointer + self._tokens[key]
            container[key] = value
            line = self._key_line
            self.wants_key = True
        elif container is None:
            pointer = ""
            self.value = value
        else:
            pointer = f"{self._pointer}/{len(container)}"
            container.append(value)
        self._pointer_characters += len(pointer)
        if self._pointer_characters > self._limits.pointers:
            self.hostile("the keys are so long and so deep that their pointers exceed the memory set aside", line)
        self.lines[pointer] = line
        return pointer
