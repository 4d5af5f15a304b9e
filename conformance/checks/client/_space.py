"""Every request of a model within a bound: all sets of present properties × the values and edges its schema names.

The bound is how many present properties may at once have another value than their first one. Within it nothing is left
to chance and nothing left out; what a rule over several properties forbids is dropped by the contract itself.
"""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from ..._json import Json, JsonObject, is_array, is_object
from ..._samples import TEXTS, UNKNOWN_TEXT
from ..._verdict import HarnessError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ..._contract import Contract

ITEMS = (1, 0, 2, 3, 4)
"""Sizes tried where an array's own bounds do not say: the first is the usual one."""
WORDS = (
    "A red kite over a grey sea",
    "",
    "x",
    "  two  blanks \n",
    '비가 오는 서울 🌧\n\t"\\ \u2028 e\u0301 \u0000 \U0010ffff',
)
OTHERS: tuple[Json, ...] = (None, True, 7, 2.5, "7", "", [], ["x"], {}, {"x": 1})
"""One of each JSON kind, and the confusions people make."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Effort:
    """How far to go.

    `together`: how many properties may be off their first value at once, None for all of them.
    `chances`: how many requests are drawn by chance, and four times as many answers.
    `both_colours`: send every request sync and async; else each goes one of the two ways, by chance.
    """

    together: int | None = 1
    chances: int = 250
    both_colours: bool = False


USUAL = Effort()
THOROUGH = Effort(together=None, chances=20_000, both_colours=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused:
    """A request that the contract forbids, and the property that was made wrong."""

    field: str
    body: JsonObject


class Variant:
    """One model's requests: its schema compiled once, and the values that each property is tried with."""

    def __init__(self, contract: Contract, model: str, name: str, examples: Iterable[JsonObject] = ()) -> None:
        self.model = model
        self.name = name
        self.schema = contract.component(name)
        self.examples = [dict(example) for example in examples if example.get("model") == model]
        self.properties: Mapping[str, JsonObject] = self.schema["properties"]
        self.required: frozenset[str] = frozenset(self.schema.get("required", ()))
        self._contract = contract
        self._validator = compiled(contract, self.schema)
        self.values: dict[str, list[Json]] = {
            field: [model] if field == "model" else values(contract, schema)
            for field, schema in self.properties.items()
        }

    @property
    def optional(self) -> list[str]:
        """The properties that may be absent."""
        return [field for field in self.properties if field not in self.required]

    def is_valid(self, body: Json) -> bool:
        """Whether the contract allows a body."""
        return self._validator.is_valid(body)

    def requests(self, effort: Effort) -> Iterator[JsonObject]:
        """All valid requests within the bound; raises HarnessError when a value of a property is in none of them."""
        reached: set[tuple[str, str]] = set()
        for body in itertools.chain(self._within(effort), self._beside_examples()):
            if not self.is_valid(body):
                continue
            reached.update((field, _canonical(value)) for field, value in body.items())
            yield body
        named = {(field, _canonical(value)) for field, tried in self.values.items() for value in tried}
        if missing := named - reached:
            listed = ", ".join(f"{field} {value[:40]}" for field, value in sorted(missing))
            message = f"no valid request of {self.name} has {listed}: give the contract an example"
            raise HarnessError(message)

    def refused(self) -> Iterator[Refused]:
        """Requests with one thing wrong: each property just outside its bounds and of other kinds, or missing."""
        for base in self.bases():
            for field, schema in self.properties.items():
                wrong = [*outside(self._contract, schema)]
                for value in wrong:
                    body = {**base, field: value}
                    if not self.is_valid(body):
                        yield Refused(field=field, body=body)
                if field in base:
                    body = {name: value for name, value in base.items() if name != field}
                    if not self.is_valid(body):
                        yield Refused(field=field, body=body)

    def bases(self) -> Iterator[JsonObject]:
        """The smallest request, and the largest that the first values give."""
        smallest = {field: tried[0] for field, tried in self.values.items() if field in self.required}
        yield smallest
        largest = dict(smallest)
        for field, tried in self.values.items():
            wider = {**largest, field: tried[0]}
            if self.is_valid(wider):
                largest = wider
        yield largest

    def _within(self, effort: Effort) -> Iterator[JsonObject]:
        for size in range(len(self.optional) + 1):
            for present in itertools.combinations(self.optional, size):
                fields = [field for field in self.properties if field in self.required or field in present]
                first = {field: self.values[field][0] for field in fields}
                for changed in _changes(fields, effort.together):
                    for others in itertools.product(*(self.values[field][1:] for field in changed)):
                        yield {**first, **dict(zip(changed, others, strict=True))}

    def _beside_examples(self) -> Iterator[JsonObject]:
        """Values that are valid only beside others are tried on the documented requests."""
        for example in self.examples:
            yield example
            for field, tried in self.values.items():
                for value in tried:
                    yield {**example, field: value}


def variants(contract: Contract) -> list[Variant]:
    """All models of the paid operation."""
    operation = contract.one(paid=True)
    examples = [example.value for example in operation.request_examples()]
    return [Variant(contract, model, name, examples) for model, name in contract.variants(operation).items()]


def compiled(contract: Contract, schema: JsonObject) -> jsonschema_rs.Draft202012Validator:
    """A validator that knows the contract's components; formats are asserted."""
    document = {"allOf": [schema], "components": contract.document["components"]}
    return jsonschema_rs.Draft202012Validator(document, validate_formats=True, ignore_unknown_formats=True)


