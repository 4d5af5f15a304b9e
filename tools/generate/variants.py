"""The calls that an operation takes, one per model: what `variants.py` of a generated package is made of."""

from __future__ import annotations

import keyword
import re
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tools.generate import names
from tools.generate.flatten import flatten, lookup, target
from tools.generate.names import refuse
from tools.generate.view import Builder, closed_values
from tools.schema.pointers import join

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.generate.operations import Operation
    from tools.generate.phrases import Phrases
    from tools.generate.view import View
    from tools.model import Json, JsonObject

_TYPES: Final = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
DISCRIMINATOR: Final = "model"
MOST_VARIANTS: Final = 900
"""A union is nested as deep as it is long: beyond about 1,000 members ruff and Python's compiler give up (tried)."""
_OWN_NAMES: Final = ("R_co", "request_class", "NoCalls", "MediaResources", "ImageCalls", "AudioCalls", "VideoCalls")
"""What `variants.py` defines whatever the contract says."""

_WIDTH: Final = 110
_JSON: Final = re.compile(r"application/json|.*\+json")


@dataclass(frozen=True, kw_only=True, slots=True)
class Key:
    """One keyword of a call, under its name on the wire; `text` explains it, in the language of the docstrings."""

    name: str
    type: str
    required: bool
    text: str

    @property
    def docstring(self) -> str:
        """The text as Python, for a line below the keyword; hostile words stay words."""
        rows = [
            row for line in self.text.split("\n") for row in textwrap.wrap(line, _WIDTH, break_long_words=False) or [""]
        ]
        text = "\n    ".join(rows).replace("\\", "\\\\")
        return f'"""{text} """' if text.endswith('"') else f'"""{text}"""'


@dataclass(frozen=True, kw_only=True, slots=True)
class Variant:
    """The request class of one or several models and the TypedDict of its keywords.

    `functional` says that a key is no identifier, so that the TypedDict cannot be written as a class.
    """

    models: tuple[str, ...]
    class_name: str
    keywords: str
    keys: tuple[Key, ...]
    functional: bool

    @property
    def shown(self) -> str:
        """The models, for a docstring; a name that could end it is left out."""
        plain = (model for model in self.models if model.isprintable() and not set(model) & {'"', "\\"})
        return ", ".join(f"`{model}`" for model in plain) or "its model"


