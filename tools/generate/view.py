"""The generator's view of a contract: the same classes, but nothing a response may bring makes them raise.

A schema that a response can reach is *tolerant*: nothing is required, every property may be null, enums are open,
objects too. The others are *strict*. A schema reached from both sides gets one tolerant class, not two: users meet one
name for one schema, and what a request must hold is checked before it is sent, by a validator that reads the contract
itself. Inline objects and enums become components, so that their classes have names of our choosing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from tools.generate import names
from tools.generate.flatten import as_schema, flatten, lookup, target
from tools.generate.names import refuse
from tools.generate.operations import Operation, operations_of, reachable
from tools.generate.phrases import Phrases, listed, neutral, sentence, shown
from tools.schema.pointers import join, split
from tools.schema.shapes import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tools.model import Json, JsonObject

Mode: TypeAlias = Literal["strict", "tolerant"]

_OTHER_VALUES: Final[Mapping[type, str]] = {bool: "boolean", float: "number", type(None): "null"}
_SIMPLE: Final = frozenset({"string", "integer", "number", "boolean", "null"})


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """What the generator reads, and what it must make of it.

    `classes` and `literals` map each class or enum alias to the pointer of its schema; `untyped` are the
    (class, attribute) pairs whose schema says nothing, so that only they may be typed `Any`.
    """

    openapi: JsonObject
    classes: Mapping[str, str]
    literals: Mapping[str, str]
    untyped: frozenset[tuple[str, str]]
    operations: tuple[Operation, ...]


def make_view(openapi: JsonObject, phrases: Phrases) -> View:
    """Derive the view; raises GenerateError for what cannot become Python, naming the place and the fix."""
    operations = tuple(operations_of(openapi))
    builder = Builder(openapi=openapi, phrases=phrases, tolerant=reachable(openapi, operations))
    for name in openapi.get("components", {}).get("schemas", {}):
        builder.component(name)
    paths: JsonObject = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method] = builder.operation(operation)
    names.check_classes([*builder.pointers.items()])
    components: JsonObject = {"schemas": {name: builder.components[name] for name in builder.pointers}}
    info = openapi.get("info", {})
    return View(
        openapi={
            "openapi": "3.1.0",
            "info": {"title": neutral(info.get("title")) or "the API", "version": neutral(info.get("version")) or "0"},
            "paths": paths,
            "components": components,
        },
        classes={name: pointer for name, pointer in builder.pointers.items() if name not in builder.literals},
        literals={name: builder.pointers[name] for name in builder.literals},
        untyped=frozenset(builder.untyped),
        operations=operations,
    )


@dataclass(kw_only=True, slots=True)
class Builder:
    """Turns schemas of the contract into schemas of the view and collects the components they need."""

    openapi: JsonObject
    phrases: Phrases
    tolerant: frozenset[str]
    components: JsonObject = field(default_factory=dict[str, Any])
    pointers: dict[str, str] = field(default_factory=dict[str, str])
    literals: set[str] = field(default_factory=set[str])
    untyped: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    _active: list[str] = field(default_factory=list[str])

    def component(self, name: str) -> None:
        """Add a component of the contract; one that is neither object nor enum is written out where it is used."""
        pointer = join("", "components", "schemas", name)
        schema = flatten(self.openapi, lookup(self.openapi, name, pointer), pointer)
        if "$ref" in schema:
            return
        names.check_schema_name(name, pointer)
        mode: Mode = "tolerant" if name in self.tolerant else "strict"
        if becomes_class(schema):
            self.add_object(names.class_name(name), schema, pointer, mode)

    def add_object(self, name: str, schema: JsonObject, pointer: str, mode: Mode) -> None:
        """Add the component of a class."""
        if not self._claim(name, pointer):
            return
        properties: JsonObject = {}
        own: JsonObject = schema.get("properties", {})
        attributes = names.attributes_of((key, join(pointer, "properties", key)) for key in own)
        for key, value in own.items():
            place = join(pointer, "properties", key)
            hint = names.class_name(name, key)
            properties[key] = self.property(as_schema(value, place), place, hint, mode)
            if not properties[key].keys() - {"description"}:
                self.untyped.add((name, attributes[key]))
        result: JsonObject = {"type": "object", "properties": properties}
        description = neutral(schema.get("description"))
        if description:
            result["description"] = description
        if mode == "strict" and schema.get("required"):
            result["required"] = [key for key in schema["required"] if key in properties]
        extra: Json = schema.get("additionalProperties")
        if is_object(extra):
            place = join(pointer, "additionalProperties")
            result["additionalProperties"] = self.shape(extra, place, names.class_name(name, "Value"), mode)
        elif extra is False and mode == "strict":
            result["additionalProperties"] = False
        self.components[name] = result

    def property(self, schema: JsonObject, pointer: str, hint: str, mode: Mode) -> JsonObject:
        """A property or parameter with its documentation."""
        flat = flatten(self.openapi, schema, pointer)
        if mode == "strict" and "const" in flat and flat.get("default", None) == flat["const"]:
            names.check_text(str(flat["const"]), pointer)
            result: JsonObject = {"const": flat["const"], "default": flat["const"]}
        else:
            result = composed(self.branches(flat, pointer, hint, mode, null=mode == "tolerant"))
        text = self.documented(flat, mode)
        if text and result == reference(hint) and hint in self.literals:
            # The generator drops what stands beside a reference, and reads the description of the component.
            self.components[hint]["description"] = text
        return {**result, "description": text} if text else result

    def documented(self, schema: JsonObject, mode: Mode) -> str:
        """The description with what the view takes out of the schema: values, and the server's default."""
        values, is_open = closed_values(schema)
        additions: list[str] = []
        if len(values) > 1:
            strict = self.phrases.accepted if is_open else self.phrases.one_of
            additions.append((strict if mode == "strict" else self.phrases.known).format(listed(values)))
        if mode == "strict" and schema.get("default") is not None and schema.get("const") != schema["default"]:
            additions.append(self.phrases.default.format(shown(schema["default"])))
        description = schema.get("description")
        if description is None and "$ref" in schema:
            return ""
        return sentence(neutral(description), additions=additions)

    def shape(self, schema: Json, pointer: str, hint: str, mode: Mode) -> JsonObject:
        """A schema without documentation: array items, bodies, values of open objects."""
        flat = flatten(self.openapi, as_schema(schema, pointer), pointer)
        return composed(self.branches(flat, pointer, hint, mode, null=False))

    def branches(self, schema: JsonObject, pointer: str, hint: str, mode: Mode, *, null: bool) -> list[JsonObject]:
        """The alternatives of a flattened schema: references, literals, simple types, arrays; `{}` takes anything."""
        found = list(self._alternatives(schema, pointer, hint, mode))
        if {} in found:
            return [{}]
        if null or schema.get("nullable") is True:
            found.append({"type": "null"})
        return [each for index, each in enumerate(found) if each not in found[:index]]

    def _alternatives(self, schema: JsonObject, pointer: str, hint: str, mode: Mode) -> Iterator[JsonObject]:  # noqa: C901, PLR0912 - one branch per keyword
        if "$ref" in schema:
            yield from self._reference(schema, pointer, mode)
            return
        values, is_open = closed_values(schema)
        if values:
            yield from self._literals(values, pointer, hint, is_open=is_open or mode == "tolerant")
            return
        for key in ("oneOf", "anyOf"):
            if key not in schema:
                continue
            base = {name: value for name, value in schema.items() if name in {"type", "items"}}
            members = [(join(pointer, key, index), member) for index, member in enumerate(schema[key])]
            flats = [(place, flatten(self.openapi, as_schema(member, place), place)) for place, member in members]
            # Inline objects and the alias of a literal would all be called after the property.
            named = sum("$ref" not in flat and becomes_class(flat) for _, flat in flats)
            named += any(closed_values(flat)[0] for _, flat in flats)
            for index, (place, flat) in enumerate(flats):
                full = flat if "$ref" in flat else {**base, **flat}
                numbered = named > 1 and becomes_class(full)
                yield from self._alternatives(full, place, f"{hint}Option{index + 1}" if numbered else hint, mode)
            return
        kind: Json = schema.get("type")
        if is_array(kind):
            for each in kind:
                yield from self._alternatives({**schema, "type": each}, pointer, hint, mode)
        elif becomes_class(schema):
            self.add_object(hint, schema, pointer, mode)
            yield reference(hint)
        elif kind == "array":
            place = join(pointer, "items")
            yield {"type": "array", "items": self.shape(schema.get("items", {}), place, f"{hint}Item", mode)}
        elif kind == "string" and schema.get("format") == "binary":
            yield {"type": "string", "format": "binary"}
        elif kind in _SIMPLE:
            yield {"type": kind}
        elif kind is None:
            yield {}
        else:
            raise refuse(f"there is no type {kind!r}", pointer, fix="Correct the type in overlay.yaml.")

    def _reference(self, schema: JsonObject, pointer: str, mode: Mode) -> Iterator[JsonObject]:
        name = target(schema["$ref"], pointer)
        place = join("", "components", "schemas", name)
        flat = flatten(self.openapi, lookup(self.openapi, name, pointer), place)
        if "$ref" not in flat and becomes_class(flat):
            yield reference(names.class_name(name))
            return
        if name in self._active:
            raise refuse(f"{name!r} contains itself", pointer, fix="Break the circle with an object in overlay.yaml.")
        self._active.append(name)
        inner: Mode = "tolerant" if name in self.tolerant else mode
        yield from self._alternatives(flat, place, names.class_name(name), inner)
        self._active.pop()

    def _literals(self, values: list[Json], pointer: str, hint: str, *, is_open: bool) -> Iterator[JsonObject]:
        texts = [value for value in values if isinstance(value, str)]
        numbers = [value for value in values if isinstance(value, int) and not isinstance(value, bool)]
        for text in texts:
            if any("\ud800" <= character <= "\udfff" for character in text):
                raise refuse(f"the value {text!r} is no text", pointer, fix="Correct the enum in overlay.yaml.")
        both = bool(texts) and bool(numbers)
        for kind, name, found in (("string", hint, texts), ("integer", f"{hint}Number" if both else hint, numbers)):
            if found:
                self._claim_literal(name, {"type": kind, "enum": list(dict.fromkeys(found))}, pointer)
                yield reference(name)
                if is_open:
                    yield {"type": kind}
        for value in values:
            if is_array(value) or is_object(value):
                yield {}
            elif type(value) in _OTHER_VALUES:
                yield {"type": _OTHER_VALUES[type(value)]}

    def _claim_literal(self, name: str, schema: JsonObject, pointer: str) -> None:
        if name in self.literals and self.components[name]["type"] == schema["type"]:
            # Several enums inside one property: one alias has the values of all.
            enum = self.components[name]["enum"]
            self.components[name]["enum"] = list(dict.fromkeys([*enum, *schema["enum"]]))
            origin = self.pointers[name]
            if pointer.startswith(origin) or origin.startswith(pointer) or _together(origin, pointer):
                return
        if self._claim(name, pointer):
            self.literals.add(name)
            self.components[name] = schema

    def _claim(self, name: str, pointer: str) -> bool:
        """Whether a class still has to be made; raises GenerateError when its name belongs to another schema."""
        if name in self.pointers:
            if self.pointers[name] == pointer:
                return False
            problem = f"this schema would become the class {name}, which is the one of #{self.pointers[name]}"
            raise refuse(problem, pointer, fix="Move it to components.schemas under a name of its own in overlay.yaml.")
        self.pointers[name] = pointer
        return True

    def operation(self, operation: Operation) -> JsonObject:
        """One operation of the view: no examples, links, callbacks or extensions."""
        prefix = names.class_name(operation.id)
        names.check_parameters((str(each.get("name")), place) for place, each in operation.parameters)
        result: JsonObject = {
            "operationId": operation.id,
            "tags": [operation.tag],
            "summary": neutral(operation.value.get("summary")),
            "description": neutral(operation.value.get("description")),
            "parameters": [self._parameter(each, place, prefix) for place, each in operation.parameters],
            "responses": {},
        }
        security = operation.value.get("security", self.openapi.get("security"))
        if security:
            result["security"] = [{str(name): [] for name in each} for each in security]
        if operation.body is not None:
            place, body = operation.body
            result["requestBody"] = {
                "required": body.get("required", False),
                "content": self._content(body, place, f"{prefix}Request", "strict"),
            }
        for status, place, response in operation.responses:
            hint = f"{prefix}Response" if status.startswith("2") else f"{prefix}Response{status.capitalize()}"
            content = self._content(response, place, hint, "tolerant")
            if content:  # one without a body has nothing to parse, and would make the return type `Any`
                result["responses"][status] = {"description": "", "content": content}
        return result

    def _parameter(self, parameter: JsonObject, pointer: str, prefix: str) -> JsonObject:
        name, place = str(parameter.get("name")), join(pointer, "schema")
        schema = dict(as_schema(parameter.get("schema", {}), place))
        if "description" in parameter:
            schema["description"] = parameter["description"]
        shaped = self.property(schema, place, names.class_name(prefix, name), "strict")
        kept: JsonObject = {key: parameter[key] for key in ("in", "required", "style", "explode") if key in parameter}
        return {"name": name, **kept, "schema": shaped}

    def _content(self, carrier: JsonObject, pointer: str, hint: str, mode: Mode) -> JsonObject:
        result: JsonObject = {}
        for kind, media in carrier.get("content", {}).items():
            if "schema" in media:
                place = join(pointer, "content", kind, "schema")
                result[kind] = {"schema": self.shape(media["schema"], place, hint, mode)}
        return result


