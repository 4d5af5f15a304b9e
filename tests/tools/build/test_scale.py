"""A whole synthetic site: the same contract and client however, and by how many processes, its pages are read."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks.site import HOST, INDEX, SOURCES, site
from benchmarks.site_topics import BASE_URLS
from benchmarks.words import LOCALES
from tools import merge
from tools.build import _readers
from tools.build.derive import derive
from tools.build.options import Options
from tools.diff.proposals import propose
from tools.errors import PageError
from tools.extract import extract
from tools.generate import render
from tools.model import Extracted, Judgements, Page, Source
from tools.store import Workspace, json_bytes

if TYPE_CHECKING:
    from tools.model import Document

ROOT = Path(__file__).parents[3]
SOURCE = Source(
    provider="example", title="Example", docs=HOST, index=f"{HOST}/{INDEX}", locales=LOCALES, base_urls=BASE_URLS
)
NO_JUDGEMENTS = Judgements(overlay={"overlay": "1.1.0", "actions": []}, supplement={})
ENOUGH = 40 * len(LOCALES)
"""Pages of a site that has every oddity once."""


def quiet(_: str, /) -> None:
    """Progress nobody wants to hear of."""


def pages_of(files: dict[str, bytes]) -> list[Page]:
    """The pages of a site."""
    return [
        Page(provider="example", locale=path.partition("/")[0], path=path, content=content)
        for path, content in files.items()
        if path != INDEX
    ]


@pytest.fixture(scope="module")
def extracted() -> list[Extracted]:
    """What a small site states."""
    return [extract(page) for page in pages_of(site(1, ENOUGH))]


@pytest.fixture(scope="module")
def document(extracted: list[Extracted]) -> Document:
    """Its contract."""
    return merge.normalize(extracted, NO_JUDGEMENTS, SOURCE, accept_precedence=True)


@pytest.fixture
def checkout(tmp_path: Path) -> Workspace:
    """A checkout that holds an even smaller site."""
    specs = tmp_path / "specs/example"
    for path, content in site(1, 24 * len(LOCALES)).items():
        target = specs / "pages" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    (specs / "sources.toml").write_text(SOURCES, encoding="utf-8")
    return Workspace(root=tmp_path)


def test_a_site_is_the_same_for_the_same_seed_alone() -> None:
    """The bytes of a page do not depend on how many others there are in its language."""
    assert site(1, 70) == site(1, 70)
    assert site(1, 70) != site(2, 70)


def test_a_whole_site_becomes_one_contract(document: Document) -> None:
    """Nothing stays open, and each oddity of the site is told of."""
    assert not document.findings
    assert {decision.rule for decision in document.decisions} >= {
        "settled-by-precedence",
        "model-documented-twice",
        "model-from-default",
        "component-renamed",
        "property-added",
        "error-code-united",
    }
    expected = {"discriminator-mapping", "example", "nullable", "reference-undefined"}
    assert {repair.rule for repair in document.repairs} == expected
    assert list(document.locales) == list(LOCALES[1:])


def test_the_order_of_pages_is_nothing(extracted: list[Extracted], document: Document) -> None:
    """Same pages, same bytes, same decisions, same proposals."""
    shuffled = random.Random(1).sample(extracted, len(extracted))
    again = merge.normalize(shuffled, NO_JUDGEMENTS, SOURCE, accept_precedence=True)
    assert json_bytes(again.openapi) == json_bytes(document.openapi)
    assert (again.locales, again.decisions, again.repairs) == (document.locales, document.decisions, document.repairs)
    first, second = (propose(given, document.openapi, LOCALES) for given in (extracted, shuffled))
    assert first == second != ()


@pytest.mark.parametrize("start", ["spawn", _readers.start_method()])
def test_the_number_of_processes_is_nothing(monkeypatch: pytest.MonkeyPatch, start: str) -> None:
    """Nor how they start; refusals are where their pages are."""
    monkeypatch.setattr(_readers, "_WORTH_IT", 1)
    monkeypatch.setattr(_readers, "start_method", lambda: start)
    pages = pages_of(site(1, 42))
    pages.insert(25, Page(provider="example", locale="en", path="en/bad.md", content=b"\xff"))
    alone, together = (list(_readers.read_all(pages, None, processes=number)) for number in (1, 2))
    assert sorted(position for position, _ in alone) == list(range(len(pages)))
    assert [position for position, one in alone if isinstance(one, PageError)] == [25]
    assert all(one.page is pages[position] for position, one in alone if isinstance(one, Extracted))
    assert [(position, str(one)) for position, one in together] == [(position, str(one)) for position, one in alone]


def test_no_process_is_forked_where_threads_run() -> None:
    """A lock that one of them holds would never be given back in the copy."""
    done = threading.Event()
    beside = threading.Thread(target=done.wait)
    beside.start()
    try:
        assert _readers.start_method() == "spawn"
    finally:
        done.set()
        beside.join()


@pytest.mark.parametrize("seed", ["1", "2"])
def test_the_seed_of_hashes_is_nothing(seed: str) -> None:
    """Sets have another order in every process; no output has."""
    program = (
        "import sys; from tests.tools.build.test_scale import *; "
        "given = [extract(page) for page in pages_of(site(1, 42))]; "
        "found = merge.normalize(given, NO_JUDGEMENTS, SOURCE, accept_precedence=True); "
        "sys.stdout.buffer.write(json_bytes([found.openapi, found.locales, list(map(str, found.decisions))]))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, cwd=ROOT, capture_output=True, check=True)
    given = [extract(page) for page in pages_of(site(1, 42))]
    here = merge.normalize(given, NO_JUDGEMENTS, SOURCE, accept_precedence=True)
    assert done.stdout == json_bytes([here.openapi, here.locales, list(map(str, here.decisions))])


def test_what_nobody_touched_is_not_merged_again(checkout: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second build gives the very same from memory; with one judgement more it is no longer the same."""
    options = Options(accept_precedence=True)
    first = derive(checkout, "example", options, quiet)
    with monkeypatch.context() as patch:
        patch.setattr(merge, "normalize", None)
        second = derive(checkout, "example", options, quiet)
    assert first.document is not None
    assert (repr(second.document), second) == (repr(first.document), first)
    overlay = "overlay: 1.1.0\nactions:\n- {target: $.info, update: {title: X}, x-reason: a, x-evidence: b}\n"
    (checkout.specs("example") / "overlay.yaml").write_text(overlay, encoding="utf-8")
    third = derive(checkout, "example", options, quiet)
    assert third.document is not None
    assert third.document.openapi["info"]["title"] == "X"


def test_open_decisions_are_not_remembered(checkout: Workspace) -> None:
    """Without the flag they are findings, in every run."""
    for _ in range(2):
        assert derive(checkout, "example", Options(), quiet).findings


def test_the_package_of_a_site_is_sound_and_lazy(document: Document, tmp_path: Path) -> None:
    """It compiles, imports and passes mypy --strict, as `render` checks; importing it loads no model."""
    for path, content in render(document).items():
        target = tmp_path / "example_api" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    program = "import sys, example_api.models; print([name for name in sys.modules if 'example_api.models.' in name])"
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=True, text=True)
    assert done.stdout == "[]\n"
