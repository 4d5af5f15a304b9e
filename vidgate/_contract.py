"""The contract that ships with each generated package, read once and through importlib.resources."""

from __future__ import annotations

import functools
import importlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

Schema: TypeAlias = Mapping[str, Any]

Row: TypeAlias = Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldInfo:
    """One parameter of a model; `values` are those it is limited to, `default` is the server's, None when unknown."""

    name: str
    required: bool
    type: str
    values: tuple[Any, ...] = ()
    default: Any = None
    description: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelInfo:
    """One model: its id, what it makes (`image`, `audio`, `video`), the class of its requests, and its parameters.

    The class is in `vidgate.evolink` or `vidgate.apimart`.
    """

    id: str
    kind: str
    request_class: str
    description: str
    fields: tuple[FieldInfo, ...]


class Contract:
    """One provider's contract, as an OpenAPI 3.1 document.

    `submissions` are the operations that start tasks, by what they make, as the generated package names them.
    `variants` are their models: id → schema of the request.
    """

    def __init__(self, document: Schema, submissions: Mapping[str, Row]) -> None:
        self.document = document
        self.submissions = submissions
        self._operations: dict[str, Schema] = {
            operation["operationId"]: operation
            for path in document["paths"].values()
            for operation in path.values()
            if isinstance(operation, dict) and "operationId" in operation
        }
        self._kinds: dict[str, tuple[str, ...]] = {}
        variants: dict[str, str] = {}
        for kind, row in submissions.items():
            for model, name in self._mapping(row["operation"]).items():
                self._kinds[model] = (*self._kinds.get(model, ()), kind)
                variants.setdefault(model, name)
        self.variants: Mapping[str, str] = variants
        self._parts: dict[str, Contract] = {}
        self._fields: dict[str, Mapping[str, Schema]] = {}

    def _mapping(self, operation: str) -> Mapping[str, str]:
        content = self._operations[operation]["requestBody"]["content"]["application/json"]
        mapping: Mapping[str, str] = self.resolve(content["schema"])["discriminator"]["mapping"]
        return {model: reference.rpartition("/")[2] for model, reference in mapping.items()}

    def of(self, kind: str) -> Contract:
        """The same contract with only the models that make this; KeyError where there are none."""
        if kind not in self._parts:
            self._parts[kind] = Contract(self.document, {kind: self.submissions[kind]})
        return self._parts[kind]

    def kinds_of(self, model: str) -> tuple[str, ...]:
        """What a model makes; empty for one that is not in the contract."""
        return self._kinds.get(model, ())

    def server(self, kind: str | None = None) -> str:
        """The first base URL that the contract gives for a submission: the first one's, or that of a kind."""
        row = self.submissions[kind] if kind else next(iter(self.submissions.values()))
        url: str = self._operations[row["operation"]]["servers"][0]["url"]
        return url

    def schema(self, name: str) -> Schema:
        found: Schema = self.document["components"]["schemas"][name]
        return found

    def resolve(self, schema: Schema) -> Schema:
        """Follow `$ref` into this document."""
        while "$ref" in schema:
            schema = self.schema(schema["$ref"].rpartition("/")[2])
        return schema

    def variant(self, model: str) -> Schema:
        """The request schema of one model."""
        return self.schema(self.variants[model])

    def fields(self, model: str) -> Mapping[str, Schema]:
        """The documented parameters of one model, those of `allOf` parts included, references followed."""
        known = self._fields.get(model)
        if known is not None:  # every request asks
            return known
        found: dict[str, Schema] = {}
        self._collect(self.variant(model), found)
        self._fields[model] = found
        return found

    def _collect(self, schema: Schema, into: dict[str, Schema]) -> None:
        for name, part in schema.get("properties", {}).items():
            into.setdefault(name, self.resolve(part))
        for part in schema.get("allOf", ()):
            # Only references carry parameters: an inline part is an assertion about the ones above.
            if "$ref" in part:
                self._collect(self.resolve(part), into)

    @functools.cached_property
    def models(self) -> tuple[ModelInfo, ...]:
        """All models, in the contract's order."""
        return tuple(self._model(model, name) for model, name in self.variants.items())

    def _model(self, model: str, name: str) -> ModelInfo:
        variant = self.variant(model)
        required = frozenset(variant.get("required", ()))
        return ModelInfo(
            id=model,
            kind=self.kinds_of(model)[0],
            request_class=name,
            description=variant.get("description", ""),
            fields=tuple(
                FieldInfo(
                    name=field,
                    required=field in required,
                    type=describe(schema),
                    values=values_of(schema),
                    default=schema.get("default"),
                    description=schema.get("description", ""),
                )
                for field, schema in self.fields(model).items()
                if field != "model"
            ),
        )


