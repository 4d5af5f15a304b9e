"""Faults in the answers to accepted submissions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._patches import answered, edited
from ._rows import APIMART, EVOLINK, Row

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._model import Change
    from ._patches import Answer


def says(change: Callable[[dict[str, Any]], object]) -> Change:
    """The body of an accepted submission is changed in place."""
    return edited(change, of="submit")


def item(change: Callable[[dict[str, Any]], object]) -> Change:
    """The one item of an accepted submission at APIMart is changed in place."""
    return says(lambda body: change(body["data"][0]))


def _without(name: str) -> Callable[[dict[str, Any]], object]:
    return lambda body: body.pop(name)


def _wrap(answer: Answer) -> None:
    answer.put([answer.json])


def _envelope(answer: Answer) -> None:
    answer.put({"code": 200, "data": answer.json})


def _bare(answer: Answer) -> None:
    answer.put(answer.json["data"])


def _status(value: int) -> Callable[[Answer], None]:
    return lambda answer: setattr(answer, "status", value)


MEMBERS = ("created", "id", "model", "object", "progress", "status", "type")

EVOLINK_ROWS = (
    *(
        Row(f"no-{name}", f"RES-CREATE-VIDEO-{name.upper()}-REQUIRED", f"leaves out {name}",
            says(_without(name)), EVOLINK)
        for name in MEMBERS
    ),
    *(
        Row(name, breaks, text, change, EVOLINK)
        for name, breaks, text, change in (
            ("id-number", "RES-CREATE-VIDEO-ID-TYPE", "gives the id as a number",
             says(lambda body: body.update(id=abs(hash(body["id"]))))),
            ("id-form", "TASK-ID-FORM", "gives ids of another form",
             says(lambda body: body.update(id=body["id"].removeprefix("task-unified-")))),
            ("created-text", "RES-CREATE-VIDEO-CREATED-TYPE", "gives the time as a text",
             says(lambda body: body.update(created=str(body["created"])))),
            ("created-milliseconds", "TASK-CREATED-NOW", "gives the time in milliseconds",
             says(lambda body: body.update(created=body["created"] * 1000))),
            ("progress-text", "RES-CREATE-VIDEO-PROGRESS-TYPE", "gives the progress as a text",
             says(lambda body: body.update(progress="0%"))),
            ("progress-fraction", "RES-CREATE-VIDEO-PROGRESS-TYPE", "gives the progress as a fraction",
             says(lambda body: body.update(progress=0.5))),
            ("progress-negative", "RES-CREATE-VIDEO-PROGRESS-MIN", "begins below 0",
             says(lambda body: body.update(progress=-1))),
            ("status-queued", "RES-CREATE-VIDEO-STATUS-ENUM", "has a status of its own",
             says(lambda body: body.update(status="queued"))),
            ("status-completed", "TASK-INITIAL-STATUS", "says that a task is completed at once",
             says(lambda body: body.update(status="completed", progress=100))),
            ("progress-five", "TASK-INITIAL-PROGRESS", "begins at 5 percent",
             says(lambda body: body.update(progress=5))),
            ("status-capital", "RES-CREATE-VIDEO-STATUS-ENUM", "writes the status in upper case",
             says(lambda body: body.update(status=body["status"].upper()))),
            ("object-other", "RES-CREATE-VIDEO-OBJECT-ENUM", "makes images, it says",
             says(lambda body: body.update(object="image.generation.task"))),
            ("type-other", "RES-CREATE-VIDEO-TYPE-ENUM", "has a type of its own",
             says(lambda body: body.update(type="movie"))),
            ("model-other", "TASK-MODEL-REQUESTED", "names another model than was asked for",
             says(lambda body: body.update(model="gemini-omni-flash"))),
            ("rule-other", "RES-CREATE-VIDEO-USAGE-BILLING-RULE-ENUM", "has a billing rule of its own",
             says(lambda body: body["usage"].update(billing_rule="per_minute"))),
            ("credits-negative", "RES-CREATE-VIDEO-USAGE-CREDITS-RESERVED-MIN", "reserves less than nothing",
             says(lambda body: body["usage"].update(credits_reserved=-1))),
            ("credits-text", "RES-CREATE-VIDEO-USAGE-CREDITS-RESERVED-TYPE", "gives credits as a text",
             says(lambda body: body["usage"].update(credits_reserved="100"))),
            ("cancel-text", "RES-CREATE-VIDEO-TASK-INFO-CAN-CANCEL-TYPE", "gives can_cancel as a text",
             says(lambda body: body["task_info"].update(can_cancel="false"))),
            ("estimate-negative", "RES-CREATE-VIDEO-TASK-INFO-ESTIMATED-TIME-MIN", "expects to be done already",
             says(lambda body: body["task_info"].update(estimated_time=-5))),
            ("envelope", "RES-CREATE-VIDEO-ID-REQUIRED", "puts an envelope around the task",
             answered(_envelope, of="submit")),
        )
    ),
)  # fmt: skip

APIMART_ROWS = tuple(
    Row(name, breaks, text, change, APIMART)
    for name, breaks, text, change in (
        ("no-code", "RES-CREATE-VIDEO-CODE-REQUIRED", "leaves out code", says(lambda body: body.pop("code"))),
        ("code-text", "RES-CREATE-VIDEO-CODE-TYPE", "gives code as a text", says(lambda body: body.update(code="200"))),
        ("code-other", "TASK-CODE", "gives code 0 for success", says(lambda body: body.update(code=0))),
        ("no-data", "RES-CREATE-VIDEO-DATA-REQUIRED", "leaves out data", says(lambda body: body.pop("data"))),
        ("data-object", "RES-CREATE-VIDEO-DATA-TYPE", "gives data without its list",
         says(lambda body: body.update(data=body["data"][0]))),
        ("data-empty", "RES-CREATE-VIDEO-DATA-MIN-ITEMS", "gives an empty list",
         says(lambda body: body["data"].clear())),
        ("bare", "RES-CREATE-VIDEO-BODY-TYPE", "gives the list without its envelope", answered(_bare, of="submit")),
        ("no-id", "RES-CREATE-VIDEO-DATA-ITEM-TASK-ID-REQUIRED", "leaves out the id",
         item(lambda one: one.pop("task_id"))),
        ("id-renamed", "RES-CREATE-VIDEO-DATA-ITEM-TASK-ID-REQUIRED", "calls the id just id",
         item(lambda one: one.update(id=one.pop("task_id")))),
        ("id-number", "RES-CREATE-VIDEO-DATA-ITEM-TASK-ID-TYPE", "gives the id as a number",
         item(lambda one: one.update(task_id=7))),
        ("no-status", "RES-CREATE-VIDEO-DATA-ITEM-STATUS-REQUIRED", "leaves out the status",
         item(lambda one: one.pop("status"))),
        ("status-completed", "TASK-INITIAL-STATUS", "says that a task is completed at once",
         item(lambda one: one.update(status="completed"))),
        ("status-number", "RES-CREATE-VIDEO-DATA-ITEM-STATUS-TYPE", "gives the status as a number",
         item(lambda one: one.update(status=1))),
    )
)  # fmt: skip

ROWS = (
    *EVOLINK_ROWS,
    *APIMART_ROWS,
    Row("listed", "RES-CREATE-VIDEO-BODY-TYPE", "puts its answer into a list", answered(_wrap, of="submit")),
    Row("created-201", "WIRE-STATUS", "accepts with 201", answered(_status(201), of="submit")),
    Row("accepted-202", "WIRE-STATUS", "accepts with 202", answered(_status(202), of="submit")),
)
