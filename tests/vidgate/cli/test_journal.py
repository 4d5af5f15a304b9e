"""`vidgate ls`, `vidgate resume` and `vidgate recover`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from vidgate.cli import _connect, _journal
from vidgate.journal import Journal
from vidgate.webhooks import callback_url, handle, new_nonce

MODEL = "gemini-omni-flash-text-to-video"
REQUEST = (MODEL, "prompt=A paper boat", "duration=6")
APIMART_REQUEST = ("Omni-Flash-Ext", "prompt=A paper boat", "duration=6")


@pytest.fixture
def kept(terminal: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The terminal with a journal, on the simulators' clock."""
    monkeypatch.setenv("VIDGATE_JOURNAL", "journal.sqlite3")
    monkeypatch.setattr(_journal, "CLOCK", terminal.clock)
    return terminal


def lose_answer(kept: Any, monkeypatch: pytest.MonkeyPatch, *request: str) -> str:
    """Submit, and let the answer get lost on the way; the submit id."""

    class Deaf(httpx.BaseTransport):
        def __init__(self, inner: httpx.BaseTransport) -> None:
            self.inner = inner

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            self.inner.handle_request(request)
            raise httpx.ReadTimeout("silence")

    def connect(provider: Any, base_url: str | None) -> Any:
        client = _connect.CLIENTS[provider.name]
        transport = Deaf(kept.simulators[provider.name].transport())
        return client(base_url=base_url, transport=transport, clock=kept.clock)

    with monkeypatch.context() as context:
        context.setattr(_connect, "connect", connect)
        assert kept("run", *request).code == 1
    return Journal("journal.sqlite3").entries()[-1].submit_id


def test_an_empty_journal(kept: Any) -> None:
    """Nothing to list, nothing to resume, and no file from looking."""
    assert (kept("ls").code, kept("ls", "--json").out) == (0, "[]\n")
    assert "Nothing is pending" in kept("resume", "--all").err
    assert not Path("journal.sqlite3").exists()


def test_a_run_is_listed(kept: Any) -> None:
    """A saved task is listed, but not as pending; machines get every field but the request."""
    kept("run", *REQUEST, "-o", "boat.mp4")
    kept("run", *APIMART_REQUEST, "--no-download")
    outcome = kept("ls")
    assert "downloaded" in outcome.out
    assert "60" in outcome.out
    (pending,) = json.loads(kept("ls", "--pending", "--json").out)
    assert (pending["provider"], pending["state"]) == ("apimart", "completed")
    first = json.loads(kept("ls", "--json").out)[0]
    assert first["files"] == [str(Path("boat.mp4").absolute())]
    assert "request" not in first
    assert not first["request_kept"]


def test_what_expires_soon_is_listed_in_order(kept: Any) -> None:
    """Only what is still to save; a day of life is not within two hours until it is."""
    kept("run", *REQUEST, "--no-download")
    kept("run", *REQUEST, "-o", "boat.mp4")
    assert json.loads(kept("ls", "--expiring", "2h", "--json").out) == []
    kept.clock.advance(23 * 3600)
    assert len(json.loads(kept("ls", "--expiring", "2h", "--json").out)) == 1
    assert kept("ls", "--expiring", "soon").code == 2


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90.0), ("90s", 90.0), ("1.5m", 90.0), ("2h", 7_200.0), ("1d", 86_400.0)]
)
def test_durations(text: str, seconds: float) -> None:
    """A number with its unit, seconds without one."""
    assert _journal.seconds(text) == seconds


@pytest.mark.parametrize("request_", [REQUEST, APIMART_REQUEST], ids=["evolink", "apimart"])
def test_resume_finishes_what_was_left(kept: Any, request_: tuple[str, ...]) -> None:
    """A run that gave up waiting is finished by its id or with everything else."""
    assert kept("run", *request_, "--timeout", "1").code == 1
    (entry,) = Journal("journal.sqlite3").entries()
    outcome = kept("resume", entry.submit_id, "--json")
    (task,) = json.loads(outcome.out)
    assert (outcome.code, task["submit_id"], task["verdict"]) == (0, entry.submit_id, "completed")
    assert Path(task["files"][0]).read_bytes()[4:8] == b"ftyp"
    assert "Nothing is pending" in kept("resume", "--all").err
    assert kept.charges() == 1


