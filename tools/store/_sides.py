"""The two sides of a comparison, from wherever a specification stands: a file, a provider, a commit.

A document is read strictly (duplicate keys are refused) and raised to OpenAPI 3.1.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tools.errors import PageError, Place, UsageError
from tools.schema import jsontext, yaml
from tools.schema.lift import lift
from tools.schema.pointers import resolve, split
from tools.schema.shapes import is_array, is_object
from tools.store._read import CONTRACT, nearest, read_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tools.model import Json, JsonObject
    from tools.store._read import Workspace

SIDE_BYTES: Final = 32 * 1024 * 1024
_LINED_BYTES: Final = 1024 * 1024
"""JSON beyond this has places without lines: finding them would cost more than the comparison."""

_LIMITS: Final = yaml.Limits(depth=200, nodes=5_000_000, scalar=2_000_000, pointers=1_000_000_000)
_SOURCE: Final = "x-vidgate-source"


@dataclass(frozen=True, kw_only=True, slots=True)
class Side:
    """A lifted OpenAPI 3.1 document, and where each of its pointers stands."""

    name: str
    document: JsonObject
    place: Callable[[str], Place]


def side_of_document(document: JsonObject, *, name: str) -> Side:
    """A side in memory; where a node says which page states it, that page is its place."""
    lifted = lift(document)
    return Side(name=name, document=lifted, place=_Places(name, lifted, None))


def read_side(name: str, *, workspace: Workspace, provider: str | None = None, folder: Path | None = None) -> Side:
    """The side `name` says: an OpenAPI file, a provider in specs/, or `git:REV[:PATH]`; a folder of pages is no file.

    `provider` is whose contract `git:REV` means; `folder` is what relative paths start from. Raises UsageError.
    """
    if name.startswith("git:"):
        from tools.store._git import read_commit  # dulwich is heavy, and few comparisons need it

        return _parse(read_commit(name, workspace=workspace, provider=provider), name)
    path = (folder or Path()) / name
    if path.is_file():
        return _parse(read_bytes(path, limit=SIDE_BYTES, shown=name), name)
    if name in workspace.providers():
        contract = workspace.specs(name) / CONTRACT
        if contract.is_file():
            shown = f"specs/{name}/{CONTRACT}"
            return _parse(read_bytes(contract, limit=SIDE_BYTES, shown=shown), shown)
        raise UsageError(f"specs/{name} holds no {CONTRACT}", fix="Run `python -m tools build` first.")
    fix = nearest(name, workspace.providers(), "provider") if "/" not in name else "Name a file or folder there is."
    raise UsageError(f"{name!r} is no file, folder or provider", fix=fix)


def _parse(content: bytes, name: str) -> Side:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PageError(f"is not UTF-8: {error}", fix="Save it as UTF-8.", places=[Place(path=name)]) from None
    lines: Mapping[str, int] | None = None
    if text.lstrip()[:1] == "{":
        value = _json(text, name)
        find = (lambda: jsontext.load(text, path=name, limits=_LIMITS)[1]) if len(text) <= _LINED_BYTES else None
    else:
        value, lines = yaml.load(text, path=name, limits=_LIMITS)
        find = None
    if not is_object(value) or not str(value.get("openapi", "")).startswith(("3.0", "3.1")):
        raise UsageError(f"{name} is no OpenAPI 3.0 or 3.1 document", fix="Name one that starts with `openapi: 3…`.")
    lifted = lift(value)
    return Side(name=name, document=lifted, place=_Places(name, lifted, lines, find))


def _json(text: str, name: str) -> Json:
    def pairs(found: list[tuple[str, Json]]) -> JsonObject:
        made = dict(found)
        if len(made) != len(found):
            keys = [key for key, _ in found]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise ValueError(f"the key {twice!r} stands twice in one object")
        return made

    def constant(word: str) -> Json:
        raise ValueError(f"{word} is no JSON")

    try:
        return json.loads(text, object_pairs_hook=pairs, parse_constant=constant)
    except (ValueError, RecursionError) as error:
        problem = f"is not JSON: {error}"
        raise PageError(problem, fix="Correct the syntax there.", places=[Place(path=name)]) from None


class _Places:
    """Where pointers of one document stand; lines of JSON are looked for when the first place is asked for."""

    def __init__(
        self,
        path: str,
        document: JsonObject,
        lines: Mapping[str, int] | None,
        find: Callable[[], Mapping[str, int]] | None = None,
    ) -> None:
        self._path = path
        self._document = document
        self._lines = lines
        self._find = find

    def __call__(self, pointer: str) -> Place:
        if (page := self._page(pointer)) is not None:
            return page
        if self._lines is None:
            self._lines = self._lines_or_none()
        probe = pointer
        while probe and probe not in self._lines:
            probe = probe.rpartition("/")[0]
        return Place(path=self._path, line=self._lines.get(probe), pointer=pointer)

    def _lines_or_none(self) -> Mapping[str, int]:
        try:
            return self._find() if self._find is not None else {}
        except PageError:  # characters a page may not carry: the comparison goes on without lines
            return {}

    def _page(self, pointer: str) -> Place | None:
        """The page that the nearest node with a source names."""
        node: Json = self._document
        found: Json = None
        for token in ["", *split(pointer)]:
            if token:
                try:
                    node = node[int(token)] if is_array(node) else resolve(node, "/" + _escaped(token))
                except (KeyError, IndexError, ValueError):
                    break
            if is_object(node) and is_array(node.get(_SOURCE)) and node[_SOURCE]:
                found = node[_SOURCE][0]
        if not is_object(found):
            return None
        page = found.get("page")
        path = f"pages/{page}" if isinstance(page, str) else "supplement.yaml"
        line = found.get("line")
        return Place(path=path, line=line if isinstance(line, int) else None, pointer=pointer)


def _escaped(token: str) -> str:
    return token.replace("~", "~0").replace("/", "~1")
