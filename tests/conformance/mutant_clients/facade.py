"""Mutants of the facade: what it sends, and what it makes of answers."""

from __future__ import annotations

import copy
import dataclasses
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from tests.conformance.mutant_clients.patches import Mutant, means, number_as, replaces
from vidgate import (
    _engine,
    _flow,
    _media,
    _providers,
    _replies,
    _secret,
    _validate,
    errors,
)
from vidgate._report import Problem, Report

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from tests.conformance.mutant_clients.patches import Patch


def facade_sends(change: Callable[[dict[str, Any]], object]) -> Patch:
    """A facade that changes a request on its way out."""

    def make(honest: Any) -> Any:
        def encode(body: Any) -> bytes:
            copied = copy.deepcopy(dict(body))
            change(copied)
            found: bytes = honest(copied)
            return found

        return encode

    return replaces(_engine, "encode", make)


def facade_requests(change: Callable[[Any], Any]) -> Patch:
    """A facade whose requests to submit are other ones; `change` takes and gives the effect's request."""

    def make(honest: Any) -> Any:
        def submit(*given: Any) -> Any:
            flow = honest(*given)
            answer = None
            while True:
                try:
                    effect = flow.send(answer)
                except StopIteration as done:
                    return done.value
                if hasattr(effect, "request"):
                    effect = type(effect)(change(effect.request))
                answer = yield effect

        return submit

    return replaces(_engine, "submit", make)


def judges(change: Callable[[Any, Report], Report]) -> Patch:
    """A facade with another opinion of a request."""

    def make(honest: Any) -> Any:
        return lambda body, *given: change(body, honest(body, *given))

    return replaces(_validate, "validate", make)


def reads(change: Callable[[Any], Any]) -> Patch:
    """A facade that makes something else of a task's state."""

    def make(honest: Any) -> Any:
        return lambda self, *given, **named: change(honest(self, *given, **named))

    return replaces(_providers.Provider, "_state", make)


def maps(status: int, kind: type[errors.APIError]) -> Patch:
    """A facade with another class for a status."""
    return replaces(_replies, "BY_STATUS", lambda honest: {**honest, status: kind})


def refuses(name: str) -> Callable[[Any, Report], Report]:
    """Refuse whatever has a field."""
    refusal = Report(errors=(Problem(field=name, rule="mutant", message="no", fix="none"),))
    return lambda body, honest: refusal if name in body else honest


def without(*rules: str) -> Callable[[Any, Report], Report]:
    """Let pass what these rules forbid."""

    def judge(_: Any, honest: Report) -> Report:
        left = tuple(problem for problem in honest.errors if problem.rule not in rules)
        return dataclasses.replace(honest, errors=left)

    return judge


def nameless(_: Any, honest: Report) -> Report:
    """Say that something is wrong, not what."""
    return dataclasses.replace(honest, errors=tuple(dataclasses.replace(each, field="") for each in honest.errors))


def as_text(sent: Any) -> Any:
    """Call the body text."""
    return dataclasses.replace(sent, headers={**sent.headers, "content-type": "text/plain"})


def submits_twice(honest: Any) -> Any:
    """Submit, and submit again."""

    def submit(*given: Any) -> Any:
        yield from honest(*given)
        return (yield from honest(*given))

    return submit


def loses_number(honest: Any) -> Any:
    """Take keywords, but no number."""

    def create(self: Any, request: object = None, /, **keywords: object) -> Any:
        return honest(self, request, **{name: value for name, value in keywords.items() if not isinstance(value, int)})

    return create


