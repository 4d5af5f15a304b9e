"""Settling by callback: the nonce in the address that was called names the submission whose answer was lost."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.vidgate.journal.submissions import ACCEPTED, ID, REQUESTS, only
from vidgate import errors
from vidgate._journal.hearing import MOST_HEARD
from vidgate._webhooks import judge
from vidgate.journal import Journal
from vidgate.webhooks import aconfirm, callback_url, confirm, handle, new_nonce, parse

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FIELDS = {"evolink": "callback_url", "apimart": "webhook"}
SUFFIX = {"evolink": "", "apimart": "/callback"}
IDS = {"evolink": ID, "apimart": "task_01KA040M0HP1GJWBJYZMKX8XS2"}
PROVIDERS = ["evolink", "apimart"]


class Desk:
    """A client whose first answer is lost, its provider's later answers, and the receiver of the callbacks."""

    def __init__(self, open_world: Callable[..., Any], path: Path, provider: str, *outcomes: Any) -> None:
        self.path, self.provider = path, provider
        self.nonce = new_nonce()
        self.outcomes = list(outcomes)
        self.tasks: dict[str, str] = {}
        # No vendored page of APIMart lists `webhook` for this model.
        self.world = open_world(provider, self._answer, journal=path, validate=provider == "evolink")
        self.client = self.world.client

    def _answer(self, request: httpx.Request) -> Any:
        if request.method == "POST":
            return self.outcomes.pop(0)
        task_id = request.url.path.rpartition("/")[2]
        if task_id not in self.tasks:
            return 404, {"error": {"code": "task_not_found", "message": "no such task"}}
        body = {"id": task_id, "status": self.tasks[task_id]}
        return 200, (body if self.provider == "evolink" else {"code": 200, "data": body})

    def lose(self, *, nonce: str | None = None) -> str:
        """Submit with a callback address, and never learn what came of it: the submit id."""
        self.outcomes.append(httpx.ReadTimeout("silence"))
        with pytest.raises(errors.SubmitUnknown) as caught:
            self.submit(nonce=nonce)
        assert caught.value.submit_id is not None
        return caught.value.submit_id

    def submit(self, *, nonce: str | None = None) -> Any:
        """Submit with a callback address."""
        address = callback_url("https://example.com/hooks", nonce or self.nonce)
        request = {**REQUESTS[self.provider], FIELDS[self.provider]: address}
        return self.world.do(self.client.videos.create, **request)

    def call(self, task_id: str, *, status: str = "completed", nonce: str | None = None, **options: Any) -> Any:
        """The provider's callback, as a receiver with the same journal judges it."""
        body = json.dumps({"id": task_id, "status": status}).encode()
        url = f"/hooks/{nonce or self.nonce}{SUFFIX[self.provider]}"
        return handle(body, {}, url=url, **{"journal": Journal(self.path), **options})

    def recover(self, submit_id: str, **options: Any) -> Any:
        """Ask what became of a submission."""
        return self.world.do(self.client.recover, submit_id, **options)


@pytest.fixture
def open_desk(open_world: Callable[..., Any], path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Desk]:
    def make(provider: str = "evolink", *outcomes: Any) -> Desk:
        desk = Desk(open_world, path, provider, *outcomes)
        monkeypatch.setattr(judge, "CLOCK", desk.world.clock)
        return desk

    return make


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_callback_settles_a_lost_answer_at_once(open_desk: Callable[..., Desk], provider: str) -> None:
    """The row has its task before the callback is answered, and recovering reads it: nothing is sent again."""
    desk = open_desk(provider)
    submit_id = desk.lose()
    outcome = desk.call(IDS[provider])
    assert (outcome.status, outcome.event.provider) == (200, provider)
    named = only(desk.path)
    assert (named.state, named.task_id, named.request is not None) == ("named", IDS[provider], True)
    assert desk.client.journal.find(IDS[provider]).submit_id == submit_id
    desk.tasks[IDS[provider]] = "completed"
    assert desk.recover(submit_id).id == IDS[provider]
    settled = only(desk.path)
    assert (settled.state, settled.submit_id, settled.request) == ("completed", submit_id, None)
    assert len(desk.world.posts) == 1


