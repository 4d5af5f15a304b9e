"""Faults of a gateway of APIMart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.conformance.faults.manners import (
    as_owner,
    content,
    failing_json,
    failures,
    general,
    gone,
    header,
    many,
    moved,
    number,
    once,
    open_reading,
    pictures,
    starts,
    text,
    twice,
    unknown,
)
from tests.conformance.faults.sheet import Sheet
from tests.conformance.faults.talk import ABSENT
from tests.conformance.gateway import apps

if TYPE_CHECKING:
    from tests.conformance.faults.crooked import Fault

FAULTS: list[Fault] = []

# APIMart.
sheet = Sheet("apimart", "request", FAULTS)
sheet.key("no key is served", "A:174", lambda key: not key)
sheet.key("an unknown key is served", "A:447", lambda key: key.startswith("Bearer ") and key[7:] not in apps.KEYS)
sheet.key("Basic instead of Bearer", "A:174", lambda key: key.startswith("Basic "))
sheet.fault("tasks are read without a key", "A:174", before=open_reading)
sheet.fault(
    "403 for a wrong key",
    "A:447",
    after=lambda talk: setattr(talk, "status", 403 if talk.status == 401 else talk.status),
)
sheet.key("an account without credits", "A:448", lambda key: key == "Bearer gw-poor")
sheet.takes("duration 5", "A:205", "duration", lambda value: value == 5, 6)
sheet.takes("duration 7", "A:205", "duration", lambda value: value == 7, 8)
sheet.takes("duration 12", "A:443", "duration", lambda value: number(value) and value > 10, 10)
sheet.takes("duration as text", "A:199", "duration", text, 6)
sheet.refuses("duration 8 refused", "A:202", lambda body: body.get("duration") == 8)
sheet.takes("480p", "A:223", "resolution", lambda value: value == "480p", "720p")
sheet.refuses("1080P refused", "A:214", lambda body: body.get("resolution") == "1080P")
sheet.refuses("4K refused", "A:214", lambda body: body.get("resolution") == "4K")
sheet.takes("two images", "A:270", "image_urls", many(2), lambda value: value[:1])
sheet.fault(
    "frame with three images",
    "A:251",
    before=lambda talk: (
        talk.send(image_urls=pictures(talk.body)[:1])
        if talk.creating and talk.body.get("generation_type") == "frame" and len(pictures(talk.body)) == 3
        else None
    ),
)
sheet.refuses(
    "reference with three images refused",
    "A:248",
    lambda body: body.get("generation_type") == "reference" and len(pictures(body)) == 3,
)
sheet.takes("two videos", "A:280", "video_urls", many(2), lambda value: value[:1])
sheet.fault(
    "duration with a video",
    "A:284",
    before=lambda talk: (
        talk.send(duration=ABSENT)
        if talk.creating and talk.body.get("video_urls") and talk.body.get("duration") in (4, 6, 8, 10)
        else None
    ),
)
sheet.takes("an empty prompt", "A:442", "prompt", lambda value: value == "", "a cat")
sheet.takes("no prompt", "A:193", "prompt", lambda value: value is ABSENT, "a cat")
sheet.takes("any model", "A:442", "model", text, "Omni-Flash-Ext")
sheet.takes(
    "the model in any case",
    "A:190",
    "model",
    lambda value: text(value) and value.lower() == "omni-flash-ext",
    "Omni-Flash-Ext",
)
sheet.refuses("images with a video refused", "A:277", lambda body: bool(body.get("video_urls") and pictures(body)))
sheet.takes(
    "another way to use images",
    "A:245",
    "generation_type",
    lambda value: text(value) and value not in {"frame", "reference"},
    ABSENT,
)
sheet.refuses("an empty list refused", "A:258", lambda body: body.get("image_urls") == [])
sheet.refuses("size refused", "A:239", lambda body: "size" in body)
sheet.takes(
    "a video by ftp",
    "A:277",
    "video_urls",
    lambda value: isinstance(value, list) and starts("ftp:")(*value[:1] or [""]),
    ["https://example.com/a.mp4"],
)
sheet.fault("500 for broken JSON", "A:442", after=failing_json)
sheet = Sheet("apimart", "error", FAULTS)
for row, kind in (
    (443, "invalid_duration"),
    (444, "invalid_resolution"),
    (445, "unsupported_image_count"),
    (446, "unsupported_video_count"),
):
    sheet.error(
        f"never {kind}",
        f"A:{row}",
        400,
        general(kind),
    )
sheet.error("422 for 400", "A:442", 400, lambda body, talk: setattr(talk, "status", 422))
sheet.error("no envelope of errors", "A:132", 400, lambda body, talk: body.update(body.pop("error")))
sheet.error("403 for 402", "A:448", 402, lambda body, talk: setattr(talk, "status", 403))
sheet.error("429 of another type", "A:449", 429, lambda body, talk: body["error"].update(type="too_many_requests"))
sheet.error("401 as 200", "A:447", 401, lambda body, talk: setattr(talk, "status", 200))
sheet.error("no message", "A:134", 400, lambda body, talk: body["error"].pop("message"))
sheet = Sheet("apimart", "submit", FAULTS)
sheet.made("code 0", "A:291", lambda body, talk: body.update(code=0))
sheet.made("code as text", "A:290", lambda body, talk: body.update(code="200"))
sheet.made("data is an object", "A:294", lambda body, talk: body.update(data=body["data"][0]))
sheet.made("data is empty", "A:295", lambda body, talk: body.update(data=[]))
sheet.made("no task_id", "A:302", lambda body, talk: body["data"][0].pop("task_id"))
sheet.made("task_id is a number", "A:302", lambda body, talk: body["data"][0].update(task_id=5))
sheet.made(
    "an id of an earlier task",
    "A:303",
    lambda body, talk: body["data"][0].update(task_id=once(talk, "id", body["data"][0]["task_id"])),
)
sheet.made("status pending", "A:299", lambda body, talk: body["data"][0].update(status="pending"))
sheet = Sheet("apimart", "task", FAULTS)
sheet.shown("another id", "A:326", lambda task, talk: task.update(id=task["id"].lower()))
sheet.shown(
    "progress falls", "SA progress", lambda task, talk: task.update(progress=max(0, 60 - 7 * talk.nth)), at="processing"
)
sheet.shown("progress above 100", "SA progress", lambda task, talk: task.update(progress=120), at="completed")
sheet.shown("completed at 99", "A:328", lambda task, talk: task.update(progress=99), at="completed")
sheet.shown("created in milliseconds", "SA created", lambda task, talk: task.update(created=task["created"] * 1000))
sheet.shown("created moves", "SA created", lambda task, talk: task.update(created=int(talk.studio.now())))
sheet.shown(
    "completed before it was created",
    "SA completed",
    lambda task, talk: task.update(completed=task["created"] - 60),
    at="completed",
)
sheet.shown(
    "actual_time is something else",
    "SA actual_time",
    lambda task, talk: task.update(actual_time=task["actual_time"] + 500),
    at="completed",
)
sheet.shown("cost is not a tenth", "SA cost", lambda task, talk: task.update(cost=task["credits_cost"]), at="completed")
sheet.shown("failures cost", "A:360", lambda task, talk: task.update(cost=0.4, credits_cost=4), at="failed")
sheet.shown("no reason of a failure", "A:451", lambda task, talk: task.pop("error"), at="failed")
sheet.shown("status success", "SA status", lambda task, talk: task.update(status="success"), at="completed")
sheet.shown("no result", "A:335", lambda task, talk: task.pop("result"), at="completed")
sheet.shown(
    "url is a text",
    "A:338",
    lambda task, talk: task["result"]["videos"][0].update(url="https://gateway.example.org/x"),
    at="completed",
)
sheet.shown(
    "expired from the start",
    "A:339",
    lambda task, talk: task["result"]["videos"][0].update(expires_at=task["completed"] - 1),
    at="completed",
)
sheet.shown(
    "expires_at in milliseconds",
    "SA expires_at",
    lambda task, talk: task["result"]["videos"][0].update(expires_at=task["completed"] * 1000),
    at="completed",
)
sheet.shown(
    "completed tasks run again",
    "SA status",
    lambda task, talk: task.update(status="processing", progress=99) if talk.nth % 2 else None,
    at="completed",
)
sheet.shown(
    "failures never end", "A:318", lambda task, talk: task.update(status="processing", progress=99), at="failed"
)
sheet.fault("anybody reads", "SA 403", before=as_owner)
sheet.fault("any id is pending", "SA 400", before=lambda talk: talk.memory.update(provider="apimart"), after=unknown)
sheet.films("links are dead at once", "A:338", gone(0))
sheet.films("links end after an hour", "SA expires_at", gone(3600))
sheet = Sheet("apimart", "billing", FAULTS)
sheet.fault(
    "another default length",
    "A:199",
    before=lambda talk: (
        talk.send(duration=10)
        if talk.creating and talk.body and not {"duration", "video_urls"} & talk.body.keys()
        else None
    ),
)
sheet.takes("another default resolution", "A:213", "resolution", lambda value: value is ABSENT, "1080p")
sheet.charged("failures are charged", "A:361", failures)
sheet.charged("charged twice", "A:334", twice)
sheet = Sheet("apimart", "wire", FAULTS)
sheet.wire("text/html", "A:118", header("content-type", "text/html; charset=utf-8"))
sheet.wire("a byte order mark", "A:118", content(lambda raw: b"\xef\xbb\xbf" + raw))
sheet.wire("members twice", "A:118", content(lambda raw: raw.replace(b'"id":', b'"id": "task_1", "id":')))
sheet.wire("cut off", "A:118", content(lambda raw: raw[:-9]), of="creating")
sheet.wire("reading is elsewhere", "SA 200", moved(302))
