# ruff: noqa: S311 - a seed must give the same document again
"""OpenAPI documents in the shape of large public APIs, and later versions of them: the same bytes for the same seed.

What such documents have in common: hundreds of operations over dozens of resources, every object described at length,
a few components that everything shares, long chains of references, resources that refer to each other in circles,
and fields that are either an id or the expanded object.
"""

from __future__ import annotations

import copy
import json
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tools.model import Json, JsonObject

RESOURCES: Final = 124
"""Resources of a document of size 1: about 3.5 MB and 740 operations."""

DEPTH: Final = 24
"""Length of the chain of components that every resource ends in."""

_FIELDS: Final = 22
_TEXT: Final = """
    account amount balance billing card charge checkout city code company country coupon created currency customer
    date default delivery description discount dispute email end event expires external fee file filter first group
    identifier image interval invoice item key label language last level limit line link locale location mail
    manager message method mode model month name network note number object offer option order owner page parent
    payment period person phone plan policy position postal price priority product profile quantity quote rate
    reason receipt record reference refund region report request result review role rule schedule score section
    seller session setting shipping source stage start state status step store street subscription summary support
    tag tax template term text thread ticket time title token total transfer type unit usage user value variant
    vendor version
"""
_WORDS: Final = _TEXT.split()


@dataclass(frozen=True, kw_only=True, slots=True)
class Edit:
    """One change of a document: its kind, where it stands, and whether it breaks callers."""

    kind: str
    pointer: str
    breaks: bool


def document(seed: int, *, size: float = 1) -> JsonObject:
    """An OpenAPI 3.1 document of about `size` times 3.5 MB as indented JSON."""
    source = random.Random(f"document {seed}")
    names = _names(source, max(4, round(RESOURCES * size)))
    schemas: JsonObject = _shared(source)
    paths: JsonObject = {}
    for name in names:
        schemas[name] = _resource(source, name, names)
        schemas[f"{name}Create"] = _body(source, required=True)
        schemas[f"{name}Update"] = _body(source, required=False)
        schemas[f"{name}List"] = _page(name)
        paths |= _operations(source, name)
    return {
        "openapi": "3.1.0",
        "info": {"title": "A large API", "version": "1.0.0", "license": {"name": "MIT", "identifier": "MIT"}},
        "servers": [{"url": "https://api.example.com"}],
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "parameters": _parameters(source),
            "responses": {
                "Error": {"description": "What went wrong.", "content": _json({"$ref": _ref("Error")})},
            },
            "schemas": schemas,
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }


def text_of(value: JsonObject) -> bytes:
    """The document as it would be published: indented JSON."""
    return (json.dumps(value, indent=2) + "\n").encode("ascii")


def later(before: JsonObject, seed: int, *, edits: int) -> tuple[JsonObject, tuple[Edit, ...]]:
    """A later version of `before` and what was done to it.

    The first edit concerns a component that every operation uses, each other one a resource of its own, in turns of
    all kinds. `before` stays as it is. Raises ValueError when there are more edits than resources.
    """
    source = random.Random(f"later {seed}")
    after = copy.deepcopy(before)
    schemas: JsonObject = after["components"]["schemas"]
    names = [name.removesuffix("List") for name in schemas if name.endswith("List")]
    if edits > len(names):
        message = f"{edits} edits need {edits} resources, the document has {len(names)}"
        raise ValueError(message)
    if not edits:
        return after, ()
    schemas["Money"]["properties"]["amount"]["minimum"] = 1
    shared = Edit(kind="shared minimum", pointer="/components/schemas/Money/properties/amount/minimum", breaks=True)
    chosen = source.sample(names, edits - 1)
    return after, (shared, *(_EDITS[number % len(_EDITS)](after, name) for number, name in enumerate(chosen)))


def _names(source: random.Random, count: int) -> list[str]:
    """Names of resources; no two are equal in lower case, which is how paths spell them."""
    found: dict[str, str] = {}
    while len(found) < count:
        name = "".join(word.capitalize() for word in source.sample(_WORDS, 2))
        found.setdefault(name.lower(), name)
    return list(found.values())


def _sentence(source: random.Random, words: int) -> str:
    return " ".join(source.choices(_WORDS, k=words)).capitalize() + "."


def _ref(name: str) -> str:
    return f"#/components/schemas/{name}"


def _json(schema: Json) -> JsonObject:
    return {"application/json": {"schema": schema}}