@dataclass(frozen=True, kw_only=True, slots=True)
class Family:
    """An operation whose request is a union that `model` tells apart."""

    id: str
    alias: str
    protocol: str
    property: str
    variants: tuple[Variant, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Families:
    """All of them, and the classes their annotations name."""

    operations: tuple[Family, ...]
    imports: tuple[str, ...]


def find_families(openapi: JsonObject, view: View, phrases: Phrases) -> Families:
    """The operations that take one request per model; raises GenerateError for colliding names and unclear models."""
    typist = _Typist(openapi=openapi, view=view, phrases=phrases)
    families = tuple(family for operation in view.operations for family in typist.family(operation))
    taken = dict.fromkeys([*view.classes, *view.literals, *_OWN_NAMES], "a class of the contract")
    for family in families:
        place = next(operation.pointer for operation in view.operations if operation.id == family.id)
        for name in (family.alias, family.protocol, *(variant.keywords for variant in family.variants)):
            if name in taken:
                problem = f"the name {name} of {family.id} is already {taken[name]}"
                raise refuse(problem, place, fix="Rename the schema or the operation in overlay.yaml.")
            taken[name] = f"a name of {family.id}"
    variants = [variant for family in families for variant in family.variants]
    imports = sorted({*(variant.class_name for variant in variants), *typist.used})
    return Families(operations=families, imports=tuple(imports))


class _Typist:
    """Writes the types of keywords as the *contract* has them: required is required, closed is closed."""

    def __init__(self, *, openapi: JsonObject, view: View, phrases: Phrases) -> None:
        self.openapi = openapi
        self.view = view
        self.builder = Builder(openapi=openapi, phrases=phrases, tolerant=frozenset())
        self.used: set[str] = set()

    def family(self, operation: Operation) -> Iterator[Family]:
        if operation.body is None:
            return
        place, body = operation.body
        for kind, media in body.get("content", {}).items():
            schema: JsonObject = media.get("schema", {})
            if not _JSON.fullmatch(kind):
                continue
            alias = f"{names.class_name(operation.id)}Request"
            where = join(place, "content", kind, "schema")
            if "$ref" in schema:
                name = target(schema["$ref"], where)
                where = join("", "components", "schemas", name)
                schema, alias = lookup(self.openapi, name, where), names.class_name(name)
            discriminator = schema.get("discriminator", {})
            if discriminator.get("propertyName") != DISCRIMINATOR or not ("oneOf" in schema or "anyOf" in schema):
                return
            yield Family(
                id=operation.id,
                alias=alias,
                protocol=names.class_name(operation.id),
                property=DISCRIMINATOR,
                variants=self._variants(schema, where),
            )
            return

    def _variants(self, union: JsonObject, pointer: str) -> tuple[Variant, ...]:
        if len(union.get("oneOf", ())) + len(union.get("anyOf", ())) > MOST_VARIANTS:
            problem = f"a union of more than {MOST_VARIANTS} requests does not compile"
            raise refuse(problem, pointer, fix="Split the operation, or leave models out, in overlay.yaml.")
        mapping: JsonObject = union.get("discriminator", {}).get("mapping", {})
        seen: dict[str, str] = {}
        variants: list[Variant] = []
        for keyword_ in ("oneOf", "anyOf"):
            for index, member in enumerate(union.get(keyword_, ())):
                place = join(pointer, keyword_, index)
                if "$ref" not in member:
                    problem = "a request of this union is written inline, so that it has no name"
                    raise refuse(problem, place, fix="Move it to components.schemas in overlay.yaml.")
                name = target(member["$ref"], place)
                variant = self._variant(name, place, [key for key, value in mapping.items() if value == member["$ref"]])
                for model in variant.models:
                    if model in seen:
                        problem = f"the model {model!r} has two requests: {seen[model]} and {variant.class_name}"
                        raise refuse(problem, place, fix="Leave one of the two in overlay.yaml.")
                    seen[model] = variant.class_name
                variants.append(variant)
        return tuple(variants)

    def _variant(self, name: str, pointer: str, mapped: list[str]) -> Variant:
        where = join("", "components", "schemas", name)
        schema = flatten(self.openapi, lookup(self.openapi, name, pointer), where)
        class_name = names.class_name(name)
        properties: JsonObject = schema.get("properties", {})
        model: JsonObject = properties.get(DISCRIMINATOR, {})
        generated: JsonObject = self.view.openapi["components"]["schemas"].get(class_name, {})
        if "const" in model and "const" not in generated.get("properties", {}).get(DISCRIMINATOR, {}):
            problem = f"{class_name} needs `model` as const with the same default, and no response may bring it"
            raise refuse(problem, where, fix="Give the model a default; give responses a schema of their own.")
        stated = [value for value in closed_values(model)[0] if isinstance(value, str)]
        models = list(dict.fromkeys(stated or mapped))
        if not models or (mapped and set(mapped) != set(models)):
            problem = f"{class_name} states the models {stated}, the discriminator maps {mapped}"
            raise refuse(problem, pointer, fix="Make const and discriminator.mapping agree in overlay.yaml.")
        required = schema.get("required", ())
        keys = tuple(
            Key(
                name=key,
                type=self._type(value, join(where, "properties", key), class_name, key),
                required=key in required,
                text=self.builder.documented(flatten(self.openapi, value, join(where, "properties", key)), "strict"),
            )
            for key, value in properties.items()
            if key != DISCRIMINATOR
        )
        return Variant(
            models=tuple(models),
            class_name=class_name,
            keywords=f"{class_name.removesuffix('Request')}Keywords",
            keys=keys,
            functional=any(not _plain(key.name) for key in keys),
        )

    def _type(self, schema: JsonObject, pointer: str, owner: str, key: str) -> str:
        flat = flatten(self.openapi, schema, pointer)
        return self._union(self.builder.branches(flat, pointer, names.class_name(owner, key), "strict", null=False))

    def _union(self, branches: list[JsonObject]) -> str:
        return " | ".join(dict.fromkeys(self._one(branch) for branch in branches))

    def _one(self, branch: JsonObject) -> str:
        if "$ref" in branch:
            name = target(branch["$ref"], "")
            component: JsonObject = self.builder.components.get(name, {})
            if "enum" in component:
                return f"Literal[{', '.join(repr(value) for value in component['enum'])}]"
            self.used.add(name)
            return f"{name} | dict[str, Any]"
        if "anyOf" in branch:
            return self._union(branch["anyOf"])
        kind: Json = branch.get("type")
        if kind == "array":
            # Not Sequence: a plain string is one, too, and would pass for a list of strings.
            return f"list[{self._one(branch['items'])}]"
        return "Any" if branch.get("format") == "binary" else _TYPES.get(str(kind), "Any")


def _plain(name: str) -> bool:
    return name.isascii() and name.isidentifier() and not keyword.iskeyword(name) and not name.startswith("__")
