"""One operation of the contract out of every page that states it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from tools.merge._names import operation_id, pascal, tag_of
from tools.merge._unite import SOURCE, source_rows
from tools.schema.normal import key
from tools.schema.pointers import join
from tools.schema.shapes import is_object

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.merge._candidates import Candidate, Role, Stated
    from tools.merge._unite import Uniter
    from tools.model import Json, JsonObject, Source

LEFT_ON_THE_PAGE = ("x-codeSamples", "x-code-samples", "x-vidgate-title", "x-vidgate-partial", "operationId", "tags")
"""Members of a page's operation that the contract does not take over: samples of code belong to the page, ids and
tags are ours."""


def unite_operation(stated: Sequence[Stated], uniter: Uniter, source: Source, request: str | None) -> JsonObject:
    """The operation all of `stated` speak of.

    `request` names the union of the models' requests, or is None for an operation without models. The texts of an
    operation that models share stay with the models' own schemas, because each page speaks of its own model.
    """
    method, path = stated[0].method, stated[0].path
    candidates = [one.candidate for one in stated]
    whole = [c for c in candidates if not c.value.get("x-vidgate-partial")]
    shown = [c for c in candidates if c.value.get("x-vidgate-partial")]
    at = join("/paths", path, method)
    result: JsonObject = {"operationId": operation_id(method, path), "tags": [tag_of(path)]}
    if request is None:
        for member in ("summary", "description"):
            if holders := [c.child(member) for c in whole if member in c.value]:
                result[member] = uniter.ledger.say(join(at, member), holders)
    else:
        result["summary"] = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", result["operationId"]).capitalize()
    if parameters := _parameters(whole, uniter, at):
        result["parameters"] = parameters
    if request is not None:
        result["requestBody"] = _request_body(whole, request)
    elif bodies := [c.child("requestBody") for c in whole if "requestBody" in c.value]:
        result["requestBody"] = _body(bodies, uniter, join(at, "requestBody"), "request")
    result["responses"] = _responses([*whole, *shown], uniter, join(at, "responses"))
    if errors := _error_table(whole, uniter, join(at, "x-vidgate-errors")):
        result["x-vidgate-errors"] = errors
    result["servers"] = _servers(whole, source)
    result["security"] = _security(whole)
    if all(c.value.get("deprecated") for c in whole):
        result["deprecated"] = True
    if callbacks := [c.value["callbacks"] for c in whole if "callbacks" in c.value]:
        result["callbacks"] = callbacks[0]
    result[SOURCE] = source_rows(candidates)
    return result


def unknown_members(stated: Sequence[Stated]) -> list[Candidate]:
    """Members of the pages' operations that nothing here takes over; each is a leftover."""
    known = {
        "summary", "description", "parameters", "requestBody", "responses", "servers", "security", "deprecated",
        "callbacks", "x-vidgate-errors", *LEFT_ON_THE_PAGE,
    }  # fmt: skip
    return [one.candidate.child(name) for one in stated for name in one.candidate.value if name not in known]


def example_key(candidate: Candidate, name: str = "") -> str:
    """A key that tells language, page and example apart: `ko.gemini-omni-flash.video-edit.video_edit`."""
    parts = [candidate.locale, *candidate.stem.split("/")[-2:], name]
    return ".".join(re.sub(r"[^A-Za-z0-9._-]+", "-", part) for part in parts if part)


def examples(media: Sequence[Candidate]) -> JsonObject:
    """Every example of every page, in every language; equal values become one example with several sources."""
    rows: dict[str, tuple[str, JsonObject]] = {}
    for candidate in media:
        named: list[tuple[str, Candidate]] = [("", candidate.child("example"))] if "example" in candidate.value else []
        named += [(name, candidate.child("examples", name)) for name in candidate.value.get("examples", {})]
        for name, example in named:
            wrapped = is_object(example.value) and "value" in example.value and name != ""
            row: JsonObject = dict(example.value) if wrapped else {"value": example.value}
            same = json.dumps(row["value"], sort_keys=True, ensure_ascii=False)
            known = rows.setdefault(same, (example_key(candidate, name), {**row, SOURCE: []}))
            known[1][SOURCE].extend(source_rows([example]))
    return dict(rows.values())


