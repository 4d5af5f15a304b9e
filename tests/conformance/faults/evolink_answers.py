"""Faults of a gateway of EvoLink in what it answers: errors, submissions, tasks and links."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.conformance.faults.manners import as_owner, forever, gone, once, unknown
from tests.conformance.faults.sheet import Sheet

if TYPE_CHECKING:
    from tests.conformance.faults.crooked import Fault

FAULTS: list[Fault] = []

# EvoLink: error bodies.
sheet = Sheet("evolink", "error", FAULTS)
sheet.error("no code", "T:85", 400, lambda body, talk: body["error"].pop("code"))
sheet.error("the error is a text", "T:293", 400, lambda body, talk: body.update(error="bad request"))
sheet.error("the framework's own body", "T:84", 400, lambda body, talk: body.update(detail=[body.pop("error")]))
sheet.error("422 for 400", "T:77", 400, lambda body, talk: setattr(talk, "status", 422))
sheet.error("401 in plain text", "T:91", 401, lambda body, talk: talk.answered.update({"content-type": "text/plain"}))
sheet.error("402 of another type", "T:109", 402, lambda body, talk: body["error"].update(type="billing"))
sheet.error("503 for 429", "T:123", 429, lambda body, talk: setattr(talk, "status", 503))
sheet.error("a code that is a number", "T:296", 400, lambda body, talk: body["error"].update(code=400))
sheet.error("no message", "T:299", 401, lambda body, talk: body["error"].update(message=None))
sheet.error("403 of another code", "T:118", 403, lambda body, talk: body["error"].update(code="forbidden"))
sheet.error("404 as 200", "ST 404", 404, lambda body, talk: setattr(talk, "status", 200))
sheet.error("errors in a list", "T:293", 429, lambda body, talk: body.update(error=[body["error"]]))

# EvoLink: answers to submissions.
sheet = Sheet("evolink", "submit", FAULTS)
sheet.made("no id", "T:246", lambda body, talk: body.pop("id"))
sheet.made("the id is a number", "T:247", lambda body, talk: body.update(id=17))
sheet.made(
    "an id that cannot be read", "T:249", lambda body, talk: body.update(id=body["id"].replace("unified", "video"))
)
sheet.made("an id of an earlier task", "T:12", lambda body, talk: body.update(id=once(talk, "id", body["id"])))
sheet.made("created in milliseconds", "T:244", lambda body, talk: body.update(created=body["created"] * 1000))
sheet.made("created as a date", "T:243", lambda body, talk: body.update(created="2026-07-02T10:00:00Z"))
sheet.made("created nine hours ahead", "T:244", lambda body, talk: body.update(created=body["created"] + 9 * 3600))
sheet.made("a general model", "T:252", lambda body, talk: body.update(model="gemini-omni-flash"))
sheet.made("another object", "T:257", lambda body, talk: body.update(object="video.task"))
sheet.made("progress null", "T:260", lambda body, talk: body.update(progress=None))
sheet.made("progress in percent signs", "T:260", lambda body, talk: body.update(progress="0%"))
sheet.made("status queued", "T:269", lambda body, talk: body.update(status="queued"))
sheet.made("type in capitals", "T:283", lambda body, talk: body.update(type="VIDEO"))
sheet.made("a negative estimate", "T:314", lambda body, talk: body["task_info"].update(estimated_time=-1))
sheet.made("an estimate in fractions", "T:312", lambda body, talk: body["task_info"].update(estimated_time=61.5))
sheet.made("can_cancel as a word", "T:308", lambda body, talk: body["task_info"].update(can_cancel="false"))
sheet.made("billing by the minute", "T:323", lambda body, talk: body["usage"].update(billing_rule="per_minute"))
sheet.made("negative credits", "T:331", lambda body, talk: body["usage"].update(credits_reserved=-1))
sheet.made("credits as text", "T:329", lambda body, talk: body["usage"].update(credits_reserved="75.00"))
sheet.made("a group of its own", "T:336", lambda body, talk: body["usage"].update(user_group="svip"))
sheet.made("an envelope", "T:240", lambda body, talk: [body])
sheet.made("201", "T:71", lambda body, talk: setattr(talk, "status", 201))

# EvoLink: tasks and links.
sheet = Sheet("evolink", "task", FAULTS)
sheet.shown(
    "progress falls", "ST progress", lambda task, talk: task.update(progress=max(0, 60 - 7 * talk.nth)), at="processing"
)
sheet.shown("progress above 100", "ST progress", lambda task, talk: task.update(progress=101), at="completed")
sheet.shown("progress is a share", "ST progress", lambda task, talk: task.update(progress=task["progress"] / 100))
sheet.shown(
    "completed tasks run again",
    "T:12",
    lambda task, talk: task.update(status="processing", progress=99) if talk.nth % 2 else None,
    at="completed",
)
sheet.shown(
    "completed tasks fail later",
    "T:12",
    lambda task, talk: (
        task.update(status="failed", error={"code": "x", "message": "x", "type": "task_error"}) if talk.nth else None
    ),
    at="completed",
)
sheet.shown(
    "pending after processing",
    "ST status",
    lambda task, talk: task.update(status="pending") if talk.nth % 2 else None,
    at="processing",
)
sheet.shown("created moves", "T:244", lambda task, talk: task.update(created=int(talk.studio.now())))
sheet.shown("another id", "ST id", lambda task, talk: task.update(id=task["id"].removeprefix("task-unified-")))
sheet.shown("another model", "ST model", lambda task, talk: task.update(model="gemini-omni-flash-image-to-video"))
sheet.shown("another type", "ST type", lambda task, talk: task.update(type="image"))
sheet.shown("no results", "ST results", lambda task, talk: task.pop("results"), at="completed")
sheet.shown("empty results", "ST results", lambda task, talk: task.update(results=[]), at="completed")
sheet.shown(
    "results are objects",
    "ST results",
    lambda task, talk: task.update(results=[{"url": task["results"][0]}]),
    at="completed",
)
sheet.shown(
    "results before the end",
    "ST results",
    lambda task, talk: task.update(results=["https://gateway.example.org/films/x.mp4"]),
    at="processing",
)
sheet.shown("no reason of a failure", "ST error", lambda task, talk: task.update(error=None), at="failed")
sheet.shown(
    "a reason without a failure",
    "ST error",
    lambda task, talk: task.update(error={"code": "none", "message": "", "type": "task_error"}),
    at="completed",
)
sheet.shown(
    "a failure of another type", "ST error.type", lambda task, talk: task["error"].update(type="upstream"), at="failed"
)
sheet.shown(
    "failures never end",
    "ST status",
    lambda task, talk: task.update(status="processing", progress=99, error=None),
    at="failed",
)
sheet.shown("status succeeded", "T:272", lambda task, talk: task.update(status="succeeded"), at="completed")
sheet.shown(
    "relative links",
    "ST results uri",
    lambda task, talk: task.update(results=[f"/films/{task['id']}.mp4"]),
    at="completed",
)
sheet.shown(
    "the first task's links",
    "T:12",
    lambda task, talk: task.update(results=once(talk, "links", task["results"])),
    at="completed",
)
sheet.fault("anybody reads", "ST 403", before=as_owner)
sheet.fault("any id is pending", "ST 404", before=lambda talk: talk.memory.update(provider="evolink"), after=unknown)
sheet.fault(
    "500 for a malformed id",
    "ST 400",
    after=lambda talk: (
        talk.reply({"error": {"code": "internal_error", "message": "x", "type": "api_error"}}, 500)
        if talk.reading and talk.status == 400
        else None
    ),
)
sheet.fault(
    "ended tasks are gone",
    "ST results",
    after=lambda talk: (
        talk.reply({"error": {"code": "task_not_found", "message": "x", "type": "invalid_request_error"}}, 404)
        if talk.reading and talk.ended and talk.nth > 1
        else None
    ),
)
sheet.films("links end after an hour", "T:13", gone(3600))
sheet.films("links end after 23 hours", "T:13", gone(23 * 3600))
sheet.films("links are dead at once", "T:13", gone(0))
sheet.films("links never end", "T:13", forever)
sheet.films("links are a page", "T:7", lambda talk: talk.reply("<html>", 200) if talk.status == 200 else None)
sheet.films("links are empty", "T:7", lambda talk: setattr(talk, "content", b"") if talk.status == 200 else None)
