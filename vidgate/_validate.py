"""Offline validation: what a request breaks, before it costs anything.

The model is looked at first and only its own schema is asked, because the errors of a union of models cannot be read.
Unknown keywords are refused here, not by the contract: a new field of the provider's is no fault of the contract.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from vidgate._callbacks import callback_fault
from vidgate._contract import any_of, load
from vidgate._explain import explain, nearest, problem_and_remedy, show
from vidgate._report import Problem, Report

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jsonschema_rs import Draft202012Validator

    from vidgate._contract import Contract
    from vidgate._providers import Provider


MOST_LISTED = 8


def validate(body: Mapping[str, Any], provider: Provider, kind: str | None = None) -> Report:
    """Check a request of plain JSON values (`_plain.plain`); with `kind`, only models that make this are right."""
    contract = load(provider.package) if kind is None else load(provider.package).of(kind)
    model = body.get("model")
    if not isinstance(model, str) or model not in contract.variants:
        return Report(errors=(misplaced(body, provider, kind) or _model_problem(body, contract),))
    callbacks = list(_callbacks(body, model, contract, provider))
    judged = {problem.field for problem in callbacks}
    found = [
        *_unknown(body, model, contract),
        # What the code says of an address is plainer than what the contract's patterns say of it.
        *(problem for problem in _broken(body, model, contract, provider.package) if problem.field not in judged),
        *callbacks,
    ]
    if not found:
        return Report(model=model, warnings=tuple(_advice(body, model, contract, provider.package)))
    # One rule may be broken along several paths of the schema, and one field break several rules that say the same.
    unique = {(problem.field, problem.message): problem for problem in reversed(found)}
    return Report(model=model, errors=tuple(reversed(unique.values())))


def misplaced(body: Mapping[str, Any], provider: Provider, kind: str | None) -> Problem | None:
    """The problem of a model that makes something else than it is asked for; None when that is not what is wrong."""
    model = body.get("model")
    made = load(provider.package).kinds_of(model) if isinstance(model, str) else ()
    if kind is None or not made or kind in made:
        return None
    names = any_of([f"{each}s" for each in made])
    message = f"{show(model)} makes {names}, not {kind}s."
    return Problem(field="model", rule="other-media", message=message, fix=f"Use client.{made[0]}s.")


def _model_problem(body: Mapping[str, Any], contract: Contract) -> Problem:
    models = list(contract.variants)
    listing = _listing(models)
    if "model" not in body:
        near = next((name for name in body if nearest(name, ("model",))), None)
        hint = f"Did you write {near} for model? " if near else ""
        return Problem(field="model", rule="required", message="is required.", fix=hint + listing)
    model = body["model"]
    if not isinstance(model, str):
        return Problem(field="model", rule="type", message=f"is {show(model)}; it must be text.", fix=listing)
    near = nearest(model, models)
    return Problem(
        field="model",
        rule="unknown-model",
        message=f"there is no model {show(model)}.",
        fix=f"Did you mean {show(near)}? {listing}" if near else listing,
    )


def _listing(models: list[str]) -> str:
    if len(models) <= MOST_LISTED:
        return f"Models: {', '.join(models)}."
    return f"There are {len(models)} models; client.models lists them."


def _unknown(body: Mapping[str, Any], model: str, contract: Contract) -> Iterator[Problem]:
    fields = contract.fields(model)
    for name in body:
        if name in fields:
            continue
        others = [other for other in contract.variants if name in contract.fields(other)]
        near = nearest(name, fields)
        if others:
            fix = f"Leave it out, or use a model that takes it, such as {any_of(others[:3])}."
        elif near:
            fix = f"Did you mean {near}?"
        else:
            fix = f"Leave it out. The model takes {', '.join(each for each in fields if each != 'model')}."
        yield Problem(field=name, rule="unknown-keyword", message=f"{model} takes no {show(name)}.", fix=fix)


def _broken(body: Mapping[str, Any], model: str, contract: Contract, package: str) -> Iterator[Problem]:
    schema = contract.variant(model)
    for error in _validator(package, contract.variants[model]).iter_errors(body):
        yield explain(error, schema, contract)


def _callbacks(body: Mapping[str, Any], model: str, contract: Contract, provider: Provider) -> Iterator[Problem]:
    fields = contract.fields(model)
    for name in provider.callback_fields:
        value = body.get(name)
        if name in fields and isinstance(value, str) and (fault := callback_fault(value)):
            rule, message, fix = fault
            yield Problem(field=name, rule=rule, message=message, fix=fix)


def _advice(body: Mapping[str, Any], model: str, contract: Contract, package: str) -> Iterator[Problem]:
    for number, advice in enumerate(contract.variant(model).get("x-vidgate-advice", ())):
        if "differ" in advice:
            fields = list(advice["differ"])
            given = [body[name] for name in fields if name in body]
            applies = len(given) > 1 and any(value != given[0] for value in given)
        else:
            fields = list(advice["when"].get("required", advice["when"].get("properties", ())))
            applies = _advice_validator(package, contract.variants[model], number).is_valid(body)
        if applies:
            problem, remedy = problem_and_remedy(advice["message"])
            yield Problem(
                field=fields[0] if fields else "",
                rule=advice["id"],
                message=problem,
                fix=remedy or "Make sure that this is meant.",
            )


@functools.cache
def _advice_validator(package: str, name: str, number: int) -> Draft202012Validator:
    """Whether one piece of a request's advice applies; compiled on first use, as the next one."""
    from jsonschema_rs import Draft202012Validator

    contract = load(package)
    when: Mapping[str, Any] = contract.schema(name)["x-vidgate-advice"][number]["when"]
    return Draft202012Validator({**when, "components": contract.document["components"]})


@functools.cache
def _validator(package: str, name: str) -> Draft202012Validator:
    """Loads jsonschema-rs on first use; one compiled validator per variant."""
    from jsonschema_rs import Draft202012Validator

    contract = load(package)
    return Draft202012Validator(
        {**contract.schema(name), "components": contract.document["components"]},
        validate_formats=True,
        formats={"uri": _is_url},
    )


def _is_url(text: str) -> bool:
    """A whole URL. More lenient than RFC 3986: servers take addresses with letters of any script."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return bool(parts.scheme and (parts.netloc or parts.path)) and not any(character <= " " for character in text)
