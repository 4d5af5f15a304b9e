"""All pages of a provider → one contract.

Order: pages and the supplement's entries → operations and components, united by rule → the overlay → canonical order.
What the rules and the overlay leave open comes back as findings of the Document; nothing is settled in silence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.errors import JudgementError, LeftoverError
from tools.merge._candidates import Candidate, operations, references
from tools.merge._checks import check_actions, check_shapes
from tools.merge._components import name_components
from tools.merge._findings import conflicts, explained, leftovers, unhealthy
from tools.merge._hoist import hoist
from tools.merge._locales import locale_overlays
from tools.merge._names import operation_id, pascal, request_name
from tools.merge._operations import unite_operation
from tools.merge._order import canonical
from tools.merge._settle import settle
from tools.merge._standalone import standalone
from tools.merge._supplement import entries, needed
from tools.merge._unite import SOURCE, Ledger, Precedence, Uniter, source_rows
from tools.merge._variants import listed_models, request_schema, union, unite_variant, variants_of
from tools.model import Document
from tools.schema.normal import key
from tools.schema.overlay import perform
from tools.schema.pointers import join

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.errors import ToolError
    from tools.merge._candidates import Role, Stated
    from tools.merge._variants import Variant
    from tools.model import Extracted, JsonObject, Judgements, Source
    from tools.schema.overlay import Outcome

__all__ = ["normalize", "overlay_outcomes"]


def normalize(
    extracted: Sequence[Extracted],
    judgements: Judgements,
    source: Source,
    *,
    stale_is_fatal: bool = True,
    accept_precedence: bool = False,
) -> Document:
    """The contract of one provider.

    With `stale_is_fatal=False` (pages other than the vendored ones) overlay actions that match nothing, another number
    of nodes than they must, or say nothing new, become notes. With `accept_precedence`, what the rules and the overlay
    leave open is settled by `PRECEDENCE`, and told among the decisions.
    Raises Findings of PageError when pages hold values of the wrong kind, and JudgementError when a judgement file is
    malformed or two operations want one name.
    """
    everything, notes, findings = _collect(extracted, judgements, source)
    ledger = Ledger()
    merged, open_ends = _merge(everything, ledger, source)
    findings += open_ends
    notes += explained(everything, judgements)
    finished, outcomes = perform(merged, judgements.overlay, path="overlay.yaml", lines=judgements.overlay_lines)
    wrong = list(unhealthy(outcomes, judgements))
    if stale_is_fatal:
        findings += wrong
    else:
        notes += [str(action).partition("\n")[0] for action in wrong]  # other pages ask for no change of the overlay
    settled = settle(finished) if accept_precedence else ()
    _prune(finished)
    finished = canonical(finished)
    findings += conflicts(finished)
    return Document(
        provider=source.provider,
        openapi=finished,
        locales=locale_overlays(finished, ledger.prose, source.locales, source.title),
        decisions=(*settled, *ledger.decisions()),
        findings=tuple(findings),
        notes=tuple(notes),
        repairs=tuple(repair for page in everything for repair in page.repairs),
    )


def overlay_outcomes(
    extracted: Sequence[Extracted], judgements: Judgements, source: Source
) -> tuple[tuple[Outcome, ...], tuple[JudgementError, ...]]:
    """What becomes of each action of the overlay on these pages, and what is wrong with it. Raises as `normalize`."""
    everything, _, _ = _collect(extracted, judgements, source)
    merged, _ = _merge(everything, Ledger(), source)
    _, outcomes = perform(merged, judgements.overlay, path="overlay.yaml", lines=judgements.overlay_lines)
    return outcomes, tuple(unhealthy(outcomes, judgements))


def _collect(
    extracted: Sequence[Extracted], judgements: Judgements, source: Source
) -> tuple[list[Extracted], list[str], list[ToolError]]:
    """Pages by precedence with the supplement's entries that are needed after them, notes, and leftovers."""
    rank = {locale: position for position, locale in enumerate(source.locales)}
    pages = sorted(extracted, key=lambda one: (rank.get(one.page.locale, len(rank)), one.page.path))
    supplement = entries(judgements, source.provider)
    check_shapes(pages, supplement)
    check_actions(judgements)
    pages = [hoist(standalone(page)) for page in pages]
    supplement, notes = needed(supplement, list(operations(pages)))
    everything = [*pages, *(hoist(standalone(entry)) for entry in supplement)]
    return everything, notes, [*leftovers(everything, judgements)]


