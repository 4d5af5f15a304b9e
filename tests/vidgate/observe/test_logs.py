"""The log: what is written at which level, and that only facts on the list get out."""

from __future__ import annotations

import dataclasses
import json
import logging
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest

from vidgate import errors, events
from vidgate._observe import logs
from vidgate._observe.observer import LOGGER

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT: Final = Path(__file__).parents[3]
ID: Final = "task-unified-1-abc"
PROMPT: Final = "a confidential boat"
REQUEST: Final[dict[str, Any]] = {"model": "gemini-omni-flash-text-to-video", "prompt": PROMPT}
CREATED: Final = {"id": ID, "status": "pending", "type": "video", "usage": {"credits_reserved": 60}}
LINK: Final = "https://files.example/v.mp4?Signature=s3cr3t"
DONE: Final = {**CREATED, "status": "completed", "results": [LINK]}


def serve(request: httpx.Request) -> httpx.Response:
    if request.url.host != "api.evolink.ai":
        return httpx.Response(200, content=b"film", headers={"content-type": "video/mp4"})
    return httpx.Response(200, json=CREATED if request.method == "POST" else DONE, headers={"x-request-id": "req-1"})


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "vidgate"]


def test_each_exchange_is_one_line(
    open_world: Callable[..., Any], caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """At DEBUG: method, path, status, milliseconds, request id, attempt; no query, no prompt."""
    world = open_world("evolink", serve)
    with caplog.at_level(logging.DEBUG, "vidgate"):
        task = world.do(world.client.videos.create, **REQUEST)
        task = world.do(task.wait, timeout=60)
        world.do(task.download, tmp_path / "v.mp4")
    exchanges = [line for line in lines(caplog) if line.startswith("response")]
    assert len(exchanges) == len(world.requests) == 3
    for line, path in zip(exchanges, ["/v1/videos/generations", f"/v1/tasks/{ID}", "/v.mp4"], strict=True):
        assert re.search(rf"method=(GET|POST) host=\S+ path={path} http_status=200 milliseconds=[0-9]+ ", line)
        assert "attempt=1" in line
    assert ["request_id=req-1" in line for line in exchanges] == [True, True, False]
    assert PROMPT not in caplog.text
    assert "Signature" not in caplog.text


@pytest.mark.parametrize(
    ("level", "words"),
    [
        ("DEBUG", {"response", "accepted", "changed", "downloaded"}),
        ("INFO", {"accepted", "changed", "downloaded"}),
        ("WARNING", set[str]()),
    ],
)
def test_levels(
    level: str, words: set[str], open_world: Callable[..., Any], caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """Exchanges are for DEBUG, what became of a task for INFO; a good run says nothing above that."""
    world = open_world("evolink", serve)
    with caplog.at_level(level, "vidgate"):
        task = world.do(world.client.videos.create, **REQUEST)
        task = world.do(task.wait, timeout=60)
        world.do(task.download, tmp_path / "v.mp4")
    assert {line.split()[0] for line in lines(caplog)} == words


@pytest.mark.parametrize("level", ["WARNING", "INFO"])
def test_an_unknown_outcome_is_a_warning(
    level: str, open_world: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    """Money that may be lost is said once, whatever else is logged."""
    world = open_world("evolink", [httpx.ReadError("reset")])
    with caplog.at_level(level, "vidgate"), pytest.raises(errors.SubmitUnknown) as caught:
        world.do(world.client.videos.create, **REQUEST)
    warnings = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert len(warnings) == 1
    assert caught.value.idempotency_key in warnings[0].getMessage()


@pytest.mark.parametrize(("level", "lines_of_tasks"), [("DEBUG", 2), ("INFO", 1)])
def test_progress_is_no_news(
    level: str, lines_of_tasks: int, open_world: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    """A task that goes on is for DEBUG; another status is for INFO."""
    world = open_world("evolink", [(200, CREATED), (200, {**CREATED, "progress": 40}), (200, DONE)])
    with caplog.at_level(level, "vidgate"):
        task = world.do(world.client.videos.create, **REQUEST)
        world.do(task.wait, timeout=60)
    assert len([line for line in lines(caplog) if line.startswith("changed")]) == lines_of_tasks


def test_faults_and_plans(open_world: Callable[..., Any], caplog: pytest.LogCaptureFixture) -> None:
    """What did not come and what is tried again stand in the log, a refusal too."""
    refusal = {"error": {"code": "invalid_request", "message": f"no {PROMPT}"}}
    world = open_world("evolink", [httpx.ConnectError(PROMPT), (400, refusal)])
    with caplog.at_level("DEBUG", "vidgate"), pytest.raises(errors.BadRequest):
        world.do(world.client.videos.create, **REQUEST)
    written = lines(caplog)
    assert [line.split()[0] for line in written] == ["no-response", "retry", "response", "refused"]
    assert "error=ConnectionFailed arrived=false" in written[0]
    assert "attempt=2" in written[1]
    assert "error=BadRequest http_status=400 code=invalid_request" in written[3]
    assert PROMPT not in "".join(written)


def test_records_carry_the_facts(open_world: Callable[..., Any], caplog: pytest.LogCaptureFixture) -> None:
    """A formatter of JSON finds them in `record.vidgate`, as plain values."""
    world = open_world("evolink", serve)
    with caplog.at_level("INFO", "vidgate"):
        world.do(world.client.videos.create, **REQUEST)
    (record,) = caplog.records
    facts = vars(record)["vidgate"]
    assert json.loads(json.dumps(facts)) == {
        "event": "accepted",
        "status": "pending",
        "credits": 60,
        "request_id": "req-1",
        "provider": "evolink",
        "operation": "submit",
        "task_id": ID,
        "model": REQUEST["model"],
    }


def test_only_what_is_on_the_list_gets_out(caplog: pytest.LogCaptureFixture) -> None:
    """A fact that somebody adds to an event is not logged before somebody allows it."""

    @dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
    class Grown(events.RetryPlanned):
        body: str

    event = Grown(
        provider="evolink", operation="read", call=1, at=0.0, attempt=2, delay=1.23456, error="ServerError", body=PROMPT
    )
    with caplog.at_level("DEBUG", "vidgate"), pytest.MonkeyPatch.context() as patch:
        patch.setattr(logs, "LINES", {**logs.LINES, Grown: logs.LINES[events.RetryPlanned]})
        logs.log(event)
    assert lines(caplog) == ["retry attempt=2 delay=1.235 error=ServerError provider=evolink operation=read"]


def test_lists_name_facts_that_exist() -> None:
    """Every allowed name is a field of its event, or derived from one."""
    derived = {"host", "path", "milliseconds"}
    for kind, line in logs.LINES.items():
        fields = {field.name for field in dataclasses.fields(kind)}
        assert set(line.facts) - derived <= fields, kind


def test_values_stay_on_their_line(caplog: pytest.LogCaptureFixture) -> None:
    """A value with spaces, quotes or line breaks cannot look like other facts or other lines."""
    event = events.RetryPlanned(
        provider="evolink", operation="read", call=1, at=0.0, attempt=2, delay=1.0, error='x\ny="z" attempt=9'
    )
    with caplog.at_level("DEBUG", "vidgate"):
        logs.log(event)
    (line,) = lines(caplog)
    assert "\n" not in line
    assert r'error="x y=\"z\" attempt=9"' in line


def test_a_program_that_sets_up_nothing_sees_nothing() -> None:
    """No handler of ours writes anywhere, and Python's last resort stays silent."""
    code = (
        "import httpx\nfrom vidgate import EvoLink, errors\n"
        "def reset(request): raise httpx.ReadError('reset')\n"
        "client = EvoLink('sk-0123456789', transport=httpx.MockTransport(reset))\n"
        f"try: client.videos.create_from({REQUEST!r})\nexcept errors.SubmitUnknown: print('unknown')\n"
    )
    path = f"{ROOT}:{ROOT / 'generated'}"
    run = subprocess.run(
        (sys.executable, "-c", code), env={"PYTHONPATH": path}, check=True, capture_output=True, text=True
    )
    assert (run.stdout, run.stderr) == ("unknown\n", "")
    assert any(isinstance(handler, logging.NullHandler) for handler in LOGGER.handlers)