@pytest.mark.parametrize("call", ["resume", "recover"])
def test_a_named_submission_is_pending_and_resumed(open_desk: Callable[..., Desk], call: str) -> None:
    """By its own id or by its task's, and nothing needs to be asked for."""
    desk = open_desk()
    submit_id = desk.lose()
    desk.call(ID)
    desk.tasks[ID] = "processing"
    assert [entry.submit_id for entry in desk.world.do(desk.client.pending)] == [submit_id]
    assert desk.world.do(getattr(desk.client, call), submit_id).id == ID
    assert only(desk.path).state == "submitted"


@pytest.mark.parametrize("provider", PROVIDERS)
def test_confirming_settles_without_a_journal_at_the_receiver(
    open_desk: Callable[..., Desk], provider: str, colour: str
) -> None:
    """The client's own journal learns what the provider says of the task, and whose it is."""
    desk = open_desk(provider)
    submit_id = desk.lose()
    desk.tasks[IDS[provider]] = "completed"
    event = parse({"id": IDS[provider], "status": "completed"}, provider=provider, nonce=desk.nonce)  # type: ignore[arg-type]
    task = desk.world.do(confirm if colour == "sync" else aconfirm, desk.client, event)
    assert task.verdict == "completed"
    entry = only(desk.path)
    assert (entry.submit_id, entry.state, entry.task_id) == (submit_id, "completed", IDS[provider])


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_callback_that_comes_before_the_answer_is_the_same_task(
    open_desk: Callable[..., Desk], provider: str
) -> None:
    """The answer adds what it knows; there is one row, and its request is gone."""
    desk = open_desk(provider)

    def answer(_: httpx.Request) -> Any:
        assert desk.call(ID).status == 200
        assert only(desk.path).state == "named"
        return 200, ACCEPTED[provider]

    desk.world._handler = answer
    assert desk.submit().id == ID
    entry = only(desk.path)
    assert (entry.state, entry.request, entry.holder) == ("submitted", None, None)
    assert entry.credits_reserved == (12.5 if provider == "evolink" else None)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_callback_that_comes_before_a_lost_answer_is_not_forgotten_for_it(
    open_desk: Callable[..., Desk], provider: str
) -> None:
    """What is known stays known, whatever the answer would have been."""
    desk = open_desk(provider)

    def answer(_: httpx.Request) -> Any:
        desk.call(ID)
        return httpx.ReadTimeout("silence")

    desk.world._handler = answer
    with pytest.raises(errors.SubmitUnknown):
        desk.submit()
    assert (only(desk.path).state, only(desk.path).task_id) == ("named", ID)


def test_a_name_that_the_provider_does_not_know_is_dropped(open_desk: Callable[..., Desk]) -> None:
    """Somebody has found the address out: the real callback, which came second, still finds its submission."""
    desk = open_desk()
    submit_id = desk.lose()
    desk.call("task-unified-0-forged")
    desk.call(ID)
    assert only(desk.path).task_id == "task-unified-0-forged"
    desk.tasks[ID] = "completed"
    desk.world.clock.time += 61.0
    assert desk.recover(submit_id).id == ID
    assert (only(desk.path).task_id, only(desk.path).state) == (ID, "completed")


def test_a_forged_name_leaves_the_other_ways_open(open_desk: Callable[..., Desk]) -> None:
    """The request was kept, so sending it again still settles the submission; and the error says what happened."""
    desk = open_desk()
    submit_id = desk.lose()
    desk.call("task-unified-0-forged")
    desk.world.clock.time += 61.0
    with pytest.raises(errors.SubmitUnknown, match="No callback that is in this journal names its task"):
        desk.recover(submit_id)
    entry = only(desk.path)
    assert (entry.state, entry.task_id, entry.request is not None) == ("unknown", None, True)
    assert "task-unified-0-forged, which the provider does not know" in entry.error
    desk.outcomes.append((200, {"id": ID, "status": "pending"}))
    assert desk.recover(submit_id, replay=True).id == ID
    assert [post.headers["idempotency-key"] for post in desk.world.posts] == [entry.idempotency_key] * 2