def _merge(everything: Sequence[Extracted], ledger: Ledger, source: Source) -> tuple[JsonObject, list[ToolError]]:
    findings: list[ToolError] = []
    groups: dict[str, list[Stated]] = {}
    for one in operations(everything):
        groups.setdefault(one.operation, []).append(one)
    for name, group in list(groups.items()):
        if all(one.candidate.value.get("x-vidgate-partial") for one in group):
            first = group[0].candidate
            findings.append(
                LeftoverError(
                    f"the page shows replies of {name}, which no page describes",
                    places=[first.source.place(first.pointer)],
                    fix="Describe the operation in supplement.yaml, with its evidence.",
                )
            )
            del groups[name]
    stated = [one for group in groups.values() for one in group]
    variants = {name: variants_of(group, ledger) for name, group in groups.items()}
    requests = _request_names(groups, variants)
    naming = name_components(stated, everything, ledger, requests=requests)
    rank = {locale: position for position, locale in enumerate(source.locales)}
    uniter = Uniter(ledger, naming.reference, Precedence(rank, _models_of(stated)))
    schemas: JsonObject = {}
    for name, candidates in naming.components.items():
        role = naming.role[name]
        schemas[name] = {
            **uniter.schema(candidates, join("/components/schemas", name), _as_role(role)),
            SOURCE: source_rows(candidates),
        }
    paths: JsonObject = {}
    ids: dict[str, str] = {}
    for name, group in groups.items():
        method, _, path = name.partition(" ")
        identity = operation_id(method, path)
        if identity in ids:
            fix = "Two paths need two names: extend the naming rule."
            raise JudgementError(f"{name} and {ids[identity]} would both be {identity}", fix=fix)
        ids[identity] = name
        found = variants[name]
        request = f"{pascal(identity)}Request" if found else None
        if found and request:
            for variant in found:
                _add(schemas, unite_variant(variant, uniter))
            _add(schemas, {request: union(found)})
        paths.setdefault(path, {})[method] = unite_operation(group, uniter, source, request)
    tags = sorted({tag for item in paths.values() for operation in item.values() for tag in operation["tags"]})
    return {
        "openapi": "3.1.0",
        "info": {"title": f"{source.title} API", "version": _version(everything)},
        "tags": [{"name": tag} for tag in tags],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": _security_schemes(everything, ledger)},
    }, findings


def _models_of(stated: Sequence[Stated]) -> dict[str, int]:
    """How many models each page documents, by its name without locale."""
    count: dict[str, int] = {}
    for one in stated:
        schema = request_schema(one.candidate)
        listed = listed_models(schema) if schema is not None else ()
        count[one.candidate.stem] = max(count.get(one.candidate.stem, 1), len(listed))
    return count


def _as_role(role: str) -> Role:
    return "request" if role == "request" else "error" if role == "error" else "response"


def _request_names(
    groups: dict[str, list[Stated]], variants: dict[str, tuple[Variant, ...] | None]
) -> dict[tuple[str, str], str]:
    """Requests of models by page and name on the page, so that no other component takes them for its own."""
    names: dict[tuple[str, str], str] = {}
    for name in groups:
        for variant in variants[name] or ():
            for schema in variant.schemas:
                if schema.pointer.startswith("/components/schemas/"):
                    component = schema.pointer.rpartition("/")[2]
                    names[schema.source.page.path, component] = request_name(variant.models[0])
    return names


def _add(schemas: JsonObject, new: JsonObject) -> None:
    for name, body in new.items():
        if name in schemas:
            fix = "Rename one of them in the overlay, or extend the naming rule."
            raise JudgementError(f"two schemas would be called {name}", fix=fix)
        schemas[name] = body


def _version(everything: Sequence[Extracted]) -> str:
    said = {str(one.document.get("info", {}).get("version") or "") for one in everything if one.document} - {""}
    return said.pop() if len(said) == 1 else "1.0.0"


def _security_schemes(everything: Sequence[Extracted], ledger: Ledger) -> JsonObject:
    stated: dict[str, list[Candidate]] = {}
    for one in everything:
        for name, scheme in ((one.document or {}).get("components", {}).get("securitySchemes", {})).items():
            at = join("/components/securitySchemes", name)
            stated.setdefault(name, []).append(Candidate(scheme, one, at))
            if "description" in scheme:
                ledger.prose.setdefault(join(at, "description"), {}).setdefault(one.page.locale, scheme["description"])
    for name, candidates in stated.items():
        if len({key(candidate.value) for candidate in candidates}) > 1:
            ledger.decide("first-stated", f"/components/securitySchemes/{name}: the pages differ", candidates)
    return {name: dict(candidates[0].value) for name, candidates in stated.items()}


def _prune(document: JsonObject) -> None:
    schemas = document["components"]["schemas"]
    used: set[str] = set()
    stack = [document["paths"]]
    while stack:
        for name in references(stack.pop()):
            if name in schemas and name not in used:
                used.add(name)
                stack.append(schemas[name])
    document["components"]["schemas"] = {name: body for name, body in schemas.items() if name in used}