def values(contract: Contract, schema: JsonObject) -> list[Json]:
    """Valid values of one schema, the usual one first: documented ones, named ones, and those on its edges."""
    validator = compiled(contract, schema)
    found: dict[str, Json] = {}
    for value in _candidates(contract, contract.resolve(schema)):
        if validator.is_valid(value):
            found.setdefault(_canonical(value), value)
    if not found:
        message = f"no value is known for {_canonical(schema)[:200]}: give it an example"
        raise HarnessError(message)
    return list(found.values())


def outside(contract: Contract, schema: JsonObject) -> Iterator[Json]:
    """Values that one schema forbids: just beyond its edges, and of other kinds."""
    validator = compiled(contract, schema)
    for value in itertools.chain(_beyond(contract, contract.resolve(schema)), OTHERS):
        if not validator.is_valid(value):
            yield value


def _changes(fields: list[str], together: int | None) -> Iterator[tuple[str, ...]]:
    most = len(fields) if together is None else min(together, len(fields))
    for size in range(most + 1):
        yield from itertools.combinations(fields, size)


def _candidates(contract: Contract, schema: JsonObject) -> Iterator[Json]:
    yield from schema.get("examples", [])[:1]
    for keyword in ("const", "default"):
        if keyword in schema:
            yield schema[keyword]
    yield from schema.get("enum", [])
    view: JsonObject = schema.get("x-vidgate-values", {})
    yield from view.get("values", [])
    branches: list[JsonObject] = [*schema.get("oneOf", []), *schema.get("anyOf", [])]
    for branch in branches:
        yield from _candidates(contract, contract.resolve(branch))
    for kind in _kinds(schema):
        yield from _of_kind(contract, schema, kind)


def _kinds(schema: JsonObject) -> list[str]:
    declared: Any = schema.get("type", [])
    return [declared] if isinstance(declared, str) else list(declared)


def _of_kind(contract: Contract, schema: JsonObject, kind: str) -> Iterator[Json]:
    match kind:
        case "string":
            yield from _texts(schema)
        case "integer" | "number":
            low, high = schema.get("minimum"), schema.get("maximum")
            yield from (edge for edge in (low, high) if edge is not None)
            if low is not None and high is not None:
                yield (low + high) // 2
            yield from (1, 0) if low is None else ()
        case "array":
            for size in dict.fromkeys((*ITEMS, schema.get("minItems", 1), schema.get("maxItems", 1))):
                yield _items(contract, schema.get("items", {}), size)
        case "object":
            properties: dict[str, JsonObject] = schema.get("properties", {})
            yield {field: values(contract, inner)[0] for field, inner in properties.items()}
        case "boolean":
            yield from (True, False)
        case "null":
            yield None
        case _:
            pass


def _texts(schema: JsonObject) -> Iterator[str]:
    if schema.get("format") in TEXTS:
        usual = TEXTS[schema["format"]]
    elif "pattern" in schema:
        usual = TEXTS["uri"]  # the only patterns besides closed lists are those of addresses
    else:
        usual = WORDS[0]
        yield from WORDS[-1:] if "x-vidgate-values" in schema else WORDS  # beside named values, one that is not named
    yield usual
    for length in (schema.get("minLength"), schema.get("maxLength")):
        if length is not None:
            yield (usual + "x" * length)[:length]


def _items(contract: Contract, schema: JsonObject, size: int) -> list[Json]:
    """Different items, so that a changed order shows."""
    tried = values(contract, schema)
    validator = compiled(contract, schema)
    found: list[Json] = []
    for index in range(size):
        item = tried[0]
        if isinstance(item, str):
            numbered = f"{item}?{index + 1}" if "://" in item else f"{item} {index + 1}"
            item = numbered if validator.is_valid(numbered) else item
        found.append(item)
    return found


def _beyond(contract: Contract, schema: JsonObject) -> Iterator[Json]:
    for branch in [schema, *schema.get("oneOf", []), *schema.get("anyOf", [])]:
        known = contract.resolve(branch)
        if "minimum" in known:
            yield known["minimum"] - 1
            yield known["minimum"] + 0.5
        if "maximum" in known:
            yield known["maximum"] + 1
            yield str(known["maximum"])
        named: list[Json] = [*known.get("enum", []), *([known["const"]] if "const" in known else [])]
        if named:
            yield UNKNOWN_TEXT
        yield from (value.swapcase() for value in named if isinstance(value, str))
        yield from (str(value) for value in named if not isinstance(value, str))
        if known.get("maxLength"):
            usual = str(values(contract, known)[0])
            yield usual + "x" * (known["maxLength"] + 1 - len(usual))
        if "pattern" in known or "format" in known:
            yield from ("not what the pattern says", "ftp://example.com/file.mp4", "//example.com")
        if "array" in _kinds(known):
            item: JsonObject = known.get("items", {})
            sizes = {known.get("minItems", 0) - 1, known.get("maxItems", -2) + 1} - {-1}
            yield from (_items(contract, item, size) for size in sorted(sizes))
            yield from ([value] for value in outside(contract, item))


def _canonical(value: Json) -> str:
    """A text that two JSON values share only if they are the same, types included."""
    return json.dumps(value, sort_keys=True)


def leaves(value: Json, pointer: str = "") -> Iterator[tuple[str, Json]]:
    """Every value in a value, with where it stands."""
    yield pointer, value
    if is_object(value):
        for name, inner in value.items():
            yield from leaves(inner, f"{pointer}/{name}")
    elif is_array(value):
        for index, inner in enumerate(value):
            yield from leaves(inner, f"{pointer}/{index}")
