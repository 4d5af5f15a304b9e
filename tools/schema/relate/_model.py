"""What a comparison of two schemas says: verdicts, differences, and how verdicts combine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from tools.schema.shapes import is_array

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tools.model import Json

Verdict: TypeAlias = Literal["equal", "narrower", "wider", "incomparable", "unknown"]
"""The new schema against the old one, as sets of instances."""

Action: TypeAlias = Literal["added", "removed", "changed"]

MIRROR: dict[Verdict, Verdict] = {
    "equal": "equal",
    "narrower": "wider",
    "wider": "narrower",
    "incomparable": "incomparable",
    "unknown": "unknown",
}
"""The verdict seen from the other side, which is also the verdict under a `not`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """One keyword, or one member of one, at one place.

    `old` and `new` are pointers of the schema objects that hold the keyword (`$ref`s followed), not of the keyword;
    when a side does not have it, of the schema that could. `member` is a property, pattern, enum value, union label…
    `verdict` is what this difference alone does; `why` says why it is unknown.
    Differences of annotations that have a bearing on the wire (readOnly, writeOnly, default, deprecated,
    discriminator) are reported with the verdict "equal".
    """

    old: str
    new: str
    keyword: str
    member: str | None = None
    action: Action
    before: Json = None
    after: Json = None
    verdict: Verdict
    why: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Relation:
    """Two schemas as sets of instances."""

    verdict: Verdict
    differences: tuple[Difference, ...] = ()


def combine(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict of a conjunction (or of a union of matched members) from those of its parts."""
    found = set(verdicts) - {"equal"}
    if not found:
        return "equal"
    if "unknown" in found:
        return "unknown"
    if len(found) == 1:
        return found.pop()
    return "incomparable"


def both(*, narrowed: bool | None, widened: bool | None) -> Verdict:
    """The verdict when it is known whether instances were lost and gained; None: not known."""
    if narrowed is None or widened is None:
        return "unknown"
    if narrowed:
        return "incomparable" if widened else "narrower"
    return "wider" if widened else "equal"


def kind_of(value: Json) -> str:
    """The JSON type of a value; integers are numbers here."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if is_array(value) else "object"
