"""The pages of a synthetic site that exist once: the query of a task, credits, files, moderation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from benchmarks.site_schemas import media, ref

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from benchmarks.site_schemas import Components
    from tools.model import JsonObject

TASK_ID: Final = "task-unified-1756817821-4x3rx6ny"
_CATEGORIES: Final = ("hate", "harassment", "self_harm", "sexual", "violence")


def operation(page: Components) -> JsonObject:
    """Parameters, body and good answer of the page's operation; fills the components."""
    return _OPERATIONS[page.topic.kind](page)


def _task(page: Components) -> JsonObject:
    fault: JsonObject = {name: page.field(name) for name in ("code", "message", "type")}
    cancel: JsonObject = {"can_cancel": {"type": "boolean", "description": page.say("field", what="can_cancel")}}
    properties: JsonObject = {
        "created": {**page.field("created", "integer"), "example": 1756817821},
        "id": {**page.field("id"), "example": TASK_ID},
        "model": page.field("model"),
        "object": {"type": "string", "enum": [f"{kind}.generation.task" for kind in ("image", "video", "audio")]},
        "progress": {**page.field("progress", "integer"), "minimum": 0, "maximum": 100, "example": 100},
        "results": {
            "type": "array",
            "description": page.say("links"),
            "items": {"type": "string", "format": "uri"},
            "example": ["http://example.com/image.jpg"],
        },
        "status": {"type": "string", "enum": ["pending", "processing", "completed", "failed"], "example": "completed"},
        # Version 3.0's way of saying so, on a page of version 3.1.
        "error": {"type": "object", "nullable": True, "description": page.say("500"), "properties": fault},
        "task_info": {"type": "object", "properties": cancel},
        "type": {"type": "string", "enum": ["image", "video", "audio", "text"], "example": "image"},
    }
    path = {"name": "task_id", "in": "path", "required": True, "schema": {"type": "string"}, "example": TASK_ID}
    schema = page.add("TaskDetailResponse", {"type": "object", "properties": properties})
    return {
        "parameters": [{**path, "description": page.say("field", what="id")}],
        "responses": _answer(page, schema, {"code": "task_not_found", "status": "404"}),
    }


def _credits(page: Components) -> JsonObject:
    used: JsonObject = {name: page.field(name, "number") for name in ("remaining_credits", "used_credits")}
    unlimited = {"type": "boolean", "description": page.say("field", what="unlimited_credits")}
    token = page.add("TokenCredits", {"type": "object", "properties": {**used, "unlimited_credits": unlimited}})
    user = page.add("UserCredits", {"type": "object", "properties": used})
    data: JsonObject = {"type": "object", "properties": {"token": token, "user": user}}
    body: JsonObject = {"success": {"type": "boolean"}, "message": page.field("message"), "data": data}
    schema = page.add("CreditsResponse", {"type": "object", "properties": body})
    return {"responses": _answer(page, schema, {"code": "unauthorized", "status": "401"})}


def _quota(page: Components) -> JsonObject:
    counts: JsonObject = {name: page.field(name, "integer") for name in ("max_files", "used_files", "remaining_files")}
    data = page.add("QuotaData", {"type": "object", "properties": counts})
    return {"responses": _answer(page, page.add("QuotaResponse", _enveloped(page, data)))}


def _upload(page: Components) -> JsonObject:
    """A file as a form, as text, or by its address; the answers are the same on all three pages."""
    source, schema = {
        "upload-stream": ("file", {"type": "string", "format": "binary"}),
        "upload-base64": ("base64_data", {"type": "string"}),
        "upload-url": ("file_url", {"type": "string", "format": "uri"}),
    }[page.topic.kind]
    properties: JsonObject = {
        source: {**schema, "description": page.say("urls", most=1)},
        **{name: page.field(name) for name in ("upload_path", "file_name")},
    }
    name = f"{page.topic.kind.removeprefix('upload-').capitalize()}UploadRequest"
    body = page.add(name, {"type": "object", "required": [source], "properties": properties})
    facts: JsonObject = {
        name: page.field(name, "integer" if name == "file_size" else "string")
        for name in ("file_id", "file_name", "original_name", "file_size", "mime_type", "upload_path", "upload_time")
    }
    for link in ("file_url", "download_url"):
        facts[link] = {"type": "string", "format": "uri", "description": page.say("links")}
    data = page.add("FileData", {"type": "object", "properties": facts})
    content = media(body, kind="form" if source == "file" else "json")
    return {
        "requestBody": {"required": True, "content": content},
        "responses": _answer(page, page.add("FileUploadResponse", _enveloped(page, data))),
    }


def _moderation(page: Components) -> JsonObject:
    model = {"type": "string", "enum": ["moderation-latest"], "default": "moderation-latest"}
    texts: JsonObject = {"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
    request: JsonObject = {
        "type": "object",
        "required": ["model", "input"],
        "properties": {"model": {**model, "description": page.say("model")}, "input": texts},
    }
    body = page.add("ModerationRequest", request)
    scores: JsonObject = {name: page.field(name, "number") for name in _CATEGORIES}
    result: JsonObject = {"flagged": {"type": "boolean"}, "category_scores": {"type": "object", "properties": scores}}
    item = page.add("ModerationResult", {"type": "object", "properties": result})
    reply: JsonObject = {
        "id": page.field("id"),
        "model": page.field("model"),
        "results": {"type": "array", "items": item},
    }
    schema = page.add("ModerationResponse", {"type": "object", "properties": reply})
    sample = {"basic": {"value": {"model": "moderation-latest", "input": "Is this allowed?"}}}
    return {
        "requestBody": {"required": True, "content": media(body, sample)},
        "responses": _answer(page, schema, {"code": "rate_limit_exceeded", "status": "429"}),
    }


def _enveloped(page: Components, data: JsonObject) -> JsonObject:
    members: JsonObject = {
        "success": {"type": "boolean"},
        "code": page.field("code", "integer"),
        "msg": page.field("msg"),
    }
    return {"type": "object", "properties": {**members, "data": data}}


def _answer(page: Components, schema: JsonObject, fault: Mapping[str, str] | None = None) -> JsonObject:
    """The good answer, and one bad one where the page tells of any; those of files tell of none."""
    answers: JsonObject = {"200": {"description": page.say("guide"), "content": media(schema)}}
    if fault is not None:
        inner: JsonObject = {name: page.field(name) for name in ("code", "message", "type")}
        page.add("ErrorResponse", {"type": "object", "properties": {"error": {"type": "object", "properties": inner}}})
        sample = {"error": {"code": fault["code"], "message": "It was refused", "type": "invalid_request_error"}}
        content = {"application/json": {"schema": ref("ErrorResponse"), "example": sample}}
        answers[fault["status"]] = {"description": page.say("400"), "content": content}
    return answers


_OPERATIONS: Final[Mapping[str, Callable[[Components], JsonObject]]] = {
    "task": _task,
    "credits": _credits,
    "quota": _quota,
    "upload-stream": _upload,
    "upload-base64": _upload,
    "upload-url": _upload,
    "moderation": _moderation,
}
