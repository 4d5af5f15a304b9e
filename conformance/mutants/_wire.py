"""Faults in billing, on the wire, between accounts and under load."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any, cast

from vidgate.simulator import Account, Simulator

from .._json import is_array, is_object
from ._model import Change
from ._patches import answered, behave, charged, reading
from ._rows import APIMART, EVOLINK, Row

if TYPE_CHECKING:
    from collections.abc import Callable

    from vidgate.simulator._faults import Fault, Kind

    from ._patches import Answer, Reading


def _charge_refusals(simulator: Simulator) -> None:
    """What is refused for want of credits is charged."""
    honest = simulator.tasks.submit

    def submit(*, account: Account, **rest: Any) -> Any:
        if not account.has_quota:
            honest(account=Account(name="main"), **rest)
        return honest(account=account, **rest)

    cast("Any", simulator.tasks).submit = submit


def _charge_wrong(answer: Answer) -> None:
    """What is refused as wrong is charged all the same."""
    if isinstance(answer.ask.json, dict):
        operation = next(one for one in answer.simulator.contract.operations if one.creates_tasks)
        account = next(iter(answer.simulator.accounts.values()))
        body = {"model": "x", "prompt": "x"}
        answer.simulator.submit(account, operation, body, None, origin="http://localhost")


def _costs(change: Callable[[dict[str, Any]], None]) -> Change:
    def changed(body: dict[str, Any], seen: Reading) -> None:
        if seen.status == "completed":
            change(body)

    return reading(changed)


def _failed_costs(body: dict[str, Any], seen: Reading) -> None:
    if seen.status == "failed":
        body.update(cost=0.3, credits_cost=3)


def _free_failures(charge: Any, simulator: Simulator) -> list[tuple[str, float]]:
    task = cast("Any", simulator.tasks.find(charge.task))
    return [(charge.task, task.credits)]


def _reserves(answer: Answer) -> None:
    body = answer.json
    body["usage"]["credits_reserved"] = 1
    answer.put(body)


QUICK_ANSWERS = 30  # a server that is slow from the first answer on is not judged at all


BILLING = (
    Row("charges-twice", "BILL-ONCE", "charges each task twice",
        charged(lambda charge, _: [(charge.task, charge.credits)] * 2)),
    Row("charges-nothing", "BILL-CHARGED", "charges nothing for a completed task",
        charged(lambda charge, _: [(charge.task, 0.0)])),
    Row("charges-failures", "BILL-FAILED-FREE", "charges tasks that failed", charged(_free_failures)),
    Row("charges-empty-account", "BILL-REFUSED-FREE", "charges what it refuses with 402",
        Change(simulator=_charge_refusals)),
    Row("charges-refusals", "BILL-REFUSED-FREE", "charges what it refuses with 400",
        answered(_charge_wrong, of="submit", status=400)),
    Row("reserves-one", "BILL-RESERVED", "reserves one credit, whatever it charges",
        answered(_reserves, of="submit"), EVOLINK),
    Row("cost-other", "BILL-COST", "says another price than it charges",
        _costs(lambda body: body.update(credits_cost=body["credits_cost"] + 1, cost=(body["credits_cost"] + 1) / 10)),
        APIMART),
    Row("cost-not-tenth", "BILL-COST-TENTH", "gives cost and credits_cost as equal",
        _costs(lambda body: body.update(cost=body["credits_cost"])), APIMART),
    Row("failure-costs", "BILL-FAILED-FREE", "says that a failed task costs", reading(_failed_costs), APIMART),
)  # fmt: skip


def _header(name: str, value: str | None) -> Callable[[Answer], None]:
    def change(answer: Answer) -> None:
        if value is None:
            answer.headers.pop(name, None)
        else:
            answer.headers[name] = value

    return change


def _body(change: Callable[[bytes], bytes]) -> Callable[[Answer], None]:
    def changed(answer: Answer) -> None:
        answer.body = change(answer.body)

    return changed


def _doubled(content: bytes) -> bytes:
    """Every text stands twice, the second time wrong."""

    def spell(value: Any) -> str:
        if is_object(value):
            parts = [f"{json.dumps(name)}:{spell(item)}" for name, item in value.items()]
            parts += [f"{json.dumps(name)}:{json.dumps(item)}" for name, item in value.items() if isinstance(item, str)]
            return "{" + ",".join(parts) + "}"
        if is_array(value):
            return "[" + ",".join(map(spell, value)) + "]"
        return json.dumps(value)

    return spell(json.loads(content)).encode()


def _no_number(content: bytes) -> bytes:
    return content.replace(b'{"', b'{"score":NaN,"', 1)


def _latin(content: bytes) -> bytes:
    return content.replace(b'{"', b'{"note":"caf\xe9","', 1)


def _truncated(answer: Answer) -> None:
    answer.body = answer.body[: len(answer.body) * 2 // 3]
    answer.honest_length = False


def _longer(answer: Answer) -> None:
    answer.headers["content-length"] = str(len(answer.body) + 1)
    answer.honest_length = False


def _redirect(answer: Answer) -> None:
    answer.status = 307
    answer.headers["location"] = answer.ask.path
    answer.body = b""


def _empty(answer: Answer) -> None:
    answer.status = 204
    answer.body = b""


def _key(answer: Answer) -> None:
    answer.headers["x-debug-authorization"] = answer.ask.header("authorization") or ""


def _slow(simulator: Simulator) -> None:
    """From some time on, task queries are answered a few bytes a second."""
    honest = simulator.faults.take
    simulator.fail_next("drip", operation="poll")
    (drip,) = simulator.faults.planned
    simulator.faults.forget()

    def take(kind: Kind) -> Fault | None:
        fault = honest(kind)
        return drip if kind == "poll" and simulator.received["poll"] > QUICK_ANSWERS else fault

    cast("Any", simulator.faults).take = take


WIRE = tuple(
    Row(name, breaks, text, change)
    for name, breaks, text, change in (
        ("text-plain", "WIRE-CONTENT-TYPE", "calls its JSON plain text",
         answered(_header("content-type", "text/plain; charset=utf-8"))),
        ("errors-text-html", "WIRE-CONTENT-TYPE", "calls its errors HTML",
         answered(_header("content-type", "text/html"), status=400)),
        ("no-content-type", "WIRE-CONTENT-TYPE", "does not say what it sends",
         answered(_header("content-type", None), of="poll")),
        ("charset-latin", "WIRE-CHARSET", "says that its JSON is Latin-1",
         answered(_header("content-type", "application/json; charset=iso-8859-1"))),
        ("bom", "WIRE-BOM", "puts a byte order mark before its JSON",
         answered(_body(lambda body: b"\xef\xbb\xbf" + body))),
        ("members-twice", "WIRE-DUPLICATE-MEMBERS", "writes members twice", answered(_body(_doubled))),
        ("nan", "WIRE-NUMBERS", "writes NaN", answered(_body(_no_number))),
        ("latin-bytes", "WIRE-UTF8", "writes bytes that are no UTF-8", answered(_body(_latin))),
        ("utf-16", "WIRE-UTF8", "writes UTF-16", answered(_body(lambda body: body.decode().encode("utf-16-le")))),
        ("two-documents", "WIRE-JSON", "writes two documents", answered(_body(lambda body: body + b"\n" + body))),
        ("trailing-comma", "WIRE-JSON", "writes a comma too many",
         answered(_body(lambda body: body[:-1] + b",}"))),
        ("single-quotes", "WIRE-JSON", "writes Python instead of JSON",
         answered(_body(lambda body: str(json.loads(body)).encode()))),
        ("truncated", "WIRE-LENGTH", "breaks off in the middle of an answer", answered(_truncated, of="poll")),
        ("length-wrong", "WIRE-LENGTH", "announces one byte too many", answered(_longer, of="submit")),
        ("redirect", "WIRE-STATUS", "redirects a task query to itself", answered(_redirect, of="poll")),
        ("empty-204", "WIRE-STATUS", "answers a task query with nothing", answered(_empty, of="poll")),
        ("slow", "WIRE-SLOW", "answers task queries drop by drop", Change(simulator=_slow)),
        ("key-in-header", "WIRE-KEY-SECRET", "repeats the key in a header", answered(_key, status=None)),
    )
)  # fmt: skip


def _open_tasks(simulator: Simulator) -> None:
    """Everybody may read every task: the reader is taken for the owner."""
    honest = simulator.tasks.find
    accounts = simulator.accounts

    def find(task_id: str) -> Any:
        return honest(task_id)

    cast("Any", simulator.tasks).find = find
    for key, account in list(accounts.items()):
        if account.name == "other":
            accounts[key] = Account(name="main")


def _same_second(simulator: Simulator) -> None:
    """Ids are made of the time alone."""
    honest = simulator.behaviour.new_id

    def new_id(_: random.Random, now: float) -> str:
        return honest(random.Random(0), float(int(now)))  # noqa: S311 - guards nothing

    def not_unused(make: Callable[[Any, float], str], now: float) -> str:
        return make(None, now)

    behave(simulator, new_id=new_id)
    cast("Any", simulator.tasks)._unused = not_unused  # noqa: SLF001


def _mixed_up(simulator: Simulator) -> None:
    """Tasks of the same second share what was asked of them."""
    honest = simulator.tasks.find

    def find(task_id: str) -> Any:
        found = honest(task_id)
        if found is None:
            return None
        twins = [one for one in simulator.tasks.all() if int(one.created) == int(found.created)]
        return honest(twins[0].id)

    cast("Any", simulator.tasks).find = find


SHARED = (
    Row("foreign-tasks", "OWN-READ", "shows the tasks of others", Change(simulator=_open_tasks)),
    Row("ids-of-time", "LOAD-IDS-UNIQUE", "gives tasks of one second the same id", Change(simulator=_same_second)),
    Row("tasks-mixed-up", "LOAD-TASKS-SEPARATE", "mixes up tasks of one second", Change(simulator=_mixed_up)),
)
