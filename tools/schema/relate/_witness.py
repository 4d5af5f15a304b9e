"""An instance that one side accepts and the other refuses: built where the difference stands, then carried upwards.

Every instance is judged by jsonschema-rs twice: at the difference, and as a whole at the root of the comparison. Where
something else differs too, it must be refused for the difference that it is to show.
"""

from __future__ import annotations

from itertools import count, islice
from typing import TYPE_CHECKING

from tools.model import Witness
from tools.schema.shapes import is_object

from ._explain import Explanation, only
from ._pair import key
from ._patterns import strings
from ._samples import NOTHING, Sampler
from ._words import too_long

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.model import Json

    from ._around import Around
    from ._memo import Memo
    from ._model import Difference
    from ._pair import Pair
    from ._parts import Part
    from ._side import Want
    from ._step import Step

LOCAL = 1500
"""How many candidates are tried at one place."""
CARRIED = 6
"""How many of those that show a difference there are carried to the root."""
PLACES = 60


def found(
    memo: Memo, pair: Pair, want: Want, hint: Difference | None, *, strict: bool = False
) -> Witness | None:  # fmt: skip
    """The first instance on which the sides disagree as wanted. Also tells the sides apart while a pair is judged.

    `strict`: formats count although none of them has changed.
    """
    if hint is not None and too_long(hint.keyword, hint.before, hint.after):
        return None
    around = memo.around()
    several = hint is not None and not only(memo, pair, hint)
    for place, path in islice(_places(pair, hint), PLACES):
        formats = strict or any(difference.keyword == "format" for difference in place.own)
        cause = Explanation(memo, hint, want, formats=formats) if hint is not None and several else None
        for candidate in islice(_showing(memo, place, want, cause, hint, formats=formats), CARRIED):
            whole = carry(around, candidate, path, want)
            shows = whole is not NOTHING and _shows(memo, pair, whole, want, formats=formats)
            if shows and (cause is None or cause.explains(path, place, whole)):
                before = want == "valid-before-invalid-after"
                return Witness(payload=whole, valid_before=before, valid_after=not before)
    return None


def _showing(
    memo: Memo, place: Pair, want: Want, cause: Explanation | None, hint: Difference | None, *, formats: bool
) -> Iterator[Json]:  # fmt: skip
    """What shows a difference where it stands."""
    focus: list[Difference | None] = [hint] if hint is not None else [*place.own[:12], None]
    seen: set[str] = set()
    for difference in focus:
        for candidate in islice(memo.around().candidates(place.old, place.new, difference), LOCAL):
            text = repr(candidate)
            if text in seen:
                continue
            seen.add(text)
            shows = _shows(memo, place, candidate, want, formats=formats)
            if shows and (cause is None or cause.explains([], place, candidate)):
                yield candidate


def _shows(memo: Memo, pair: Pair, instance: Json, want: Want, *, formats: bool) -> bool:
    first, second = (memo.old, pair.old), (memo.new, pair.new)
    accepts, refuses = (first, second) if want == "valid-before-invalid-after" else (second, first)
    side, cells = refuses
    if side.valid(cells, instance, formats=formats) is not False:
        return False
    side, cells = accepts
    return side.valid(cells, instance, formats=formats) is True


def _places(root: Pair, hint: Difference | None) -> Iterator[tuple[Pair, list[tuple[Pair, Step]]]]:
    """The pairs where a difference stands, nearest first, with the way to them."""
    came: dict[Pair, tuple[Pair, Step] | None] = {root: None}
    queue = [root]
    for here in queue:
        wanted = (
            any(difference.verdict != "equal" for difference in here.own) or (here.doubtful != "" and here is root)
            if hint is None
            else any(key(difference) == key(hint) for difference in here.own)
        )
        if wanted:
            path: list[tuple[Pair, Step]] = []
            back = came[here]
            while back is not None:
                path.append(back)
                back = came[back[0]]
            yield here, path[::-1]
        for step, child in here.children:
            if child not in came:
                came[child] = (here, step)
                queue.append(child)


def carry(around: Around, value: Json, path: list[tuple[Pair, Step]], want: Want) -> Json:
    """The instance of the root that has `value` at the end of the path."""
    before = want == "valid-before-invalid-after"
    sampler = around.old if before else around.new
    made = value
    for parent, step in reversed(path):
        cells = parent.old if before else parent.new
        part = step.old if before else step.new
        parts = [part] if part is not None else sampler.parts(cells, step.role, made)
        options = [_embedded(sampler, one, step, made) for one in parts]
        if step.role == "place":
            options += [made, *(item for one in parts for item in _asked(sampler, one, made))]
        other, others = (around.new, parent.new) if before else (around.old, parent.old)
        valid = [item for item in options if item is not NOTHING and sampler.side.valid(cells, item) is True]
        showing = (item for item in valid if other.side.valid(others, item) is not True)
        made = next(showing, valid[0] if valid else NOTHING)
        if made is NOTHING:
            return NOTHING
    return made


def _embedded(sampler: Sampler, part: Part, step: Step, made: Json) -> Json:
    if step.role in {"property", "additional", "pattern"}:
        name = str(step.name)
        if step.role == "additional":
            name = next(name for name in _others() if not any(rule.properties.get(name) for rule in part.rules))
        elif step.role == "pattern":
            name = next(iter(strings(name)), "")
        return sampler.object(part, {name: made}, 0)
    if step.role == "element":
        index = int(step.name)
        least = part.facts["minItems"].value if "minItems" in part.facts else 0
        return sampler.array(part, max(index + 1, least), 0, {index: made})
    if step.role == "name":
        inner = sampler.minimal(part.property(str(made)))
        return NOTHING if inner is NOTHING else sampler.object(part, {str(made): inner}, 0)
    if not is_object(made) or part.kind != "object":
        return made
    if not step.name:
        return sampler.object(part, made, 0)
    trigger = sampler.minimal(part.property(str(step.name)))
    return NOTHING if trigger is NOTHING else sampler.object(part, {str(step.name): trigger, **made}, 0)


def _asked(sampler: Sampler, part: Part, made: Json) -> Iterator[Json]:
    """The instance with what a condition asks for, so that its consequence counts."""
    for residue in part.residue:
        if residue.keyword == "if" and is_object(made):
            for asked in sampler.parts(residue.cells[:1], "property", made):
                base = sampler.object(asked, {}, 0)
                if is_object(base):
                    yield sampler.object(part, {**base, **made}, 0)


def _others() -> Iterator[str]:
    yield "other"
    for index in count():
        yield f"other{index}"
