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
    result: dict[str, JsonObject] = {}
    for locale in sorted(spoken, key=lambda one: (locales.index(one) if one in locales else len(locales), one)):
        actions = _actions(contract, prose, locale)
        if actions:
            info = {"title": f"{title}: the provider's own words ({locale})", "version": contract["info"]["version"]}
            result[locale] = {"overlay": "1.1.0", "info": info, "actions": actions}
    return result


def _actions(contract: JsonObject, prose: Mapping[str, Mapping[str, Json]], locale: str) -> list[JsonObject]:
    nodes: dict[str, JsonObject] = {}
    for pointer, texts in prose.items():
        if locale not in texts:
            continue
        parent, member = pointer.rpartition("/")[0], split(pointer)[-1]
        try:
            node = resolve(contract, parent)
        except KeyError:
            continue  # The overlay removed the node: there is nothing left to translate.
        if is_object(node) and node.get(member) != texts[locale]:
            nodes.setdefault(parent, {})[member] = texts[locale]
    return [{"target": json_path(contract, parent), "update": update} for parent, update in sorted(nodes.items())]