@functools.cache
def load(package: str) -> Contract:
    """The contract of a generated package such as `evolink_api`."""
    import importlib.resources

    text = importlib.resources.files(package).joinpath("contract.json").read_bytes()
    return Contract(json.loads(text), submissions(package))


def submissions(package: str) -> Mapping[str, Row]:
    """The operations that start tasks, by what they make; the contract itself is not read."""
    found: Mapping[str, Row] = importlib.import_module(f"{package}.media").SUBMISSIONS
    return found


def values_of(schema: Schema) -> tuple[Any, ...]:
    """The values a field is limited to, branches of a union included; empty when it takes others, too."""
    if "const" in schema:
        return (schema["const"],)
    if "enum" in schema:
        return tuple(schema["enum"])
    named = schema.get("x-vidgate-values")
    if named is not None and not named.get("open", True):
        return tuple(named["values"])
    branches = schema.get("oneOf") or schema.get("anyOf")
    if branches:
        each = [values_of(branch) for branch in branches]
        return tuple(value for values in each for value in values) if all(each) else ()
    return ()


def describe(schema: Schema) -> str:
    """What a schema takes, in words that fit behind "must be": `an integer from 3 to 10, or "auto"`."""
    if values := values_of(schema):
        return any_of([json.dumps(value, ensure_ascii=False) for value in values])
    branches = schema.get("oneOf") or schema.get("anyOf")
    if branches:
        return any_of([describe(branch) for branch in branches if any(key in branch for key in _DESCRIBED)])
    kinds = schema.get("type", "any value")
    return any_of([_kind(kind, schema) for kind in ([kinds] if isinstance(kinds, str) else kinds)])


def any_of(words: list[str]) -> str:
    """`a`, `a or b`, `a, b or c`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}" if words else "something else"


_DESCRIBED = ("type", "enum", "const", "oneOf", "anyOf", "x-vidgate-values")

_KINDS: Mapping[str, str] = {
    "integer": "an integer",
    "number": "a number",
    "string": "text",
    "boolean": "true or false",
    "object": "an object",
    "array": "a list",
    "null": "null",
}


def _kind(kind: str, schema: Schema) -> str:
    words = _KINDS.get(kind, kind)
    if kind in {"integer", "number"}:
        return words + _range(
            schema.get("minimum"), schema.get("maximum"), "from {} to {}", "of {} or more", "up to {}"
        )
    if kind == "string":
        if schema.get("format") == "uri":
            words = "a URL"
        least = schema.get("minLength")
        least = None if least == 1 else least
        size = _range(least, schema.get("maxLength"), "{} to {}", "at least {}", "at most {}")
        words = "text that is not empty" if schema.get("minLength") == 1 and not size else words
        return f"{words} of{size} characters" if size else words
    if kind == "array":
        items = schema.get("items", {})
        least, most = schema.get("minItems"), schema.get("maxItems")
        what = {"string": "URLs" if items.get("format") == "uri" else "strings", "integer": "integers"}.get(
            str(items.get("type")), "items"
        )
        what = what.removesuffix("s") if most == 1 else what
        if least is not None and least == most:
            return f"a list of exactly {least} {what}"
        return f"a list of{_range(least, most, '{} to {}', '{} or more', 'at most {}')} {what}"
    return words


def _range(least: object, most: object, both: str, only_least: str, only_most: str) -> str:
    if least is not None and most is not None:
        return " " + both.format(least, most)
    if least is not None:
        return " " + only_least.format(least)
    return "" if most is None else " " + only_most.format(most)
