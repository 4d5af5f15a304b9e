"""Refuses names that are dangerous where names end up: file names, identifiers, messages, pointers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NoReturn

from tools.errors import HostilePage
from tools.schema.pointers import join
from tools.schema.shapes import is_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.extract import _walk
    from tools.model import Json, JsonObject, Page

COMPONENT: Final = re.compile(r"[A-Za-z0-9._-]{1,128}")
PROPERTY: Final = re.compile(r"[^\s\"'`\\<>(){};]{1,128}")
PATH: Final = re.compile(r"/[A-Za-z0-9._~!$&*+,;=:@%{}/-]*")
OPERATION: Final = re.compile(r"[\w .:/{}()-]{1,200}")
_OURS: Final = "x-vidgate-"
_OURS_INSIDE: Final = f"/{_OURS}"
"""How a pointer shows such a key; a slash inside a key is escaped, so nothing else looks like it."""


def refuse_ours(page: Page, lines: Mapping[str, int]) -> None:
    """Raises HostilePage when a key anywhere looks like one that this tool wrote; `lines` has every pointer."""
    if _OURS_INSIDE not in "\n".join(lines):
        return
    pointer = next(pointer for pointer in lines if _OURS_INSIDE in pointer)
    key = pointer[pointer.index(_OURS_INSIDE) + 1 :].partition("/")[0]
    Checker(page, lines).refuse(pointer, f"the page carries {key[:60]!r}, which only this tool may write")


def is_property(name: str) -> bool:
    """Whether `name` may name a property or a parameter."""
    return _is_sound(name, PROPERTY) and not name.startswith(_OURS)


class Checker:
    """Looks at one node after the other, as a walk over the document brings them."""

    def __init__(self, page: Page, lines: Mapping[str, int]) -> None:
        self._page = page
        self._lines = lines

    def look(self, pointer: str, node: JsonObject, kind: _walk.Kind) -> None:
        """Raises HostilePage at the first dangerous name that this very node gives."""
        match kind:
            case "schema":
                if "properties" in node:
                    self._names(join(pointer, "properties"), node["properties"], PROPERTY, "property")
            case "document":
                self._names(join(pointer, "paths"), node.get("paths"), PATH, "path")
            case "components":
                for section, members in node.items():
                    self._names(join(pointer, section), members, COMPONENT, "component")
            case "parameter" | "operation":
                key, pattern = ("name", PROPERTY) if kind == "parameter" else ("operationId", OPERATION)
                if key in node:
                    self._name(join(pointer, key), node[key], pattern, f"{kind}'s {key}")
            case _:
                pass

    def _names(self, pointer: str, members: Json, pattern: re.Pattern[str], what: str) -> None:
        if is_object(members):
            for name in members:
                if not _is_sound(name, pattern):
                    self._refuse_name(join(pointer, name), name, f"{what} name")

    def _name(self, pointer: str, name: object, pattern: re.Pattern[str], what: str) -> None:
        if not isinstance(name, str) or not _is_sound(name, pattern):
            self._refuse_name(pointer, name, what)

    def _refuse_name(self, pointer: str, name: object, what: str) -> NoReturn:
        self.refuse(pointer, f"the {what} {str(name)[:100]!r} is not safe to use")

    def refuse(self, pointer: str, problem: str) -> NoReturn:
        """Raises HostilePage, with the line of the nearest node that has one."""
        probe = pointer
        while probe and probe not in self._lines:
            probe = probe.rpartition("/")[0]
        place = self._page.place(self._lines.get(probe), pointer)
        raise HostilePage(problem, fix="Vendor a sound page.", places=[place])


def _is_sound(name: str, pattern: re.Pattern[str]) -> bool:
    return pattern.fullmatch(name) is not None and ".." not in name
