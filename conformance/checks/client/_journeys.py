"""From a task to its end and its file: what `wait` and `download` make of what a server says over time."""

from __future__ import annotations

import copy
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from vidgate import errors

from ..._answers import answers, status_of
from ..._contract import GOOD
from ..._json import follow
from ..._samples import UNKNOWN_TEXT
from ..._subject import COLOURS
from ..._verdict import HarnessError
from ._findings import Findings
from ._reading import PLACES, links_in, task_in
from ._script import always, in_turn, on_stage, shown

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from ..._json import Json, JsonObject
    from ..._settings import ProviderName
    from ..._subject import Subject
    from ._script import Stage

COMPLETED = "WAIT-COMPLETED"
FAILED = "WAIT-FAILED"
CANCELLED = "WAIT-CANCELLED"
TIMEOUT = "WAIT-TIMEOUT"
UNKNOWN = "WAIT-UNKNOWN-STATUS"
NO_RESULT = "WAIT-NO-RESULT"
OUTAGE = "WAIT-OUTAGE"
STOPS = "WAIT-STOPS"
WHOLE = "DOWNLOAD-WHOLE"
ATOMIC = "DOWNLOAD-ATOMIC"
KEYLESS = "DOWNLOAD-WITHOUT-KEY"

FILE = bytes(range(256)) * 64
SECONDS = 600.0
OTHER_ORIGIN = "https://files.example.net/video.mp4"


def judge_journeys(subject: Subject) -> Findings:
    """Each course of a task, and each course of a download, sync and async."""
    findings = Findings()
    task = _completed(subject)
    for colour in COLOURS:
        with on_stage(findings, subject, colour) as stage:
            judge = _Journeys(stage, task)
            judge.ends()
            judge.obstacles()
            judge.downloads()
    return findings


def _completed(subject: Subject) -> Json:
    """An answer to a query that has a result, documented or composed, with the status that belongs to it."""
    for _, answer in answers(subject):
        if answer.operation.is_paid or status_of(answer) not in GOOD:
            continue
        value = copy.deepcopy(answer.value)
        task = task_in(subject.provider, value, submitted=False)
        task.update(status="completed", progress=100)
        schema = answer.operation.response_schema(200) or {}
        if [*links_in(subject.provider, task)] and not subject.contract.violations(schema, value):
            return value
    message = f"the contract of {subject.provider} shows no task with a result"
    raise HarnessError(message)


