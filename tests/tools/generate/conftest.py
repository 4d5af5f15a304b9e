"""A small contract with everything the view treats, and the package made of it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

from tools.generate import render
from tools.model import Document

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from tools.model import Json, JsonObject


class Variation(Protocol):
    """The sample contract with other schemas, properties of AlphaRequest or texts."""

    def __call__(self, *, schemas: JsonObject | None = None, properties: JsonObject | None = None) -> JsonObject: ...


@pytest.fixture
def sample() -> JsonObject:
    """The sample contract, for this test alone."""
    text = Path(__file__).with_name("sample.openapi.json").read_text(encoding="utf-8")
    contract: JsonObject = json.loads(text)
    return contract


@pytest.fixture
def varied(sample: JsonObject) -> Variation:
    """Makes the sample contract with additions."""

    def vary(*, schemas: JsonObject | None = None, properties: JsonObject | None = None) -> JsonObject:
        known: Json = sample["components"]["schemas"]
        known.update(schemas or {})
        known["AlphaRequest"]["properties"].update(properties or {})
        return sample

    return vary


@pytest.fixture(scope="session")
def sample_files() -> dict[str, bytes]:
    """The files of the package that the sample contract gives, checked in every way."""
    text = Path(__file__).with_name("sample.openapi.json").read_text(encoding="utf-8")
    return render(Document(provider="sample", openapi=json.loads(text), locales={}))


@pytest.fixture(scope="session")
def sample_root(sample_files: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that `sample_api` stands in."""
    root = tmp_path_factory.mktemp("generated")
    for path, content in sample_files.items():
        target = root / "sample_api" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return root


@pytest.fixture(scope="session")
def sample_api(sample_root: Path) -> Iterator[ModuleType]:
    """The imported package."""
    import importlib

    sys.path.insert(0, str(sample_root))
    try:
        for module in ("models", "types", "client", "variants", "api.films.create_film", "api.films.get_film"):
            importlib.import_module(f"sample_api.{module}")
        yield importlib.import_module("sample_api")
    finally:
        sys.path.remove(str(sample_root))
        for name in [name for name in sys.modules if name.partition(".")[0] == "sample_api"]:
            del sys.modules[name]
