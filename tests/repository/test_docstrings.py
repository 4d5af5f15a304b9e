"""A client generated in another language explains every parameter in it, and is otherwise the same."""

from __future__ import annotations

import ast
import inspect
import json
from pathlib import Path

import pytest

from tools.generate import render
from tools.model import Document
from tools.store import Workspace

ROOT = Path(__file__).parents[2]
SPOKEN = (("apimart", "ko"), ("evolink", "ja"))


def docstrings(files: dict[str, bytes]) -> dict[str, str]:
    """Of every class, white space aside: long lines are wrapped."""
    return {
        node.name: "".join((ast.get_docstring(node) or "").split())
        for name, text in files.items()
        if name.endswith(".py")
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ClassDef)
    }


@pytest.mark.parametrize(("provider", "locale"), SPOKEN)
def test_every_parameter_is_explained_in_the_chosen_language(provider: str, locale: str) -> None:
    """What the pages of a language say of a request and of its parameters stands in the docstring of its class."""
    workspace = Workspace(root=ROOT)
    overlays = workspace.locales(provider)
    document = Document(provider=provider, openapi=workspace.contract(provider), locales=overlays)
    found = docstrings(render(document, locale=locale, type_check=False))
    said = [
        (action["target"].removeprefix("$.components.schemas.").split(".properties."), action["update"]["description"])
        for action in overlays[locale]["actions"]
        if "Request" in action["target"] and "description" in action["update"]
    ]
    told = [(path, text) for path, text in said if len(path) <= 2 and path[0] in found]
    assert len({path[0] for path, _ in told}) >= 1
    assert sum(len(path) == 2 for path, _ in told) >= 3
    missing = [path for path, text in told if "".join(inspect.cleandoc(text).split()) not in found[path[0]]]
    assert missing == []


def test_the_default_language_is_english() -> None:
    """Every parameter of every request that ships is explained by what the contract says."""
    for provider in ("evolink", "apimart"):
        package = ROOT / "generated" / f"{provider}_api"
        files = {str(path): path.read_bytes() for path in sorted((package / "models").glob("*_request.py"))}
        found = docstrings(files)
        schemas = json.loads((package / "contract.json").read_bytes())["components"]["schemas"]
        silent = [
            f"{name}.{field}"
            for name in found
            for field, schema in schemas.get(name, {}).get("properties", {}).items()
            if not schema.get("description") or "".join(schema["description"].split()) not in found[name]
        ]
        assert silent == []