class _Journeys:
    """One facade on one clock, which advances instead of waiting."""

    def __init__(self, stage: Stage, completed: Json) -> None:
        self._stage = stage
        self._provider: ProviderName = stage.subject.provider
        self._clock = stage.clock
        self._script = stage.script
        self._facade = stage.facade
        self._completed = completed
        self._id = str(task_in(self._provider, completed, submitted=False)["id"])
        self._links = [*links_in(self._provider, task_in(self._provider, completed, submitted=False))]

    def ends(self) -> None:
        """Completed gives the task; failed, cancelled, no result and no end give an error of their own."""
        running = [self._at("pending", 0), self._at("processing", 10), self._at("processing", 60)]
        updates: list[Any] = []
        task = self._waited([*running, self._completed], updates)
        progress = [update.progress for update in updates]
        urls = [result.url for result in getattr(task, "results", ())]
        verdict = getattr(task, "verdict", None)
        self._expect(
            COMPLETED,
            urls == self._links and progress[:2] == [10, 60] and updates[-1].done and verdict == "completed",
            f"a task that completes became {shown(task)}; on_update saw {progress}",
        )
        fault = {"code": "conformance_code", "message": "the reason", "type": "conformance_type"}
        error = self._waited([*running, self._at("failed", 60, error=fault)])
        self._expect(
            FAILED,
            type(error) is errors.TaskFailed
            and (error.task_id, error.code) == (self._id, fault["code"])
            and fault["message"] in error.message,
            f"a task that fails became {shown(error)}",
        )
        error = self._waited([*running, self._at("cancelled", 60)])
        self._expect(
            CANCELLED,
            type(error) is errors.TaskCancelled and error.task_id == self._id,
            f"a task that is cancelled became {shown(error)}",
        )
        started = self._clock.now()
        error = self._waited([self._at("processing", 10)])
        took = self._clock.now() - started
        self._expect(
            TIMEOUT,
            type(error) is errors.TaskTimeout and error.task_id == self._id and took <= SECONDS + 1,
            f"a task that never ends became {shown(error)} after {took:.0f} s of {SECONDS:.0f}",
        )
        bare = self._changed(self._without_results)
        error = self._waited([*running, bare])
        self._expect(
            NO_RESULT, type(error) is errors.ResultMissing, f"a completed task without result became {shown(error)}"
        )

    def obstacles(self) -> None:
        """An unknown status counts as running; an outage is waited out; a refusal that will stay ends the wait."""
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            task = self._waited([self._at(UNKNOWN_TEXT, 5), self._at(UNKNOWN_TEXT, 6), self._completed])
        told = [each for each in said if issubclass(each.category, errors.UnknownStatus)]
        self._expect(
            UNKNOWN,
            not isinstance(task, BaseException) and len(told) == 1,
            f"an unknown status became {shown(task)}, with {len(told)} warnings instead of one",
        )
        broken = [httpx.ReadError("reset")] * 5
        page = httpx.Response(502, content=b"<html>bad gateway</html>")
        for name, steps in (
            ("5 resets", broken),
            ("5 × 502", [page] * 5),
            ("no JSON", [httpx.Response(200, content=b"<")]),
        ):
            task = self._waited([self._at("processing", 10), *steps, self._completed])
            good = not isinstance(task, BaseException) and task.verdict == "completed"
            self._expect(OUTAGE, good, f"{name} on the way became {shown(task)}")
        body = {"error": {"code": "unauthorized", "message": "no", "type": "authentication_error"}}
        error = self._waited([self._at("processing", 10), httpx.Response(401, json=body), self._completed])
        self._expect(STOPS, type(error) is errors.AuthenticationError, f"401 while waiting became {shown(error)}")

    def downloads(self) -> None:
        """The file is whole or not there, whatever happens on the way; the key stays with the provider."""
        with tempfile.TemporaryDirectory(prefix="vidgate-conformance-") as place:
            target = Path(place) / "video.mp4"
            video = {"content-type": "video/mp4"}
            outcome = self._downloaded(in_turn([httpx.Response(200, content=FILE, headers=video)]), target)
            saved = target.read_bytes() if target.is_file() else b""
            self._expect(WHOLE, outcome == target and saved == FILE, f"a download became {shown(outcome)}")
            keys = [request.headers.get("authorization") for request in self._script.requests]
            self._expect(KEYLESS, keys == [None], f"the key was sent to {OTHER_ORIGIN}")
            target.unlink(missing_ok=True)
            for name, answer in _bad_downloads(video):
                outcome = self._downloaded(answer, target)
                typed = isinstance(outcome, errors.DownloadError | errors.TransportError | errors.APIError)
                left = sorted(path.name for path in target.parent.iterdir() if path.suffix != ".part")
                self._expect(
                    ATOMIC, typed and not left, f"{name} became {shown(outcome)}; {left or 'nothing'} is there then"
                )
                for path in target.parent.iterdir():
                    path.unlink()

    def _downloaded(self, answer: Any, target: Path) -> Any:
        """Download a result that stands on another origin."""
        told = always(200, self._changed(self._with_link))

        def respond(request: httpx.Request) -> httpx.Response:
            found: httpx.Response = answer(request) if str(request.url) == OTHER_ORIGIN else told(request)
            return found

        task = self._stage.called(told, lambda: self._facade.get(self._id))
        return self._stage.called(respond, lambda: self._facade.download(task, target))

    def _waited(self, steps: list[Any], updates: list[Any] | None = None) -> Any:
        """Read a task, then wait; the steps are what the server says from the second reading on."""
        seen: list[Any] = [] if updates is None else updates
        self._script.taken()
        self._script.answer = in_turn([self._at("pending", 0), *steps])
        try:
            task = self._facade.get(self._id)
            return self._facade.wait(task, on_update=seen.append)
        except Exception as error:  # noqa: BLE001 - the same
            return error

    def _at(self, status: str, progress: int, **more: Json) -> Json:
        """The answer to a query of a task that is not completed."""

        def change(task: JsonObject) -> None:
            self._without_results(task)
            task.update(status=status, progress=progress, **more)

        return self._changed(change)

    def _changed(self, change: Any) -> Json:
        value = copy.deepcopy(self._completed)
        change(task_in(self._provider, value, submitted=False))
        return value

    def _without_results(self, task: JsonObject) -> None:
        for pointer in PLACES[self._provider].results:
            task.pop(pointer.split("/")[1], None)

    def _with_link(self, task: JsonObject) -> None:
        place = PLACES[self._provider]
        for pointer in place.results:
            try:
                items = follow(task, pointer)
            except (LookupError, ValueError):
                continue
            if not place.links:
                items[:] = [OTHER_ORIGIN]
            for item in items if place.links else ():
                item[place.links.removeprefix("/")] = [OTHER_ORIGIN]

    def _expect(self, rule: str, good: bool, message: str) -> None:  # noqa: FBT001 - reads as a sentence
        self._stage.findings.saw(rule)
        if not good:
            self._stage.add(rule, message)


def _bad_downloads(video: dict[str, str]) -> Iterator[tuple[str, Callable[[httpx.Request], httpx.Response]]]:
    def breaking(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, stream=_Breaking(), headers={**video, "content-length": str(len(FILE))})

    def short(_: httpx.Request) -> httpx.Response:
        headers = {**video, "content-length": str(len(FILE))}
        return httpx.Response(200, stream=httpx.ByteStream(FILE[:-1]), headers=headers)

    yield "a connection that breaks in the middle", breaking
    yield "a file one byte short", short
    yield "no connection", in_turn([httpx.ConnectError("refused")])
    yield "no answer in time", in_turn([httpx.ReadTimeout("slow")])
    for status in (403, 404, 410, 500, 503):
        yield f"HTTP {status}", in_turn([httpx.Response(status, content=FILE, headers=video)])
    page = httpx.Response(200, content=b"<!doctype html><title>sign in</title>", headers={"content-type": "text/html"})
    yield "a page instead of a video", in_turn([page])
    yield "an empty file", in_turn([httpx.Response(200, content=b"", headers=video)])


class _Breaking(httpx.SyncByteStream, httpx.AsyncByteStream):
    """Half of the file, then a broken connection."""

    def __iter__(self) -> Iterator[bytes]:
        yield FILE[: len(FILE) // 2]
        raise httpx.ReadError("reset")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield FILE[: len(FILE) // 2]
        raise httpx.ReadError("reset")
