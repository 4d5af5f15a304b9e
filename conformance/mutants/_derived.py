"""Mutants made mechanically: for each requirement that follows from the contract, a server without that rule.

A rule on requests is loosened, by one step where it is a bound, for one model alone. A rule on answers is broken in
the answer. What shows in no answer of the simulator (502, a default without an effect) has no mutant here.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, cast

from .._json import is_array, is_object
from ..requirements import load as requirements
from ._model import Category, Change, Mutant
from ._patches import answered, asked, between, edited, refused, requested, schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .._settings import ProviderName
    from ..requirements import Case, Derived, Requirement
    from ._patches import Answer, Ask, Operation

JSON_TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")
# What stands where something of a type is expected: no reader would take one for the other.
WRONG: dict[str, Any] = {
    "string": 12345,
    "integer": "12",
    "number": "1.5",
    "boolean": "false",
    "object": [],
    "array": {},
}
OTHER_STATUS = {400: 422, 401: 403, 402: 400, 403: 401, 404: 400, 429: 503, 500: 503}
OTHER_DEFAULT: dict[str, Any] = {"/duration": 8, "/resolution": "1080p"}  # those that the price shows
STEPS: dict[str, int] = {"MIN": -1, "MIN-LENGTH": -1, "MIN-ITEMS": -1, "MAX": 1, "MAX-LENGTH": 1, "MAX-ITEMS": 1}
PUBLIC = "https://example.com/hook"


def derive() -> tuple[Mutant, ...]:
    """Return them all, in the order of the requirements."""
    providers: tuple[ProviderName, ...] = ("evolink", "apimart")
    return tuple(
        Mutant(
            id=f"derived-{entry.id.lower()}",
            provider=provider,
            category=_category(entry),
            breaks=entry.id,
            text=f"breaks the rule: {entry.text}",
            change=change,
            derived=True,
        )
        for provider in providers
        for entry in requirements(provider).values()
        if entry.ambiguous is None and (change := _change(entry)) is not None
    )


def _category(entry: Requirement) -> Category:
    if entry.area == "ERR":
        return "error bodies"
    if entry.area == "RES":
        return "submit responses" if "-CREATE-VIDEO-" in entry.id else "task life cycle and links"
    return "authentication and request validation"


def _change(entry: Requirement) -> Change | None:
    derived = entry.derived
    match derived.kind if derived else None:
        case "request":
            return _request(cast("Derived", derived))
        case "parameter":
            return _parameter(cast("Derived", derived))
        case "response":
            return _response(cast("Derived", derived))
        case "error" | "error-body" | "error-type":
            return _error(cast("Derived", derived))
        case _:
            return None


# Requests.


def _request(derived: Derived) -> Change | None:
    # One model is enough to break a rule, so a check has to look at each of them.
    case = derived.cases[-1]
    if derived.field == "/callback_url":
        return _callback(derived, case)
    if derived.field == "/model":
        return _model(derived, case)
    if derived.rule == "DEFAULT":
        return _default(derived, case)
    if derived.field == "" and derived.rule == "EXAMPLE":
        return _refuse_body(case)
    return _loosened(derived, case)


def _holder(case: Case) -> str:
    return case.pointer.rpartition("/")[0]


def _loosened(derived: Derived, case: Case) -> Change | None:
    keyword = case.pointer.rpartition("/")[2]
    holder = _holder(case)
    match derived.rule:
        case "MIN" | "MAX" | "MIN-LENGTH" | "MAX-LENGTH" | "MIN-ITEMS" | "MAX-ITEMS":
            return schema(holder, lambda it: it.update({keyword: it[keyword] + STEPS[derived.rule]}))
        case "ENUM" | "FORMAT" | "PATTERN":
            return schema(holder, lambda it: it.pop(keyword))
        case "REQUIRED":
            return schema(holder, lambda it: it["required"].remove(case.value))
        case "TYPE":
            return schema(holder, lambda it: _or(it, _others(it["type"])))
        case "ONE-OF":
            return schema(holder, lambda it: _or(it, ["array", "boolean", "object"]))
        case "NULL":
            return schema(case.pointer, lambda it: _or(it, ["null"]))
        case "CONDITION" if keyword.isdecimal():
            return schema(holder, lambda it: cast("list[Any]", it).__setitem__(int(keyword), {}))
        case "CONDITION":
            return schema(holder, lambda it: it.pop(keyword))
        case "EXAMPLE":
            return schema(case.pointer, lambda it: _and_not(it, case.value[-1]))
        case _:
            return None


def _others(known: str | list[str]) -> list[str]:
    named = {known} if isinstance(known, str) else set(known)
    if "integer" in named:
        named.add("number")  # for a schema every integer is a number, so the rest is what is no number
    return [
        name
        for name in JSON_TYPES
        if name not in named and name != "null" and not (name == "integer" and "number" in named)
    ]


def _or(found: dict[str, Any], types: list[str]) -> None:
    """Let a schema take whole types beside what it took."""
    before = copy.deepcopy(found)
    found.clear()
    found["anyOf"] = [before, {"type": types}]


def _and_not(found: dict[str, Any], value: Any) -> None:
    before = copy.deepcopy(found)
    found.clear()
    found["allOf"] = [before, {"not": {"const": value}}]


def _refuse_body(case: Case) -> Change:
    def change(document: dict[str, Any]) -> None:
        for found in document["components"]["schemas"].values():
            if found.get("properties", {}).get("model", {}).get("const") == case.subject:
                found.setdefault("allOf", []).append({"not": {"const": case.value}})

    return Change(contract=change)


def _read_as(name: str, value: Any, model: str, when: Callable[[dict[str, Any]], bool]) -> Change:
    def change(body: dict[str, Any]) -> None:
        if body.get("model") == model and when(body):
            body[name] = value

    return requested(change)


def _default(derived: Derived, case: Case) -> Change | None:
    name = derived.field.removeprefix("/")
    other = OTHER_DEFAULT.get(derived.field)
    if other is None:
        # Nothing shows what was taken instead, so it is demanded.
        return schema(case.pointer.partition("/properties/")[0], lambda it: it["required"].append(name))
    return _read_as(name, other, case.subject, lambda body: name not in body and not body.get("video_urls"))


def _callback(derived: Derived, case: Case) -> Change | None:
    """The simulator judges addresses twice, so what is let through is read as a good one."""
    judges: dict[str, Callable[[Any], bool]] = {
        "TYPE": lambda url: url is not None and not isinstance(url, str),
        "NULL": lambda url: url is None,
        "FORMAT": lambda url: isinstance(url, str) and url.startswith("https://") and " " in url,
        "PATTERN": lambda url: isinstance(url, str) and "://" in url and not url.lower().startswith("https://"),
        "MAX-LENGTH": lambda url: isinstance(url, str) and len(url) == case.value + 1,
        "CONDITION": lambda url: isinstance(url, str) and url.lower().startswith(("https://10.", "https://192.168.")),
    }
    if derived.rule == "EXAMPLE":
        return schema(case.pointer, lambda it: _and_not(it, case.value[-1]))
    judge = judges.get(derived.rule)
    if judge is None:
        return None
    return _read_as(
        "callback_url", PUBLIC, case.subject, lambda body: "callback_url" in body and judge(body["callback_url"])
    )


def _model(derived: Derived, case: Case) -> Change | None:
    known = {one.subject for one in derived.cases}

    def change(body: dict[str, Any]) -> None:
        absent = derived.rule == "REQUIRED" and "model" not in body
        unknown = derived.rule == "CONST" and isinstance(body.get("model"), str) and body["model"] not in known
        if absent or unknown:
            body["model"] = case.subject

    return requested(change)


def _parameter(derived: Derived) -> Change | None:
    if derived.rule == "MIN-LENGTH":
        return Change(simulator=between(after=_lists_tasks))
    if derived.rule != "PATTERN":
        return None

    def change(ask: Ask) -> None:
        if ask.operation == "poll" and not ask.path.startswith("/v1/tasks/task-unified-"):
            ask.path = "/v1/tasks/task-unified-0-unknown0"

    return asked(change)


def _lists_tasks(answer: Answer) -> None:
    """A task query without an id shows the newest task."""
    every = answer.simulator.tasks.all()
    if answer.ask.method == "GET" and answer.ask.path == "/v1/tasks/" and every:
        view = answer.simulator.view(every[-1], "https://example.com")
        answer.status = 200
        answer.put(answer.simulator.behaviour.status(view))


# Answers.


def _response(derived: Derived) -> Change | None:
    operation: Operation = "submit" if derived.operation == "createVideo" else "poll"
    steps = derived.field.split("/")[1:]
    bound = derived.cases[0].value
    if not steps and derived.rule == "TYPE":
        return answered(lambda answer: answer.put([answer.json]), of=operation)
    if derived.rule == "CONDITION":
        return edited(lambda body: _completed_without(body, steps), of=operation)
    if derived.rule == "REQUIRED":
        return edited(lambda body: _take_away(body, steps), of=operation)
    wrong = _wrong_value(derived, bound)
    return edited(lambda body: _put_wrong(body, steps, wrong), of=operation)


def _wrong_value(derived: Derived, bound: Any) -> Any:
    match derived.rule:
        case "TYPE":
            known = [bound] if isinstance(bound, str) else list(bound)
            return True if len(known) > 1 else WRONG[known[0]]
        case "MIN":
            return bound - 1
        case "MAX":
            return bound + 1
        case "MIN-ITEMS":
            return []
        case "FORMAT":
            return "no link at all"
        case _:
            return "unheard-of"


def _completed_without(body: dict[str, Any], steps: list[str]) -> None:
    task: dict[str, Any] = body
    for step in steps:
        task = task[step]
    if task.get("status") == "completed":
        task.pop("results", None)
        task.pop("result", None)


def _take_away(body: Any, steps: list[str]) -> None:
    for holder, name in _places(body, steps):
        holder.pop(name, None)


def _put_wrong(body: Any, steps: list[str], value: Any) -> None:
    for holder, name in _places(body, steps):
        holder[name] = value


def _places(found: Any, steps: list[str]) -> Iterator[tuple[Any, Any]]:
    """Where a pointer leads: holder and name or index. Kinds of results that no video has are borrowed from videos."""
    step, *rest = steps
    if is_array(found):
        if not rest:
            yield from ((found, index) for index in range(len(found)))
        for item in found if rest else ():
            yield from _places(item, rest)
        return
    if not is_object(found):
        return
    members = found
    if step in {"images", "audios"} and "videos" in members:
        members.setdefault(step, copy.deepcopy(members["videos"]))
    if step == "error" and isinstance(members.get(step), dict):
        members[step].setdefault("type", "task_error")
    if step not in members:
        return
    if not rest:
        yield members, step
    else:
        yield from _places(members[step], rest)


# Errors.


def _error(derived: Derived) -> Change | None:
    status = cast("int", derived.status)
    if status not in OTHER_STATUS:
        return None
    if derived.kind == "error":
        return answered(lambda answer: setattr(answer, "status", OTHER_STATUS[status]), status=status)
    if derived.kind == "error-body":
        return answered(_plain, status=status)
    if derived.rule == "CONST":
        return refused(_retyped(str(derived.cases[0].value["type"])), status=status)
    return refused(lambda error: error.update(type="something_else", code="something_else"), status=status)


def _plain(answer: Answer) -> None:
    body = answer.json
    body["error"] = str(body["error"]["message"])
    answer.put(body)


def _retyped(kind: str) -> Callable[[dict[str, Any]], object]:
    def change(error: dict[str, Any]) -> None:
        if error["type"] == kind:
            error["type"] = "something_else"

    return change
