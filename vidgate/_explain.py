"""From a broken JSON Schema rule to a sentence about a field and what to write instead."""

from __future__ import annotations

import difflib
import json
import re
from typing import TYPE_CHECKING, Any

from vidgate._contract import any_of, describe, values_of
from vidgate._json import is_list, is_object
from vidgate._report import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from jsonschema_rs import ValidationError

    from vidgate._contract import Contract, Schema

LONGEST_SHOWN = 60


def explain(error: ValidationError, schema: Schema, contract: Contract) -> Problem:
    """One problem for one broken rule of a request of the variant `schema`."""
    rule = error.kind.name
    path = list(error.instance_path)
    chain = _chain(schema, error.schema_path, contract)
    assertion = chain[-1]
    broken = assertion.get(rule)
    spoken = [*chain, broken] if is_object(broken) else chain
    message = next((part["x-vidgate-message"] for part in reversed(spoken) if "x-vidgate-message" in part), None)
    if isinstance(message, str):
        return _assertion(message, path, rule, assertion, error)
    if rule == "required":
        name = str(getattr(error.kind, "property", ""))
        documented = _documented(schema, [*path, name], contract)
        takes = f"; it must be {describe(documented)}" if documented else ""
        return Problem(field=_place([*path, name]), rule=rule, message=f"is required{takes}.", fix=f"Add {name}.")
    if not path:
        names = ", ".join(_named(assertion))
        return Problem(
            field=_first(_named(assertion)),
            rule=rule,
            message=f"the combination of {names or 'fields'} is not allowed.",
            fix="Leave one of them out.",
        )
    documented = _documented(schema, path, contract)
    return _value(error.instance, documented, assertion, rule, path)


def _value(value: Any, documented: Schema, assertion: Schema, rule: str, path: list[str | int]) -> Problem:
    """A single field's value is wrong; `assertion` is the schema that holds the broken keyword."""
    place = _place(path)
    limits = documented if rule in assertion and rule in documented else assertion
    described = documented if documented and describe(documented) != "any value" else limits
    takes = describe(described)
    shown = show(value)
    if rule == "not" or takes in {"any value", "text", "a URL"}:
        takes = _rest(rule, assertion) or takes
    message = f"is {shown}; it must be {takes}."
    if is_list(value) and (rule in {"maxItems", "minItems"} or "minItems" in assertion.get("not", {})):
        count = len(value)
        message = f"has {count} item{'' if count == 1 else 's'}; it must be {takes}."
    elif rule in {"maxLength", "minLength"} and isinstance(value, str) and value:
        message = f"has {len(value):,} characters; it must be {takes}."
    return Problem(field=place, rule=rule, message=message, fix=_fix(value, described, takes))


def _rest(rule: str, assertion: Schema) -> str | None:
    """What the keyword itself demands, where the type alone does not tell."""
    if rule == "not":
        barred = assertion.get("not", {})
        least, most = barred.get("minItems"), barred.get("maxItems")
        if least is not None and least == most:
            return f"a list of another length than {least}"
        return "something the provider allows" if "pattern" not in barred else "an address that the provider allows"
    if rule == "pattern":
        pattern = str(assertion.get("pattern"))
        if "[hH][tT][tT][pP][sS]://" in pattern:
            return "a URL that begins with https://"
        if "[hH][tT][tT][pP][sS]?://" in pattern:
            return "a URL that begins with http:// or https://"
        return f"text that matches {pattern}"
    return "a whole URL such as https://example.com/x" if rule == "format" else None


def _fix(value: Any, schema: Schema, takes: str) -> str:
    """What to write instead: the slips people make first, then what the schema says."""
    if value is None:
        return "Leave it out, or give it a value."
    if isinstance(value, str):
        return _fix_text(value, schema) or f"Use {takes}."
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _fix_number(value, schema) or f"Use {takes}."
    return f"Use {takes}."


def _fix_text(value: str, schema: Schema) -> str | None:
    types = kinds(schema)
    number = _as_number(value, types, values_of(schema))
    if number is not None:
        return f"Write {number}, without quotes."
    if value.lower() in {"true", "false"} and "boolean" in types:
        return f"Write {value.capitalize()}, without quotes."
    if types == {"array"}:
        return f"Write [{show(value)}]: it is a list, also for one."
    words = _words(schema)
    if (word := next((word for word in words if word.lower() == value.strip().lower()), None)) is not None:
        return f"Write {show(word)}: case and spaces matter."
    near = nearest(value, words)
    return f"Did you mean {show(near)}?" if near else None


