"""A merge nobody has touched is not done again: what it gave is remembered by everything that decides it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

import orjson

from tools.errors import Place
from tools.model import Change, Decision, Document, Proposal, Repair, Usage
from tools.store import code_digest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.model import Judgements, Page, Source
    from tools.store import Cache, Workspace

_CACHE: Final = "merge"
_LIBRARIES: Final = ("jsonpath-rfc9535", "openapi-spec-validator")
"""What has a say in a merge and is not ours."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Merged:
    """All that follows from the pages and judgements of a provider, where nothing of it is a finding."""

    document: Document
    changes: tuple[Change, ...]
    proposals: tuple[Proposal, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Derivations:
    """The last merges of a checkout."""

    cache: Cache

    def get(self, key: str) -> Merged | None:
        """What was kept under this key; None when nothing was, or it is damaged."""
        saved = self.cache.get(key)
        if saved is None:
            return None
        try:
            return _merged(orjson.loads(saved))
        except (ValueError, TypeError, KeyError):
            return None

    def put(self, key: str, merged: Merged) -> None:
        """Keep it, unless something in it has no exact form in JSON."""
        try:
            self.cache.put(key, orjson.dumps(_row(merged)))
        except TypeError:  # numbers beyond 64 bits
            return


def derivations(workspace: Workspace) -> Derivations:
    """The checkout's memory; what other versions of our code left is thrown away."""
    code = code_digest("extract", "merge", "diff", "schema", "model", "errors", "build/_derivation")
    return Derivations(cache=workspace.cache(_CACHE).only("-".join((code, *map(version, _LIBRARIES)))))


def key_of(pages: Sequence[Page], judgements: Judgements, source: Source, *choices: bool) -> str:
    """Equal for equal inputs: every page with its path, the judgements with their lines, the row of sources.toml."""
    digest = hashlib.sha256(orjson.dumps([source, list(choices)]))
    for page in sorted(pages, key=lambda page: page.path):
        digest.update(f"{page.path} {page.sha256}\n".encode())
    digest.update(repr(judgements).encode("utf-8", "surrogatepass"))  # values may be beyond 64 bits
    return digest.hexdigest()


def _row(merged: Merged) -> dict[str, Any]:
    document = merged.document
    return {
        "provider": document.provider,
        "openapi": document.openapi,
        "locales": dict(document.locales),
        "decisions": document.decisions,
        "notes": document.notes,
        "repairs": document.repairs,
        "changes": merged.changes,
        "proposals": merged.proposals,
    }


def _merged(row: dict[str, Any]) -> Merged:
    return Merged(
        document=Document(
            provider=row["provider"],
            openapi=row["openapi"],
            locales=row["locales"],
            decisions=tuple(
                Decision(rule=one["rule"], message=one["message"], places=_places(one), action=one["action"])
                for one in row["decisions"]
            ),
            notes=tuple(row["notes"]),
            repairs=tuple(
                Repair(place=Place(**one["place"]), rule=one["rule"], found=one["found"], made=one["made"])
                for one in row["repairs"]
            ),
        ),
        changes=tuple(_change(one) for one in row["changes"]),
        proposals=tuple(
            Proposal(message=one["message"], places=_places(one), action=one["action"]) for one in row["proposals"]
        ),
    )


def _places(row: dict[str, Any]) -> tuple[Place, ...]:
    return tuple(Place(**place) for place in row["places"])


def _change(row: dict[str, Any]) -> Change:
    """A difference between languages; only those between versions carry a witness."""
    typed: dict[str, Any] = {
        "old": Place(**row["old"]),
        "new": Place(**row["new"]),
        "usages": tuple(Usage(**usage) for usage in row["usages"]),
        "locales": tuple(row["locales"]),
        "copies": tuple(row["copies"]),
    }
    return Change(**{**row, **typed})
