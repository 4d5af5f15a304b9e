"""tools.diff.documents._views: what takes part in one direction, found and left out without a copy of the rest."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from tools.diff.documents._views import flagged, view
from tools.schema.pointers import resolve

if TYPE_CHECKING:
    from tools.model import Json, JsonObject

PROPERTIES = "/components/schemas/Pet/properties"
BODY = "/paths/~1p/post/requestBody/content/a~1b/schema"


def document() -> JsonObject:
    """Flags on a property, behind a reference, behind two, in a body and inside another flagged property."""
    schemas: dict[str, Any] = {
        "Pet": {
            "required": ["id", "name", "made", "told"],
            "properties": {
                "id": {"readOnly": True, "properties": {"inner": {"readOnly": True}}},
                "made": {"$ref": "#/components/schemas/Made"},
                "told": {"$ref": "#/components/schemas/Told"},
                "name": {"type": "string", "description": '"readOnly":true'},
            },
        },
        "Made": {"type": "string", "readOnly": True},
        "Told": {"$ref": "#/components/schemas/Made"},
        "User": {
            "properties": {"made": {"$ref": "#/components/schemas/Made"}, "c": {"$ref": "#/components/schemas/Pet"}}
        },
        "Plain": {"properties": {"a": {"$ref": "#/components/schemas/Pet"}, "b": {"readOnly": False}}},
    }
    body: Json = {"items": {"required": ["x"], "properties": {"x": {"readOnly": True}, "y": {"writeOnly": True}}}}
    operation: Json = {"requestBody": {"content": {"a/b": {"schema": body}}}}
    return {"paths": {"/p": {"post": operation}}, "components": {"schemas": schemas}}


def test_flagged_properties_are_found_wherever_they_stand() -> None:
    """By themselves or by what they refer to; a text that looks like a flag is none."""
    assert flagged(document(), "request") == {
        f"{PROPERTIES}/id", f"{PROPERTIES}/id/properties/inner", f"{PROPERTIES}/made", f"{PROPERTIES}/told",
        f"{BODY}/items/properties/x", "/components/schemas/User/properties/made",
    }  # fmt: skip
    assert flagged(document(), "response") == {f"{BODY}/items/properties/y"}
    assert flagged({"components": {"schemas": {"A": {"properties": {"a": {}}}}}}, "request") == frozenset()


def test_a_view_leaves_them_out() -> None:
    """Neither described nor required; pointers that lead nowhere are nothing, and the document stays as it is."""
    whole = document()
    kept = copy.deepcopy(whole)
    seen = view(whole, flagged(whole, "request") | {"/components/schemas/Gone/properties/a", f"{PROPERTIES}/gone"})
    assert whole == kept
    pet: Json = resolve(seen, "/components/schemas/Pet")
    assert pet["required"] == ["name"]
    assert {name: value for name, value in pet["properties"].items() if value is not True} == {
        "name": kept["components"]["schemas"]["Pet"]["properties"]["name"]
    }
    assert resolve(seen, f"{BODY}/items") == {"required": [], "properties": {"x": True, "y": {"writeOnly": True}}}


def test_a_view_shares_what_stays() -> None:
    """Only what leads to a flagged property is copied; without any the document itself is the view."""
    whole = document()
    seen = view(whole, frozenset({f"{PROPERTIES}/id"}))
    assert resolve(seen, PROPERTIES) is not resolve(whole, PROPERTIES)
    for pointer in ("/paths", "/components/schemas/Plain", f"{PROPERTIES}/made"):
        assert resolve(seen, pointer) is resolve(whole, pointer)
    assert view(whole, frozenset()) is whole
