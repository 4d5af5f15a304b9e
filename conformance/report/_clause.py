"""What the contract says where a requirement stands, in its own words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._json import follow, is_object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .._contract import Contract
    from .._json import Json
    from ..requirements import Requirement

SHORTEST = 4
"""Parts of a pointer: what stands above a schema, an operation or an answer speaks of more than one clause."""


def clause_of(contract: Contract, requirement: Requirement) -> str | None:
    """The description that is nearest to the first place of a requirement; None where the contract has no such place.

    Requirements on the client stand on whole operations, which say nothing of a client.
    """
    if requirement.area == "CLIENT":
        return None
    derived = requirement.derived
    pointers = [case.pointer for case in derived.cases] if derived else []
    if derived and derived.rule == "REQUIRED":  # the list of names is no place with words; what it names is one
        name = derived.field.rpartition("/")[2]
        pointers = [f"{pointer.removesuffix('/required')}/properties/{name}" for pointer in pointers]
    pointers += [source.pointer for source in requirement.sources]
    return next((text for pointer in pointers for text in _descriptions(contract.document, pointer)), None)


def _descriptions(document: Json, pointer: str) -> Iterator[str]:
    """From a place upwards."""
    tokens = pointer.split("/")
    while len(tokens) >= SHORTEST:
        try:
            found = follow(document, "/".join(tokens))
        except (LookupError, ValueError):
            found = None
        if is_object(found) and isinstance(found.get("description"), str):
            yield found["description"]
        tokens.pop()
