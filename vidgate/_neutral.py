"""A request in words that both providers know, put into the words of one of them.

Which model takes it is read from the contract: a new model needs no line here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Required, TypedDict

from vidgate._contract import any_of, load
from vidgate._explain import nearest
from vidgate._json import is_list
from vidgate._plain import NotPlain, plain
from vidgate._report import Problem, Report
from vidgate._validate import validate
from vidgate.errors import ConfigurationError, InvalidRequest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vidgate._contract import Contract, Schema
    from vidgate._json import Json
    from vidgate._providers import Provider

# The first field that a model has is the one that is filled; an older name never comes before the newer one.
FIELDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "prompt": ("prompt",),
        "duration": ("duration",),
        "aspect_ratio": ("aspect_ratio", "size", "ratio"),
        "images": ("image_urls", "images", "image_url", "image"),
        "video": ("video_urls", "videos", "video_url", "video"),
        "resolution": ("resolution", "quality"),
    }
)
MEDIA: Final = ("images", "video")
MOST_NAMED: Final = 5


class Wishes(TypedDict, total=False):
    """The keywords of a neutral request.

    `model` is an id, or words of ids in a row (`omni-flash`): the one model among them that takes the request is meant;
    a mapping gives one for each provider. `duration` in seconds. `images` and `video` are URLs; one image is the first
    frame where a provider has a model for that, several are references.
    """

    model: Required[str | Mapping[str, str]]
    prompt: str | None
    duration: float | str | None
    aspect_ratio: str | None
    images: Sequence[str] | None
    video: str | None
    resolution: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """`Wishes` as a value; None where the provider is to decide."""

    model: str | Mapping[str, str]
    prompt: str | None = None
    duration: float | str | None = None
    aspect_ratio: str | None = None
    images: Sequence[str] | None = None
    video: str | None = None
    resolution: str | None = None

    def given(self) -> dict[str, Any]:
        """The wishes that were uttered, as plain JSON values; raises InvalidRequest for one that is none."""
        if isinstance(self.images, str):  # a string is a sequence, too
            raise ConfigurationError("images is one string.", hint='Give a list: images=["https://…"].')
        found = {name: value for name in FIELDS if (value := getattr(self, name)) is not None}
        try:
            values: dict[str, Any] = plain(found)
        except NotPlain as refusal:
            problem = refusal.problem
        else:
            return values
        raise InvalidRequest(Report(errors=(problem,)))


def wish_of(given: Mapping[str, Any]) -> Wish:
    """The wish that keywords utter; raises InvalidRequest for one that is none."""
    known = ("model", *FIELDS)
    unknown = tuple(_unknown(name, known) for name in given if name not in known)
    if unknown or "model" not in given:
        fix = "Give an id, words of one such as omni-flash, or a mapping with one for each provider."
        missing = Problem(field="model", rule="required", message="is required.", fix=fix)
        raise InvalidRequest(Report(errors=unknown if "model" in given else (*unknown, missing)))
    return Wish(**given)


def _unknown(name: str, known: Sequence[str]) -> Problem:
    """A keyword that no wish has; a provider's own word for one is translated."""
    near = next((wish for wish, fields in FIELDS.items() if name in fields), None) or nearest(name, known)
    fix = f"Did you mean {near}?" if near else f"There are {', '.join(known)}; the provider's own client takes more."
    return Problem(field=name, rule="unknown-keyword", message=f"a neutral request takes no {name!a}.", fix=fix)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Attempt:
    """One model's request; `reach` is how many images it would take at most."""

    model: str
    body: Mapping[str, Any]
    problems: tuple[Problem, ...]
    reach: float


