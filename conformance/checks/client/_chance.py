"""Requests and answers by chance, from a seed: what no list of edges thinks of. Equal seeds give equal values."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from ..._json import Json, JsonObject, is_array, is_object
from ..._samples import EXTRA, compose
from ._space import Variant, compiled, leaves, values

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Sequence

    import jsonschema_rs

    from ..._contract import Contract

ALPHABET = (
    "abcXYZ 0189-_.~!*'();:@&=+$,/?#[]%\"\\<>{}|^`\t\n\r"
    "\u0000\u007f\u00a0é\u0301ß漢字한국어ไทยעברית\u200f\u202e\u2028\ufeff\ufffd🌧\U0010ffff"
)
NUMBERS: tuple[Json, ...] = (
    0,
    -1,
    1,
    2**31,
    2**53 + 1,
    -(2**63),
    10**30,
    0.1,
    1.0,
    -0.0,
    1e-300,
    1.7976931348623157e308,
)
DEEPEST = 4
EVEN, LEAVES, OFTEN = 0.5, 0.55, 0.7
"""Odds. There are more leaves than branches, or values would never end."""
EXTRAS = (EXTRA, "seed", "metadata", "x-y", "ключ", "a b", "")


class Chance:
    """A source of values; every choice comes from one random generator."""

    def __init__(self, contract: Contract, source: random.Random) -> None:
        self._contract = contract
        self._random = source
        self._schemas: list[JsonObject] = []
        self._validators: dict[int, jsonschema_rs.Draft202012Validator] = {}

    def _coin(self) -> bool:
        return self._random.random() < EVEN

    def text(self, longest: int = 40) -> str:
        """Any text that UTF-8 can write."""
        length = self._random.choice((0, 1, 2, 7, self._random.randint(0, longest)))
        return "".join(self._random.choices(ALPHABET, k=length))

    def anything(self, depth: int = 0) -> Json:
        """Any JSON value."""
        pick = self._random.random()
        if depth >= DEEPEST or pick < LEAVES:
            return self._random.choice((None, True, False, self.text(), self._random.choice(NUMBERS)))
        if self._coin():
            return [self.anything(depth + 1) for _ in range(self._random.randint(0, 3))]
        return {self.text(8): self.anything(depth + 1) for _ in range(self._random.randint(0, 3))}

    def request(self, variant: Variant) -> JsonObject:
        """A valid request with documented properties only."""
        while True:
            body: JsonObject = {}
            for field, tried in variant.values.items():
                if field in variant.required or self._coin():
                    fresh = self._like(variant.properties[field]) if self._random.random() < OFTEN else None
                    body[field] = self._random.choice(tried) if fresh is None else fresh
            names = list(body)
            self._random.shuffle(names)
            body = {name: body[name] for name in names}
            if variant.is_valid(body):
                return body

    def extended(self, variant: Variant) -> JsonObject:
        """A valid request with members that no page names."""
        while True:
            body = self.request(variant)
            for name in self._random.sample(EXTRAS, k=self._random.randint(1, 3)):
                body.setdefault(name, self.anything())
            if variant.is_valid(body):
                return body

    def answer(self, schema: JsonObject) -> Json:
        """A valid answer: every property there or not, and extra members anywhere."""
        while True:
            value = self._valid(schema)
            if self._validator(schema).is_valid(value):
                return value

    def unexpected(self, value: Json) -> Json:
        """An answer changed in several places at once: other values, missing members, members nobody names."""
        value = copy.deepcopy(value)
        for _ in range(self._random.randint(1, 4)):
            holders = [inner for _, inner in leaves(value) if (is_object(inner) or is_array(inner)) and inner]
            if not holders:
                break
            holder: Json = self._random.choice(holders)
            if is_object(holder):
                name = self._random.choice(list(holder))
                match self._random.choice(("other", "other", "missing", "extra")):
                    case "other":
                        holder[name] = self.anything()
                    case "missing":
                        del holder[name]
                    case _:
                        holder[self._random.choice(EXTRAS)] = self.anything()
            else:
                holder[self._random.randrange(len(holder))] = self.anything()
        return value

    def _validator(self, schema: JsonObject) -> jsonschema_rs.Draft202012Validator:
        known = self._validators.get(id(schema))
        if known is None:
            known = self._validators[id(schema)] = compiled(self._contract, schema)
            self._schemas.append(schema)  # so that no other schema gets its id
        return known

    def _like(self, schema: JsonObject) -> Json:
        """A new value for a property, None where only the listed ones are valid."""
        known = self._contract.resolve(schema)
        if "enum" in known or "const" in known or "pattern" in known or "x-vidgate-values" in known:
            return None
        match known.get("type"):
            case "string" if "format" not in known:
                return self.text(200)
            case "integer":
                return self._random.randint(known.get("minimum", -5), known.get("maximum", 5))
            case "array":
                item = values(self._contract, known.get("items", {}))[0]
                count = self._random.randint(known.get("minItems", 0), known.get("maxItems", 6))
                return (
                    [f"{item}?{self._random.randrange(10**6)}" for _ in range(count)] if isinstance(item, str) else None
                )
            case _:
                return None

    def _valid(self, schema: JsonObject) -> Json:
        known = self._contract.resolve(schema)
        kind: Any = known.get("type", "object" if "properties" in known else "string")
        kind = kind if isinstance(kind, str) else self._random.choice(kind)
        if "enum" in known:
            return self._random.choice(known["enum"])
        match kind:
            case "object":
                return self._object(known)
            case "array":
                size = self._random.randint(known.get("minItems", 0), known.get("maxItems", 3))
                return [self._valid(known.get("items", {})) for _ in range(size)]
            case "integer":
                return self._random.randint(known.get("minimum", 0), known.get("maximum", 2**40))
            case "number":
                return self._random.choice((known.get("minimum", 0), 1, 2.5, 10**9))
            case "boolean":
                return self._coin()
            case "null":
                return None
            case _:
                return self._text(known)

    def _object(self, known: JsonObject) -> JsonObject:
        required: Sequence[str] = known.get("required", ())
        properties: dict[str, JsonObject] = known.get("properties", {})
        body = {
            name: self._valid(inner)
            for name, inner in properties.items()
            if name in required or self._random.random() < OFTEN
        }
        if self._random.random() > OFTEN:
            body.setdefault(self._random.choice(EXTRAS), self.anything())
        return body

    def _text(self, known: JsonObject) -> str:
        if "format" in known or "pattern" in known:
            return f"{compose(self._contract, known)}?{self._random.randrange(10**6)}"
        return self.text()


def nested(levels: int) -> Iterator[Json]:
    """Deep values: an array and an object in themselves."""
    array: Json = "the bottom"
    thing: Json = "the bottom"
    for _ in range(levels):
        array, thing = [array], {"a": thing}
    yield from (array, thing)
