"""The constraints one schema object states by itself, per type, in normal form: what says nothing leaves nothing."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from tools.schema.canonical import dumps
from tools.schema.pointers import join
from tools.schema.shapes import is_array, is_object

from ._parts import KINDS, Contains, Fact, Part, Rule, Sequence, settle
from ._side import Cell, cell
from ._words import annotates

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.model import Json, JsonObject

NUMBER_FORMATS = frozenset(
    {"int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float", "double", "decimal", "number",
     "integer", "unixtime", "unix-time", "timestamp"}
)  # fmt: skip
STRING_FORMATS = frozenset(
    {"date", "date-time", "time", "duration", "email", "idn-email", "hostname", "idn-hostname", "ipv4", "ipv6", "uri",
     "uri-reference", "iri", "iri-reference", "uuid", "uri-template", "json-pointer", "relative-json-pointer", "regex",
     "byte", "binary", "password"}
)  # fmt: skip


def number(value: Json) -> bool:
    """Whether a keyword's value is a number; `true` is none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def stated(schema: JsonObject, at: str) -> dict[str, Part]:
    """One part per type the schema's own keywords allow (`type` and the constraints; neither enum nor applicators)."""
    types = schema.get("type")
    named: list[Json] = types if is_array(types) else [*KINDS] if types is None else [types]
    found: dict[str, Part] = {}
    for kind in KINDS:
        integer = kind == "number" and "number" not in named and "integer" in named
        if kind not in named and not integer:
            continue
        facts = _FACTS[kind](schema, at, len(named)) if kind in _FACTS else {}
        if facts.pop("whole", None) is not None or integer:
            facts["integer"] = Fact(value=True, at=at)
        part = Part(kind, at, facts=facts)
        if kind == "array":
            part = _array(schema, at, facts)
        elif kind == "object":
            part = Part(kind, at, facts=facts, rules=_rules(schema, at))
        kept = settle(part)
        if kept is not None:
            found[kind] = kept
    return found


def _number(schema: JsonObject, at: str, types: int) -> dict[str, Fact]:
    facts: dict[str, Fact] = {}
    for keyword, exclusive, bound, sign in (
        ("minimum", "exclusiveMinimum", "minimum", 1),
        ("maximum", "exclusiveMaximum", "maximum", 0),
    ):
        pairs = [(schema[keyword], 1 - sign)] if number(schema.get(keyword)) else []
        if number(schema.get(exclusive)):
            pairs.append((schema[exclusive], sign))
        if pairs:
            facts[bound] = Fact(max(pairs) if sign else min(pairs), at)
    step: Json = schema.get("multipleOf")
    if number(step) and step > 0:
        exact = Fraction(str(step))
        if exact.denominator == 1:
            facts["whole"] = Fact(value=True, at=at)
        if exact != 1:
            facts["multipleOf"] = Fact(frozenset({exact}), at)
    name: Json = schema.get("format")
    if isinstance(name, str) and (name in NUMBER_FORMATS or (types == 1 and name not in STRING_FORMATS)):
        facts["format"] = Fact(frozenset({name}), at)
    return facts


def _string(schema: JsonObject, at: str, types: int) -> dict[str, Fact]:
    facts = _counts(schema, at, "minLength", "maxLength")
    for keyword in ("pattern", "format", "contentEncoding", "contentMediaType"):
        value: Json = schema.get(keyword)
        if not isinstance(value, str) or (keyword == "pattern" and value in {"", ".*", "^.*$", "^"}):
            continue
        if keyword != "format" or types == 1 or value not in NUMBER_FORMATS:
            facts[keyword] = Fact(frozenset({value}), at)
    return facts


def _counts(schema: JsonObject, at: str, low: str, high: str) -> dict[str, Fact]:
    facts: dict[str, Fact] = {}
    if number(schema.get(low)) and schema[low] > 0:
        facts[low] = Fact(int(schema[low]), at)
    if number(schema.get(high)):
        facts[high] = Fact(int(schema[high]), at)
    return facts


def _array_facts(schema: JsonObject, at: str, _types: int) -> dict[str, Fact]:
    facts = _counts(schema, at, "minItems", "maxItems")
    if schema.get("uniqueItems") is True:
        facts["uniqueItems"] = Fact(value=True, at=at)
    prefix: Json = schema.get("prefixItems")
    if never(schema.get("items")):
        most = len(prefix) if is_array(prefix) else 0
        if "maxItems" not in facts or facts["maxItems"].value > most:
            facts["maxItems"] = Fact(most, at)
    return facts


