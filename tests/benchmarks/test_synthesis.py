"""Benchmark documents: the same for the same seed, valid, of the promised size, changed as they say."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import openapi_spec_validator
import pytest

from benchmarks.synthesis import document, later, text_of
from tools.schema.pointers import resolve

ROOT = Path(__file__).parents[2]
SMALL = 0.2


def test_the_same_seed_gives_the_same_bytes_in_another_process() -> None:
    """Whatever the hash seed; another seed gives other bytes."""
    code = "import sys; from benchmarks.synthesis import *; d = document(7, size=0.05); "
    code += "sys.stdout.buffer.write(text_of(d) + text_of(later(d, 7, edits=5)[0]))"
    made = {
        subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            check=True, capture_output=True,
        ).stdout
        for seed in ("0", "1")
    }  # fmt: skip
    first = document(7, size=0.05)
    assert made == {text_of(first) + text_of(later(first, 7, edits=5)[0])}
    assert text_of(document(8, size=0.05)) != text_of(first)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_documents_and_their_later_versions_are_valid(seed: int) -> None:
    """OpenAPI 3.1, with every reference resolved."""
    before = document(seed, size=SMALL)
    after, edits = later(before, seed, edits=20)
    for one in (before, after):
        openapi_spec_validator.validate(one)
        for name in references(one):
            resolve(one, name)
    assert len(edits) == 20
    assert len({edit.kind for edit in edits}) == 10


def references(node: Any) -> list[str]:
    """Every reference of a document."""
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [name for value in node.values() for name in references(value)]
    return [name for item in node for name in references(item)] if isinstance(node, list) else []


def test_it_has_the_shape_of_a_large_public_api() -> None:
    """Megabytes, hundreds of operations, circles of references."""
    whole = document(0)
    assert 3_000_000 < len(text_of(whole)) < 4_000_000
    assert sum(len(item) for item in whole["paths"].values()) > 500
    assert 1.8 < len(text_of(document(0, size=2))) / len(text_of(whole)) < 2.2
    schemas = whole["components"]["schemas"]
    looped = [name for name, body in schemas.items() if f"#/components/schemas/{name}" in references(body)]
    assert len(looped) > 100


def test_each_edit_changes_what_it_says_and_nothing_is_edited_in_place() -> None:
    """Every pointer leads to a difference, and the old document stays."""
    before = document(3, size=SMALL)
    kept = json.dumps(before)
    after, edits = later(before, 3, edits=20)
    assert json.dumps(before) == kept
    for edit in edits:
        assert found(before, edit.pointer) != found(after, edit.pointer), edit
    assert later(before, 3, edits=0) == (before, ())
    with pytest.raises(ValueError, match="need 999 resources"):
        later(before, 3, edits=999)


def found(value: Any, pointer: str) -> Any:
    """The value at a pointer, or None."""
    try:
        return resolve(value, pointer)
    except KeyError:
        return None