def test_what_was_just_named_may_not_be_found_yet(open_desk: Callable[..., Desk]) -> None:
    """A provider may lag behind itself; the name is kept, and nothing is sent again meanwhile."""
    desk = open_desk()
    submit_id = desk.lose()
    desk.call(ID)
    with pytest.raises(errors.NotFound):
        desk.recover(submit_id, replay=True)
    assert (only(desk.path).state, len(desk.world.posts)) == ("named", 1)


def test_an_address_of_several_submissions_names_none(open_desk: Callable[..., Desk]) -> None:
    """Nobody could tell which of them it is, and the wrong one would be a task forgotten."""
    desk = open_desk()
    first, second = desk.lose(), desk.lose()
    outcome = desk.call(ID)
    assert (outcome.status, outcome.duplicate) == (200, False)
    desk.tasks[ID] = "completed"
    event = parse({"id": ID, "status": "completed"}, nonce=desk.nonce)
    if desk.world._runner is None:
        confirm(desk.client, event)
    assert [entry.task_id for entry in Journal(desk.path).entries()] == [None, None]
    for submit_id in (first, second):
        with pytest.raises(errors.SubmitUnknown, match="other submissions gave the same callback address"):
            desk.recover(submit_id)


def test_a_second_task_of_one_submission_is_kept_once_it_is_confirmed(
    open_desk: Callable[..., Desk], colour: str
) -> None:
    """A provider that made two of one request charges for both; a mere claim of a callback makes no row."""
    desk = open_desk("evolink", (200, {"id": ID, "status": "pending"}))
    desk.submit()
    other = "task-unified-2-def"
    desk.call(other)
    assert only(desk.path).task_id == ID
    desk.tasks[other] = "completed"
    for _ in range(2):
        event = parse({"id": other, "status": "completed"}, nonce=desk.nonce)
        desk.world.do(confirm if colour == "sync" else aconfirm, desk.client, event)
    assert [(entry.task_id, entry.state) for entry in Journal(desk.path).entries()] == [
        (ID, "submitted"),
        (other, "completed"),
    ]


def test_a_rejection_that_was_none_comes_to_light(open_desk: Callable[..., Desk]) -> None:
    """Nothing overrules the provider's own word lightly, but a task that it shows to the key exists."""
    desk = open_desk("evolink", (400, {"error": {"message": "no", "code": "invalid_parameter"}}))
    with pytest.raises(errors.BadRequest):
        desk.submit()
    desk.call(ID)
    assert only(desk.path).state == "rejected"
    desk.tasks[ID] = "completed"
    assert desk.recover(only(desk.path).submit_id).id == ID
    assert only(desk.path).state == "completed"


def test_the_answer_outweighs_a_callback(open_desk: Callable[..., Desk]) -> None:
    """Its task takes the row; the one that the callback named is kept beside it until the provider disowns it."""
    desk = open_desk()
    submit_id = desk.lose()
    desk.call("task-unified-0-forged")
    desk.outcomes.append((200, {"id": ID, "status": "pending"}))
    again = desk.client.with_options(idempotency_key=only(desk.path).idempotency_key)
    address = callback_url("https://example.com/hooks", desk.nonce)
    desk.world.do(again.videos.create, **REQUESTS["evolink"], callback_url=address)
    first, second = Journal(desk.path).entries()
    assert (first.submit_id, first.task_id, first.state) == (submit_id, ID, "submitted")
    assert (second.task_id, second.state) == ("task-unified-0-forged", "named")
    desk.world.clock.time += 61.0
    with pytest.raises(errors.SubmitUnknown):
        desk.recover(second.submit_id)
    assert [entry.state for entry in Journal(desk.path).entries()] == ["submitted", "rejected"]