def test_resume_all_goes_on_after_a_failure(kept: Any) -> None:
    """One task that failed does not keep the next from being saved."""
    kept("run", MODEL, "prompt=POLICY_VIOLATION", "--timeout", "1")
    kept("run", *REQUEST, "--timeout", "1")
    Path("films").mkdir()
    outcome = kept("resume", "--all", "--into", "films")
    assert outcome.code == 1
    assert "content_policy_violation" in outcome.err
    assert [outcome.out.strip()] == [str(path) for path in Path("films").iterdir()]


@pytest.mark.parametrize("arguments", [(), ("sub-1",), ("--all", "--into", "nowhere"), ("--all", "sub-1")])
def test_resume_refuses_what_it_cannot_do(kept: Any, arguments: tuple[str, ...]) -> None:
    """No id, an unknown one, no such directory, or both kinds of choice."""
    assert kept("resume", *arguments).code == 2


def test_another_key_is_not_used(kept: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The journal knows that it was another account; nothing is sent."""
    kept("run", *REQUEST, "--timeout", "1")
    monkeypatch.setenv("EVOLINK_API_KEY", "another-key-0123456789")
    outcome = kept("resume", "--all")
    assert outcome.code == 1
    assert "another API key" in outcome.err


def test_recover_settles_a_lost_answer(kept: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The provider answers for the first submission; one charge."""
    submit_id = lose_answer(kept, monkeypatch, *APIMART_REQUEST)
    assert f"vidgate recover {submit_id}\n" in kept("ls").err
    outcome = kept("recover", submit_id)
    assert (outcome.code, outcome.out.strip()) == (0, Journal("journal.sqlite3").entries()[0].task_id)
    assert kept("resume", "--all").code == 0
    assert kept.charges() == 1


def test_recover_needs_no_replay_when_a_callback_came(kept: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The receiver has the same journal: the task is known at once, and nothing is sent again."""
    address = callback_url("https://example.com/hooks", new_nonce())
    submit_id = lose_answer(kept, monkeypatch, *REQUEST, f"callback_url={address}")
    simulator = kept.simulators["evolink"]
    kept.clock.advance(60)
    simulator.deliver_callbacks(
        lambda body, headers, url: handle(body, headers, url=url, journal=Journal("journal.sqlite3"))
    )
    (entry,) = json.loads(kept("ls", "--pending", "--json").out)
    assert (entry["state"], entry["task_id"]) == ("named", simulator.ledger[0].task)
    assert address.rpartition("/")[2] not in json.dumps(entry)
    outcome = kept("recover", submit_id)
    assert (outcome.code, outcome.out.strip()) == (0, simulator.ledger[0].task)
    assert (simulator.received["submit"], kept.charges()) == (1, 1)


def test_recover_asks_first_where_nothing_is_promised(kept: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """EvoLink's pages do not promise to know a key, so it is --replay or the dashboard."""
    submit_id = lose_answer(kept, monkeypatch, *REQUEST)
    assert f"vidgate recover {submit_id} --replay" in kept("ls").err
    outcome = kept("recover", submit_id)
    assert (outcome.code, outcome.out) == (1, "")
    assert "--replay" in outcome.err
    assert json.loads(kept("recover", submit_id, "--replay", "--json").out)["submit_id"] == submit_id
    assert kept.charges() == 1


def test_without_a_journal_there_is_nothing_to_do(terminal: Any) -> None:
    """The variable says none, and so does the command."""
    for command in (("ls",), ("resume", "--all"), ("recover", "sub-1")):
        outcome = terminal(*command)
        assert outcome.code == 2
        assert "VIDGATE_JOURNAL" in outcome.err
