"""What can go wrong in the pipeline, ordered by stage.

    ToolError
    ├── UsageError          the command line or a path on it is wrong (exit code 2)
    ├── PageError           a page cannot be read
    │   └── HostilePage     a page exceeds a limit or carries what no page may carry
    ├── JudgementError      sources.toml, overlay.yaml or supplement.yaml is wrong
    │   └── StaleAction     an overlay action matches nothing
    ├── LeftoverError       a reader did not understand part of a page
    ├── ConflictError       pages or locales disagree and no judgement settles it
    ├── GenerateError       the generator, or what it wrote, failed
    ├── DriftError          a file is not what its inputs say
    ├── Unreachable         a site did not give what it was asked for
    └── Findings            several of the above, collected

Every error keeps its facts as fields and says where, what, and what to do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Place:
    """Where something stands.

    `path` is relative to the provider's folder (a page: `pages/ko/…/x.md`) or as the user named it;
    `line` counts from 1; `pointer` is a JSON pointer (RFC 6901) into the document at that path.
    """

    path: str
    line: int | None = None
    pointer: str | None = None

    def __str__(self) -> str:
        text = self.path if self.line is None else f"{self.path}:{self.line}"
        return text if self.pointer is None else f"{text} #{self.pointer}"


_LANGUAGE: Final = re.compile(r"pages/([^/]+)/(.+)", re.DOTALL)


def by_language(places: Iterable[Place]) -> tuple[str, ...]:
    """Places for people, in order: translations of a page share a row, which names the first in full.

    `pages/en/a/x.md:12 (ja:14, ko:14) #/pointer`
    """
    rows: dict[tuple[str, str | None], list[Place]] = {}
    for place in dict.fromkeys(places):
        page = _LANGUAGE.fullmatch(place.path)
        rows.setdefault((page[2] if page else f"/{place.path}", place.pointer), []).append(place)
    return tuple(_row(row) for row in rows.values())


def _row(places: list[Place]) -> str:
    first = places[0]
    lines: dict[str, list[str]] = {}
    for place in places:
        lines.setdefault(place.path, []).extend([] if place.line is None else [str(place.line)])
    shown = {path: f":{', '.join(found)}" if found else "" for path, found in lines.items()}
    apart = "; " if any(", " in found for found in shown.values()) else ", "
    more = apart.join(f"{path.split('/')[1]}{found}" for path, found in shown.items() if path != first.path)
    pointer = "" if first.pointer is None else f" #{first.pointer}"
    return f"{first.path}{shown[first.path]}{f' ({more})' if more else ''}{pointer}"


class ToolError(Exception):
    """Base of all errors of the pipeline: a problem, its places, and what to do about it."""

    def __init__(self, problem: str, *, fix: str, places: Iterable[Place] = ()) -> None:
        """Keep the facts; `fix` is one imperative sentence, `places` go from general to particular."""
        super().__init__(problem, fix)
        self.problem = problem
        self.fix = fix
        self.places = tuple(places)

    def __str__(self) -> str:
        if len(self.places) == 1:
            return f"{self.places[0]}: {self.problem}\n  {self.fix}"
        where = "".join(f"\n  at {row}" for row in by_language(self.places))
        return f"{self.problem}{where}\n  {self.fix}"

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.__dict__))


def _rebuild(kind: type[ToolError], state: dict[str, object]) -> ToolError:
    error = kind.__new__(kind)
    error.__dict__.update(state)
    return error


class UsageError(ToolError):
    """The command line, or a path named on it, is wrong."""


class PageError(ToolError):
    """A page cannot be read."""


class HostilePage(PageError):
    """A page exceeds a limit, or carries what no page may carry."""


class JudgementError(ToolError):
    """`sources.toml`, `overlay.yaml` or `supplement.yaml` is wrong."""


class StaleAction(JudgementError):
    """An overlay action matches nothing any more."""


class LeftoverError(ToolError):
    """A reader did not understand part of a page, and no judgement explains it."""


class ConflictError(ToolError):
    """Pages or locales disagree and no overlay action settles it.

    `action` is the ready-to-paste overlay action, as YAML.
    """

    def __init__(self, problem: str, *, fix: str, places: Iterable[Place] = (), action: str = "") -> None:
        super().__init__(problem, fix=fix, places=places)
        self.action = action

    def __str__(self) -> str:
        text = super().__str__()
        return text if not self.action else text + "\n" + "\n".join(f"  {row}" for row in self.action.splitlines())


class GenerateError(ToolError):
    """The generator failed, or what it wrote does not compile, import or type-check."""


class DriftError(ToolError):
    """A file on disk is not what its inputs say it must be."""


class Unreachable(ToolError):
    """A site did not give what it was asked for, however often; another run may get it."""


class Findings(ToolError):
    """Several errors of one run, reported together; never empty."""

    def __init__(self, errors: Iterable[ToolError]) -> None:
        self.errors = tuple(errors)
        if not self.errors:
            message = "Findings needs at least one error"
            raise ValueError(message)
        super().__init__(f"{len(self.errors)} findings", fix="Fix each and run again.")

    def __str__(self) -> str:
        return "\n\n".join(str(error) for error in self.errors)
