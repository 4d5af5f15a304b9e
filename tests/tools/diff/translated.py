"""Small pages in several languages."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from tools.model import Extracted, Page, Prose
from tools.schema.pointers import resolve

if TYPE_CHECKING:
    from tools.model import Json, JsonObject, PageKind

VIDEO = "/components/schemas/Video/properties"
PROPERTY = f"{VIDEO}/duration"
GET = "/paths/~1v1~1tasks~1{id}/get"

DOCUMENT: JsonObject = {
    "openapi": "3.1.0",
    "info": {"title": "제목", "version": "1"},
    "servers": [{"url": "https://api.example.com", "description": "운영"}],
    "security": [{"bearer": []}],
    "paths": {
        "/v1/tasks/{id}": {
            "get": {
                "tags": ["작업"],
                "summary": "조회",
                "externalDocs": {"url": "https://docs.example.com/ko/guide"},
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
                    {"name": "lang", "in": "query", "schema": {"type": "string", "enum": ["a", "b"]}},
                ],
            }
        }
    },
    "components": {
        "schemas": {
            "Video": {
                "type": "object",
                "required": ["duration", "model"],
                "properties": {
                    "duration": {"type": "integer", "minimum": 3, "maximum": 10, "default": 10, "description": "길이"},
                    "description": {"type": "string"},
                    "default": {"type": "string"},
                    "size": {"$ref": "#/components/schemas/Size"},
                    "either": {"anyOf": [{"$ref": "#/components/schemas/Size"}, {"type": "integer"}]},
                },
            },
            "Size": {"type": ["string", "null"], "examples": ["크다"], "x-order": [1, 2]},
        }
    },
}


def page(
    locale: str,
    document: JsonObject | None,
    *,
    kind: PageKind = "openapi",
    stem: str = "api/x",
    prose: tuple[Prose, ...] = (),
) -> Extracted:
    """One translation, in which a pointer stands on the line of its depth."""
    found = Page(provider="p", locale=locale, path=f"{locale}/{stem}.md", content=b"")
    lines = {"": 1, PROPERTY: 40, f"{PROPERTY}/type": 41}
    return Extracted(page=found, kind=kind, document=document, lines=lines, prose=prose)


def edited(pointer: str, value: Json = None, *, remove: bool = False) -> JsonObject:
    """The document with one member set or taken away."""
    document = copy.deepcopy(DOCUMENT)
    parent, _, last = pointer.rpartition("/")
    node: Json = resolve(document, parent)
    if isinstance(node, list):
        node[int(last) :] = [value, *node[int(last) + 1 :]]
    elif remove:
        del node[last]
    else:
        node[last] = value
    return document


def said(locale: str, text: str, *, at: str = PROPERTY) -> Extracted:
    """One translation whose description at `at` is `text`."""
    return page(locale, edited(f"{at}/description", text))