def _fix_number(value: float, schema: Schema) -> str | None:
    types = kinds(schema)
    if "string" in types and not types & {"integer", "number"}:
        words = _words(schema)
        if not words or str(value) in words:
            return f'Write "{value}", with quotes.'
        near = nearest(str(value), words)
        return f"Did you mean {show(near)}?" if near else None
    numbers = [each for each in values_of(schema) if isinstance(each, (int, float)) and not isinstance(each, bool)]
    if not numbers:
        return None
    close = sorted(numbers, key=lambda each: abs(each - value))[:2]
    return f"Use {any_of([str(each) for each in sorted(close)])}."


def nearest(word: str, words: Iterable[str]) -> str | None:
    """The one of `words` that `word` most resembles, if any comes close."""
    by_lower = {each.lower(): each for each in words}
    found = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[found[0]] if found else None


def show(value: Any) -> str:
    """A value as JSON, cut to a length that a sentence bears."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"


def kinds(schema: Schema) -> set[str]:
    """The JSON types a schema takes, branches of a union included."""
    found: set[str] = set()
    stated = schema.get("type")
    if stated is not None:
        found.update([stated] if isinstance(stated, str) else stated)
    for branch in (*schema.get("oneOf", ()), *schema.get("anyOf", ())):
        found |= kinds(branch)
    return found


def _words(schema: Schema) -> list[str]:
    """The texts a schema names, also where it takes others, too."""
    found = [value for value in (*schema.get("enum", ()), schema.get("const")) if isinstance(value, str)]
    found += [value for value in schema.get("x-vidgate-values", {}).get("values", ()) if isinstance(value, str)]
    for branch in (*schema.get("oneOf", ()), *schema.get("anyOf", ())):
        found += _words(branch)
    return found


def _as_number(text: str, types: set[str], values: Sequence[Any]) -> float | None:
    """The number that stands in quotes, if the schema would take it without."""
    if not types & {"integer", "number"}:
        return None
    for convert in (int, float) if "number" in types else (int,):
        try:
            number = convert(text)
        except ValueError:
            continue
        return number if not values or number in values else None
    return None


def _chain(schema: Schema, path: Sequence[str | int], contract: Contract) -> list[Schema]:
    """The schemas on the way to the broken keyword, from the variant to the one that holds it."""
    found: list[Schema] = [schema]
    node: Any = schema
    for step in path[:-1]:
        if is_object(node):
            node = contract.resolve(node) if "$ref" in node else node
            # A step through a reference is the reference itself, already taken.
            node = node if step == "$ref" else node.get(str(step))
        elif is_list(node) and isinstance(step, int):
            node = node[step]
        if is_object(node):
            found.append(contract.resolve(node))
    return found


def _documented(schema: Schema, path: Sequence[str | int], contract: Contract) -> Schema:
    """What the variant itself says of the field at `path`."""
    node: Schema = schema
    for step in path:
        node = contract.resolve(node)
        node = node.get("items", {}) if isinstance(step, int) else node.get("properties", {}).get(step, {})
    return contract.resolve(node)


def _assertion(message: str, path: list[str | int], rule: str, assertion: Schema, error: ValidationError) -> Problem:
    """A rule in the contract's own words."""
    names = _named(assertion)
    if rule == "required":
        field = _place([*path, str(getattr(error.kind, "property", ""))])
    else:
        field = _place(path) or _first(names)
    problem, remedy = problem_and_remedy(message)
    if not remedy:
        limits = assertion.get("properties", {}).get(field, {}) if rule == "required" else assertion
        takes = describe({"type": "array", **limits} if {"minItems", "maxItems"} & limits.keys() else limits)
        fix = f"Change {field} to suit." if takes in {"any value", "something else"} else f"Make {field} {takes}."
        return Problem(field=field, rule=rule, message=message, fix=fix)
    return Problem(field=field, rule=rule, message=problem, fix=remedy)


def problem_and_remedy(message: str) -> tuple[str, str]:
    """A sentence of the contract, "what is wrong: what to do", as two; the second empty when it is one."""
    parts = re.split(r"[:;] ", message)
    if len(parts) == 1:
        return message, ""
    remedy = parts[-1]
    return f"{message[: -len(remedy) - 2]}.", remedy[:1].upper() + remedy[1:]


def _named(assertion: Schema) -> list[str]:
    """The fields that an assertion speaks of, in its order."""
    found: dict[str, None] = {}
    for part in (assertion, assertion.get("not", {}), assertion.get("if", {}), assertion.get("then", {})):
        found |= dict.fromkeys(part.get("required", ()))
        found |= dict.fromkeys(part.get("properties", {}))
    for branch in (*assertion.get("anyOf", ()), *assertion.get("oneOf", ())):
        found |= dict.fromkeys(branch.get("required", ()))
    return list(found)


def _first(names: list[str]) -> str:
    return names[0] if names else ""


def _place(path: Iterable[str | int]) -> str:
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text
