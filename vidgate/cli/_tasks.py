"""`vidgate run` and `vidgate get`: tasks at a provider.

After a submission every end but a good one says how to go on: the task is paid, and its id is all that is left of it.
"""

from __future__ import annotations

import contextlib
import functools
import math
import shlex
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any, Self
from urllib.parse import urlsplit

from vidgate import Task, errors
from vidgate.cli import _catalog, _connect, _progress
from vidgate.cli._problems import FINDINGS, GOOD, INTERRUPTED, UsageProblem, explain
from vidgate.cli._request import Request
from vidgate.cli._screen import Screen, facts

SUFFIXES = {"video": ".mp4", "image": ".png", "audio": ".mp3"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What `run` is asked to do; `timeout` in seconds."""

    request: Request
    output: Path | None
    overwrite: bool
    timeout: float
    base_url: str | None
    download: bool
    idempotency_key: str | None
    as_json: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Query:
    """What `get` is asked to do; `timeout` in seconds."""

    task_id: str
    provider: str | None
    wait: bool
    output: Path | None
    overwrite: bool
    timeout: float
    base_url: str | None
    as_json: bool


def dry_run(screen: Screen, plan: Plan) -> int:
    """Check the request and print what would be sent."""
    if not _is_valid(screen, plan):
        return FINDINGS
    if not plan.as_json:
        screen.note(f"A dry run: nothing was sent to {plan.request.provider.title}. The request would be:")
    screen.json(plan.request.body)
    return GOOD


def run(screen: Screen, plan: Plan) -> int:
    """Submit, wait, save."""
    check_timeout(plan.timeout)  # before anything is paid
    _check_output(plan.output, overwrite=plan.overwrite)
    if not _is_valid(screen, plan):
        return FINDINGS
    request = plan.request
    with _connect.connect(request.provider, plan.base_url) as client:
        sender = client.with_options(idempotency_key=plan.idempotency_key) if plan.idempotency_key else client
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", errors.RequestAdvice)  # shown already
                task = sender.media(request.kind).create_from(request.body)
        except KeyboardInterrupt:
            screen.error("interrupted while submitting: nobody can say whether the task was accepted", _advice(client))
            return INTERRUPTED
        except errors.SubmitUnknown as error:
            explain(screen, error)
            screen.command("Here", f"the same command with --idempotency-key {error.idempotency_key}")
            return FINDINGS
        about = f", about {task.estimated_seconds:g} seconds" if task.estimated_seconds else ""
        screen.note(f"{task.id} submitted to {request.provider.title}{about}")
        resume = _resume(task.id, output=plan.output, download=plan.download, base_url=plan.base_url)
        with _Resumable(screen, resume) as end:
            try:
                task = _progress.wait(screen, task, timeout=plan.timeout)
            except (errors.TaskFailed, errors.TaskCancelled):
                if plan.as_json:
                    screen.json(task_json(task.refresh(), []))
                raise
            files = _save(screen, task, plan.output, overwrite=plan.overwrite) if plan.download else []
            if plan.as_json:
                screen.json(task_json(task, files))
            else:
                for line in [str(file) for file in files] or [result.url for result in task.results]:
                    screen.result(line)
        return end.code


def get(screen: Screen, query: Query) -> int:
    """Read a task, wait for it and save its results if asked."""
    provider = _connect.provider_of(query.task_id, query.provider)
    check_timeout(query.timeout)
    _check_output(query.output, overwrite=query.overwrite)
    resume = _resume(
        query.task_id,
        output=query.output,
        download=query.output is not None,
        base_url=query.base_url,
        provider=query.provider,
    )
    with _connect.connect(provider, query.base_url) as client, _Resumable(screen, resume) as end:
        task = client.tasks.get(query.task_id)
        if query.wait and not task.done:
            try:
                task = _progress.wait(screen, task, timeout=query.timeout)
            except (errors.TaskFailed, errors.TaskCancelled):
                task = task.refresh()  # shown below as any other ended task
        files: list[Path] = []
        if query.output is not None and task.verdict == "completed":
            files = _save(screen, task, query.output, overwrite=query.overwrite)
        if query.as_json:
            screen.json(task_json(task, files))
        else:
            screen.show(facts(_facts(task, files)))
        if query.output is not None and not task.done:
            screen.error(f"the task is {task.status}: there is nothing to save yet")
            screen.command("Wait for it", resume)
            return FINDINGS
        if task.verdict in {"failed", "cancelled"}:
            return FINDINGS
    return end.code


def task_json(task: Task, files: list[Path]) -> dict[str, Any]:
    """Describe a task for machines."""
    fault = task.error
    return {
        "id": task.id,
        "provider": task.provider,
        "status": task.status,
        "verdict": task.verdict,
        "progress": task.progress,
        "model": task.model,
        "created": task.created,
        "estimated_seconds": task.estimated_seconds,
        "error": None
        if fault is None
        else {"code": fault.code, "message": fault.message, "retryable": fault.retryable},
        "results": [
            {"url": result.url, "kind": result.kind, "expires_at": result.expires_at} for result in task.results
        ],
        "files": [str(file) for file in files],
    }


def _advice(client: _connect.Client) -> str:
    """How to settle the submission that was under way."""
    provider = client.provider
    if client.journal is not None:
        with contextlib.suppress(errors.VidgateError):
            open_ones = [entry for entry in client.pending() if entry.state == "intent"]
            if open_ones:
                return provider.resend.advice(max(open_ones, key=lambda entry: entry.created).submit_id)
    return f"It may run and cost. Look at {provider.dashboard} before you submit again."


class _Resumable:
    """Ends a piece of work on a task: shows what went wrong, and the command that goes on from here."""

    def __init__(self, screen: Screen, command: str) -> None:
        self.code = GOOD
        self._screen = screen
        self._command = command

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> bool:
        if isinstance(error, KeyboardInterrupt):
            self._screen.error("interrupted; the task goes on")
            self._screen.command("Come back to it", self._command)
            self.code = INTERRUPTED
            return True
        if isinstance(error, errors.VidgateError):
            self.code = explain(self._screen, error)
            if not isinstance(error, (errors.TaskFailed, errors.TaskCancelled, errors.NotFound)):
                self._screen.command("Come back to it", self._command)
            return True
        return False


def _is_valid(screen: Screen, plan: Plan) -> bool:
    report = _connect.offline(plan.request.provider).check(plan.request.body)
    for problem in report.warnings:
        screen.warning(str(problem))
    if report.errors:
        if plan.as_json:
            screen.json(_catalog.report_json(report))
        explain(screen, errors.InvalidRequest(report))
    return not report.errors


def check_timeout(timeout: float) -> None:
    """Refuse what is no number of seconds."""
    if not math.isfinite(timeout):
        raise UsageProblem(f"--timeout {timeout} is no time", "Give a number of seconds.")


def _check_output(path: Path | None, *, overwrite: bool) -> None:
    if path is None:
        return
    if path.is_dir():
        raise UsageProblem(f"{path} is a directory", f"Name a file, such as {path / 'video.mp4'}.")
    if not path.parent.is_dir():
        raise UsageProblem(f"there is no directory {path.parent}", "Make it first, or choose another place.")
    if path.exists() and not overwrite:
        raise UsageProblem(f"{path} exists", "Choose another name, or say --overwrite.")


def _save(screen: Screen, task: Task, output: Path | None, *, overwrite: bool) -> list[Path]:
    files: list[Path] = []
    for index, path in enumerate(paths_of(task, output)):
        save = functools.partial(task.download, path, index=index, overwrite=overwrite)
        files.append(_progress.download(screen, save))
        screen.note(f"saved {path} ({path.stat().st_size:,} bytes)")
    return files


def paths_of(task: Task, output: Path | None) -> Iterator[Path]:
    """Name a file for each result: as asked, else after the task."""
    for index, result in enumerate(task.results):
        suffix = PurePosixPath(urlsplit(result.url).path).suffix
        if not suffix[1:].isalnum() or len(suffix) > len(".webm"):
            suffix = SUFFIXES.get(result.kind, "")
        first = output or Path(task.id + suffix)
        yield first if index == 0 else first.with_name(f"{first.stem}-{index + 1}{first.suffix}")


def _facts(task: Task, files: list[Path]) -> Iterator[tuple[str, str]]:
    yield "task", task.id
    yield "status", task.status if task.progress is None else f"{task.status}, {task.progress}%"
    if task.model:
        yield "model", task.model
    if task.created is not None:
        yield "created", moment(task.created)
    for result in task.results:
        until = f" (until {moment(result.expires_at)})" if result.expires_at is not None else ""
        yield result.kind, result.url + until
    if task.error is not None:
        code = f"{task.error.code}: " if task.error.code else ""
        yield "error", code + " ".join(task.error.message.split())
    for file in files:
        yield "saved", str(file)


def moment(seconds: float) -> str:
    """Write a time for people."""
    try:
        return datetime.fromtimestamp(seconds, tz=UTC).strftime("%Y-%m-%d %H:%M UTC")
    except (OverflowError, ValueError, OSError):
        return f"{seconds:g}"


def _resume(
    task_id: str, *, output: Path | None, download: bool, base_url: str | None, provider: str | None = None
) -> str:
    """Spell the command that goes on with a task."""
    words = ["vidgate", "get", task_id, "--wait"]
    if download:
        words += ["--download", str(output or f"{task_id}.mp4")]
    if provider is not None:
        words += ["--provider", provider]
    if base_url is not None:
        words += ["--base-url", base_url]
    return shlex.join(words)
