"""What the parts of one comparison share: the documents, the pair, both normal forms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.schema.canonical import canonical

from ._model import Action, Difference, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tools.model import Json

    from ._memo import Memo
    from ._pair import Pair
    from ._parts import Normal, Part


def action_of(before: Json, after: Json) -> Action:
    """What happened to something that is None where it is absent."""
    if before is None and after is not None:
        return "added"
    return "removed" if after is None and before is not None else "changed"


@dataclass(frozen=True, slots=True)
class Scene:
    """One pair while it is compared."""

    memo: Memo
    pair: Pair
    old: Normal
    new: Normal

    @property
    def overlapping(self) -> bool:
        """Whether a `oneOf` here may be satisfied twice."""
        return bool(self.old.overlaps or self.new.overlaps)

    def add(
        self, keyword: str, verdict: Verdict, *, before: Json = None, after: Json = None, why: str = "",
        member: str | None = None,
    ) -> None:  # fmt: skip
        """A difference of the schemas as wholes."""
        self.pair.own.append(
            Difference(
                old=self.old.at, new=self.new.at, keyword=keyword, member=member, action=action_of(before, after),
                before=before, after=after, verdict=verdict, why=why,
            )
        )  # fmt: skip

    def values(self, values: Iterable[Json], action: Action) -> None:
        """Values that only one side lists."""
        added = action == "added"
        for value in values:
            self.pair.own.append(
                Difference(
                    old=_listed_at(self.old), new=_listed_at(self.new), keyword="enum",
                    member=value if isinstance(value, str) else canonical(value), action=action,
                    before=None if added else value, after=value if added else None,
                    verdict="wider" if added else "narrower",
                )
            )  # fmt: skip

    def constant(self, before: Json, after: Json) -> None:
        """One value in place of another."""
        self.pair.own.append(
            Difference(
                old=_listed_at(self.old), new=_listed_at(self.new), keyword="const", action="changed",
                before=before, after=after, verdict="incomparable",
            )
        )  # fmt: skip

    def member(self, part: Part, action: Action) -> None:
        """A union member that only one side has."""
        origin = part.origins[-1] if part.origins else None
        schema: Json = origin.branch.schema if origin else None
        added = action == "added"
        known = len(self.pair.own)
        self.pair.own.append(
            Difference(
                old=self.old.at if added or origin is None else origin.at,
                new=origin.at if added and origin is not None else self.new.at,
                keyword=origin.keyword if origin else "anyOf", member=origin.label if origin else None,
                action=action, before=None if added else schema, after=schema if added else None,
                verdict="wider" if added else "narrower",
            )
        )  # fmt: skip
        self.pair.found_between(known, None if added else part, part if added else None)


def _listed_at(normal: Normal) -> str:
    """Where the values of a schema are listed."""
    return next((part.values_at for parts in normal.kinds.values() for part in parts if part.values_at), normal.at)