def _parameters(whole: Sequence[Candidate], uniter: Uniter, at: str) -> list[Json]:
    groups: dict[tuple[str, str], list[Candidate]] = {}
    for candidate in whole:
        for index in range(len(candidate.value.get("parameters", []))):
            one = candidate.child("parameters", index)
            groups.setdefault((one.value["in"], one.value["name"]), []).append(one)
    result: list[Json] = []
    for (where, name), found in groups.items():
        here = join(at, "parameters", len(result))
        row: JsonObject = {"name": name, "in": where}
        if described := [c.child("description") for c in found if "description" in c.value]:
            row["description"] = uniter.ledger.say(join(here, "description"), described)
        row["required"] = where == "path" or all(c.value.get("required") for c in found)
        row["schema"] = uniter.schema([c.child("schema") for c in found], join(here, "schema"), "request")
        for member in ("style", "explode", "allowReserved", "deprecated"):
            if member in found[0].value:
                row[member] = found[0].value[member]
        if "example" in found[0].value:
            row["example"] = found[0].value["example"]
        result.append(row)
    return result


def _request_body(whole: Sequence[Candidate], request: str) -> JsonObject:
    media = [
        c.child("requestBody", "content", "application/json")
        for c in whole
        if "application/json" in c.value.get("requestBody", {}).get("content", {})
    ]
    content: JsonObject = {"schema": {"$ref": f"#/components/schemas/{request}"}}
    if found := examples(media):
        content["examples"] = found
    return {"required": True, "content": {"application/json": content}}


def _responses(candidates: Sequence[Candidate], uniter: Uniter, at: str) -> JsonObject:
    groups: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        for status in candidate.value.get("responses", {}):
            groups.setdefault(str(status), []).append(candidate.child("responses", status))
    role: Role
    result: JsonObject = {}
    for status in sorted(groups):
        role = "response" if status.startswith("2") else "error"
        result[status] = _body(groups[status], uniter, join(at, status), role)
    return result


def _body(found: Sequence[Candidate], uniter: Uniter, at: str, role: Role) -> JsonObject:
    result: JsonObject = {}
    described = [c.child("description") for c in found if "description" in c.value]
    if described:
        result["description"] = uniter.ledger.say(join(at, "description"), described)
    if any(c.value.get("required") for c in found):
        result["required"] = True
    media: dict[str, list[Candidate]] = {}
    for candidate in found:
        for kind in candidate.value.get("content", {}):
            media.setdefault(kind, []).append(candidate.child("content", kind))
    if media:
        result["content"] = {
            kind: _media(holders, uniter, join(at, "content", kind), role) for kind, holders in media.items()
        }
    for member in ("headers", "links"):
        if holders := [c for c in found if member in c.value]:
            result[member] = holders[0].value[member]
    if role != "request":
        result.setdefault("description", "")
    return result


def _media(holders: Sequence[Candidate], uniter: Uniter, at: str, role: Role) -> JsonObject:
    result: JsonObject = {}
    if schemas := [c.child("schema") for c in holders if "schema" in c.value]:
        result["schema"] = uniter.schema(schemas, join(at, "schema"), role)
    if found := examples(holders):
        result["examples"] = found
    if encodings := [c.value["encoding"] for c in holders if "encoding" in c.value]:
        result["encoding"] = encodings[0]
    return result


def _error_table(whole: Sequence[Candidate], uniter: Uniter, at: str) -> list[Json]:
    groups: dict[tuple[int, str], list[Candidate]] = {}
    for candidate in whole:
        for index in range(len(candidate.value.get("x-vidgate-errors", []))):
            stated = candidate.child("x-vidgate-errors", index)
            groups.setdefault((stated.value["status"], stated.value["type"]), []).append(stated)
    result: list[Json] = []
    for (status, kind), found in groups.items():
        here = join(at, len(result))
        row: JsonObject = {"status": status, "type": kind}
        for member in ("description", "fix"):
            if holders := [c.child(member) for c in found if c.value.get(member)]:
                row[member] = uniter.ledger.say(join(here, member), holders)
        row[SOURCE] = source_rows(found)
        result.append(row)
    return result


def _servers(whole: Sequence[Candidate], source: Source) -> list[JsonObject]:
    urls: dict[str, JsonObject] = {}
    for candidate in whole:
        root = candidate.source.document or {}
        servers: list[JsonObject] = candidate.value.get("servers") or root.get("servers") or []
        urls |= {server["url"]: {"url": server["url"]} for server in servers if server["url"] not in urls}
    return list(urls.values()) or [{"url": source.base_urls[0]}]


def _security(whole: Sequence[Candidate]) -> list[Json]:
    ways: dict[str, Json] = {}
    for candidate in whole:
        root = candidate.source.document or {}
        for way in candidate.value.get("security", root.get("security", [])):
            ways.setdefault(key(way), way)
    return list(ways.values())


def response_name(operation: str) -> str:
    """What a success body that its page does not name is called."""
    return f"{pascal(operation)}Response"
