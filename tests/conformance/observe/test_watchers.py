"""What watches every exchange sees what is wrong with it, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from conformance._contract import shipped
from conformance._judge import server_checks
from conformance.observe import Exchange
from conformance.observe._watch import WATCHERS

if TYPE_CHECKING:
    from conformance._run import Run

CONTRACT = shipped("evolink_api")
JSON = ("content-type", "application/json")
server_checks()  # loads the watchers
KEY = "a-key-of-the-test"
GOOD = b'{"id":"task-unified-1","progress":0}'
REFUSAL = b'{"error":{"code":400,"message":"wrong","type":"x"}}'


def exchange(**changes: Any) -> Exchange:
    """A good answer to a task query, but for what is changed."""
    reading = CONTRACT.one(paid=False)
    members: dict[str, Any] = {
        "number": 1,
        "role": "valid",
        "method": "GET",
        "url": "https://api.example.com/v1/tasks/task-unified-1",
        "status": 200,
        "headers": (JSON,),
        "body": GOOD,
        "operation": reading,
        "key": KEY,
    }
    return Exchange(**(members | changes))


def found(name: str, one: Exchange) -> list[str] | None:
    """What a watcher says; None when the exchange does not concern it."""
    told = WATCHERS[name].look(cast("Run", None), one)
    return None if told is None else list(told)


BAD: dict[str, tuple[str, dict[str, Any]]] = {
    "byte order mark": ("WIRE-BOM", {"body": b"\xef\xbb\xbf" + GOOD}),
    "latin-1": ("WIRE-UTF8", {"body": b'{"id":"caf\xe9"}'}),
    "utf-16": ("WIRE-UTF8", {"body": GOOD.decode().encode("utf-16-le")}),
    "html": ("WIRE-JSON", {"body": b"<html></html>"}),
    "two documents": ("WIRE-JSON", {"body": GOOD + GOOD}),
    "nothing": ("WIRE-JSON", {"body": b""}),
    "deep": ("WIRE-JSON", {"body": b"[" * 100_000}),
    "member twice": ("WIRE-DUPLICATE-MEMBERS", {"body": b'{"a":{"b":1,"b":2}}'}),
    "not a number": ("WIRE-NUMBERS", {"body": b'{"a":NaN}'}),
    "infinity": ("WIRE-NUMBERS", {"body": b'{"a":-Infinity}'}),
    "text": ("WIRE-CONTENT-TYPE", {"headers": (("content-type", "text/plain"),)}),
    "no content type": ("WIRE-CONTENT-TYPE", {"headers": ()}),
    "two content types": ("WIRE-CONTENT-TYPE", {"headers": (JSON, JSON)}),
    "charset": ("WIRE-CHARSET", {"headers": (("content-type", 'application/json; charset="latin-1"'),)}),
    "short": ("WIRE-LENGTH", {"headers": (JSON, ("content-length", "999"))}),
    "broken off": ("WIRE-LENGTH", {"fault": "truncated", "fault_text": "gone"}),
    "reset": ("WIRE-LENGTH", {"fault": "reset", "status": 0}),
    "accepted": ("WIRE-STATUS", {"status": 202}),
    "redirect": ("WIRE-STATUS", {"status": 307, "headers": (("location", "/v1/tasks/x"),), "body": b""}),
    "silent": ("WIRE-SLOW", {"fault": "timeout", "status": 0}),
    "slow": ("WIRE-SLOW", {"started": 0.0, "ended": 10.5}),
    "key in the body": ("WIRE-KEY-SECRET", {"body": b'{"message":"not ' + KEY.encode() + b'"}'}),
    "key in a header": ("WIRE-KEY-SECRET", {"headers": (JSON, ("x-echo", f"Bearer {KEY}"))}),
    "no message": ("ERR-MESSAGE", {"status": 400, "body": REFUSAL.replace(b"wrong", b"  ")}),
    "another code": ("ERR-CODE-NUMBER", {"status": 401, "body": REFUSAL}),
    "code as a text": ("ERR-CODE-NUMBER", {"status": 400, "body": REFUSAL.replace(b":400", b':"400"')}),
}


@pytest.mark.parametrize("case", BAD)
def test_a_fault_is_seen_by_its_watcher_alone(case: str) -> None:
    """Each fault is reported under one requirement, so that a failure names the right one."""
    name, changes = BAD[case]
    one = exchange(**changes)
    telling = {known for known in WATCHERS if found(known, one)}
    assert telling == {name}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"headers": (("content-type", "application/json; charset=UTF-8"), ("content-length", str(len(GOOD))))},
        {"status": 400, "body": REFUSAL},
        {"body": '{"id":"グ","progress":1e3}'.encode()},
    ],
    ids=["plain", "charset", "refusal", "text"],
)
def test_a_good_answer_has_no_fault(changes: dict[str, Any]) -> None:
    """Every watcher looked at it, or had nothing to say."""
    one = exchange(**changes)
    assert {name: told for name in WATCHERS if (told := found(name, one))} == {}
    assert found("WIRE-JSON", one) == []


@pytest.mark.parametrize(
    "changes",
    [{"operation": None}, {"method": "HEAD"}, {"fault": "connect", "status": 0}],
    ids=["other address", "other method", "no answer"],
)
def test_what_is_not_documented_is_not_judged(changes: dict[str, Any]) -> None:
    """A link, another method and an answer that never came say nothing about documented bodies."""
    one = exchange(body=b"<html>", **changes)
    assert found("WIRE-JSON", one) is None
    assert found("WIRE-STATUS", one) is None


def test_an_undocumented_status_is_judged_once() -> None:
    """Its body is not held against the documented form as well."""
    one = exchange(status=418, body=b"teapot")
    assert found("WIRE-JSON", one) is None
    assert found("WIRE-STATUS", one) != []
