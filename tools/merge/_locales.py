"""The providers' own words per language, as Overlays that turn the contract back into that language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.model import SUPPLEMENT
from tools.schema.overlay import json_path
from tools.schema.pointers import resolve, split
from tools.schema.shapes import is_object

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tools.model import Json, JsonObject


def locale_overlays(
    contract: JsonObject, prose: Mapping[str, Mapping[str, Json]], locales: Sequence[str], title: str
) -> dict[str, JsonObject]:
    """One Overlay 1.1 document per locale that any page is written in, in order of precedence."""
    spoken = {locale for texts in prose.values() for locale in texts} - {SUPPLEMENT}
    actions: dict[str, list[JsonObject]] = {
        locale: []
        for locale in sorted(spoken, key=lambda one: (locales.index(one) if one in locales else len(locales), one))
    }
    for parent, members in sorted(_by_node(prose).items()):
        try:
            node = resolve(contract, parent)
        except KeyError:
            continue  # The overlay removed the node: there is nothing left to translate.
        if is_object(node):
            _translate(contract, parent, node, members, actions)
    version = contract["info"]["version"]
    return {
        locale: {
            "overlay": "1.1.0",
            "info": {"title": f"{title}: the provider's own words ({locale})", "version": version},
            "actions": said,
        }
        for locale, said in actions.items()
        if said
    }


def _by_node(prose: Mapping[str, Mapping[str, Json]]) -> dict[str, dict[str, Mapping[str, Json]]]:
    nodes: dict[str, dict[str, Mapping[str, Json]]] = {}
    for pointer, texts in prose.items():
        nodes.setdefault(pointer.rpartition("/")[0], {})[split(pointer)[-1]] = texts
    return nodes


def _translate(
    contract: JsonObject,
    at: str,
    node: JsonObject,
    members: Mapping[str, Mapping[str, Json]],
    actions: Mapping[str, list[JsonObject]],
) -> None:
    """Add to the actions of every language what it says otherwise than the contract does."""
    target = ""
    for locale, said in actions.items():
        update = {
            member: texts[locale]
            for member, texts in members.items()
            if locale in texts and node.get(member) != texts[locale]
        }
        if update:
            target = target or json_path(contract, at)
            said.append({"target": target, "update": update})
