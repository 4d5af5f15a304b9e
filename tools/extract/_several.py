"""Two pages that somebody put into one file: each is read as if it stood alone, then the fragments become one.

Lines stay those of the file. A component of a later page whose name an earlier one has for another body gets a number
behind its name; what a page says for all its operations goes to its operation.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from tools.errors import PageError
from tools.extract import _walk
from tools.model import Extracted, Repair
from tools.schema.pointers import join, split
from tools.schema.shapes import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tools.extract._scan import Fence
    from tools.model import Json, JsonObject, Page

MAX_PAGES: Final = 10
"""How many pages one file may hold; two is the most that was met."""

_TOP: Final = re.compile(r"# \S|(?:#|>)\s*Source:\s*\S+$|> ## Documentation Index")
_ROOT: Final = ("servers", "security")
_SETTLED: Final = tuple(f"/{member}" for member in _ROOT)
_SHARED: Final = ("/paths/", "/components/")
_COMPONENTS: Final = "#/components/"


def read(page: Page, rows: Sequence[str], fences: Sequence[Fence], one: Callable[[list[str]], Extracted]) -> Extracted:
    """What all pages in the file state; `fences` hold their operations, `one` reads rows with a single operation.

    Raises PageError for too many pages, and for two that describe the same operation.
    """
    places = [page.place(fence.first) for fence in fences]
    if len(fences) > MAX_PAGES:
        problem = f"{len(fences)} operations stand in one file; at most {MAX_PAGES} are read"
        raise PageError(problem, fix="Split the file into one page each.", places=places)
    starts = [1, *(_top(rows, fence.last, after.first) for fence, after in pairwise(fences))]
    ends = [*(start - 1 for start in starts[1:]), len(rows)]
    found = [
        one([row if start <= number <= end else "" for number, row in enumerate(rows, 1)])
        for start, end in zip(starts, ends, strict=True)
    ]
    whole = found[0]
    for start, other in zip(starts[1:], found[1:], strict=True):
        whole = _joined(whole, other)
        there = Repair(
            place=page.place(start),
            rule="two-pages-in-one-file",
            found="another page begins",
            made="both are read; equal names with other bodies are numbered",
        )
        whole = replace(whole, repairs=(*whole.repairs, there))
    return whole


def _top(rows: Sequence[str], after: int, before: int) -> int:
    """The line on which the next page begins: its title or what stands above it, or else right behind the fence."""
    return next((line for line in range(after + 1, before) if _TOP.match(rows[line - 1])), after + 1)


def _joined(first: Extracted, second: Extracted) -> Extracted:
    one, other = first.document or {}, second.document or {}
    _settle_root(one)
    _settle_root(other)
    for path, item in other["paths"].items():
        twice = sorted(set(item) & set(one["paths"].get(path, {})))
        if twice:
            problem = f"two pages in one file both describe {twice[0]} {path}"
            places = [extracted.place(join("/paths", path, twice[0])) for extracted in (first, second)]
            raise PageError(problem, fix="Split the file into one page each.", places=places)
    names = _numbered(one.get("components", {}), other.get("components", {}))
    _rename(second.page, other, names)
    lines = {pointer: line for pointer, line in first.lines.items() if not pointer.startswith(_SETTLED)}
    for pointer, line in second.lines.items():
        if pointer.startswith(_SHARED):
            lines.setdefault(_renamed(pointer, names), line)
    for path, item in other["paths"].items():
        one["paths"].setdefault(path, {}).update(item)
    theirs: JsonObject = other.get("components", {})
    for section, members in theirs.items():
        mine: JsonObject = one.setdefault("components", {}).setdefault(section, {})
        for name in members:
            mine.setdefault(names.get((section, str(name))) or str(name), members[name])
    tags: list[Json] = one.get("tags", [])
    more = [tag for tag in other.get("tags", []) if tag not in tags]
    if more:
        one["tags"] = [*tags, *more]
    return replace(
        first,
        document=one,
        lines=lines,
        prose=(*first.prose, *second.prose),
        spans=(*first.spans, *second.spans),
        leftovers=(*first.leftovers, *second.leftovers),
        repairs=(*first.repairs, *second.repairs),
    )


def _settle_root(document: JsonObject) -> None:
    """Give every operation the servers and the security that its page states for all."""
    for member in _ROOT:
        value: Json = document.pop(member, None)
        if value is None:
            continue
        for item in document["paths"].values():
            for method in _walk.METHODS:
                if method in item:
                    item[method].setdefault(member, value)


def _numbered(mine: JsonObject, theirs: JsonObject) -> dict[tuple[str, str], str]:
    """New names for those of `theirs` that mean another body in `mine`."""
    names: dict[tuple[str, str], str] = {}
    for section, members in theirs.items():
        known: JsonObject = mine.get(section, {})
        for name, body in members.items():
            if name in known and known[name] != body:
                number = 2
                while f"{name}{number}" in known or f"{name}{number}" in members:
                    number += 1
                names[section, name] = f"{name}{number}"
    return names


def _rename(page: Page, document: JsonObject, names: dict[tuple[str, str], str]) -> None:
    """Let every reference and discriminator of the document follow the new names."""
    for _, node, kind in _walk.walk(page, document):
        if isinstance(node.get("$ref"), str):
            node["$ref"] = _target(node["$ref"], names)
        discriminator = node.get("discriminator") if kind == "schema" else None
        mapping = discriminator.get("mapping") if is_object(discriminator) else None
        if is_object(mapping):
            for name, target in mapping.items():
                mapping[name] = _target(target, names) if isinstance(target, str) else target
        if kind == "operation" and is_array(node.get("security")):
            node["security"] = [
                {names.get(("securitySchemes", name), name): scopes for name, scopes in asked.items()}
                for asked in node["security"]
                if is_object(asked)
            ]


def _target(reference: str, names: dict[tuple[str, str], str]) -> str:
    return "#" + _renamed(reference.removeprefix("#"), names) if reference.startswith(_COMPONENTS) else reference


def _renamed(pointer: str, names: dict[tuple[str, str], str]) -> str:
    tokens = split(pointer)
    if len(tokens) > 2 and tokens[0] == "components" and (tokens[1], tokens[2]) in names:  # noqa: PLR2004 - section, name
        return join("", "components", tokens[1], names[tokens[1], tokens[2]], *tokens[3:])
    return pointer
