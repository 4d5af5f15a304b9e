"""Small pages to merge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tools.merge import normalize
from tools.model import Extracted, Judgements, Page, Source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.model import Document

SOURCE = Source(
    provider="evolink",
    title="EvoLink",
    docs="https://docs.example.com",
    index="https://docs.example.com/llms.txt",
    locales=("en", "ja", "ko"),
    base_urls=("https://api.example.com",),
)
NO_JUDGEMENTS = Judgements(overlay={"overlay": "1.1.0", "actions": []}, supplement={})
NUMBER, TEXT = {"type": "integer"}, {"type": "string"}


def page(
    path: str,
    request: dict[str, Any],
    response: dict[str, Any] | None = None,
    *,
    operation: str = "/v1/videos/generations",
    schemas: dict[str, Any] | None = None,
    **members: Any,
) -> Extracted:
    """A page that documents `POST operation`; `path` starts with the locale."""
    reply = {"type": "object", "properties": {"id": {"type": "string"}}} if response is None else response
    document = {
        "openapi": "3.1.0",
        "info": {"title": path, "version": "1.0.0"},
        "servers": [{"url": "https://api.example.com", "description": path}],
        "security": [{"bearerAuth": []}],
        "paths": {
            operation: {
                "post": {
                    "summary": f"summary of {path}",
                    "description": f"description of {path}",
                    "operationId": "whatever",
                    "tags": [path],
                    "requestBody": {"required": True, "content": {"application/json": {"schema": request}}},
                    "responses": {
                        "200": {
                            "description": f"answer of {path}",
                            "content": {"application/json": {"schema": reply}},
                        }
                    },
                    **members,
                }
            }
        },
        "components": {
            "schemas": schemas or {},
            "securitySchemes": {"bearerAuth": {"type": "http", "scheme": "bearer"}},
        },
    }
    locale = path.partition("/")[0]
    vendored = Page(provider="evolink", locale=locale, path=f"{path}.md", content=b"")
    return Extracted(page=vendored, kind="openapi", document=document, lines={"": 1, "/components/schemas": 40})


def request(model: str | list[str], **properties: Any) -> dict[str, Any]:
    """A request schema for one model, or several."""
    models = [model] if isinstance(model, str) else model
    return {
        "type": "object",
        "required": ["model"],
        "properties": {"model": {"type": "string", "enum": models}, **properties},
    }


def merge(*pages: Extracted, actions: Sequence[dict[str, Any]] = (), entries: Sequence[Any] = ()) -> Document:
    """The contract of `pages`, with overlay actions and supplement entries."""
    judgements = Judgements(overlay={"actions": list(actions)}, supplement={"entries": list(entries)})
    return normalize(pages, judgements, SOURCE)


def schemas(document: Document) -> dict[str, Any]:
    """The components of a contract."""
    found: dict[str, Any] = document.openapi["components"]["schemas"]
    return found
