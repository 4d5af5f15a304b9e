"""One document of a comparison: cells (a schema and its pointer), references, validators."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias
from urllib.parse import unquote

import jsonschema_rs
import orjson

from tools.schema.pointers import resolve
from tools.schema.shapes import is_array, is_object

from ._model import canonical

if TYPE_CHECKING:
    from tools.model import Json, JsonObject

ANNOTATIONS = frozenset(
    {"title", "description", "summary", "examples", "example", "default", "deprecated", "readOnly", "writeOnly",
     "$comment", "$schema", "$id", "$anchor", "$dynamicAnchor", "$defs", "definitions", "externalDocs", "xml",
     "discriminator", "contentSchema", "nullable"}
)  # fmt: skip
"""Keywords that say nothing about which instances are valid."""

_REFERENCE = re.compile(rb'"\$(?:ref|dynamicRef|recursiveRef)":"((?:[^"\\]|\\.)*)"')

BOUNDS = {
    "int8": (-(2**7), 2**7 - 1),
    "int16": (-(2**15), 2**15 - 1),
    "int32": (-(2**31), 2**31 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint8": (0, 2**8 - 1),
    "uint16": (0, 2**16 - 1),
    "uint32": (0, 2**32 - 1),
    "uint64": (0, 2**64 - 1),
}
"""Formats of numbers that are ranges; the validator does not know them, so they are spelled out for it."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A schema where it stands."""

    at: str
    schema: Json = field(hash=False, compare=False)
    identity: int

    @property
    def label(self) -> str:
        """The last token of the pointer: the name of a component."""
        return self.at.rpartition("/")[2].replace("~1", "/").replace("~0", "~")


Conjunction: TypeAlias = tuple[Cell, ...]
"""Cells that must all hold, sorted and without duplicates; the empty one accepts everything."""


def cell(at: str, schema: Json) -> Cell:
    """A cell; the schema's identity tells two inline schemas apart whose pointer the caller does not know."""
    return Cell(at, schema, id(schema))


def conjunction(cells: list[Cell]) -> Conjunction:
    """The cells as one conjunction, without those that say nothing."""
    telling = {item for item in cells if item.schema is not True and item.schema != {}}
    return tuple(sorted(telling, key=lambda item: (item.at, item.identity)))


def dumps(schema: Json) -> bytes:
    """Bytes equal for equal schemas; numbers beyond 64 bits take the slow way."""
    try:
        return orjson.dumps(schema, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        return canonical(schema).encode("utf-8", "surrogatepass")


def references(text: bytes) -> list[str]:
    """The targets of all references in serialized JSON; one too many costs time, never truth."""
    return [
        match.decode("utf-8", "replace").replace('\\"', '"').replace("\\\\", "\\") for match in _REFERENCE.findall(text)
    ]


class Side:
    """One document: resolves references and judges instances. Compiled validators are kept."""

    def __init__(self, root: JsonObject) -> None:
        self.root = root
        self._targets: dict[str, Cell | None] = {}
        self._validators: dict[tuple[Conjunction, bool], jsonschema_rs.Draft202012Validator | None] = {}
        self._registries: dict[bool, jsonschema_rs.Registry] = {}

    def target(self, reference: str) -> Cell | None:
        """The schema a local reference leads to; None for what cannot be followed here."""
        if reference not in self._targets:
            self._targets[reference] = self._target(reference)
        return self._targets[reference]

    def _target(self, reference: str) -> Cell | None:
        if reference != "#" and not reference.startswith("#/"):
            return None
        pointer = unquote(reference[1:])
        try:
            return cell(pointer, resolve(self.root, pointer))
        except KeyError:
            return None

    def follow(self, start: Cell) -> Cell:
        """The cell behind references that have only annotations beside them."""
        seen: set[str] = set()
        here = start
        while is_object(here.schema) and "$ref" in here.schema:
            reference: Json = here.schema["$ref"]
            if not isinstance(reference, str) or reference in seen or not says_only_reference(here.schema):
                break
            seen.add(reference)
            target = self.target(reference)
            if target is None:
                break
            here = target
        return here

    def validator(self, cells: Conjunction, *, formats: bool = False) -> jsonschema_rs.Draft202012Validator | None:
        """A compiled validator of the conjunction; None when it cannot be compiled."""
        key = (cells, formats)
        if key not in self._validators:
            try:
                # An empty allOf is no schema.
                schema: Json = {"allOf": [_absolute(item.schema, formats=formats) for item in cells]} if cells else True
                self._validators[key] = jsonschema_rs.Draft202012Validator(
                    schema, registry=self._registry(formats=formats), validate_formats=formats
                )
            except (ValueError, jsonschema_rs.ReferencingError, RecursionError):
                # An invalid schema (a ValidationError is a ValueError), a pattern that is none, or a dead reference.
                self._validators[key] = None
            if len(self._validators) > KEPT:
                del self._validators[next(iter(self._validators))]
        return self._validators[key]

    def valid(self, cells: Conjunction, instance: Json, *, formats: bool = False) -> bool | None:
        """Whether the instance is valid; None when the validator cannot say."""
        validator = self.validator(cells, formats=formats)
        if validator is None:
            return None
        try:
            return validator.is_valid(instance)
        except (ValueError, RecursionError, jsonschema_rs.ReferencingError):
            return None

    def _registry(self, *, formats: bool) -> jsonschema_rs.Registry:
        if formats not in self._registries:
            root: Json = _absolute(self.root, formats=True) if formats else self.root
            self._registries[formats] = jsonschema_rs.Registry([("urn:document", root)])
        return self._registries[formats]


def says_only_reference(schema: JsonObject) -> bool:
    """Whether a schema with `$ref` asserts nothing beside it."""
    return all(name == "$ref" or name in ANNOTATIONS or name.startswith("x-") for name in schema)


def _absolute(node: Json, *, formats: bool) -> Json:
    """A copy whose local references name the registered document; ranges that formats stand for are spelled out."""
    if is_array(node):
        return [_absolute(item, formats=formats) for item in node]
    if not is_object(node):
        return node
    copy: JsonObject = {}
    for name, value in node.items():
        if name == "$ref" and isinstance(value, str) and value.startswith("#"):
            copy[name] = f"urn:document{value}"
        elif name in {"enum", "const", "default", "example", "examples"}:
            copy[name] = value
        else:
            copy[name] = _absolute(value, formats=formats)
    range_of: Json = copy.get("format")
    if formats and isinstance(range_of, str) and range_of in BOUNDS:
        lower, upper = BOUNDS[range_of]
        copy["allOf"] = [*copy.get("allOf", []), {"minimum": lower, "maximum": upper}]
    return copy


KEPT = 32
"""Validators kept: each holds everything its schema reaches, compiled, so thousands of them fill the memory."""

Want: TypeAlias = Literal["valid-before-invalid-after", "invalid-before-valid-after"]