def becomes_class(schema: JsonObject) -> bool:
    """Whether a flattened schema becomes a class."""
    if any(key in schema for key in ("$ref", "enum", "const", "oneOf", "anyOf")):
        return False
    kind: Json = schema.get("type")
    return kind == "object" or (kind is None and ("properties" in schema or "additionalProperties" in schema))


def closed_values(schema: JsonObject) -> tuple[list[Json], bool]:
    """The values a schema lists, and whether others are right, too."""
    listed_values: Json = schema.get("enum")
    if is_array(listed_values):
        return listed_values, False
    if "const" in schema:
        return [schema["const"]], False
    known: Json = schema.get("x-vidgate-values")
    if is_object(known):
        return list(known.get("values", ())), known.get("open", True) is not False
    return [], False


def composed(branches: list[JsonObject]) -> JsonObject:
    """Alternatives as one schema."""
    return dict(branches[0]) if len(branches) == 1 else {"anyOf": branches}


def reference(name: str) -> JsonObject:
    """A `$ref` to a component of the view."""
    return {"$ref": f"#/components/schemas/{name}"}


def _together(first: str, second: str) -> bool:
    """Whether two pointers lead into alternatives of one schema."""
    pairs = zip(split(first), split(second), strict=False)
    shared = 0
    for left, right in pairs:
        if left != right:
            break
        shared += 1
    return shared > 0 and split(first)[shared - 1] in {"oneOf", "anyOf"}
