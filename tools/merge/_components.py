"""Which component of a page becomes which component of the contract."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.merge._candidates import SCHEMAS, Candidate, Component, body_keys, scoped_components
from tools.merge._names import operation_id, pascal
from tools.schema.pointers import escape, split

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tools.merge._candidates import Stated
    from tools.merge._unite import Ledger
    from tools.model import Extracted


@dataclass(frozen=True, slots=True)
class Naming:
    """The contract's name for every component of every page."""

    final: Mapping[tuple[str, str], str]
    """(page, name on the page) → name in the contract."""
    components: Mapping[str, Sequence[Candidate]]
    """Name in the contract → every page's body of it; requests of models are not among them."""
    role: Mapping[str, str]

    def reference(self, candidate: Candidate, reference: str) -> str:
        """A page's reference as it stands in the contract."""
        if not reference.startswith(SCHEMAS):
            return reference
        name = reference.removeprefix(SCHEMAS)
        if "/" in name or "~" in name:
            name = split(reference)[-1]
        return SCHEMAS + escape(self.final.get((candidate.source.page.path, name), name))


def name_components(
    stated: Sequence[Stated], extracted: Sequence[Extracted], ledger: Ledger, *, requests: Mapping[tuple[str, str], str]
) -> Naming:
    """Name every component the operations reach.

    `requests` holds the names already given to requests of models, by page and name on the page. A name whose bodies
    differ between scopes is kept by the first scope (the scopes of video operations come first, then by operation);
    the others get their operation's or page's name in front.
    """
    keys = body_keys(extracted)
    groups: dict[str, dict[frozenset[int], list[Component]]] = defaultdict(dict)
    for component in scoped_components(stated).values():
        left = [c for c in component.candidates if (c.source.page.path, component.name) not in requests]
        if left:
            signature = frozenset(keys[c.source.page.path, component.name] for c in left)
            groups[component.name].setdefault(signature, []).append(Component(component.scope, component.name, left))
    final = dict(requests)
    components: dict[str, list[Candidate]] = {}
    role: dict[str, str] = {}
    for name, bodies in sorted(groups.items()):
        ranked = sorted(bodies.values(), key=lambda group: min(_rank(c) for c in group))
        for position, group in enumerate(ranked):
            first = min(group, key=_rank)
            called = name if position == 0 else f"{_prefix(first)}{name}"
            candidates = _once(c for component in sorted(group, key=_rank) for c in component.candidates)
            if position:
                ledger.decide(
                    "component-renamed", f"{name} of {first.scope[1] or 'errors'} is called {called}", candidates
                )
            components.setdefault(called, []).extend(candidates)
            role[called] = first.scope[0]
            for candidate in candidates:
                final.setdefault((candidate.source.page.path, name), called)
    return Naming(final, components, role)


def _rank(component: Component) -> tuple[bool, bool, str, str]:
    role, operation, stem = component.scope
    return (role != "error", "/videos/" not in operation, operation, stem)


def _prefix(component: Component) -> str:
    _, operation, stem = component.scope
    if stem:
        return pascal(stem.rpartition("/")[2])
    method, _, path = operation.partition(" ")
    return pascal(operation_id(method, path)).removeprefix("Create").removeprefix("Get")


def _once(candidates: Iterable[Candidate]) -> list[Candidate]:
    seen: dict[tuple[str, str], Candidate] = {}
    for candidate in candidates:
        seen.setdefault((candidate.source.page.path, candidate.pointer), candidate)
    return list(seen.values())
