"""Each check of the profile simulator fails on a server, or a client, that is broken in the way it watches for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from conformance import requirements
from vidgate import _replies, errors
from vidgate.simulator import Simulator, _app, _tasks
from vidgate.simulator._accounts import Account
from vidgate.simulator._providers import EvoLinkBehaviour

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance._suite import Verdicts


@dataclass(slots=True)
class Answer:
    """One answer of the simulator, open to change."""

    method: str
    status: int
    headers: dict[str, str]
    body: bytes

    def edit(self, **changes: Any) -> None:
        """Set members of the JSON body; None removes one."""
        document = {**json.loads(self.body), **changes}
        self.body = json.dumps({name: value for name, value in document.items() if value is not None}).encode()


def answers(change: Callable[[Answer], object]) -> Callable[[pytest.MonkeyPatch], None]:
    """A server whose answers are changed on their way out."""

    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        honest = Simulator.__init__

        def init(self: Simulator, *arguments: Any, **keywords: Any) -> None:
            honest(self, *arguments, **keywords)
            monkeypatch.setattr(self, "app", altered(self.app, change))

        monkeypatch.setattr(Simulator, "__init__", init)

    return patch


def altered(app: Any, change: Callable[[Answer], object]) -> Any:
    """An ASGI app that changes the answers of another."""

    async def changed(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        sent: list[Any] = []

        async def keep(message: Any) -> None:
            sent.append(message)

        await app(scope, receive, keep)
        headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        body = b"".join(message.get("body", b"") for message in sent[1:])
        answer = Answer(method=scope["method"], status=sent[0]["status"], headers=headers, body=body)
        change(answer)
        answer.headers["content-length"] = str(len(answer.body))
        raw = [(name.encode(), value.encode()) for name, value in answer.headers.items()]
        await send({"type": "http.response.start", "status": answer.status, "headers": raw})
        await send({"type": "http.response.body", "body": answer.body})

    return changed


def shorten(answer: Answer) -> None:
    """Cut a video in the middle."""
    if answer.headers["content-type"] == "video/mp4":
        answer.body = answer.body[: len(answer.body) // 2]


def good(method: str, change: Callable[[Answer], object]) -> Callable[[Answer], object]:
    """A change to good JSON answers of one method."""

    def change_good(answer: Answer) -> None:
        if answer.method == method and answer.status == 200 and answer.headers["content-type"] == "application/json":
            change(answer)

    return change_good


def replaces(owner: Any, name: str, value: Any) -> Callable[[pytest.MonkeyPatch], None]:
    """A server with another function in one place."""
    return lambda monkeypatch: monkeypatch.setattr(owner, name, value)


def reading(change: Callable[[int, dict[str, Any]], object]) -> Callable[[pytest.MonkeyPatch], None]:
    """A server that changes its answers to task queries; the first argument counts them."""

    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        honest = EvoLinkBehaviour.status
        count = 0

        def status(self: EvoLinkBehaviour, view: Any) -> dict[str, Any]:
            nonlocal count
            count += 1
            body = honest(self, view)
            change(count, body)
            return body

        monkeypatch.setattr(EvoLinkBehaviour, "status", status)

    return patch


def crash(*_: Any) -> None:
    """Fail as a programming error does."""
    message = "mutant"
    raise RuntimeError(message)


def charges(credits_of: Callable[[float], float], *, twice: bool = False) -> Callable[[pytest.MonkeyPatch], None]:
    """A server with another ledger."""

    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        honest = _tasks.Tasks.charges

        def ledger(self: _tasks.Tasks) -> tuple[_tasks.Charge, ...]:
            found = tuple(_tasks.Charge(task=one.task, credits=credits_of(one.credits)) for one in honest(self))
            return found * 2 if twice else found

        monkeypatch.setattr(_tasks.Tasks, "charges", ledger)

    return patch


def charges_before_refusing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server where a request that is refused with 402 has been charged."""
    honest = _tasks.Tasks.submit

    def submit(self: _tasks.Tasks, *, account: Account, **rest: Any) -> Any:
        if not account.has_quota:
            honest(self, account=Account(name="main"), **rest)
        return honest(self, account=account, **rest)

    monkeypatch.setattr(_tasks.Tasks, "submit", submit)


def maps_status(status: int, kind: type[errors.APIError]) -> Callable[[pytest.MonkeyPatch], None]:
    """A client with another class for a status."""
    return lambda monkeypatch: monkeypatch.setattr(_replies, "BY_STATUS", {**_replies.BY_STATUS, status: kind})


@dataclass(frozen=True, kw_only=True, slots=True)
class Mutant:
    """A broken server or client, the requirement that it breaks, and words of the finding."""

    id: str
    breaks: str
    patch: Callable[[pytest.MonkeyPatch], None]
    finding: str