def plain_pickle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Errors that leave pickling to Exception."""
    monkeypatch.delattr(errors.VidgateError, "__reduce__")


def replaced(complaint: Any, **facts: Any) -> Any:
    """The same complaint with other facts."""
    return None if complaint is None else dataclasses.replace(complaint, **facts)


MUTANTS = (
    Mutant(
        id="facade drops a field",
        breaks="FACADE-REQUEST-KEPT",
        patch=facade_sends(lambda body: body.pop("callback_url", None)),
    ),
    Mutant(id="facade stringifies a number", breaks="FACADE-REQUEST-KEPT", patch=facade_sends(number_as(str))),
    Mutant(
        id="facade reverses an array",
        breaks="FACADE-REQUEST-KEPT",
        patch=facade_sends(lambda body: body.get("image_urls", []).reverse()),
    ),
    Mutant(
        id="facade writes ASCII",
        breaks="FACADE-REQUEST-KEPT",
        patch=facade_sends(lambda body: body.update(prompt=body["prompt"].encode("ascii", "replace").decode())),
    ),
    Mutant(
        id="facade adds a default",
        breaks="FACADE-REQUEST-NOTHING-ADDED",
        patch=facade_sends(lambda body: body.setdefault("aspect_ratio", "16:9")),
    ),
    Mutant(
        id="facade posts elsewhere",
        breaks="FACADE-REQUEST-ADDRESS",
        patch=facade_requests(lambda sent: dataclasses.replace(sent, url=f"{sent.url}/")),
    ),
    Mutant(id="facade sends text", breaks="FACADE-REQUEST-HEADERS", patch=facade_requests(as_text)),
    Mutant(
        id="facade sends no key",
        breaks="FACADE-REQUEST-HEADERS",
        patch=replaces(_secret.Secret, "reveal", lambda _: lambda self: ""),
    ),
    Mutant(
        id="facade sends twice",
        breaks="FACADE-REQUEST-ONCE",
        also=("FACADE-IDEMPOTENCY-KEY",),
        patch=replaces(_engine, "submit", submits_twice),
    ),
    Mutant(
        id="keywords lose a number",
        breaks="FACADE-REQUEST-FORMS",
        patch=replaces(_media.Media, "_create", loses_number),
    ),
    Mutant(
        id="facade refuses a documented field",
        breaks="FACADE-VALID-ACCEPTED",
        also=("FACADE-INVALID-FIELD-NAMED",),
        patch=judges(refuses("callback_url")),
    ),
    Mutant(
        id="facade refuses an empty text",
        breaks="FACADE-VALID-ACCEPTED",
        patch=judges(lambda body, honest: honest if body.get("prompt", "x") else refuses("prompt")(body, honest)),
    ),
    Mutant(
        id="facade lets too much pass", breaks="FACADE-INVALID-REFUSED", patch=judges(without("maxLength", "maxItems"))
    ),
    Mutant(id="facade lets other types pass", breaks="FACADE-INVALID-REFUSED", patch=judges(without("type"))),
    Mutant(
        id="facade sends before it judges",
        breaks="FACADE-INVALID-REFUSED",
        also=("FACADE-UNKNOWN-KEYWORD",),
        patch=judges(lambda body, honest: Report(model=honest.model)),
    ),
    Mutant(id="facade names no field", breaks="FACADE-INVALID-FIELD-NAMED", patch=judges(nameless)),
    Mutant(
        id="facade ignores misspelled keywords",
        breaks="FACADE-UNKNOWN-KEYWORD",
        patch=judges(without("unknown-keyword")),
    ),
    Mutant(
        id="facade has one key for all",
        breaks="FACADE-IDEMPOTENCY-KEY",
        patch=facade_requests(
            lambda sent: dataclasses.replace(sent, headers={**sent.headers, "idempotency-key": "always-the-same-one"})
        ),
    ),
    Mutant(
        id="facade has a key for each attempt",
        breaks="FACADE-IDEMPOTENCY-KEY",
        patch=facade_requests(
            lambda sent: dataclasses.replace(
                sent, headers={**sent.headers, "idempotency-key": f"vidgate-{uuid.uuid4()}"}
            )
        ),
    ),
    Mutant(
        id="facade loses the payload",
        breaks="FACADE-RESPONSE-KEPT",
        patch=reads(lambda state: dataclasses.replace(state, payload={"id": state.id})),
    ),
    Mutant(
        id="facade loses extra fields",
        breaks="FACADE-RESPONSE-KEPT",
        patch=reads(
            lambda state: dataclasses.replace(
                state, payload={name: value for name, value in state.payload.items() if name != "a_field_no_page_names"}
            )
        ),
    ),
    Mutant(
        id="facade takes progress for granted",
        breaks="FACADE-RESPONSE-UNEXPECTED",
        patch=reads(lambda state: dataclasses.replace(state, progress=int(state.payload["progress"]))),
    ),
    Mutant(
        id="facade chokes on another type",
        breaks="FACADE-RESPONSE-UNEXPECTED",
        patch=reads(lambda state: dataclasses.replace(state, model=state.payload.get("model", "").strip())),
    ),
    Mutant(
        id="facade takes another id",
        breaks="FACADE-TASK-FACTS",
        patch=reads(lambda state: dataclasses.replace(state, id=f"{state.id}x")),
    ),
    Mutant(
        id="facade forgets results",
        breaks="FACADE-TASK-FACTS",
        patch=reads(lambda state: dataclasses.replace(state, results=state.results[:1])),
    ),
    Mutant(
        id="facade forgets the progress",
        breaks="FACADE-TASK-FACTS",
        patch=reads(lambda state: dataclasses.replace(state, progress=None)),
    ),
    Mutant(
        id="facade takes processing for an end",
        breaks="FACADE-TASK-STATUS",
        also=("FACADE-TASK-FACTS",),
        patch=means("processing", "completed"),
    ),
    Mutant(
        id="facade takes the unknown for an end",
        breaks="FACADE-TASK-STATUS",
        patch=reads(
            lambda state: dataclasses.replace(state, verdict="failed" if state.verdict == "unknown" else state.verdict)
        ),
    ),
    Mutant(id="facade mistakes 402", breaks="FACADE-ERROR-CLASS", patch=maps(402, errors.BadRequest)),
    Mutant(id="facade makes 401 an APIError", breaks="FACADE-ERROR-CLASS", patch=maps(401, errors.APIError)),
    Mutant(
        id="facade forgets the request id",
        breaks="FACADE-ERROR-FACTS",
        patch=replaces(_replies, "request_id", lambda _: lambda *given: None),
    ),
    Mutant(
        id="facade forgets the reason",
        breaks="FACADE-ERROR-FACTS",
        patch=replaces(_replies, "read_complaint", lambda honest: lambda body: replaced(honest(body), message="")),
    ),
    Mutant(
        id="facade shows the key",
        breaks="FACADE-ERROR-SECRET",
        patch=replaces(
            _replies, "HINTS", lambda honest: {**honest, errors.BadRequest: "you sent conformance-test-key"}
        ),
    ),
    Mutant(
        id="facade redacts nothing",
        breaks="FACADE-ERROR-SECRET",
        patch=replaces(_secret.Secret, "redact", lambda _: lambda self, text: text),
    ),
    Mutant(id="errors do not pickle", breaks="FACADE-ERROR-PICKLE", patch=plain_pickle),
    Mutant(
        id="facade takes 408 for a refusal",
        breaks="FACADE-ERROR-UNDOCUMENTED",
        patch=replaces(_flow, "AMBIGUOUS_STATUSES", lambda _: frozenset[int]()),
    ),
    Mutant(
        id="facade crashes on 204",
        breaks="FACADE-ERROR-UNDOCUMENTED",
        patch=replaces(
            _flow,
            "_submitted",
            lambda honest: (
                lambda aim, kind, reply, *given: honest(
                    aim,
                    kind,
                    dataclasses.replace(reply, body=reply.body if reply.status != 204 else reply.body["id"]),
                    *given,
                )
            ),
        ),
    ),
)
