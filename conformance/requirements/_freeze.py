"""`python -m conformance requirements`: derives the requirements again, from a checkout, and tells drift.

Reads `specs/<provider>/`: the contract, the lock with the hashes of the pages, and our own files beside it.
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from .._contract import Contract
from .._settings import ProviderName
from .._verdict import HarnessError
from ._derive import Evidence, derive
from ._store import CLAUSES, load, read, write
from ._trace import Trace, trace

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ._model import Requirement

HOME = Path(__file__).parent
COMMAND = "python -m conformance requirements --specs specs"
NONE: Mapping[str, Requirement] = {}
TITLES: Mapping[ProviderName, str] = {"evolink": "EvoLink", "apimart": "APIMart"}


def evidence_of(specs: Path, provider: ProviderName) -> tuple[Evidence, str]:
    """The files that a contract was made of, with their hashes, and the revision: a date, or a hash of the pages."""
    lock: dict[str, Any] = json.loads((specs / provider / "lock.json").read_text(encoding="utf-8"))
    pages: dict[str, dict[str, Any]] = lock["pages"]
    files = {name: str(row["sha256"]) for name, row in pages.items()} | dict(lock["judgements"])
    dates = sorted(str(row["retrieved"]) for row in pages.values() if row.get("retrieved"))
    revision = dates[-1] if dates else min(str(row["sha256"]) for row in pages.values())[:12]
    return Evidence(files=files), revision


def freeze(specs: Path, provider: ProviderName) -> tuple[Path, str]:
    """The file of a provider's requirements, and the text that it should have."""
    contract = Contract(json.loads((specs / provider / "openapi.json").read_text(encoding="utf-8")))
    evidence, revision = evidence_of(specs, provider)
    target = HOME / provider / f"{revision}.yaml"
    before: Mapping[str, Requirement] = (
        read(target.read_text(encoding="utf-8"), provider, target.name) if target.exists() else NONE
    )
    derived = [_judged(entry, before.get(entry.id)) for entry in derive(contract, provider, evidence)]
    names = {entry.id for entry in derived}
    by_hand = [_current(entry, evidence) for entry in before.values() if entry.derived is None]
    for entry in by_hand:
        if entry.id in names:
            message = f"{target.name}: {entry.id} is written by hand and derived; rename or remove the former"
            raise HarnessError(message)
    return target, write([*derived, *by_hand], TITLES[provider])


def _judged(entry: Requirement, before: Requirement | None) -> Requirement:
    """A derived entry with what people have decided about it."""
    if before is None or not before.judged:
        return entry
    changes: dict[str, Any] = dict(before.judged)
    for name in ("needs",):
        if name in changes:
            changes[name] = tuple(changes[name])
    return dataclasses.replace(entry, judged=dict(before.judged), **changes)


def _current(entry: Requirement, evidence: Evidence) -> Requirement:
    """An entry written by hand: its sources get a hash when they have none yet; one that moved stays as it is."""
    sources = tuple(
        source if source.sha256 else dataclasses.replace(source, sha256=evidence.files.get(file_of(source.page), ""))
        for source in entry.sources
    )
    return dataclasses.replace(entry, sources=sources)


def file_of(page: str) -> str:
    """The file that a source stands in: `supplement.yaml#get-task` is an entry of one."""
    return page.partition("#")[0]


def drift(specs: Path) -> Iterator[str]:
    """What is frozen and does not follow from the contract any more, and sources whose files have changed."""
    for provider in get_args(ProviderName):
        target, text = freeze(specs, provider)
        name = f"requirements/{provider}/{target.name}"
        if not target.exists():
            yield f"{name} does not exist: run {COMMAND}"
            continue
        frozen = target.read_text(encoding="utf-8")
        if frozen != text:
            yield f"{name} is not what the contract says: run {COMMAND}, and read its diff"
        files = evidence_of(specs, provider)[0].files
        for entry in read(frozen, provider, name).values():
            for source in entry.sources:
                if files.get(file_of(source.page)) != source.sha256:
                    yield f"{name}: {entry.id} rests on {source.page}, which has changed or is gone: read it again"
        yield from trace_of(specs, provider).problems()


def trace_of(specs: Path, provider: ProviderName) -> Trace:
    """The clauses of a provider's pages, with what answers to them."""
    answers = (HOME / provider / CLAUSES).read_text(encoding="utf-8")
    return trace(specs, provider, load(provider), answers)


def refreeze(specs: Path) -> Iterator[Path]:
    """Write the files; yields those that changed."""
    for provider in get_args(ProviderName):
        target, text = freeze(specs, provider)
        if not target.exists() or target.read_text(encoding="utf-8") != text:
            target.parent.mkdir(exist_ok=True)
            target.write_text(text, encoding="utf-8")
            yield target
