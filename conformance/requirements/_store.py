"""The files of requirements: strict reading, canonical writing."""

from __future__ import annotations

import dataclasses
import functools
import importlib.resources
from typing import TYPE_CHECKING, Any, cast

import yaml

from .._verdict import HarnessError
from ._model import AREAS, KINDS, LEVELS, PREFIXES, RULES, Case, Derived, Requirement, Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from importlib.resources.abc import Traversable

    from .._settings import ProviderName

CLAUSES = "clauses.yaml"
"""The file beside them: answers to the clauses of the pages."""
HEAD = """\
# What {title} must do, frozen for the pages of this revision.
# Entries with `derived` are written by `python -m conformance requirements --specs specs`, which keeps their `judged`
# members, and every entry without `derived`: those are written by hand.
"""
NEEDS = ("other", "no_quota", "no_model", "limited", "broken", "callbacks", "ledger", "time")


def folder(provider: ProviderName) -> Traversable:
    """Where a provider's files are."""
    return importlib.resources.files(__package__ or "") / provider


def revision_of(provider: ProviderName) -> str:
    """The newest revision that is frozen."""
    names = sorted(
        entry.name for entry in folder(provider).iterdir() if entry.name.endswith(".yaml") and entry.name != CLAUSES
    )
    if not names:
        message = f"no requirements are frozen for {provider}"
        raise HarnessError(message)
    return names[-1].removesuffix(".yaml")


@functools.cache
def load(provider: ProviderName, revision: str | None = None) -> Mapping[str, Requirement]:
    """Read the requirements of a provider, by id; raises HarnessError when a file is not whole."""
    chosen = revision or revision_of(provider)
    place = f"requirements/{provider}/{chosen}.yaml"
    text = (folder(provider) / f"{chosen}.yaml").read_text(encoding="utf-8")
    return read(text, provider, place)


def read(text: str, provider: ProviderName, place: str) -> Mapping[str, Requirement]:
    """Read a file's text; every entry is checked."""
    try:
        document: Any = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - safe both
    except yaml.YAMLError as error:
        message = f"{place} is no YAML: {error}"
        raise HarnessError(message) from None
    rows: Any = cast("dict[str, Any]", document).get("requirements") if isinstance(document, dict) else None
    if not isinstance(rows, list):
        message = f"{place} has no list of requirements"
        raise HarnessError(message)
    found: dict[str, Requirement] = {}
    for row in cast("list[dict[str, Any]]", rows):
        entry = _entry(row, place)
        if entry.id in found:
            message = f"{place}: {entry.id} stands there twice"
            raise HarnessError(message)
        if not entry.id.startswith(f"{PREFIXES[provider]}-{entry.area}-"):
            message = f"{place}: {entry.id} does not begin with {PREFIXES[provider]}-{entry.area}-"
            raise HarnessError(message)
        found[entry.id] = entry
    return found


def _entry(row: dict[str, Any], place: str) -> Requirement:
    try:
        values = dict(row)
        values["sources"] = tuple(Source(**source) for source in values.get("sources", ()))
        values["needs"] = tuple(values.get("needs", ()))
        if values.get("derived") is not None:
            derived = dict(values["derived"])
            derived["cases"] = tuple(Case(**case) for case in derived.get("cases", ()))
            values["derived"] = Derived(**derived)
        entry = Requirement(**values)
    except (TypeError, ValueError) as error:
        message = f"{place}: {row.get('id', '?')} is not whole: {error}"
        raise HarnessError(message) from None
    if entry.level not in LEVELS or entry.area not in AREAS or not set(entry.needs) <= set(NEEDS):
        message = f"{place}: {entry.id} has an unknown level, area or need"
        raise HarnessError(message)
    derived_entry = entry.derived
    if derived_entry is not None and (derived_entry.kind not in KINDS or derived_entry.rule not in RULES):
        message = f"{place}: {entry.id} is derived by an unknown kind or rule"
        raise HarnessError(message)
    return entry


def write(entries: Iterable[Requirement], title: str) -> str:
    """The text of a file: derived entries by id, then those written by hand in their order."""
    rows = [_row(entry) for entry in entries]
    body = yaml.dump({"requirements": rows}, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=116)
    return HEAD.format(title=title) + body


class _Plain(yaml.SafeDumper):
    """Repeats what stands twice, and indents lists."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the same for all
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - its signature
        super().increase_indent(flow, indentless=False)  # pyright: ignore[reportUnknownMemberType]


def _row(entry: Requirement) -> dict[str, Any]:
    row = _filled(entry)
    row["sources"] = [_filled(source) for source in entry.sources]
    if entry.derived is not None:
        row["derived"] = _filled(entry.derived)
        row["derived"]["cases"] = [_filled(case) for case in entry.derived.cases]
    return {name: value for name, value in row.items() if value}


def _filled(part: Any) -> dict[str, Any]:
    """The fields of a dataclass that differ from their defaults."""
    found: dict[str, Any] = {}
    for spec in dataclasses.fields(part):
        value: Any = getattr(part, spec.name)
        if value != spec.default and value not in ((), {}):
            found[spec.name] = [*value] if isinstance(value, tuple) else value
    return found
