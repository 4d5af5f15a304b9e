"""Operations against operations: parameters, bodies, media types, responses, headers, servers, callbacks.

`turned`: the other side calls us (callbacks, webhooks), so that its requests are what we read, and its responses
what we send.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tools.diff.documents._findings import Spot, shown
from tools.diff.documents._life import SUNSET, Announced, compare_life, day
from tools.diff.documents._media import covers, encodings, match
from tools.diff.documents._operations import Node
from tools.diff.documents._schemas import Site
from tools.diff.documents._security import compare_security
from tools.diff.documents._servers import compare_servers
from tools.diff.documents._text import Made, on_the_wire, single, style, text_of
from tools.model import Usage
from tools.schema.lift import resolved
from tools.schema.pointers import join, split
from tools.schema.shapes import is_array, is_object

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping

    from tools.diff.documents._findings import Findings
    from tools.diff.documents._operations import Operation
    from tools.diff.documents._schemas import Schemas
    from tools.diff.documents._text import Polarity
    from tools.model import Json, JsonObject

_UNSAID: Final = object()


@dataclass(frozen=True, kw_only=True, slots=True)
class Wire:
    """Compares two documents, given where findings and schemas go."""

    documents: tuple[JsonObject, JsonObject]
    findings: Findings
    schemas: Schemas
    today: dt.date | None

    def operation(self, old: Operation, new: Operation, *, turned: bool = False) -> None:
        """Everything two operations say about the wire."""
        ask = Usage(operation=new.name, role="callback" if turned else "request")
        answer = Usage(operation=new.name, role="callback" if turned else "response")
        out: Polarity = "response" if turned else "request"
        back: Polarity = "request" if turned else "response"
        self._parameters(old, new, ask, turned=turned)
        self._bodies(old, new, ask, out)
        self._responses(old, new, answer, back)
        if not turned:
            compare_servers(old, new, ask, self.findings)
            compare_security(old, new, self.documents, ask, self.findings)
        for key, callback in old.callbacks.items():
            other = new.callbacks.get(key)
            if other is None:
                self._gone("callback-removed", callback.at, new.at, f"the callback {callback.name} was removed", ask)
                continue
            if callback.name != other.name:
                message = f"the callback comes to {other.name}, it came to {callback.name}"
                spot = Spot(old=callback.at, new=other.at)
                self.findings.add("callback-address-changed", spot, message, usages=[ask])
            self.operation(callback, other, turned=not turned)
        for key, callback in new.callbacks.items():
            if key not in old.callbacks:
                message = f"the callback {callback.name} was added"
                self._come("callback-added", old.at, callback.at, message, ask)

    def _gone(self, rule: str, old: str, new: str, message: str, usage: Usage, *, before: Json = None) -> None:
        self.findings.add(rule, Spot(old=old, new=new), message, before=before, usages=[usage], member=old)

    def _come(self, rule: str, old: str, new: str, message: str, usage: Usage, *, after: Json = None) -> None:
        self.findings.add(rule, Spot(old=old, new=new), message, after=after, usages=[usage], member=new)

    # --- parameters ---

    def _parameters(self, old: Operation, new: Operation, usage: Usage, *, turned: bool) -> None:
        prefix = "callback-parameter" if turned else "request-parameter"
        for key, node in old.parameters.items():
            if _nowhere(key) and key not in new.parameters:
                continue
            other = new.parameters.get(key) or _undeclared(key, new)
            if other is not None:
                self._parameter(node, other, usage, turned=turned)
            else:
                message = f"the {key[0]} parameter {_name(node)!r} was removed"
                early = not turned and self._early(node.value)
                self._gone(
                    "request-parameter-removed-early" if early else f"{prefix}-removed",
                    node.at,
                    new.at,
                    message,
                    usage,
                    before=node.value,
                )
        for key, node in new.parameters.items():
            if _nowhere(key) and key not in old.parameters:
                continue
            if key not in old.parameters and (undeclared := _undeclared(key, old)) is not None:
                self._parameter(undeclared, node, usage, turned=turned)
            elif key not in old.parameters:
                must = node.value.get("required") is True and not turned
                rule = f"{prefix}-{'required-' if must else ''}added"
                kind = "required " if must else ""
                message = f"the {kind}{key[0]} parameter {_name(node)!r} was added"
                self._come(rule, old.at, node.at, message, usage, after=node.value)

    def _early(self, parameter: JsonObject) -> bool:
        """Whether it was promised to stay until a day that has not come, as far as anybody can read."""
        if SUNSET not in parameter:
            return False
        end = day(parameter.get(SUNSET))
        return end is None or self.today is None or self.today < end

    def _parameter(self, old: Node, new: Node, usage: Usage, *, turned: bool) -> None:
        name = f"the {new.value.get('in')} parameter {_name(new)!r}"
        was, now = (node.value.get("required") is True for node in (old, new))
        if was != now and not turned:
            rule = f"request-parameter-became-{'required' if now else 'optional'}"
            message = f"{name} became {'required' if now else 'optional'}"
            self._changed(rule, old, new, "required", message, usage=usage, values=(was, now))
        if not turned:
            self._spelling(old, new, name, usage)
        polarity: Polarity = "response" if turned else "request"
        if "content" in old.value or "content" in new.value:
            if ("content" in old.value) != ("content" in new.value):
                self._changed(
                    "parameter-content-changed", old, new, "content", f"{name} is spelled otherwise", usage=usage
                )
                return
            self._content(old, new, usage, polarity, name)
        else:
            sites = on_the_wire(self.documents, (old, new), polarity)
            (before, before_at), (after, after_at) = sites
            items = None if turned else single(self.documents[1], before, after, new.value)
            if items is not None:
                after, after_at = items, join(after_at, "items")
            said = not turned and self._default(old, new, (sites[0][1], sites[1][1]), name, usage)
            self.schemas.use(
                Site(
                    old=before, new=after, old_at=before_at, new_at=after_at,
                    polarity=polarity, text="values", default_said=said,
                ),
                usage,
            )  # fmt: skip
        compare_life(Announced(node=old, name=name), Announced(node=new, name=name), usage, self.findings)

    def _default(self, old: Node, new: Node, at: tuple[str, str], name: str, usage: Usage) -> bool:
        """What a request means that leaves the parameter out; False where none may leave it out."""
        if any(node.value.get("required") is True or node.value.get("in") == "path" for node in (old, new)):
            return False
        nodes = [
            resolved(document, node.value.get("schema"), "")[0]
            for document, node in zip(self.documents, (old, new), strict=True)
        ]
        was, now = (node.get("default", _UNSAID) if is_object(node) else _UNSAID for node in nodes)
        if was is _UNSAID and now is _UNSAID:
            return True
        action = "added" if was is _UNSAID else "removed" if now is _UNSAID else "changed"
        values = [None if value is _UNSAID else value for value in (was, now)]
        if values[0] != values[1] or action != "changed":
            words = f"the default of {name} was {shown(values[0])}, is {shown(values[1])}"
            message = (
                words if action == "changed" else f"the default {shown(values[0] or values[1])} of {name} was {action}"
            )
            spot = Spot(old=join(at[0], "default"), new=join(at[1], "default"))
            self.findings.add(
                f"request-parameter-default-{action}", spot, message,
                before=values[0], after=values[1], usages=[usage],
                why="no page said before what is assumed" if action == "added" else "",
            )  # fmt: skip
        return True

    def _spelling(self, old: Node, new: Node, name: str, usage: Usage) -> None:
        was, now = style(old.value), style(new.value)
        if was != now and any(
            _composite(document, node) for document, node in zip(self.documents, (old, new), strict=True)
        ):
            self._changed(
                "parameter-style-changed",
                old,
                new,
                "style",
                f"{name} is spelled otherwise",
                usage=usage,
                values=(was, now),
            )
        for member, rules in (
            ("allowReserved", ("parameter-reserved-changed", "parameter-reserved-changed")),
            ("allowEmptyValue", ("parameter-empty-allowed", "parameter-empty-refused")),
        ):
            before, after = old.value.get(member) is True, new.value.get(member) is True
            if before != after:
                message = f"{name}: {member} was {shown(before)}, is {shown(after)}"
                self._changed(rules[0 if after else 1], old, new, member, message, usage=usage, values=(before, after))

    def _changed(
        self, rule: str, old: Node, new: Node, member: str, message: str, *, usage: Usage, values: Json = (None, None)
    ) -> None:
        spot = Spot(old=join(old.at, member), new=join(new.at, member))
        self.findings.add(rule, spot, message, before=values[0], after=values[1], usages=[usage])

    # --- bodies ---

    def _bodies(self, old: Operation, new: Operation, usage: Usage, out: Polarity) -> None:
        before, after = old.body, new.body
        if before is None or after is None:
            if before is not None:
                self._gone(f"{out}-body-removed", before.at, new.at, "the body was removed", usage)
            elif after is not None:
                must = out == "request" and after.value.get("required") is True
                rule = f"{out}-body-{'required-' if must else ''}added"
                self._come(rule, old.at, after.at, f"a{' required' if must else ''} body was added", usage)
            return
        was, now = before.value.get("required") is True, after.value.get("required") is True
        if was != now:
            word = "required" if now else "optional"
            rule = f"{out}-body-became-{word}"
            self._changed(rule, before, after, "required", f"the body became {word}", usage=usage, values=(was, now))
        self._content(before, after, usage, out, "the body")

    def _content(self, old: Node, new: Node, usage: Usage, polarity: Polarity, name: str) -> None:
        before, after = _content(old), _content(new)
        if not before and after and polarity == "response":
            self._come("response-body-added", old.at, join(new.at, "content"), f"{name} has content now", usage)
            return
        if before and not after and polarity == "response":
            self._gone("response-body-removed", join(old.at, "content"), new.at, f"{name} has no content now", usage)
            return
        matched: set[str] = set()
        for media, value in before.items():
            found = match(media, after, polarity=polarity)
            if found is None:
                wider = next((other for other in after if covers(other, media)), None)
                at = join(old.at, "content", media)
                if wider is not None and polarity == "response":
                    matched.add(wider)
                    message = f"{name}: {wider} stands where {media} stood"
                    self._come("response-media-type-widened", at, join(new.at, "content", wider), message, usage)
                    self._media(value, after[wider], at, join(new.at, "content", wider), usage=usage, polarity=polarity)
                    continue
                message = f"{name}: the media type {media} was removed"
                self._gone(f"{polarity}-media-type-removed", at, join(new.at, "content"), message, usage, before=media)
                continue
            matched.add(found)
            here, there = join(old.at, "content", media), join(new.at, "content", found)
            self._media(value, after[found], here, there, usage=usage, polarity=polarity)
        for media in after:
            if media not in matched and not any(covers(other, media) for other in before):
                at = join(new.at, "content", media)
                message = f"{name}: the media type {media} was added"
                self._come(f"{polarity}-media-type-added", join(old.at, "content"), at, message, usage, after=media)

    def _media(self, old: Json, new: Json, old_at: str, new_at: str, *, usage: Usage, polarity: Polarity) -> None:
        if not is_object(old) or not is_object(new):
            return
        schemas: list[tuple[Json, str]] = []
        for document, node, at in zip(self.documents, (old, new), (old_at, new_at), strict=True):
            here = join(at, "schema")
            schemas.append(resolved(document, node.get("schema", {}), here) if "schema" in node else (Made(), here))
        (before, before_at), (after, after_at) = schemas
        text = text_of(split(old_at)[-1])
        self.schemas.use(
            Site(old=before, new=after, old_at=before_at, new_at=after_at, polarity=polarity, text=text), usage
        )
        was, now = (encodings(document, node) for document, node in zip(self.documents, (old, new), strict=True))
        for name in sorted(was.keys() | now.keys()):
            if was.get(name, {}) != now.get(name, {}):
                spot = Spot(old=join(old_at, "encoding", name), new=join(new_at, "encoding", name))
                message = f"the part {name!r} is written otherwise"
                self.findings.add(
                    f"{polarity}-encoding-changed", spot, message,
                    before=was.get(name), after=now.get(name), usages=[usage],
                )  # fmt: skip

    # --- responses ---

    def _responses(self, old: Operation, new: Operation, usage: Usage, back: Polarity) -> None:
        used: set[str] = set()
        for status, node in old.responses.items():
            found = status if status in new.responses else _range(status, new.responses)
            if found is None:
                rule = _status_rule(status, node, new)
                message = f"the response {status} was removed"
                self._gone(rule, node.at, join(new.at, "responses"), message, usage, before=status)
                continue
            if found == status:
                used.add(found)
            self._response(node, new.responses[found], usage, back, f"the response {status}")
        for status, node in new.responses.items():
            if status in used:
                continue
            origin = _range(status, old.responses)
            ranged = origin is not None and origin != "default"
            if not ranged:
                message = f"the response {status} was added"
                self._come("response-status-added", join(old.at, "responses"), node.at, message, usage, after=status)
            elif origin is not None:
                self._response(old.responses[origin], node, usage, back, f"the response {status}")

    def _response(self, old: Node, new: Node, usage: Usage, back: Polarity, name: str) -> None:
        self._content(old, new, usage, back, name)
        before, after = (
            dict(_headers(document, node)) for document, node in zip(self.documents, (old, new), strict=True)
        )
        for header, node in before.items():
            must = node.value.get("required") is True
            other = after.get(header)
            if other is None:
                rule = f"response-header-{'required-' if must else ''}removed"
                self._gone(rule, node.at, new.at, f"{name}: the header {header} was removed", usage)
                continue
            now = other.value.get("required") is True
            if must != now:
                word = "required" if now else "optional"
                rule = f"response-header-became-{word}"
                message = f"{name}: the header {header} became {word}"
                self._changed(rule, node, other, "required", message, usage=usage, values=(must, now))
            (left, left_at), (right, right_at) = on_the_wire(self.documents, (node, other), back)
            self.schemas.use(
                Site(old=left, new=right, old_at=left_at, new_at=right_at, polarity=back, text="values"), usage
            )
        for header, node in after.items():
            if header not in before:
                self._come("response-header-added", old.at, node.at, f"{name}: the header {header} was added", usage)


def _nowhere(key: tuple[str, str]) -> bool:
    """Whether a path parameter stands in no part of the template: those that do are known by their position."""
    return key[0] == "path" and not key[1].isdigit()


def _undeclared(key: tuple[str, str], operation: Operation) -> Node | None:
    """A part of the path that only the template names: it takes any text."""
    if key[0] != "path":
        return None
    return Node(value={"in": "path", "name": key[1], "required": True, "schema": {"type": "string"}}, at=operation.at)


def _name(node: Node) -> str:
    return str(node.value.get("name"))


def _composite(document: JsonObject, node: Node) -> bool:
    """Whether the parameter may be an array or an object: only these are spelled by style."""
    schema, _ = resolved(document, node.value.get("schema", {}), "")
    types: Json = schema.get("type") if is_object(schema) else None
    named = set(types) if is_array(types) else {types}
    return bool(named & {"array", "object", None})


def _content(node: Node) -> dict[str, Json]:
    content: Json = node.value.get("content")
    return dict(content.items()) if is_object(content) else {}


def _headers(document: JsonObject, node: Node) -> Iterator[tuple[str, Node]]:
    rows: Json = node.value.get("headers")
    for name, row in rows.items() if is_object(rows) else ():
        value, at = resolved(document, row, join(node.at, "headers", name))
        if is_object(value) and name.lower() != "content-type":
            yield name.lower(), Node(value=value, at=at)


def _range(status: str, responses: Mapping[str, Node]) -> str | None:
    """The range of statuses that covers this one."""
    hundred = f"{status[:1]}XX"
    if hundred in responses:
        return hundred
    return "default" if "default" in responses and not status.startswith("2") else None


def _status_rule(status: str, node: Node, new: Operation) -> str:
    """The rule for a status that is gone; successes fell under `default` where no other status is one."""
    if status.endswith("XX") and any(other[0] == status[0] for other in new.responses):
        return "response-status-range-narrowed"
    if status == "default" and not _has_success(new):
        return f"response-{'success' if 'content' in node.value else 'default'}-status-removed"
    return f"response-{'success' if status.startswith('2') else 'error'}-status-removed"


def _has_success(operation: Operation) -> bool:
    return any(status.startswith("2") for status in operation.responses)
