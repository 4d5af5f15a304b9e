"""What the wire does to a call becomes a typed error, and a paid request that may have arrived is never sent again."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from vidgate import errors

from ..._answers import TASK_ID, good_answer, valid_request
from ..._contract import GOOD
from ..._json import follow
from ..._subject import COLOURS, TEST_KEY
from ..._verdict import describe
from ._findings import Findings
from ._script import ANSWER_HEADERS, in_turn, on_stage, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..._json import Json
    from ..._subject import Subject
    from ._script import Stage

SUBMIT_UNSURE = "FAULT-SUBMIT-UNSURE"
SUBMIT_SAFE = "FAULT-SUBMIT-NOT-ARRIVED"
SUBMIT_ANSWER = "FAULT-SUBMIT-ANSWER"
READ = "FAULT-READ-BROKEN"
READ_ANSWER = "FAULT-READ-ANSWER"
READ_AGAIN = "FAULT-READ-PASSING"
SECRET = "FAULT-SECRET"  # noqa: S105 - a rule's name

NOT_ARRIVED: tuple[type[httpx.TransportError], ...] = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
)
ON_THE_WAY: tuple[type[httpx.RequestError], ...] = (
    httpx.ReadError,
    httpx.ReadTimeout,
    httpx.WriteError,
    httpx.WriteTimeout,
    httpx.CloseError,
    httpx.RemoteProtocolError,
    httpx.DecodingError,
)
MOST_SENDINGS = 10
"""A submission that cannot arrive is given up after a few attempts."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Body:
    """An answer of a good status with something wrong; `readable`: a lenient reader may still find the task in it."""

    name: str
    content: bytes
    headers: tuple[tuple[str, str], ...] = ()
    readable: bool = False


