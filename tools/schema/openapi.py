"""Whether a document has the shape of OpenAPI 3.1, down to every schema: the ground the merge stands on.

Only shape counts here (an object where an object must be): a page that forgets a description is no broken page.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema_rs

from tools.schema.pointers import join

if TYPE_CHECKING:
    from tools.model import JsonObject

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def misshapen(document: JsonObject) -> list[tuple[str, str]]:
    """Pointer and problem of every value that is of the wrong kind for its place, or lacks what names it."""
    found: set[tuple[str, str]] = set()
    for error in _validator().iter_errors(document):
        tokens = [str(token) for token in error.instance_path]
        kind = error.kind.name
        wrong_kind = kind == "type" or (kind == "anyOf" and tokens[-1:] == ["type"])
        nameless = kind == "required" and tokens[-2:-1] in (["servers"], ["parameters"])
        misnamed = kind == "unevaluatedProperties" and tokens[-1:] in (["paths"], ["responses"])
        if wrong_kind or nameless or misnamed:
            found.add(("".join(join("", token) for token in tokens), error.message))
    return sorted(found)


@cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    found = find_spec("openapi_spec_validator")  # its data alone: importing it costs more than all our checks
    home = Path(found.origin or "").parent if found else Path()
    source = home / "resources" / "schemas" / "v3.1" / "schema.json"
    schema: JsonObject = json.loads(source.read_text(encoding="utf-8"))
    # As published, a schema object may be anything that is an object; its members matter here as well.
    schema["$defs"]["schema"] = {"$dynamicAnchor": "meta", "$ref": _DIALECT}
    return jsonschema_rs.Draft202012Validator(schema)
