"""Which clause of the pages answers to which requirement or waiver, and what is left over."""

from __future__ import annotations

import fnmatch
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import yaml

from .._verdict import HarnessError
from ._clauses import Clause, clauses
from ._model import LEVELS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from .._settings import ProviderName
    from ._model import Requirement

ANSWERS = "clauses.yaml"
# Where a page has no schema, the line of a source is that of the whole request, but for these.
EXACT = re.compile(r"/examples/|/x-vidgate-errors/")


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What people say of clauses: the requirements `by` which they are kept, or why none is needed.

    `clause`: a key, or a pattern of keys.
    """

    clause: str
    by: tuple[str, ...] = ()
    waived: str = ""


@dataclass(slots=True)
class Trace:
    """The clauses of a provider's pages, with what answers to them."""

    clauses: tuple[Clause, ...]
    requirements: Mapping[str, Requirement]
    answers: tuple[Answer, ...]
    kept: dict[str, set[str]] = field(default_factory=dict[str, "set[str]"])
    """Key → requirement ids."""
    waived: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def open(self) -> tuple[Clause, ...]:
        """Clauses that nothing answers to."""
        return tuple(one for one in self.clauses if not self.kept.get(one.key) and one.key not in self.waived)

    def problems(self) -> Iterator[str]:
        """What is wrong with the answers, and every clause without one."""
        keys = {one.key for one in self.clauses}
        for answer in self.answers:
            met = fnmatch.filter(keys, answer.clause)
            if not met:
                yield f"{ANSWERS}: {answer.clause} is no clause of any page: take it out"
            if bool(answer.by) == bool(answer.waived):
                yield f"{ANSWERS}: {answer.clause} needs either `by` or the reason why it is `waived`"
            if answer.waived and met and all(self.kept.get(key) for key in met):
                told = ", ".join(sorted({name for key in met for name in self.kept[key]}))
                yield f"{ANSWERS}: {answer.clause} is kept by {told}: take its waiver out"
            for name in answer.by:
                if name not in self.requirements:
                    yield f"{ANSWERS}: {answer.clause}: there is no requirement {name}"
        for one in self.open:
            yield f"{one}: neither requirement nor waiver: write one"


def trace(specs: Path, provider: ProviderName, requirements: Mapping[str, Requirement], answers: str) -> Trace:
    """Read the pages and bring clauses and requirements together."""
    root = specs / provider / "pages"
    found = [
        clause
        for path in sorted(root.rglob("*.md"))
        for clause in clauses(path.relative_to(root).as_posix(), path.read_text(encoding="utf-8-sig"))
    ]
    done = Trace(clauses=tuple(found), requirements=requirements, answers=read_answers(answers))
    by_page: dict[str, list[Requirement]] = {}
    for entry in requirements.values():
        for page in {source.page for source in entry.sources}:
            by_page.setdefault(page, []).append(entry)
    for clause in found:
        for entry in by_page.get(clause.page, []):
            if _speaks_of(entry, clause):
                done.kept.setdefault(clause.key, set()).add(entry.id)
    keys = {one.key for one in found}
    for answer in done.answers:
        for key in fnmatch.filter(keys, answer.clause):
            if answer.by:
                done.kept.setdefault(key, set()).update(answer.by)
            elif answer.waived:
                done.waived[key] = answer.waived
    return done


def read_answers(text: str) -> tuple[Answer, ...]:
    """Read a file of answers."""
    document: Any = yaml.safe_load(text) or []
    try:
        return tuple(
            Answer(clause=str(row["clause"]), by=tuple(row.get("by", ())), waived=str(row.get("waived", "")))
            for row in cast("list[dict[str, Any]]", document)
        )
    except (KeyError, TypeError, AttributeError) as error:
        message = f"{ANSWERS} is not whole: {error}"
        raise HarnessError(message) from None


def _speaks_of(entry: Requirement, clause: Clause) -> bool:
    for source in entry.sources:
        if source.page != clause.page:
            continue
        if source.pointer and clause.pointer and _same(entry, source.pointer, clause):
            return True
        at_a_line = not source.pointer or EXACT.search(source.pointer) is not None
        if at_a_line and source.line is not None and clause.first <= source.line <= clause.last:
            return True
    return False


def _same(entry: Requirement, pointer: str, clause: Clause) -> bool:
    """Whether a requirement's pointer is that of a clause; the contract writes some constraints in its own way."""
    here = clause.pointer
    derived = entry.derived
    if not here.startswith("/"):  # a tag's attribute, in words of our own
        name = here.split("/")[-2]
        if here.endswith("/required"):
            return derived is not None and derived.rule == "REQUIRED" and derived.field == f"/{name}"
        here = here.replace("/type", "/const") if name == "model" else here
        return pointer.endswith(f"/{here}")
    if derived is not None and derived.kind == "error" and here.endswith(f"/responses/{derived.status}"):
        return pointer.startswith(here)
    if here.endswith("/required") and pointer == here:
        name = clause.key.rpartition("/")[2]
        return derived is not None and derived.field.rpartition("/")[2] == name
    if pointer.endswith("/const"):
        return here == f"{pointer.removesuffix('/const')}/enum"
    if here.endswith("/example") and derived is not None and derived.rule == "EXAMPLE":
        return pointer in {here, here.removesuffix("/example")}
    return pointer == here


def figures(traces: Mapping[ProviderName, Trace]) -> Iterator[str]:
    """Traceability in numbers, as lines of a table."""
    for provider, done in traces.items():
        keys = {one.key for one in done.clauses}
        levels = Counter(entry.level for entry in done.requirements.values())
        told = ", ".join(f"{levels[level]} {level}" for level in LEVELS if levels[level])
        ambiguous = sum(entry.ambiguous is not None for entry in done.requirements.values())
        derived = sum(entry.derived is not None for entry in done.requirements.values())
        pages = len({one.page for one in done.clauses})
        kept = sum(1 for key in keys if done.kept.get(key))
        waived = len((keys & done.waived.keys()) - {key for key in keys if done.kept.get(key)})
        yield (
            f"{provider}: {pages} pages, {len(done.clauses)} clauses, {len(keys)} of them different: {kept} kept by "
            f"requirements, {waived} waived, {len({one.key for one in done.open})} open; "
            f"{len(done.requirements)} requirements ({told}; {derived} derived, {ambiguous} ambiguous)"
        )