def _scalar(source: random.Random) -> JsonObject:
    """A plain field, described at length as such documents do."""
    told = {"description": _sentence(source, source.randint(12, 40))}
    kinds: tuple[JsonObject, ...] = (
        {"type": "integer", "minimum": 0, "maximum": source.choice((100, 10_000, 999_999))},
        {"type": "boolean"},
        {"type": "string", "enum": sorted(source.sample(_WORDS, source.randint(3, 12)))},
        {"type": ["string", "null"], "maxLength": source.choice((100, 500, 5000))},
        {"type": "array", "items": {"type": "string"}, "maxItems": source.randint(2, 50)},
        {"type": "string", "format": "date-time"},
        {"type": "string", "maxLength": source.choice((50, 250, 5000))},
    )
    return {**source.choice(kinds), **told}


def _fields(source: random.Random, count: int) -> JsonObject:
    fields: JsonObject = {}
    while len(fields) < count:
        fields["_".join(source.sample(_WORDS, 2))] = _scalar(source)
    return fields


def _resource(source: random.Random, name: str, names: Sequence[str]) -> JsonObject:
    """An object with links to others, some as an id or the expanded object, and with itself as its parent."""
    links: JsonObject = {
        f"{other}_link": {
            "anyOf": [{"type": "string", "maxLength": 5000}, {"$ref": _ref(other)}],
            "description": _sentence(source, 15),
        }
        for other in source.sample(names, 3)
    }
    return {
        "type": "object",
        "description": _sentence(source, 30),
        "required": ["id", "state"],
        "properties": {
            "id": {"type": "string", "maxLength": 64, "description": "What it is called by."},
            "state": {"type": "string", "enum": ["active", "closed", "open"], "description": "Where it stands."},
            "parent": {"$ref": _ref(name)},
            "children": {"type": "array", "items": {"$ref": _ref(name)}, "maxItems": 100},
            "money": {"$ref": _ref("Money")},
            "detail": {"$ref": _ref("Detail0")},
            **links,
            **_fields(source, _FIELDS),
        },
    }


def _body(source: random.Random, *, required: bool) -> JsonObject:
    body: JsonObject = {
        "type": "object",
        "properties": {
            "note": {"type": "string", "maxLength": 500, "description": "A note of your own."},
            "count": {"type": "integer", "minimum": 1, "maximum": 100, "description": "How many."},
            "mode": {"type": "string", "enum": ["fast", "plain", "slow"], "description": "How."},
            "money": {"$ref": _ref("Money")},
            **_fields(source, _FIELDS // 2),
        },
    }
    return {**body, "required": ["note"]} if required else body


def _page(name: str) -> JsonObject:
    return {
        "type": "object",
        "required": ["data", "has_more"],
        "properties": {
            "data": {"type": "array", "items": {"$ref": _ref(name)}},
            "has_more": {"type": "boolean"},
            "next": {"type": ["string", "null"]},
        },
    }


def _shared(source: random.Random) -> JsonObject:
    """What everything uses: money, errors, and a chain of references that ends where it began."""
    chain: JsonObject = {
        f"Detail{level}": {
            "type": "object",
            "description": _sentence(source, 20),
            "properties": {**_fields(source, 4), "next": {"$ref": _ref(f"Detail{(level + 1) % DEPTH}")}},
        }
        for level in range(DEPTH)
    }
    return {
        "Money": {
            "type": "object",
            "required": ["amount", "currency"],
            "properties": {
                "amount": {"type": "integer", "description": "In the smallest unit of the currency."},
                "currency": {"type": "string", "pattern": "^[a-z]{3}$", "description": "Three letters."},
            },
        },
        "Error": {
            "type": "object",
            "required": ["message"],
            "properties": {"message": {"type": "string"}, "code": {"type": "string"}, "cause": {"$ref": _ref("Error")}},
        },
        **chain,
    }


def _parameters(source: random.Random) -> JsonObject:
    rows = {"limit": {"type": "integer", "minimum": 1, "maximum": 100}, "after": {"type": "string", "maxLength": 64}}
    return {
        name: {"name": name, "in": "query", "description": _sentence(source, 20), "schema": schema}
        for name, schema in rows.items()
    }


def _operations(source: random.Random, name: str) -> JsonObject:
    failed = {"default": {"$ref": "#/components/responses/Error"}}

    def operation(verb: str, reply: str, body: str | None = None, parameters: Sequence[JsonObject] = ()) -> JsonObject:
        made: JsonObject = {
            "operationId": f"{verb}{name}",
            "summary": f"{verb.capitalize()} {name}",
            "description": _sentence(source, 40),
            "tags": [name],
            "parameters": list(parameters),
            "responses": {"200": {"description": "Done.", "content": _json({"$ref": _ref(reply)})}, **failed},
        }
        if body is not None:
            made["requestBody"] = {"required": True, "content": _json({"$ref": _ref(body)})}
        return made

    at = {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "maxLength": 64}}
    paged: list[JsonObject] = [{"$ref": f"#/components/parameters/{one}"} for one in ("limit", "after")]
    filters: list[JsonObject] = [
        {"name": word, "in": "query", "description": _sentence(source, 12), "schema": {"type": "string"}}
        for word in source.sample(_WORDS, 3)
    ]
    path = f"/v1/{name.lower()}"
    return {
        path: {
            "get": operation("list", f"{name}List", parameters=[*paged, *filters]),
            "post": operation("create", name, f"{name}Create"),
        },
        f"{path}/{{id}}": {
            "get": operation("read", name, parameters=[at]),
            "post": operation("update", name, f"{name}Update", [at]),
            "delete": operation("delete", name, parameters=[at]),
        },
        f"{path}/{{id}}/close": {"post": operation("close", name, f"{name}Update", [at])},
    }