def request_for(wish: Wish, provider: Provider, kind: str | None = None) -> dict[str, Any]:
    """The request in the provider's own words; raises InvalidRequest, with the wish's words, when it has no model.

    `kind` says what is to be made, `image`, `audio` or `video`; without it a model that makes anything will do.
    Of several models the one that takes no more images than needed is meant; where that leaves two, nobody is to guess,
    because they may differ in price.
    """
    if kind is not None and kind not in provider.kinds:
        raise _refused(provider, "model", "other-media", f"makes no {kind}s.", "Ask another provider.")
    contract = load(provider.package) if kind is None else load(provider.package).of(kind)
    name = wish.model if isinstance(wish.model, str) else wish.model.get(provider.name)
    if name is None:
        raise _refused(provider, "model", "unknown-model", "names no model of it.", f"Give one for {provider.name!r}.")
    models = _matching(name, contract)
    if not models:
        shown = any_of([ascii(model) for model in list(contract.variants)[:MOST_NAMED]])
        near = nearest(name, contract.variants)
        fix = f"Did you mean {near}? " if near else ""
        fix += f"It has {shown}{', among others' if len(contract.variants) > MOST_NAMED else ''}."
        raise _refused(provider, "model", "unknown-model", f"has no model {name!a}.", fix)
    given = wish.given()
    attempts = [_attempt(model, given, contract, provider) for model in models]
    good = [attempt for attempt in attempts if not attempt.problems]
    if not good:
        best = min(attempts, key=_distance)
        raise InvalidRequest(Report(model=best.model, errors=best.problems))
    least = min(attempt.reach for attempt in good)
    meant = [attempt for attempt in good if attempt.reach == least]
    if len(meant) > 1:
        fix = f"Say which: {any_of([ascii(attempt.model) for attempt in meant[:MOST_NAMED]])}."
        raise _refused(provider, "model", "ambiguous-model", f"has several models {name!a} that take this.", fix)
    return dict(meant[0].body)


def _distance(attempt: _Attempt) -> tuple[int, int]:
    """How far a model is from taking a request: the media that it does not take weigh most."""
    media = sum(problem.rule == "unsupported" and problem.field in MEDIA for problem in attempt.problems)
    return media, len(attempt.problems)


def _matching(name: str, contract: Contract) -> list[str]:
    """The model of this id, else those whose ids hold these words in a row, whatever their case."""
    wanted = _words(name)
    if name in contract.variants:
        return [name]
    return [model for model in contract.variants if wanted and _holds(_words(model), wanted)]


def _words(name: str) -> list[str]:
    return [word for word in re.split(r"[-_ /]+", name.lower()) if word]


def _holds(words: list[str], wanted: list[str]) -> bool:
    return any(words[at : at + len(wanted)] == wanted for at in range(len(words)))


def _attempt(model: str, given: Mapping[str, Any], contract: Contract, provider: Provider) -> _Attempt:
    fields = contract.fields(model)
    body: dict[str, Any] = {"model": model}
    names: dict[str, str] = {}
    problems: list[Problem] = []
    for wish, value in given.items():
        field = next((field for field in FIELDS[wish] if field in fields), None)
        if field is None:
            if wish in MEDIA and not value:
                continue
            message = f"{provider.title}'s {model} takes no {wish}."
            problems.append(Problem(field=wish, rule="unsupported", message=message, fix="Leave it out."))
            continue
        names[field] = wish
        filled = _shaped(value, as_list=_takes_list(fields[field]))
        if filled is None:
            message = f"{provider.title}'s {model} takes one, not {len(value)}."
            problems.append(Problem(field=wish, rule="maxItems", message=message, fix="Give one."))
        else:
            body[field] = filled
    if not problems:
        made = contract.kinds_of(model)[0]
        problems = [
            _in_wish_words(problem, names, model, provider) for problem in validate(body, provider, made).errors
        ]
    return _Attempt(model=model, body=body, problems=tuple(problems), reach=_reach(fields))


def _reach(fields: Mapping[str, Schema]) -> float:
    """How many images a model takes at most."""
    for field in FIELDS["images"]:
        if field in fields:
            most: float = fields[field].get("maxItems", float("inf")) if _takes_list(fields[field]) else 1
            return most
    return 0


def _takes_list(schema: Schema) -> bool:
    parts: list[Schema] = [schema, *(branch for key in ("oneOf", "anyOf") for branch in schema.get(key, ()))]
    return any("array" in (kind if is_list(kind) else [kind]) for kind in (part.get("type") for part in parts))


def _shaped(value: Json, *, as_list: bool) -> Json:
    """A list where one is taken, a single value where not; None for several values where one is taken."""
    if not is_list(value):
        return [value] if as_list else value
    if as_list:
        return value
    return value[0] if len(value) == 1 else None


def _in_wish_words(problem: Problem, names: Mapping[str, str], model: str, provider: Provider) -> Problem:
    head = re.match(r"\w*", problem.field)
    field = head[0] if head else ""
    wish = names.get(field) or next((wish for wish, fields in FIELDS.items() if field in fields), field)
    return Problem(
        field=wish + problem.field[len(field) :],
        rule=problem.rule,
        message=f"{provider.title}'s {model}: {problem.message}",
        fix=problem.fix,
    )


def _refused(provider: Provider, field: str, rule: str, message: str, fix: str) -> InvalidRequest:
    problem = Problem(field=field, rule=rule, message=f"{provider.title} {message}", fix=fix)
    return InvalidRequest(Report(errors=(problem,)))
