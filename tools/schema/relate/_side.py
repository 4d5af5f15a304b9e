"""One document of a comparison: cells (a schema and its pointer) and references."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias
from urllib.parse import unquote

from tools.schema.pointers import resolve
from tools.schema.shapes import is_object

from ._judge import Judge
from ._words import annotates

if TYPE_CHECKING:
    from jsonschema_rs import Draft202012Validator

    from tools.model import Json, JsonObject

KEPT = 256
"""Validators of schemas that the comparison asked for; what they refer to is compiled once, apart from them."""


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


class Side:
    """One document: resolves references and judges instances."""

    def __init__(self, root: JsonObject) -> None:
        self.root = root
        self._targets: dict[str, Cell | None] = {}
        self._validators: dict[tuple[Conjunction, bool], Draft202012Validator | None] = {}
        self._judge = Judge(root, self._schema)

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

    def valid(self, cells: Conjunction, instance: Json, *, formats: bool = False) -> bool | None:
        """Whether the instance is valid; None when jsonschema-rs cannot say."""
        key = (cells, formats)
        if key not in self._validators:
            if len(self._validators) >= KEPT:
                del self._validators[next(iter(self._validators))]
            self._validators[key] = self._judge.compiled(tuple(item.schema for item in cells), formats=formats)
        validator = self._validators[key]
        return None if validator is None else self._judge.valid(validator, instance)

    def _schema(self, reference: str) -> Json:
        target = self.target(reference)
        if target is None:
            raise KeyError(reference)
        return target.schema


def says_only_reference(schema: JsonObject) -> bool:
    """Whether a schema with `$ref` asserts nothing beside it."""
    return all(name == "$ref" or annotates(name) for name in schema)


Want: TypeAlias = Literal["valid-before-invalid-after", "invalid-before-valid-after"]