def _schema(after: JsonObject, name: str) -> JsonObject:
    found: JsonObject = after["components"]["schemas"][name]
    return found


def _response_property_removed(after: JsonObject, name: str) -> Edit:
    del _schema(after, name)["properties"]["money"]
    return Edit(kind="response property removed", pointer=f"/components/schemas/{name}/properties/money", breaks=True)


def _request_property_added(after: JsonObject, name: str) -> Edit:
    _schema(after, f"{name}Update")["properties"]["added_later"] = {"type": "string", "description": "New."}
    pointer = f"/components/schemas/{name}Update/properties/added_later"
    return Edit(kind="request property added", pointer=pointer, breaks=False)


def _request_maximum_lowered(after: JsonObject, name: str) -> Edit:
    _schema(after, f"{name}Create")["properties"]["count"]["maximum"] = 10
    pointer = f"/components/schemas/{name}Create/properties/count/maximum"
    return Edit(kind="request maximum lowered", pointer=pointer, breaks=True)


def _request_enum_value_added(after: JsonObject, name: str) -> Edit:
    _schema(after, f"{name}Create")["properties"]["mode"]["enum"].append("thorough")
    pointer = f"/components/schemas/{name}Create/properties/mode/enum"
    return Edit(kind="request enum value added", pointer=pointer, breaks=False)


def _response_enum_value_added(after: JsonObject, name: str) -> Edit:
    _schema(after, name)["properties"]["state"]["enum"].append("paused")
    return Edit(
        kind="response enum value added", pointer=f"/components/schemas/{name}/properties/state/enum", breaks=True
    )


def _request_property_required(after: JsonObject, name: str) -> Edit:
    _schema(after, f"{name}Create")["required"].append("mode")
    pointer = f"/components/schemas/{name}Create/required"
    return Edit(kind="request property became required", pointer=pointer, breaks=True)


def _operation_removed(after: JsonObject, name: str) -> Edit:
    path = f"/v1/{name.lower()}/{{id}}"
    del after["paths"][path]["delete"]
    return Edit(kind="operation removed", pointer=f"/paths/{path.replace('/', '~1')}/delete", breaks=True)


def _operation_added(after: JsonObject, name: str) -> Edit:
    path = f"/v1/{name.lower()}/{{id}}/reopen"
    made = copy.deepcopy(after["paths"][f"/v1/{name.lower()}/{{id}}/close"]["post"])
    after["paths"][path] = {"post": {**made, "operationId": f"reopen{name}", "summary": f"Reopen {name}"}}
    return Edit(kind="operation added", pointer=f"/paths/{path.replace('/', '~1')}", breaks=False)


def _type_changed(after: JsonObject, name: str) -> Edit:
    _schema(after, name)["properties"]["id"] = {"type": "integer", "description": "What it is called by."}
    return Edit(kind="response type changed", pointer=f"/components/schemas/{name}/properties/id/type", breaks=True)


_EDITS: Final[tuple[Callable[[JsonObject, str], Edit], ...]] = (
    _response_property_removed,
    _request_property_added,
    _request_maximum_lowered,
    _request_enum_value_added,
    _response_enum_value_added,
    _request_property_required,
    _operation_removed,
    _operation_added,
    _type_changed,
)
"""Every edit concerns one resource and is one finding."""