def broken_bodies(answer: Json) -> Iterator[Body]:
    """Every way in which a body can be wrong."""
    text = json.dumps(answer, ensure_ascii=False)
    whole = text.encode()
    yield Body(name="empty", content=b"")
    yield Body(name="white space", content=b" \n")
    yield Body(name="HTML", content=b"<!doctype html><title>502 Bad Gateway</title>")
    yield Body(name="text", content=b"upstream connect error")
    yield Body(name="cut in the middle", content=whole[: len(whole) // 2])
    yield Body(name="one byte short", content=whole[:-1])
    yield Body(name="array", content=b"[" + whole + b"]")
    yield Body(name="null", content=b"null")
    yield Body(name="string", content=json.dumps(text).encode())
    yield Body(name="not UTF-8", content=b'{"id": "\xff\xfe\xfa"}')
    yield Body(name="lone surrogate", content=b'{"id": "\\ud800"}', readable=True)
    yield Body(name="number without end", content=b'{"id": ' + b"9" * 100_000 + b"}")
    yield Body(name="deep", content=b"[" * 100_000 + b"]" * 100_000)
    yield Body(name="empty object", content=b"{}")
    yield Body(name="gzip that is none", content=whole, headers=(("content-encoding", "gzip"),))
    yield Body(
        name="gzip cut short",
        content=gzip.compress(whole)[:-12],
        headers=(("content-encoding", "gzip"),),
        readable=True,
    )
    yield Body(name="two values", content=whole + whole)
    yield Body(name="byte order mark", content=b"\xef\xbb\xbf" + whole, readable=True)
    yield Body(name="UTF-16", content=text.encode("utf-16"), readable=True)
    yield Body(name="a member twice", content=whole[:-1] + b', "status": "odd"}', readable=True)
    yield Body(name="NaN", content=whole[:-1] + b', "odd": NaN}', readable=True)
    yield Body(name="wrong media type", content=whole, headers=(("content-type", "text/html"),), readable=True)
    yield Body(name="unknown charset", content=whole, headers=(("content-type", "a/b; charset=odd"),), readable=True)
    yield Body(name="wrong length", content=whole, headers=(("content-length", "7"),), readable=True)


def judge_faults(subject: Subject) -> Findings:
    """Every fault on a submission and on a query, sync and async."""
    findings = Findings()
    for colour in COLOURS:
        with on_stage(findings, subject, colour) as stage:
            judge = _Faults(stage)
            judge.submissions()
            judge.queries()
            judge.passing()
    return findings


class _Faults:
    """The facade on a wire that fails."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        subject = stage.subject
        paid, free = subject.contract.one(paid=True), subject.contract.one(paid=False)
        self._body = valid_request(subject, paid)
        self._submitted = good_answer(subject, paid)
        self._queried = good_answer(subject, free)
        self._id = follow(self._submitted, paid.task_pointer or "")

    def submissions(self) -> None:
        """Unsure ones: SubmitUnknown with the key that was sent, after one POST. Others: a plain refusal."""
        for kind in ON_THE_WAY:
            error = self._submit(in_turn([kind("broken")]))
            self._unsure(SUBMIT_UNSURE, error, kind.__name__)
        for kind in NOT_ARRIVED:
            error = self._submit(in_turn([kind("broken")]))
            self._stage.findings.saw(SUBMIT_SAFE)
            if (
                not isinstance(error, errors.ConnectionFailed)
                or not 1 <= len(self._stage.script.requests) <= MOST_SENDINGS
            ):
                self._stage.add(
                    SUBMIT_SAFE, f"{kind.__name__} became {shown(error)} after {len(self._stage.script.requests)} POSTs"
                )
            self._secret(error, kind.__name__)
        for body in broken_bodies(self._submitted):
            error = self._submit(_bad(body))
            if body.readable and not isinstance(error, BaseException):
                self._stage.findings.saw(SUBMIT_ANSWER)
                if len(self._stage.script.requests) != 1:
                    self._stage.add(SUBMIT_ANSWER, f"{body.name}: sent {len(self._stage.script.requests)} times")
                if error.id != self._id:
                    self._stage.add(SUBMIT_ANSWER, f"{body.name}: the task {error.id!r} is not in the answer")
            else:
                self._unsure(SUBMIT_ANSWER, error, body.name)

    def queries(self) -> None:
        """A query that fails again and again ends with a typed error, after a few attempts."""
        for kind in (*NOT_ARRIVED, *ON_THE_WAY):
            error = self._read(in_turn([kind("broken")]))
            self._stage.findings.saw(READ)
            if not isinstance(error, errors.TransportError) or len(self._stage.script.requests) > MOST_SENDINGS:
                self._stage.add(
                    READ, f"{kind.__name__} became {shown(error)} after {len(self._stage.script.requests)} GETs"
                )
            self._secret(error, kind.__name__)
        for body in broken_bodies(self._queried):
            error = self._read(_bad(body))
            self._stage.findings.saw(READ_ANSWER)
            if isinstance(error, errors.APIError | errors.TransportError):
                self._secret(error, body.name)
            elif not body.readable or isinstance(error, BaseException):
                self._stage.add(READ_ANSWER, f"{body.name} became {shown(error)}")

    def passing(self) -> None:
        """A query that fails once is asked again: broken connections, 5xx, a page instead of JSON."""
        page = httpx.Response(502, content=b"<html>bad gateway</html>", headers={"content-type": "text/html"})
        steps: list[Any] = [kind("broken") for kind in (*NOT_ARRIVED, *ON_THE_WAY)]
        for step in (*steps, page, httpx.Response(503, json={}), httpx.Response(200, content=b"<html>")):
            task = self._read(in_turn([step, self._queried]))
            self._stage.findings.saw(READ_AGAIN)
            if isinstance(task, BaseException) or len(self._stage.script.requests) != 2:  # noqa: PLR2004 - the second one
                what = describe(step) if isinstance(step, Exception) else f"HTTP {step.status_code}"
                self._stage.add(READ_AGAIN, f"{what} once, then the task, became {shown(task)}")

    def _unsure(self, rule: str, error: Any, what: str) -> None:
        self._stage.findings.saw(rule)
        requests = self._stage.script.requests
        if not isinstance(error, errors.SubmitUnknown) or len(requests) != 1:
            self._stage.add(
                rule, f"{what} became {shown(error)} after {len(requests)} POSTs; nobody can know if it counted"
            )
        elif error.idempotency_key != requests[0].headers.get("idempotency-key") or not error.idempotency_key:
            self._stage.add(rule, f"{what}: the error has another idempotency key than the request")
        self._secret(error, what)

    def _secret(self, error: Any, what: str) -> None:
        self._stage.findings.saw(SECRET)
        cause = getattr(error, "__cause__", None)
        if TEST_KEY in f"{error!s}{error!r}{cause!r}{getattr(error, '__dict__', '')!r}":
            self._stage.add(SECRET, f"the error of {what} shows the key")

    def _submit(self, answer: Callable[[httpx.Request], httpx.Response]) -> Any:
        return self._stage.called(answer, lambda: self._stage.facade.create(self._body))

    def _read(self, answer: Callable[[httpx.Request], httpx.Response]) -> Any:
        return self._stage.called(answer, lambda: self._stage.facade.get(TASK_ID))


def _bad(body: Body) -> Callable[[httpx.Request], httpx.Response]:
    def answer(_: httpx.Request) -> httpx.Response:
        headers = {**ANSWER_HEADERS, "content-type": "application/json", **dict(body.headers)}
        return httpx.Response(GOOD.start, headers=headers, stream=httpx.ByteStream(body.content))

    return answer
