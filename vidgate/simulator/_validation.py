"""Checks a request against the contract and names the parameter at fault."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import jsonschema_rs

from vidgate.simulator import _addresses
from vidgate.simulator._refusal import Reason, Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vidgate.simulator._contract import Contract, JsonObject, Operation
    from vidgate.simulator._providers import Behaviour

LONGEST_MESSAGE = 300


def check_body(contract: Contract, operation: Operation, body: JsonObject) -> None:
    """Refuse a body that breaks the contract.

    The variant is chosen by the discriminator first: errors of a whole `oneOf` would name no field.
    """
    schema = contract.request_schema(operation)
    if schema is None:
        return
    resolved = contract.resolve(schema)
    discriminator: JsonObject | None = resolved.get("discriminator")
    if discriminator is not None:
        name: str = discriminator["propertyName"]
        mapping: dict[str, str] = discriminator["mapping"]
        chosen = body.get(name)
        if name not in body:
            raise Refusal(400, "parameter", _sentence(name, "it is required"), field=name)
        if not isinstance(chosen, str) or chosen not in mapping:
            known = ", ".join(mapping)
            raise Refusal(400, "parameter", _sentence(name, f"it must be one of {known}"), field=name)
        schema = {"$ref": mapping[chosen]}
    _check(contract, schema, body, reason="parameter", field=None)


def check_parameters(
    contract: Contract, operation: Operation, given: Mapping[str, Mapping[str, str]], *, reason: Reason = "parameter"
) -> None:
    """Refuse path, query or header parameters that break the contract; `given` maps each place to its values."""
    for parameter in operation.parameters:
        name: str = parameter["name"]
        place: str = parameter["in"]
        value = given.get(place, {}).get(name.lower() if place == "header" else name)
        why: Reason = "task-id" if place == "path" else reason
        if value is None:
            if parameter.get("required"):
                raise Refusal(400, why, _sentence(name, "it is required"), field=name)
            continue
        schema: JsonObject = parameter.get("schema", {})
        _check(contract, schema, _typed(contract.resolve(schema), value), reason=why, field=name)


def check_callback(behaviour: Behaviour, body: JsonObject) -> None:
    """Refuse an address for callbacks that the provider does not call; a pattern sees only some of them."""
    name = behaviour.callback_field
    address: object = body.get(name)
    if address is None:
        return
    if not isinstance(address, str):
        raise Refusal(400, "parameter", _sentence(name, "it must be a URL"), field=name)
    fault = _addresses.fault(address, https_only=behaviour.callback_https_only, ports=behaviour.callback_ports)
    if fault is not None:
        raise Refusal(400, "parameter", _sentence(name, fault), field=name)


def _typed(schema: JsonObject, text: str) -> object:
    """Read a parameter's text as the type that its schema asks for; text that is none stays text and fails there."""
    match schema.get("type"):
        case "integer" | "number" as kind:
            try:
                return int(text) if kind == "integer" else float(text)
            except ValueError:
                return text
        case "boolean":
            return {"true": True, "false": False}.get(text, text)
        case _:
            return text


def _check(contract: Contract, schema: JsonObject, value: object, *, reason: Reason, field: str | None) -> None:
    try:
        found = next(iter(contract.validator(schema).iter_errors(cast("Any", value))), None)
    except (ValueError, OverflowError, RecursionError) as error:
        # A lone surrogate or a number that the validator cannot hold: nothing a provider would accept either.
        raise Refusal(400, "malformed", f"The request cannot be read: {error}"[:LONGEST_MESSAGE]) from None
    if found is None:
        return
    name = field or _field(found)
    message = contract.message_at(found.schema_path) or _explain(found)
    # A malformed task id has one documented wording; our own would only differ from it.
    text = None if reason == "task-id" else _sentence(name, message[:LONGEST_MESSAGE])
    raise Refusal(400, reason, text, field=name)


def _field(error: jsonschema_rs.ValidationError) -> str | None:
    """Name the parameter at fault: the path into the body, the missing name, or the names a rule is about."""
    path = list(error.instance_path)
    kind = error.kind
    if isinstance(kind, jsonschema_rs.ValidationErrorKind.Required):
        path.append(kind.property)
    if path:
        return _spell(path)
    if isinstance(kind, jsonschema_rs.ValidationErrorKind.Not) and isinstance(kind.schema, dict):
        names = kind.schema.get("required")
        if isinstance(names, list):
            return ", ".join(str(name) for name in names)
    return None


def _spell(path: list[str | int]) -> str:
    name = ""
    for step in path:
        name += f"[{step}]" if isinstance(step, int) else f".{step}" if name else step
    return name


def _explain(error: jsonschema_rs.ValidationError) -> str:
    match error.kind:
        case jsonschema_rs.ValidationErrorKind.Required():
            return "it is required"
        case jsonschema_rs.ValidationErrorKind.Not():
            return "the value is not allowed"
        case jsonschema_rs.ValidationErrorKind.Enum() as kind:
            return "it must be one of " + ", ".join(str(option) for option in kind.options)
        case jsonschema_rs.ValidationErrorKind.OneOfNotValid() | jsonschema_rs.ValidationErrorKind.AnyOf() as kind:
            return "; or ".join(dict.fromkeys(_explain(branch[0]) for branch in kind.context if branch))
        case _:
            return error.message


def _sentence(field: str | None, message: str) -> str:
    return f"Invalid parameter '{field}': {message}" if field else f"Invalid request: {message}"