def test_the_nonce_is_nowhere_in_the_file_once_it_is_settled(open_desk: Callable[..., Desk]) -> None:
    """Only a salted hash of it; the request has it in clear for as long as the outcome is open."""
    desk = open_desk("evolink", (200, {"id": ID, "status": "pending"}))
    desk.submit()
    desk.call(ID)
    desk.client.journal.close()
    content = b"".join(file.read_bytes() for file in desk.path.parent.iterdir())
    assert ID.encode() in content
    assert desk.nonce.encode() not in content
    assert desk.nonce not in repr(only(desk.path))


@pytest.mark.parametrize("nonce", ["b" * 32, None], ids=["another nonce", "no nonce"])
def test_only_addresses_of_the_journal_are_answered(open_desk: Callable[..., Desk], nonce: str | None) -> None:
    """Whoever does not know one learns nothing, and nothing is written."""
    desk = open_desk()
    desk.lose()
    url = "/hooks" if nonce is None else f"/hooks/{nonce}"
    body = json.dumps({"id": ID, "status": "completed"}).encode()
    assert handle(body, {}, url=url, journal=Journal(desk.path)).status == 403
    assert only(desk.path).state == "unknown"
    assert handle(body, {}, url=url, journal=Journal(desk.path), nonce=lambda _: True).status == (200 if nonce else 403)


def test_a_receiver_without_a_journals_file_makes_none(path: Path) -> None:
    """Looking is not writing."""
    url = f"/hooks/{'b' * 32}"
    assert handle(b'{"id": "task-1", "status": "completed"}', {}, url=url, journal=Journal(path)).status == 403
    assert not path.exists()


def test_the_journal_counts_the_same_news_once(open_desk: Callable[..., Desk]) -> None:
    """For all processes that share it, until somebody could not cope with the news; news under way always counts."""
    desk = open_desk()
    desk.lose()
    assert [desk.call(ID).duplicate, desk.call(ID).duplicate] == [False, True]
    assert [desk.call(ID, status="processing").duplicate for _ in range(2)] == [False, False]
    Journal(desk.path).unhear(desk.nonce, ID)
    assert not desk.call(ID).duplicate
    assert only(desk.path).task_id == ID


def test_what_is_heard_is_bounded(open_desk: Callable[..., Desk]) -> None:
    """An address that leaked does not fill the disk."""
    desk = open_desk()
    submit_id = desk.lose()
    for number in range(3 * MOST_HEARD):
        assert desk.call(f"task-unified-{number}-x").status == 200
    entry = desk.client.journal.find(submit_id)
    assert len(desk.client.journal.heard(entry)) == MOST_HEARD


def test_an_error_says_what_a_callback_would_do(open_desk: Callable[..., Desk]) -> None:
    """And afterwards, that none has come."""
    desk = open_desk()
    desk.outcomes.append(httpx.ReadTimeout("silence"))
    with pytest.raises(errors.SubmitUnknown) as caught:
        desk.submit()
    assert "its callback names the task" in caught.value.hint
    with pytest.raises(errors.SubmitUnknown, match=r"names its task\..* no list of tasks"):
        desk.recover(caught.value.submit_id or "")


def test_a_busy_journal_lets_the_provider_come_again(
    open_desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process holds the file: the answer is a 500 after a moment, not silence for as long as that takes."""
    import sqlite3

    desk = open_desk()
    desk.lose()
    monkeypatch.setattr("vidgate._journal.base.PROMPTLY", 0.01)
    journal = Journal(desk.path, timeout=3_600.0)
    journal.fingerprint(b"")
    holder = sqlite3.connect(desk.path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    assert desk.call(ID, journal=journal).status == 500
    holder.close()
    assert desk.call(ID, journal=journal).status == 200
