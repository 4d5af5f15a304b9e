"""Bodies that a check sends: the smallest valid ones, and those with one thing wrong."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from ._json import follow, is_object
from ._samples import compose, requests_of

if TYPE_CHECKING:
    from ._contract import Contract
    from ._json import Json, JsonObject
    from ._run import Run
    from .requirements import Case

PROMPT = "a paper boat crosses a puddle in the rain"


def shortest(run: Run, model: str | None = None) -> JsonObject:
    """The smallest valid body of a model, by default of the first one."""
    chosen = model or next(iter(run.contract.variants(run.submitting)))
    return dict(_shortest(run.contract, chosen))


def valid(run: Run, model: str) -> tuple[JsonObject, ...]:
    """Valid bodies of a model: its documented examples, and each with every value that a field names."""
    return _valid(run.contract, model)


def examples(run: Run) -> dict[str, JsonObject]:
    """The requests that the pages show, by name; each body once."""
    found = {repr(example.value): (example.name, example.value) for example in run.submitting.request_examples()}
    return dict(found.values())


def invalid(run: Run, body: Json) -> list[str]:
    """What the contract has against a body."""
    return _invalid(run.contract, body)


@functools.lru_cache(maxsize=64)
def _shortest(contract: Contract, model: str) -> JsonObject:
    schema = contract.variants(contract.one(paid=True))[model]
    required: list[str] = contract.component(schema)["required"]
    for example in contract.one(paid=True).request_examples():
        body: JsonObject = {name: value for name, value in example.value.items() if name in required}
        if body["model"] == model and not _invalid(contract, body):
            return body | {"prompt": PROMPT}
    return dict(compose(contract, {"$ref": f"#/components/schemas/{schema}"}, only_required=True))


@functools.lru_cache(maxsize=64)
def _valid(contract: Contract, model: str) -> tuple[JsonObject, ...]:
    paid = contract.one(paid=True)
    examples = [example.value for example in paid.request_examples() if example.value["model"] == model]
    bases = [_shortest(contract, model), *examples]
    found = requests_of(contract, contract.variants(paid)[model], bases)
    return tuple(body for body in found if not _invalid(contract, body))


def _invalid(contract: Contract, body: Json) -> list[str]:
    model: Any = body.get("model") if is_object(body) else None
    paid = contract.one(paid=True)
    variants = contract.variants(paid)
    if isinstance(model, str) and model in variants:
        return contract.violations({"$ref": f"#/components/schemas/{variants[model]}"}, body)
    return contract.violations(paid.request_schema or {}, body)


def case_schema(run: Run, case: Case) -> Any:
    """What the contract says at a case's pointer."""
    return follow(run.contract.document, case.pointer)
