"""Instances judged by jsonschema-rs, which compiles a component only when an instance gets to it.

A reference is handed to the validator as a keyword of ours, so that a schema which reaches a thousand components costs
those that the instance meets. Two things cannot be cut there: what `unevaluated…` must know of its neighbours is put
in place of the reference, and a document with `$dynamicRef` is compiled as a whole.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Final

import jsonschema_rs

from tools.schema.canonical import dumps
from tools.schema.lift import MEMBERS
from tools.schema.shapes import is_array, is_object

from ._words import BOUNDS, annotates

if TYPE_CHECKING:
    from collections.abc import Callable

    from tools.model import Json, JsonObject

Schemas = tuple["Json", ...]

_REFERENCE: Final = "x-vidgate-reference"
_DOCUMENT: Final = "urn:document"
_IN_PLACE: Final = frozenset({"allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas"})
_COUNTING: Final = frozenset({"unevaluatedItems", "unevaluatedProperties"})
_DEPTH: Final = 200
"""References followed within one another; more is a circle that the instance does not end."""


class Dead(Exception):
    """A reference that leads nowhere, or in place to itself."""


class Judge:
    """Says of one document's schemas whether an instance is valid. Compiled components are kept."""

    def __init__(self, root: JsonObject, target: Callable[[str], Json]) -> None:
        """`target` is what a local reference leads to; it raises KeyError where that is nothing."""
        self._root = root
        self._target = target
        self._whole = b'"$dynamicRef":' in dumps(root)
        self._components: dict[tuple[str, bool], jsonschema_rs.Draft202012Validator | None] = {}
        self._registry: jsonschema_rs.Registry | None = None
        self._anchored = self._whole
        self._depth = 0
        self._doubt = False
        self._keywords = {formats: {_REFERENCE: _keyword(self, formats=formats)} for formats in (False, True)}

    def compiled(self, schemas: Schemas, *, formats: bool) -> jsonschema_rs.Draft202012Validator | None:
        """A validator of all the schemas together; None when they cannot be compiled."""
        try:
            spelled = [self._spelled(schema, None, formats=formats) for schema in schemas]
            joined: Json = spelled[0] if len(spelled) == 1 else {"allOf": spelled} if spelled else True
            return jsonschema_rs.Draft202012Validator(
                joined, registry=self._registered(), validate_formats=formats, keywords=self._keywords[formats]
            )
        except (ValueError, jsonschema_rs.ReferencingError, RecursionError, Dead):
            # An invalid schema (a ValidationError is a ValueError), a pattern that is none, or a dead reference.
            return None

    def valid(self, validator: jsonschema_rs.Draft202012Validator, instance: Json) -> bool | None:
        """Whether the instance is valid; None when it leads to something that cannot be judged."""
        self._doubt = False
        try:
            verdict = validator.is_valid(instance)
        except (ValueError, RecursionError, jsonschema_rs.ReferencingError):
            return None
        return None if self._doubt else verdict

    def reached(self, reference: str, instance: Json, *, formats: bool) -> bool:
        """Whether what a reference leads to accepts the instance; the validator swallows errors, so doubts are kept."""
        if self._doubt:
            return True
        key = (reference, formats)
        if key not in self._components:
            self._components[key] = self._component(reference, formats=formats)
        validator = self._components[key]
        if validator is None or self._depth >= _DEPTH:
            self._doubt = True
            return True
        self._depth += 1
        try:
            return validator.is_valid(instance)
        except (ValueError, RecursionError, jsonschema_rs.ReferencingError):
            self._doubt = True
            return True
        finally:
            self._depth -= 1

    def _component(self, reference: str, *, formats: bool) -> jsonschema_rs.Draft202012Validator | None:
        try:
            return self.compiled((self._target(reference),), formats=formats)
        except KeyError:
            return None

    def _registered(self) -> jsonschema_rs.Registry | None:
        if self._anchored and self._registry is None:
            self._registry = jsonschema_rs.Registry([(_DOCUMENT, self._root)])
        return self._registry

    def _spelled(self, schema: Json, inside: tuple[str, ...] | None, *, formats: bool) -> Json:
        """The schema as it is compiled: references as our keyword, ranges that formats stand for spelled out.

        `inside` are the references followed in place since an `unevaluated…` keyword that counts what they evaluate.
        """
        if not is_object(schema):
            return schema
        if inside is None and not _COUNTING.isdisjoint(schema):
            inside = ()
        made: JsonObject = {}
        beside: list[Json] = []
        for name, value in schema.items():
            shape = MEMBERS.get(name)
            if name == "$ref" and isinstance(value, str):
                self._refer(value, inside, made, beside, formats=formats)
            elif annotates(name) and not (self._whole and name.startswith("$")):
                continue
            elif shape is None:
                made[name] = value
            else:
                deeper = inside if name in _IN_PLACE else None
                made[name] = self._members(value, shape, deeper, formats=formats)
        bounds = BOUNDS.get(schema["format"]) if formats and isinstance(schema.get("format"), str) else None
        if bounds is not None:
            beside.append({"minimum": bounds[0], "maximum": bounds[1]})
        if beside:
            given: Json = made.get("allOf")
            made["allOf"] = [*(given if is_array(given) else []), *beside]
        return made

    def _members(self, value: Json, shape: str, inside: tuple[str, ...] | None, *, formats: bool) -> Json:
        if shape[0] == "{" and is_object(value):
            return {name: self._spelled(item, inside, formats=formats) for name, item in value.items()}
        if shape[0] == "[" and is_array(value):
            return [self._spelled(item, inside, formats=formats) for item in value]
        return self._spelled(value, inside, formats=formats)

    def _refer(
        self, reference: str, inside: tuple[str, ...] | None, made: JsonObject, beside: list[Json], *, formats: bool
    ) -> None:
        local = reference == "#" or reference.startswith("#/")
        if self._whole or not local:
            self._anchored = True
            made["$ref"] = f"{_DOCUMENT}{reference}" if reference.startswith("#") else reference
        elif inside is None:
            made[_REFERENCE] = reference
        elif reference in inside:
            raise Dead(reference)
        else:
            try:
                target = self._target(reference)
            except KeyError:
                raise Dead(reference) from None
            beside.append(self._spelled(target, (*inside, reference), formats=formats))


def _keyword(judge: Judge, *, formats: bool) -> type:
    """The keyword of one judge. It holds the judge weakly: validators are outside the garbage collector's sight."""
    owner = weakref.ref(judge)

    class Reached:
        def __init__(self, schema: JsonObject, value: str, path: list[str | int]) -> None:
            del schema, path
            self.reference = value

        def validate(self, instance: Json) -> None:
            found = owner()
            if found is None or not found.reached(self.reference, instance, formats=formats):
                raise ValueError(self.reference)

    return Reached
