"""Values for and against a rule of the contract: what breaks it by one step, and what just keeps it."""

from __future__ import annotations

import copy
import itertools
import re
from typing import TYPE_CHECKING, Any

from ._bodies import case_schema, invalid, shortest, valid
from ._json import is_array
from ._verdict import HarnessError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._json import Json, JsonObject
    from ._run import Run
    from .requirements import Case, Requirement

CONFUSED: tuple[tuple[str, Any], ...] = (
    ("a string", "not this"),
    ("a number", 7),
    ("a fraction", 5.5),
    ("a boolean", True),
    ("an object", {"a": 1}),
    ("an array", ["a"]),
)
JSON_TYPES: dict[type, set[str]] = {
    str: {"string"},
    bool: {"boolean"},
    int: {"integer", "number"},
    float: {"number"},
    dict: {"object"},
    list: {"array"},
}


def refused(run: Run, requirement: Requirement) -> Iterator[tuple[str, JsonObject]]:
    """Bodies that differ from a valid one in this rule alone, each with a name; the contract refuses all of them."""
    derived = requirement.derived
    if derived is None:
        return
    for case in derived.cases:
        base = base_for(run, case, derived.field)
        for name, changed in _changes(run, requirement, case, base):
            if invalid(run, changed):
                yield f"{case.subject}: {name}", changed


def base_for(run: Run, case: Case, field: str) -> JsonObject:
    """A valid body of the case's model that has the field, and as little else as possible."""
    base = shortest(run, case.subject)
    name = field.split("/")[1] if field else ""
    if not name or name in base:
        return base
    known = [body for body in valid(run, case.subject) if name in body]
    if not known:
        message = f"no valid request of {case.subject} has {name}"
        raise HarnessError(message)
    return min(known, key=len)