MUTANTS = (
    Mutant(
        id="no id",
        breaks="server-contract",
        patch=answers(good("POST", lambda answer: answer.edit(id=None))),
        finding="response_schema_conformance",
    ),
    Mutant(
        id="unknown status word",
        breaks="server-contract",
        patch=answers(good("GET", lambda answer: answer.edit(status="done"))),
        finding="response_schema_conformance",
    ),
    Mutant(
        id="wrong HTTP status",
        breaks="server-contract",
        patch=answers(good("POST", lambda answer: setattr(answer, "status", 201))),
        finding="status_code_conformance",
    ),
    Mutant(
        id="wrong content type",
        breaks="server-contract",
        patch=answers(good("GET", lambda answer: answer.headers.update({"content-type": "text/plain"}))),
        finding="content_type_conformance",
    ),
    Mutant(
        id="accepts a bad request",
        breaks="server-contract",
        patch=replaces(_app, "check_body", lambda *_: None),
        finding="negative_data_rejection",
    ),
    Mutant(
        id="refuses a good request",
        breaks="server-contract",
        patch=answers(good("POST", lambda answer: setattr(answer, "status", 400))),
        finding="positive_data_acceptance",
    ),
    Mutant(
        id="takes any key",
        breaks="server-contract",
        patch=replaces(_app, "authenticate", lambda *_: Account(name="main")),
        finding="ignored_auth",
    ),
    Mutant(
        id="server error",
        breaks="server-contract",
        patch=replaces(_app, "check_body", crash),
        finding="not_a_server_error",
    ),
    Mutant(
        id="crashes",
        breaks="server-contract",
        patch=answers(good("GET", crash)),
        finding="the app crashed",
    ),
    Mutant(
        id="forgets its tasks",
        breaks="server-contract",
        patch=replaces(_tasks.Tasks, "find", lambda *_: None),
        finding="never gave a good answer",
    ),
    Mutant(
        id="progress falls",
        breaks="server-life-cycle",
        patch=reading(lambda count, body: body.update(progress=max(0, 50 - count))),
        finding="the progress fell",
    ),
    Mutant(
        id="id changes",
        breaks="server-life-cycle",
        patch=reading(lambda count, body: body.update(id=f"{body['id']}{count}")),
        finding="the id",
    ),
    Mutant(
        id="an end is left",
        breaks="server-life-cycle",
        patch=reading(lambda count, body: body.update(status="processing" if count == 15 else body["status"])),
        finding="had ended",
    ),
    Mutant(
        id="ends at once",
        breaks="server-life-cycle",
        patch=replaces(_tasks.SimulatedTask, "finished", property(lambda task: task.created)),
        finding="had ended at once",
    ),
    Mutant(
        id="created moves",
        breaks="server-life-cycle",
        patch=reading(lambda count, body: body.update(created=body["created"] + count)),
        finding="created changed",
    ),
    Mutant(
        id="progress beyond 100",
        breaks="server-life-cycle",
        patch=reading(lambda _, body: body.update(progress=101)),
        finding="101 is greater than the maximum",
    ),
    Mutant(
        id="no video",
        breaks="journey-video",
        patch=answers(shorten),
        finding="the box",
    ),
    Mutant(
        id="no result",
        breaks="journey-video",
        patch=reading(lambda _, body: body.pop("results", None)),
        finding="ResultMissing",
    ),
    Mutant(
        id="charges twice",
        breaks="journey-video",
        patch=charges(lambda price: price, twice=True),
        finding="the ledger says",
    ),
    Mutant(
        id="charges nothing",
        breaks="journey-video",
        patch=charges(lambda _: 0.0),
        finding="the ledger says",
    ),
    Mutant(
        id="charges a failed task",
        breaks="journey-failed-task",
        patch=charges(lambda _: 5.0),
        finding="is charged",
    ),
    Mutant(
        id="never fails",
        breaks="journey-failed-task",
        patch=reading(lambda _, body: body.update(status="completed") if body["status"] == "failed" else None),
        finding="instead of TaskFailed",
    ),
    Mutant(
        id="gives no reason",
        breaks="journey-failed-task",
        patch=reading(lambda _, body: body.pop("error", None)),
        finding="lacks code or reason",
    ),
    Mutant(
        id="402 as 400",
        breaks="journey-refusals",
        patch=answers(lambda answer: setattr(answer, "status", {402: 400}.get(answer.status, answer.status))),
        finding="instead of PaymentRequired",
    ),
    Mutant(
        id="client mistakes 404",
        breaks="journey-refusals",
        patch=maps_status(404, errors.BadRequest),
        finding="instead of NotFound",
    ),
    Mutant(
        id="no request id",
        breaks="journey-refusals",
        patch=answers(lambda answer: answer.headers.pop("x-request-id")),
        finding="no request id",
    ),
    Mutant(
        id="charges before refusing",
        breaks="journey-refusals",
        patch=charges_before_refusing,
        finding="charged were",
    ),
)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.id)
def test_check_fails_on_the_mutant(
    mutant: Mutant, monkeypatch: pytest.MonkeyPatch, judge: Callable[..., Verdicts]
) -> None:
    """A broken server is not conformant for the reason that it is broken, and the suite is not to blame."""
    mutant.patch(monkeypatch)
    verdicts = judge(mutant.breaks, "evolink")
    messages = [outcome.message for row in verdicts.rows for outcome in row.outcomes]
    assert verdicts.faults == ()
    assert verdicts.state == "not conformant", messages
    assert any(mutant.finding in message for message in messages), messages


@pytest.mark.parametrize("requirement", sorted({mutant.breaks for mutant in MUTANTS}))
def test_check_passes_on_the_honest_server(requirement: str, judge: Callable[..., Verdicts]) -> None:
    """What the mutants break holds without them."""
    verdicts = judge(requirement, "evolink")
    messages = [outcome.message for row in verdicts.rows for outcome in row.outcomes if outcome.verdict != "pass"]
    assert (verdicts.state, messages) == ("conformant", [])


def test_every_check_has_a_mutant() -> None:
    """A check that no mutant breaks might not be able to fail."""
    demanded = {entry.id for entry in requirements.load().values() if entry.profile == "simulator"}
    assert {mutant.breaks for mutant in MUTANTS} == demanded
