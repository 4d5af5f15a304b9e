"""Faults in the life of a task and in the links to its results."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, cast

from ._model import Change
from ._patches import answered, behaving, edited, reading
from ._rows import APIMART, EVOLINK, Row

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from vidgate.simulator import Simulator

    from ._patches import Answer, Reading

DAY = 86_400.0
HALF = 0.5
AFTERWARDS = 1.15
ENDED = frozenset({"completed", "failed"})


def moves(change: Callable[[dict[str, Any], Reading], object]) -> Change:
    """A shorter name where many rows stand below each other."""
    return reading(change)


def when(status: str, change: Callable[[dict[str, Any], Reading], object]) -> Change:
    """Only tasks that really stand so are shown differently."""

    def changed(body: dict[str, Any], seen: Reading) -> None:
        if seen.status == status:
            change(body, seen)

    return reading(changed)


def _share(seen: Reading) -> float:
    seconds = seen.view.task.seconds
    return seen.age / seconds if seconds else 1.0


def _falls(body: dict[str, Any], seen: Reading) -> None:
    if seen.status == "processing":
        body["progress"] = max(1, 99 - body["progress"])


def _falls_once(body: dict[str, Any], seen: Reading) -> None:
    if seen.status == "processing" and _share(seen) > HALF and not seen.memory.get("fell"):
        seen.memory["fell"] = True
        body["progress"] = 1


def _back_to_pending(body: dict[str, Any], seen: Reading) -> None:
    if seen.status == "processing" and _share(seen) > HALF:
        body["status"] = "pending"


def _leaves_its_end(body: dict[str, Any], seen: Reading) -> None:
    if seen.status in ENDED:
        ended = seen.memory.setdefault("ended", 0)
        seen.memory["ended"] = ended + 1
        if ended:
            _unfinished(body, "processing", 100)


def _unfinished(body: dict[str, Any], status: str, progress: int) -> None:
    body.update(status=status, progress=progress)
    for name in ("results", "result", "error", "completed", "actual_time"):
        body.pop(name, None)


def _never_ends(body: dict[str, Any], seen: Reading) -> None:
    if seen.status in ENDED:
        _unfinished(body, "processing", 99)


def _recovers(body: dict[str, Any], seen: Reading) -> None:
    if seen.status == "failed" and _share(seen) > AFTERWARDS:
        _succeeds_anyway(body, seen)


def _add_results(body: dict[str, Any], seen: Reading) -> None:
    if seen.simulator.provider == "evolink":
        body["results"] = [seen.view.link]
    else:
        body["result"] = {"videos": [{"url": [seen.view.link], "expires_at": int(seen.view.task.expires)}]}


def _succeeds_anyway(body: dict[str, Any], seen: Reading) -> None:
    body.pop("error", None)
    body["status"] = "completed"
    _add_results(body, seen)


def _early_results(body: dict[str, Any], seen: Reading) -> None:
    if seen.status == "processing":
        _add_results(body, seen)


def _flickers(body: dict[str, Any], seen: Reading) -> None:
    body["id"] += str(seen.count)


def _newest(simulator: Simulator) -> None:
    """Whatever task is asked for, the newest one is shown."""
    honest = simulator.tasks.find

    def find(task_id: str) -> Any:
        found = honest(task_id)
        every = simulator.tasks.all()
        return found if found is None or not every else honest(every[-1].id)

    cast("Any", simulator.tasks).find = find


def _bare_id(source: random.Random, _: float) -> str:
    return f"{source.getrandbits(80):020x}"


def _found_late(simulator: Simulator) -> None:
    honest = simulator.tasks.find

    def find(task_id: str) -> Any:
        found = honest(task_id)
        return found if found is None or simulator.tasks.now() >= found.created + 5 else None

    cast("Any", simulator.tasks).find = find


def _forgets(simulator: Simulator) -> None:
    """A task that ended is gone ten minutes later."""
    honest = simulator.tasks.find

    def find(task_id: str) -> Any:
        found = honest(task_id)
        gone = found is not None and simulator.tasks.now() > found.finished + found.seconds * 0.2
        return None if gone else found

    cast("Any", simulator.tasks).find = find


def _invents(answer: Answer) -> None:
    """Whatever id is asked for, there is such a task."""
    task_id = answer.ask.path.rpartition("/")[2]
    created = int(answer.simulator.tasks.now())
    if answer.simulator.provider == "evolink":
        kind = {"object": "video.generation.task", "type": "video", "model": "gemini-omni-flash-text-to-video"}
        answer.put({"id": task_id, "created": created, "progress": 0, "status": "pending", **kind})
    else:
        answer.put({"code": 200, "data": {"id": task_id, "created": created, "progress": 0, "status": "pending"}})
    answer.status = 200


def _not_found(answer: Answer) -> None:
    answer.status = 404


def _page(answer: Answer) -> None:
    answer.body = b"<html><body>Sign in</body></html>"
    answer.headers["content-type"] = "text/html"


def _nothing(answer: Answer) -> None:
    answer.body = b""


def lasts(seconds: float) -> Change:
    """Links are valid for another time, whatever is said of them."""

    def patch(simulator: Simulator) -> None:
        honest = simulator.tasks.find_result

        def find(token: str) -> Any:
            task = honest(token)
            if task is None:
                return None
            # The link expires a day after the end of a task, so a task that ended otherwise has another link.
            return dataclasses.replace(task, cancelled=task.finished + seconds - DAY)

        cast("Any", simulator.tasks).find_result = find

    return Change(simulator=patch)


def _file(body: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = body["result"]["videos"][0]
    return found


ROWS = (
    Row("progress-falls", "TASK-PROGRESS-MONOTONIC", "counts down", moves(_falls)),
    Row("progress-falls-once", "TASK-PROGRESS-MONOTONIC", "forgets its progress once", moves(_falls_once)),
    Row("back-to-pending", "TASK-STATUS-ORDER", "queues a task again that was under way", moves(_back_to_pending)),
    Row("end-left", "TASK-TERMINAL", "goes on after the end", moves(_leaves_its_end)),
    Row("failed-recovers", "TASK-TERMINAL", "completes a task that had failed", moves(_recovers)),
    Row("never-ends", "TASK-LIVENESS", "never ends a task", moves(_never_ends)),
    Row("id-flickers", "TASK-ID-STABLE", "gives a task another id each time", moves(_flickers)),
    Row("newest-task", "TASK-ID-STABLE", "shows the newest task, whatever was asked for", Change(simulator=_newest)),
    Row("task-forgotten", "TASK-STAYS", "forgets a task soon after its end", Change(simulator=_forgets)),
    Row("created-moves", "TASK-CREATED-STABLE", "moves the time of creation",
        moves(lambda body, seen: body.update(created=body["created"] + seen.count))),
    Row("created-now", "TASK-CREATED-STABLE", "gives the present for the time of creation",
        moves(lambda body, seen: body.update(created=int(seen.simulator.tasks.now())))),
    Row("model-changes", "TASK-MODEL-STABLE", "names another model when it is done",
        when("completed", lambda body, _: body.update(model="gemini-omni-flash")), EVOLINK),
    Row("type-changes", "TASK-TYPE-STABLE", "has made an image when it is done",
        when("completed", lambda body, _: body.update(type="image", object="image.generation.task")), EVOLINK),
    Row("kind-other", "TASK-KIND", "shows a video as a sound from beginning to end",
        moves(lambda body, _: body.update(type="audio", object="audio.generation.task")), EVOLINK),
    Row("created-milliseconds", "TASK-CREATED-NOW", "gives the time in milliseconds",
        moves(lambda body, _: body.update(created=body["created"] * 1000)), APIMART),
    Row("id-form", "TASK-ID-FORM", "gives ids of another form",
        behaving(new_id=_bare_id), APIMART),
    Row("found-late", "TASK-FOUND", "finds a task five seconds after its submission only",
        Change(simulator=_found_late)),
    Row("stops-at-99", "TASK-COMPLETED-PROGRESS", "completes at 99 percent",
        when("completed", lambda body, _: body.update(progress=99))),
    Row("progress-101",
        {"evolink": "RES-GET-TASK-PROGRESS-MAX", "apimart": "RES-GET-TASK-DATA-PROGRESS-MAX"},
        "goes beyond 100 percent", when("completed", lambda body, _: body.update(progress=101))),
    Row("progress-fraction",
        {"evolink": "RES-GET-TASK-PROGRESS-TYPE", "apimart": "RES-GET-TASK-DATA-PROGRESS-TYPE"},
        "gives progress from 0 to 1", moves(lambda body, _: body.update(progress=body["progress"] / 100))),
    Row("status-done",
        {"evolink": "RES-GET-TASK-STATUS-ENUM", "apimart": "RES-GET-TASK-DATA-STATUS-ENUM"},
        "has a word of its own for completed", when("completed", lambda body, _: body.update(status="done"))),
    Row("status-running",
        {"evolink": "RES-GET-TASK-STATUS-ENUM", "apimart": "RES-GET-TASK-DATA-STATUS-ENUM"},
        "has a word of its own for processing", when("processing", lambda body, _: body.update(status="in_progress"))),
    Row("no-results", {"evolink": "RES-GET-TASK-BODY-CONDITION", "apimart": "RES-GET-TASK-DATA-CONDITION"},
        "completes without a result",
        when("completed", lambda body, _: (body.pop("results", None), body.pop("result", None)))),
    Row("empty-results", "TASK-RESULTS", "completes with an empty list of results",
        when("completed", lambda body, seen: body.update(
            {"results": []} if seen.simulator.provider == "evolink" else {"result": {"videos": []}}))),
    Row("early-results", "TASK-RESULTS-ONLY-COMPLETED", "shows links before there is a file", moves(_early_results)),
    Row("relative-links", "RES-GET-TASK-RESULTS-ITEM-FORMAT", "gives links without a host",
        when("completed", lambda body, _: body.update(results=["/results/film.mp4"])), EVOLINK),
    Row("link-objects", "RES-GET-TASK-RESULTS-ITEM-TYPE", "gives objects for links",
        when("completed", lambda body, _: body.update(results=[{"url": body["results"][0]}])), EVOLINK),
    Row("link-text", "RES-GET-TASK-DATA-RESULT-VIDEOS-ITEM-URL-TYPE", "gives a link outside a list",
        when("completed", lambda body, _: _file(body).update(url=_file(body)["url"][0])), APIMART),
    Row("videos-object", "RES-GET-TASK-DATA-RESULT-VIDEOS-TYPE", "gives one video outside a list",
        when("completed", lambda body, _: body["result"].update(videos=_file(body))), APIMART),
    Row("expiry-milliseconds", "LINK-EXPIRES-AT", "gives the end of a link in milliseconds",
        when("completed", lambda body, _: _file(body).update(expires_at=_file(body)["expires_at"] * 1000)), APIMART),
    Row("expiry-hour", "LINK-EXPIRES", "says that links end after an hour",
        when("completed", lambda body, _: _file(body).update(expires_at=body["completed"] + 3600)), APIMART),
    Row("completed-before", "TASK-COMPLETED-TIME", "ends a task before it began",
        when("completed", lambda body, _: body.update(completed=body["created"] - 1)), APIMART),
    Row("actual-time", "TASK-ACTUAL-TIME", "counts a task's time wrong",
        when("completed", lambda body, _: body.update(actual_time=body["actual_time"] * 2 + 7)), APIMART),
    Row("no-envelope", "RES-GET-TASK-CODE-REQUIRED", "gives the task without its envelope",
        edited(lambda body: (body.update(body.pop("data")), body.pop("code")), of="poll"), APIMART),
    Row("marker-completes", "TASK-FAILED", "completes a task that has to fail", when("failed", _succeeds_anyway)),
    Row("no-reason", "TASK-FAILED-ERROR", "fails without a reason", when("failed", lambda body, _: body.pop("error"))),
    Row("empty-reason",
        {"evolink": "TASK-FAILED-ERROR", "apimart": "RES-GET-TASK-DATA-ERROR-MESSAGE-REQUIRED"},
        "fails with an empty reason",
        when("failed", lambda body, _: body.update(error={}))),
    Row("reason-without-code", "TASK-FAILED-ERROR", "fails without a code",
        when("failed", lambda body, _: body["error"].pop("code")), EVOLINK),
    Row("error-type", "TASK-ERROR-TYPE", "gives a failed task another type of error",
        when("failed", lambda body, _: body["error"].update(type="server_error")), EVOLINK),
    Row("error-early", "TASK-ERROR-ONLY-FAILED", "gives an error to a task that is well",
        when("completed", lambda body, _: body.update(
            error={"code": "none", "message": "no error", "type": "task_error"}))),
    Row("invents-tasks", "TASK-UNKNOWN", "knows every task", answered(_invents, of="poll", status=404), EVOLINK),
    Row("invents-tasks", "TASK-UNKNOWN", "knows every task", answered(_invents, of="poll", status=400), APIMART),
    Row("link-dead", "LINK-WORKS", "gives links that lead nowhere", answered(_not_found, of="download")),
    Row("link-page", "LINK-CONTENT", "gives links to a page", answered(_page, of="download")),
    Row("link-empty", "LINK-CONTENT", "gives links to an empty file", answered(_nothing, of="download")),
    Row("link-hour", "LINK-LIFETIME", "lets links expire after an hour", lasts(3600.0)),
    Row("link-forever", "LINK-EXPIRES", "never lets links expire", lasts(1000 * DAY)),
)  # fmt: skip