def _changes(run: Run, requirement: Requirement, case: Case, base: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    derived = requirement.derived
    if derived is None:
        return
    field = derived.field
    if derived.rule == "REQUIRED":
        yield f"without {field.rpartition('/')[2]}", _removed(base, field)
        return
    if not field:
        if derived.rule == "CONDITION":
            yield from _against_whole(run, case)
        return
    for name, value in _wrong(run, requirement, case, _at(base, field)):
        yield name, _set(base, field, value)
        if field.endswith("/*"):
            yield f"{name}, behind good ones", _appended(base, field, value)


def _wrong(run: Run, requirement: Requirement, case: Case, now: Json) -> Iterator[tuple[str, Json]]:  # noqa: C901, PLR0912 - a line or two for each rule
    bound: Any = case.value
    match requirement.derived.rule if requirement.derived else "":
        case "TYPE":
            allowed: set[str] = set(bound) if is_array(bound) else {str(bound)}
            for name, value in CONFUSED:
                if not JSON_TYPES[type(value)] & allowed:
                    yield name, value
            if "integer" in allowed:
                yield "a number in quotes", "6"
            if requirement.derived and requirement.derived.field.endswith("/*"):
                yield "null", None
        case "ONE-OF":
            yield from ((name, value) for name, value in CONFUSED if name != "a number")
            yield "a number in quotes", "6"
        case "NULL":
            yield "null", None
        case "MIN":
            yield from ((f"{value}", value) for value in dict.fromkeys((bound - 1, 0, -1)) if value < bound)
        case "MAX":
            yield from ((f"{value}", value) for value in (bound + 1, bound * 10, 2**31))
        case "MIN-LENGTH":
            yield f"{bound - 1} characters", "x" * (bound - 1)
        case "MAX-LENGTH":
            for length in (bound + 1, bound * 2):
                yield f"{length} characters", str(now) + "x" * (length - len(str(now)))
        case "MIN-ITEMS":
            yield f"{bound - 1} items", list(now)[: bound - 1]
        case "MAX-ITEMS":
            yield f"{bound + 1} items", [numbered(now[0], number) for number in range(bound + 1)]
        case "ENUM" | "CONST" | "PATTERN" | "FORMAT" as rule:
            yield from _wrong_word(rule, bound, now)
        case "CONDITION":
            yield from _against_condition(case_schema(run, case), now)
        case _:
            pass


def _wrong_word(rule: str, bound: Any, now: Json) -> Iterator[tuple[str, Json]]:
    match rule:
        case "ENUM" if not isinstance(bound[0], str):
            around = range(min(bound) - 1, max(bound) + 3)
            yield from ((f"{value}", value) for value in around if value not in bound)
        case "ENUM":
            yield "another word", "unheard-of"
            yield from ((f"{word} in upper case", word.upper()) for word in bound if word.upper() != word)
            yield "a blank before it", f" {bound[0]}"
            yield from ((word, word) for word in _likely(bound[0]) if word not in bound)
        case "CONST":
            yield "another word", f"{bound}-2"
            yield "an unknown word", "no-such-model"
            yield "a letter less", str(bound)[:-1]
            yield "another case", str(bound).swapcase()
            yield "a blank behind it", f"{bound} "
        case "FORMAT":
            yield "no URI", "not a uri"
            yield "a URI with blanks", "https://example.com/with blanks"
        case _ if "://" in str(now):
            yield "ftp", "ftp://example.com/a"
            yield "no scheme", "example.com/a"
            if "[hH][tT][tT][pP][sS]:" in str(bound):
                yield "http", str(now).replace("https://", "http://")
        case _:
            yield from (("another form", "unheard-of"), ("more behind it", f"{now}x"), ("more before it", f"x{now}"))
            yield from ((word, word) for word in _likely(str(now)))


LIKELY = ((r"\d+:\d+", ("1:1", "4:3")), (r"\d+p", ("480p", "1440p", "2160p", "2k", "720")))
ENOUGH = 2
PRIVATE = (
    *("127.0.0.1", "10.0.0.1", "10.255.255.254", "172.16.0.1", "172.24.1.1", "172.31.255.254"),
    *("192.168.0.1", "192.168.255.254", "10.0.0.1:8443", "name@192.168.1.1"),
)


def _against_condition(schema: Json, now: Json) -> Iterator[tuple[str, Json]]:
    """Values that a `not` on one field forbids."""
    if "pattern" in schema:
        for host in PRIVATE:
            yield host, f"https://{host}/hook"
    count: Any = schema.get("maxItems")
    if count is not None and isinstance(now, list) and now:
        yield f"{count} items", [numbered(now[0], number) for number in range(count)]


def _likely(word: str) -> tuple[str, ...]:
    """Words of the same kind that a server may know without the pages naming them."""
    return next((words for form, words in LIKELY if re.fullmatch(form, word)), ())


def _against_whole(run: Run, case: Case) -> Iterator[tuple[str, JsonObject]]:
    """Requests that break one condition between fields and nothing else, those with fewest fields first."""
    name = run.contract.variants(run.submitting)[case.subject]
    schema = run.contract.component(name)
    number = int(case.pointer.rpartition("/")[2])
    condition: Any = schema["allOf"][number]
    rest = {**schema, "allOf": [part for place, part in enumerate(schema["allOf"]) if place != number]}
    needed: list[str] = condition.get("then", {}).get("required", [])
    found = 0
    for members in _combinations():
        # What a branch needs and is not there at all is another matter: only a wrong number of it is plainly refused.
        if any(not members.get(field) for field in needed):
            continue
        body = shortest(run, case.subject) | members
        if run.contract.violations(condition, body) and not run.contract.violations(rest, body):
            yield " with ".join(members), body
            found += 1
            if found == ENOUGH:
                return


def _combinations() -> Iterator[JsonObject]:
    images = [f"https://example.com/{number}.jpg" for number in range(3)]
    parts: tuple[JsonObject, ...] = (
        {"duration": 6},
        {"generation_type": "frame"},
        {"generation_type": "reference"},
        {"video_urls": ["https://example.com/reference.mp4"]},
        {"image_urls": images[:1]},
        {"image_urls": images},
    )
    for first, second in itertools.combinations(parts, 2):
        if not first.keys() & second.keys():
            yield {**first, **second}


def numbered(value: Json, number: int) -> Json:
    """A value of its own for each place of an array."""
    return f"{value}?n={number}" if isinstance(value, str) and number else value


def _at(body: Json, field: str) -> Json:
    for token in field.split("/")[1:]:
        body = (body[0] if body else None) if token == "*" else body[token]  # noqa: S105 - a step
    return body


def _set(body: JsonObject, field: str, value: Json) -> JsonObject:
    changed = copy.deepcopy(body)
    holder: Any = changed
    *way, last = field.split("/")[1:]
    for token in way:
        holder = holder[0 if token == "*" else token]  # noqa: S105 - a step
    holder[0 if last == "*" else last] = value
    return changed


def _appended(body: JsonObject, field: str, value: Json) -> JsonObject:
    """A list with good items before the wrong one: not only the first counts."""
    place = field.removesuffix("/*")
    items: list[Json] = _at(body, place)
    return _set(body, place, [numbered(items[0], number) for number in range(2)] + [value])


def _removed(body: JsonObject, field: str) -> JsonObject:
    changed = copy.deepcopy(body)
    holder: Any = changed
    *way, last = field.split("/")[1:]
    for token in way:
        holder = holder[token]
    holder.pop(last, None)
    return changed
