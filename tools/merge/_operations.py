"""One operation of the contract out of every page that states it."""

from __future__ import annotations

import re
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

from tools.merge._candidates import rewrite
from tools.merge._names import operation_id, pascal, tag_of
from tools.merge._unite import SOURCE, source_rows
from tools.schema.canonical import dumps
from tools.schema.normal import key
from tools.schema.pointers import join
from tools.schema.shapes import is_object

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.merge._candidates import Candidate, Role, Stated
    from tools.merge._unite import Uniter
    from tools.model import Json, JsonObject, Source

LEFT_ON_THE_PAGE = ("x-codeSamples", "x-code-samples", "externalDocs", "operationId", "tags")
"""Members of a page's operation that the contract does not take over: samples of code and links to more text belong to
the page, ids and tags are ours."""

KNOWN = frozenset(
    {"summary", "description", "parameters", "requestBody", "responses", "servers", "security", "deprecated"}
    | {"callbacks", *LEFT_ON_THE_PAGE}
)
"""Members of a page's operation that are taken over, or left behind with a reason."""


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
    if callbacks := _first("callbacks", whole, uniter, at):
        result |= callbacks
    result[SOURCE] = source_rows(candidates)
    return result


def example_key(candidate: Candidate, name: str = "") -> str:
    """A key that tells language, page and example apart: `ko.gemini-omni-flash.video-edit.video_edit`."""
    parts = [candidate.locale, *candidate.stem.split("/")[-2:], name]
    return ".".join(re.sub(r"[^A-Za-z0-9._-]+", "-", part) for part in parts if part)


def examples(media: Sequence[Candidate]) -> JsonObject:
    """Every example of every page, in every language; equal values become one example with several sources."""
    rows: dict[bytes, tuple[str, JsonObject]] = {}
    for candidate in media:
        named: list[tuple[str, Candidate]] = [("", candidate.child("example"))] if "example" in candidate.value else []
        named += [(name, candidate.child("examples", name)) for name in candidate.value.get("examples", {})]
        for name, example in named:
            wrapped = is_object(example.value) and "value" in example.value and name != ""
            row: JsonObject = dict(example.value) if wrapped else {"value": example.value}
            same = dumps(row["value"])
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
        for member in ("style", "explode", "allowReserved", "allowEmptyValue", "deprecated"):
            row |= _first(member, found, uniter, here)
        for member in ("example", "examples"):
            if member in found[0].value:
                row[member] = found[0].value[member]
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
        result |= _first(member, found, uniter, at)
    if role != "request":
        result.setdefault("description", "")
    return result


def _media(holders: Sequence[Candidate], uniter: Uniter, at: str, role: Role) -> JsonObject:
    result: JsonObject = {}
    if schemas := [c.child("schema") for c in holders if "schema" in c.value]:
        result["schema"] = uniter.schema(schemas, join(at, "schema"), role)
    if found := examples(holders):
        result["examples"] = found
    return result | _first("encoding", holders, uniter, at)


def _first(member: str, candidates: Sequence[Candidate], uniter: Uniter, at: str) -> JsonObject:
    """The member as the first page that has it says it, if one has; that others say otherwise is recorded."""
    holders = [candidate.child(member) for candidate in candidates if member in candidate.value]
    said = [rewrite(one.value, partial(uniter.final_reference, one)) for one in holders]
    if len({key({member: one}) for one in said}) > 1:
        uniter.ledger.decide("first-stated", f"{join(at, member)}: the pages differ", holders)
    return {member: said[0]} if said else {}


def _error_table(whole: Sequence[Candidate], uniter: Uniter, at: str) -> list[Json]:
    groups: dict[tuple[int, str, int], list[Candidate]] = {}
    for candidate in whole:
        seen: Counter[tuple[int, str]] = Counter()
        for index in range(len(candidate.value.get("x-vidgate-errors", []))):
            stated = candidate.child("x-vidgate-errors", index)
            named = stated.value["status"], stated.value.get("type", "")
            groups.setdefault((*named, seen[named]), []).append(stated)  # some tables have several rows of a status
            seen[named] += 1
    result: list[Json] = []
    for (status, kind, _), found in groups.items():
        here = join(at, len(result))
        row: JsonObject = {"status": status, **({"type": kind} if kind else {})}
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
        for server in servers:
            urls.setdefault(server["url"], {name: server[name] for name in ("url", "variables") if name in server})
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