def _array(schema: JsonObject, at: str, facts: Mapping[str, Fact]) -> Part:
    listed: Json = schema.get("prefixItems")
    prefix = [
        cell(join(at, "prefixItems", index), item) for index, item in enumerate(listed if is_array(listed) else [])
    ]
    most = facts["maxItems"].value if "maxItems" in facts else None
    rest = cell(join(at, "items"), schema["items"]) if "items" in schema and not never(schema["items"]) else None
    if rest is not None and (_empty(rest) or (most is not None and most <= len(prefix))):
        rest = None
    prefix = prefix[:most]
    while rest is None and prefix and _empty(prefix[-1]):
        prefix.pop()
    sequences: tuple[Sequence, ...] = ()
    if prefix or rest is not None:
        text = dumps([[item.schema for item in prefix], None if rest is None else rest.schema])
        sequences = (Sequence(at, text, tuple(prefix), rest),)
    contains: tuple[Contains, ...] = ()
    if "contains" in schema:
        least = int(schema["minContains"]) if number(schema.get("minContains")) else 1
        upper = int(schema["maxContains"]) if number(schema.get("maxContains")) else None
        if least > 0 or upper is not None:
            inner = cell(join(at, "contains"), schema["contains"])
            contains = (Contains(inner, dumps(inner.schema), least, upper),)
    return Part("array", at, facts=facts, sequences=sequences, contains=contains)


def never(schema: Json) -> bool:
    """Whether a schema is spelled as one that nothing satisfies."""
    return schema is False or schema in ({"not": {}}, {"not": True})


def _empty(item: Cell) -> bool:
    return item.schema is True or item.schema == {}


def _object_facts(schema: JsonObject, at: str, _types: int) -> dict[str, Fact]:
    facts = _counts(schema, at, "minProperties", "maxProperties")
    required: Json = schema.get("required")
    names = frozenset(name for name in required if isinstance(name, str)) if is_array(required) else frozenset[str]()
    if names:
        facts["required"] = Fact(names, at, dict.fromkeys(sorted(names), at))
    needs = {name: needed - {name} - names for name, needed in _dependencies(schema).items()}
    needs = {name: needed for name, needed in sorted(needs.items()) if needed}
    if needs:
        facts["dependentRequired"] = Fact(needs, at)
    return facts


def _dependencies(schema: JsonObject) -> dict[str, frozenset[str]]:
    """The properties that a property's presence asks for, in either spelling."""
    found: dict[str, frozenset[str]] = {}
    listed: Json = schema.get("dependentRequired")
    for name, value in sorted(listed.items()) if is_object(listed) else []:
        found[name] = frozenset(value) if is_array(value) else frozenset()
    spelled: Json = schema.get("dependentSchemas")
    for name, value in sorted(spelled.items()) if is_object(spelled) else []:
        found[name] = found.get(name, frozenset[str]()) | (needs_alone(value) or frozenset[str]())
    return found


def needs_alone(schema: Json) -> frozenset[str] | None:
    """The properties that a schema asks for, when it says nothing else."""
    if not is_object(schema) or any(name != "required" and not annotates(name) for name in schema):
        return None
    required: Json = schema.get("required")
    return frozenset(name for name in required if isinstance(name, str)) if is_array(required) else None


def _rules(schema: JsonObject, at: str) -> tuple[Rule, ...]:
    named: Json = schema.get("properties")
    patterned: Json = schema.get("patternProperties")
    properties = (
        {name: cell(join(at, "properties", name), item) for name, item in named.items()} if is_object(named) else {}
    )
    patterns = (
        {name: cell(join(at, "patternProperties", name), item) for name, item in patterned.items()}
        if is_object(patterned)
        else {}
    )
    additional = (
        cell(join(at, "additionalProperties"), schema["additionalProperties"])
        if "additionalProperties" in schema
        else None
    )
    if additional is not None and _empty(additional):
        additional = None
    if not properties and not patterns and additional is None:
        return ()
    text = dumps([named, patterned, None if additional is None else additional.schema])
    return (Rule(at, text, properties, patterns, additional),)


_FACTS = {"number": _number, "string": _string, "array": _array_facts, "object": _object_facts}
