"""Security: alternatives of schemes with scopes. An old way in that no new one is contained in is closed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tools.diff.documents._findings import Spot, shown
from tools.schema.lift import resolved
from tools.schema.pointers import join
from tools.schema.shapes import is_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.diff.documents._findings import Findings
    from tools.diff.documents._operations import Operation
    from tools.model import Json, JsonObject, Usage

_SAID: Final = ("type", "name", "in", "scheme", "openIdConnectUrl")
_FLOWS: Final = "flows"
_URLS: Final = ("authorizationUrl", "tokenUrl", "refreshUrl")


@dataclass(frozen=True, slots=True)
class _Way:
    """One alternative: what each scheme is, whatever it is called, with the scopes it must have."""

    schemes: Mapping[str, frozenset[str]]
    names: tuple[str, ...]

    def enough_for(self, other: _Way) -> bool:
        """Whether credentials of this alternative satisfy the other one."""
        return all(
            scheme in self.schemes and scopes <= self.schemes[scheme] for scheme, scopes in other.schemes.items()
        )

    def show(self) -> str:
        """For messages."""
        if not self.schemes:
            return "no credentials"
        rows = zip(self.names, self.schemes.values(), strict=False)
        return " and ".join(f"{name} ({', '.join(sorted(scopes))})" if scopes else name for name, scopes in rows)


def compare_security(
    old: Operation, new: Operation, documents: tuple[JsonObject, JsonObject], usage: Usage, findings: Findings
) -> None:
    """Ways in that were closed, opened, or ask for more."""
    before = [_way(documents[0], row) for row in old.security]
    after = [_way(documents[1], row) for row in new.security]
    spot = Spot(old=old.security_at, new=new.security_at)
    opened = [way for way in after if not any(_same(way, known) for known in before)]

    def add(rule: str, message: str, gone: _Way | None, come: _Way | None) -> None:
        findings.add(
            rule, spot, message,
            before=gone.show() if gone else None, after=come.show() if come else None, usages=[usage],
        )  # fmt: skip

    for way in before:
        if any(_same(way, other) for other in after):
            continue
        enough = next((other for other in after if way.enough_for(other)), None)
        if enough is not None:
            opened = [one for one in opened if one is not enough]
            rule = "security-removed" if not enough.schemes else "security-requirement-reduced"
            add(rule, f"{enough.show()} is enough where it took {way.show()}", way, enough)
            continue
        more = next((other for other in opened if other.enough_for(way) or _akin(way, other)), None)
        if not way.schemes:
            opened = [one for one in opened if one is not more]
            needed = (more or (after[0] if after else None)) or way
            add("security-added", f"it takes {needed.show()} now", way, more)
        elif more is not None:
            opened = [one for one in opened if one is not more]
            add("security-requirement-added", f"it takes {more.show()} where {way.show()} was enough", way, more)
        else:
            add("security-alternative-removed", f"{way.show()} no longer lets anybody in", way, None)
    for way in opened:
        add("security-alternative-added", f"{way.show()} lets people in, too", None, way)


def compare_schemes(documents: tuple[JsonObject, JsonObject], findings: Findings) -> None:
    """Addresses of schemes both sides have under one name."""
    old, new = (_schemes(document) for document in documents)
    for name in old.keys() & new.keys():
        for pointer in ("openIdConnectUrl", *(f"flows/{flow}/{url}" for flow in _flows(new[name]) for url in _URLS)):
            before, after = (_reach(side[name], pointer) for side in (old, new))
            if before is not None and before != after:
                here = join("", "components", "securitySchemes", name, *pointer.split("/"))
                message = f"the address {pointer} of {name} was {shown(before)}, is {shown(after)}"
                findings.add("security-url-changed", Spot(old=here, new=here), message, before=before, after=after)


def _same(left: _Way, right: _Way) -> bool:
    return left.enough_for(right) and right.enough_for(left)


def _akin(way: _Way, other: _Way) -> bool:
    """Whether the same schemes ask for other scopes."""
    return way.schemes.keys() == other.schemes.keys()


def _way(document: JsonObject, row: Mapping[str, frozenset[str]]) -> _Way:
    schemes = _schemes(document)
    return _Way({_identity(schemes.get(name), name): scopes for name, scopes in row.items()}, tuple(row))


def _schemes(document: JsonObject) -> dict[str, JsonObject]:
    found: Json = document.get("components")
    rows: Json = found.get("securitySchemes") if is_object(found) else None
    made: dict[str, JsonObject] = {}
    for name, row in rows.items() if is_object(rows) else ():
        value, _ = resolved(document, row, "")
        if is_object(value):
            made[name] = value
    return made


def _identity(scheme: JsonObject | None, name: str) -> str:
    """What a scheme is, whatever it is called; one that is not defined is its name."""
    if scheme is None:
        return f"undefined {name}"
    said: JsonObject = {member: scheme[member] for member in _SAID if member in scheme and member != "openIdConnectUrl"}
    if isinstance(said.get("scheme"), str):
        said["scheme"] = said["scheme"].lower()
    if said.get("in") == "header" and isinstance(said.get("name"), str):
        said["name"] = said["name"].lower()
    if scheme.get("type") == "oauth2":
        said["flows"] = sorted(_flows(scheme))
    return json.dumps(said, sort_keys=True)


def _flows(scheme: JsonObject) -> list[str]:
    flows: Json = scheme.get(_FLOWS)
    return [name for name in flows if not name.startswith("x-")] if is_object(flows) else []


def _reach(node: Json, pointer: str) -> Json:
    for token in pointer.split("/"):
        node = node.get(token) if is_object(node) else None
    return node
