"""Values that a subject must take, put together into few requests, because each accepted one is paid for.

Every value comes with the requirements that its acceptance speaks for. Values of one model that do not touch the same
fields share a request; when a request is refused, its values are sent one by one to find which of them is to blame.
"""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ._bodies import examples, invalid, shortest, valid
from ._json import is_array
from ._rules import base_for, numbered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._json import Json, JsonObject
    from ._run import Run
    from .requirements import Case, Requirement

IN_WORDS = (
    "一只小猫顽皮地拨弄着一团毛线球",
    "ガラスのビー玉が木製のレールを勢いよく転がる",
    "화면의 조명을 더 따뜻하게 만든다",
    "A kitten plays with a ball of wool. No dialogue.",
)
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="  # a PNG
WEBP = "UklGRiQAAABXRUJQVlA4IBgAAAAwAQCdASoBAAEAAwA0JaQAA3AA/vuUAAA="
IMAGE_FORMS: tuple[list[str], ...] = (
    ["https://example.com/a.png", "http://example.com/b.jpeg", "https://example.com/c.webp"],
    [f"data:image/png;base64,{PIXEL}", PIXEL, f"data:image/webp;base64,{WEBP}"],
)
PUBLIC_HOSTS = ("172.15.255.254", "172.32.0.1", "11.0.0.1", "192.169.0.1", "9.255.255.254", "128.0.0.1")
"""Neighbours of the private ranges that the pages list."""
CALLBACK = "callback_url"
PAIRED = frozenset({"duration", "aspect_ratio", "resolution", "generation_type"})
MOST = 16
"""So many requests are made of values; more are only for what does not fit in."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Value:
    """Members of a request that must be taken, and the names of the requirements that say so."""

    model: str
    members: JsonObject
    serves: tuple[str, ...]


@dataclass(slots=True)
class Row:
    """One request that serves several values."""

    model: str
    body: JsonObject
    values: list[Value]

    def takes(self, run: Run, value: Value) -> bool:
        """Put a value in, if the request has room for it."""
        used = {name for one in self.values for name in one.members}
        if value.model != self.model or used & value.members.keys():
            return False
        body = self.body | value.members
        if invalid(run, body) or is_ambiguous(body):
            return False
        self.body = body
        self.values.append(value)
        return True


def rows(run: Run) -> list[Row]:
    """Few requests that hold every value, and most pairs of values over all models; the same for the same seed."""
    known = _distinct(values(run))
    chance = random.Random(run.seed)  # noqa: S311 - an order, no secret
    chance.shuffle(known)
    known.sort(key=lambda value: -len(value.members))
    pairs: set[frozenset[str]] = set()
    for body in documented(run).values():
        pairs |= _pairs(body)
    found: list[Row] = []
    for value in known:
        if not _place(run, found, value, pairs):
            row = Row(model=value.model, body=shortest(run, value.model), values=[])
            if row.takes(run, value):
                found.append(row)
    _fill(run, found, known, pairs)
    return found


def _place(run: Run, found: list[Row], value: Value, pairs: set[frozenset[str]]) -> bool:
    """Put a value where it makes most new pairs, if any request has room for it."""
    for row in sorted(found, key=lambda row: -len(_pairs(row.body | value.members) - pairs)):
        if row.takes(run, value):
            pairs |= _pairs(row.body)
            return True
    return False


def _fill(run: Run, found: list[Row], known: list[Value], pairs: set[frozenset[str]]) -> None:
    """Use the room that is left, and a few requests more, for pairs of values that never met."""
    open_ = [value for value in known if len(value.members) == 1 and value.members.keys() & PAIRED]
    for row in found:
        for value in sorted(open_, key=lambda value: -len(_pairs(row.body | value.members) - pairs)):
            if _pairs(row.body | value.members) - pairs and row.takes(run, value):
                pairs |= _pairs(row.body)
    for first, second in itertools.combinations(open_, 2):
        if len(found) >= MOST:
            return
        if first.model == second.model and not first.members.keys() & second.members.keys():
            row = Row(model=first.model, body=shortest(run, first.model), values=[])
            if _pairs(row.body | first.members | second.members) - pairs and row.takes(run, first):
                row.takes(run, second)
                pairs |= _pairs(row.body)
                found.append(row)


def _pairs(body: JsonObject) -> set[frozenset[str]]:
    """Every two of the values that a server may judge together, whatever the model."""
    told = [f"{name} {str(value).lower()}" for name, value in body.items() if name in PAIRED]
    return {frozenset(pair) for pair in itertools.combinations(told, 2)}


def alone(run: Run, value: Value) -> JsonObject:
    """The smallest request with one value."""
    return shortest(run, value.model) | value.members


def is_ambiguous(body: JsonObject) -> bool:
    """Three images without a generation_type: one sentence refuses them, one example sends them."""
    images: Json = body.get("image_urls")
    three = is_array(images) and len(images) > 1 and body["model"] == "Omni-Flash-Ext"
    return three and body.get("generation_type") != "reference"


def values(run: Run) -> Iterator[Value]:
    """Every value that the derived requirements bound or show, and those that prose promises."""
    for entry in run.requirements.values():
        derived = entry.derived
        if derived is None or derived.kind != "request" or derived.field.count("/") != 1 or entry.ambiguous:
            continue
        for case in derived.cases:
            name = derived.field[1:]
            for value in _on_the_bound(run, entry, case, name):
                members = _completed(run, case.subject, {name: value})
                if members is not None and (name != CALLBACK or run.catches_all):
                    yield Value(model=case.subject, members=members, serves=(entry.name,))
    yield from _promised(run)


def _distinct(found: Iterator[Value]) -> list[Value]:
    """Values that several requirements ask for stand once."""
    merged: dict[str, Value] = {}
    for value in found:
        key = f"{value.model} {value.members!r}"
        serves = (*merged[key].serves, *value.serves) if key in merged else value.serves
        merged[key] = Value(model=value.model, members=value.members, serves=tuple(dict.fromkeys(serves)))
    return list(merged.values())


def _on_the_bound(run: Run, entry: Requirement, case: Case, name: str) -> Iterator[Json]:
    bound: Any = case.value
    now: Any = base_for(run, case, f"/{name}").get(name)
    match entry.derived.rule if entry.derived else "":
        case "MIN" | "MAX":
            yield bound
        case "ENUM":
            yield from bound
        case "MIN-ITEMS" | "MAX-ITEMS" if bound and now:
            yield [numbered(now[0], number) for number in range(bound)]
        case "MIN-LENGTH" if bound:
            yield "x" * bound
        case "MAX-LENGTH":
            yield f"{now}?pad=".ljust(bound, "x")
        case "EXAMPLE":
            yield from bound
        case _:
            pass


def _completed(run: Run, model: str, members: JsonObject) -> JsonObject | None:
    """The members with whatever else they need beside them; None when no request has them."""
    base = shortest(run, model)
    if not invalid(run, base | members):
        return members
    found = [body for body in valid(run, model) if all(body.get(name) == value for name, value in members.items())]
    for body in sorted(found, key=len):
        for name, value in body.items():  # one companion is often enough
            if name not in base and not invalid(run, base | members | {name: value}):
                return members | {name: value}
    return {name: value for name, value in min(found, key=len).items() if base.get(name) != value} if found else None


def _promised(run: Run) -> Iterator[Value]:
    """What prose alone promises to take, where the provider has the requirement."""
    models = list(run.contract.variants(run.submitting))
    promises = [("REQ-PROMPT-LANGUAGES", {"prompt": text}) for text in IN_WORDS]
    if run.catches_all:
        promises += [("REQ-CALLBACK-URL-PUBLIC", {CALLBACK: f"https://{host}/hook"}) for host in PUBLIC_HOSTS]
    for number, (name, members) in enumerate(promises):
        if run.has(name):
            yield Value(model=models[number % len(models)], members=members, serves=(name,))
    for model in models:
        if run.has("REQ-IMAGE-URLS-FORMS") and model.endswith("reference-to-video"):
            for form in IMAGE_FORMS:
                yield Value(model=model, members={"image_urls": form}, serves=("REQ-IMAGE-URLS-FORMS",))
    for name, members in _of_omni_flash():
        if run.has(name):
            yield Value(model=models[0], members=members, serves=(name,))


def _of_omni_flash() -> Iterator[tuple[str, JsonObject]]:
    images = [f"https://example.com/{number}.jpg" for number in range(3)]
    video = ["https://example.com/reference.mp4"]
    for text in ("720P", "1080P", "4K"):
        yield "REQ-RESOLUTION-PATTERN", {"resolution": text}
    yield "REQ-SIZE-ACCEPTED", {"size": "9:16", "aspect_ratio": "9:16"}
    yield "REQ-IMAGE-URLS-NONE", {"image_urls": []}
    yield "REQ-IMAGE-URLS-COUNTS", {"image_urls": images[:1]}
    yield "REQ-IMAGE-URLS-COUNTS", {"generation_type": "frame", "image_urls": images[:1]}
    yield "REQ-IMAGE-URLS-COUNTS", {"generation_type": "reference", "image_urls": images[:1]}
    yield "REQ-IMAGE-URLS-COUNTS", {"generation_type": "reference", "image_urls": images}
    yield "REQ-IMAGES-WITH-VIDEO", {"image_urls": images[:1], "video_urls": video}


def documented(run: Run) -> dict[str, JsonObject]:
    """The requests that the pages show whole, by name; without those that another sentence refuses."""
    return {name: body for name, body in examples(run).items() if not is_ambiguous(body)}
