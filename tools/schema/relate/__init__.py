"""The relation of two JSON Schemas (2020-12, OpenAPI 3.1) as sets of instances, found by one law.

Both sides are brought into one normal form (`_parts`), related constraint by constraint, and every difference is
reported where it stands. An instance that only one side accepts (`witness`) is built and checked by jsonschema-rs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._memo import Memo
from ._model import Action, Difference, Relation, Verdict
from ._side import Want, cell
from ._witness import found
from ._words import too_long

if TYPE_CHECKING:
    from tools.model import Json, JsonObject, Witness

__all__ = ["Action", "Difference", "Memo", "Relation", "Verdict", "Want", "relate", "too_long", "witness"]

_KEPT = 4
_memos: list[Memo] = []


def relate(
    old: Json, new: Json, *, old_root: JsonObject, new_root: JsonObject, old_at: str = "", new_at: str = "",
    memo: Memo | None = None,
) -> Relation:  # fmt: skip
    """What `new` accepts compared with `old`.

    The documents resolve `$ref`s; `old_at` and `new_at` are the pointers of the two schemas in them. Share one `memo`
    (of the same two documents) across calls, so that each pair of components is related once.
    """
    memo = memo or _memo(old_root, new_root)
    pair = memo.pair([cell(old_at, old)], [cell(new_at, new)])
    return Relation(verdict="equal") if pair is None else memo.relation(pair)


def witness(
    old: Json, new: Json, *, old_root: JsonObject, new_root: JsonObject, want: Want, hint: Difference | None = None,
    old_at: str = "", new_at: str = "", memo: Memo | None = None, strict: bool = False,
) -> Witness | None:  # fmt: skip
    """An instance that only one of the two schemas accepts, built and checked; None when none was found.

    `hint` is the difference it should show; `strict`: formats count although none of them has changed.
    Pass the pointers and the memo that `relate` had: all work is shared.
    """
    memo = memo or _memo(old_root, new_root)
    pair = memo.pair([cell(old_at, old)], [cell(new_at, new)])
    if pair is None:
        return None
    memo.relation(pair)
    return found(memo, pair, want, hint, strict=strict)


def _memo(old_root: JsonObject, new_root: JsonObject) -> Memo:
    """A recent memo of the same two documents (by identity), so that each is compiled once."""
    for memo in _memos:
        if memo.old.root is old_root and memo.new.root is new_root:
            return memo
    memo = Memo(old_root, new_root)
    _memos.append(memo)
    del _memos[:-_KEPT]
    return memo
