"""Requests that tell models apart: one schema per model id, joined by a union that dispatches on `model`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.merge._candidates import Candidate
from tools.merge._names import request_name
from tools.merge._unite import SOURCE, source_rows
from tools.schema.pointers import join
from tools.schema.prose import PROSE
from tools.schema.shapes import is_object

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.merge._candidates import Stated
    from tools.merge._unite import Ledger, Uniter
    from tools.model import Json, JsonObject


@dataclass(frozen=True, slots=True)
class Variant:
    """The request schema of one page, in all its languages, and the models it documents."""

    stem: str
    models: tuple[str, ...]
    schemas: tuple[Candidate, ...]
    operations: tuple[Candidate, ...]


def variants_of(stated: Sequence[Stated], ledger: Ledger) -> tuple[Variant, ...] | None:
    """The pages' request schemas by model; None when some page names no model: nothing tells them apart then."""
    pages: dict[str, list[Candidate]] = {}
    for one in stated:
        if "requestBody" in one.candidate.value:
            pages.setdefault(one.candidate.stem, []).append(one.candidate)
    found: list[Variant] = []
    for stem, operations in pages.items():
        schemas = [schema for operation in operations if (schema := request_schema(operation)) is not None]
        models = _models(schemas, operations, ledger) if schemas else ()
        if not models:
            return None
        found.append(Variant(stem, models, tuple(schemas), tuple(operations)))
    return _fewest_models_win(found, ledger) or None


def request_schema(operation: Candidate) -> Candidate | None:
    """The JSON request schema of a page's operation, its reference followed."""
    content = operation.value.get("requestBody", {}).get("content", {})
    if list(content) != ["application/json"] or "schema" not in content["application/json"]:
        return None
    schema = operation.child("requestBody", "content", "application/json", "schema")
    reference = schema.value.get("$ref") if is_object(schema.value) else None
    if reference is None:
        return schema
    name = reference.rpartition("/")[2]
    schemas = (operation.source.document or {}).get("components", {}).get("schemas", {})
    if name not in schemas:
        return None
    return Candidate(schemas[name], operation.source, join("/components/schemas", name))


def unite_variant(variant: Variant, uniter: Uniter) -> dict[str, JsonObject]:
    """One component per model of the page, by name."""
    result: dict[str, JsonObject] = {}
    for model in variant.models:
        name = request_name(model)
        at = join("/components/schemas", name)
        body: JsonObject = uniter.schema(variant.schemas, at, "request")
        texts = [c.child("description") for c in variant.operations if "description" in c.value]
        if texts:
            body["description"] = uniter.ledger.say(join(at, "description"), texts)
        # However the page writes its list of models, here it is one constant; a list that differs by language is
        # recorded by `_models`.
        words = {
            key: text
            for key, text in body.setdefault("properties", {}).setdefault("model", {}).items()
            if key in PROSE - {"examples"}
        }
        body["properties"]["model"] = {**words, "type": "string", "const": model, "default": model}
        body["required"] = _with_model(body.get("required", []))
        body[SOURCE] = source_rows(variant.schemas)
        result[name] = body
    return result


def union(variants: Sequence[Variant]) -> JsonObject:
    """The request of the operation: one of the models' requests, told apart by `model`."""
    models = sorted(model for variant in variants for model in variant.models)
    references = {model: f"#/components/schemas/{request_name(model)}" for model in models}
    return {
        "oneOf": [{"$ref": reference} for reference in references.values()],
        "discriminator": {"propertyName": "model", "mapping": references},
        SOURCE: source_rows([c for variant in variants for c in variant.schemas]),
    }


def _models(schemas: Sequence[Candidate], operations: Sequence[Candidate], ledger: Ledger) -> tuple[str, ...]:
    listed = [models for schema in schemas if (models := listed_models(schema))]
    if listed:
        if any(listed_models(schema) != listed[0] for schema in schemas):
            message = f"{schemas[0].stem}: the languages list different models; taken: {', '.join(listed[0])}"
            ledger.decide("model-listed-by-language", message, schemas)
        return listed[0]
    for schema, operation in zip(schemas, operations, strict=True):
        stated = schema.value.get("properties", {}).get("model")
        if not is_object(stated):
            return ()
        guesses = [stated.get("default"), *stated.get("examples", []), *_example_models(operation)]
        ids = sorted({guess for guess in guesses if isinstance(guess, str)})
        if len(ids) == 1:
            message = f"{schema.stem}: the model is {ids[0]}, which no enum states"
            ledger.decide("model-from-default", message, [schema])
            return tuple(ids)
    return ()


def listed_models(schema: Candidate) -> tuple[str, ...]:
    """The model ids that the schema of `model` lists; empty where it lists none."""
    stated = schema.value.get("properties", {}).get("model") if is_object(schema.value) else None
    if not is_object(stated):
        return ()
    ids = [stated["const"]] if "const" in stated else stated.get("enum", [])
    return tuple(ids) if all(isinstance(one, str) for one in ids) else ()


def _example_models(operation: Candidate) -> list[Json]:
    media: JsonObject = operation.value["requestBody"]["content"]["application/json"]
    values = [media.get("example"), *(example.get("value") for example in media.get("examples", {}).values())]
    return [value.get("model") for value in values if is_object(value)]


def _fewest_models_win(found: Sequence[Variant], ledger: Ledger) -> tuple[Variant, ...]:
    owner: dict[str, Variant] = {}
    for variant in sorted(found, key=lambda v: (len(v.models), v.stem)):
        for model in variant.models:
            first = owner.setdefault(model, variant)
            if first is not variant:
                message = f"{model}: taken from {first.stem}, not from {variant.stem}"
                ledger.decide("model-documented-twice", message, [*first.schemas, *variant.schemas])
    kept = [Variant(v.stem, tuple(m for m in v.models if owner[m] is v), v.schemas, v.operations) for v in found]
    return tuple(variant for variant in kept if variant.models)


def _with_model(required: Sequence[str]) -> list[str]:
    return list(required) if "model" in required else ["model", *required]
