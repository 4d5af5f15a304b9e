"""A page that has not changed is not read again, and nobody can tell from the result."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tools.build import _remembered
from tools.build._remembered import remembered
from tools.build.derive import derive, extract_pages
from tools.build.options import Options
from tools.errors import PageError
from tools.extract import extract
from tools.model import Extracted, Page
from tools.store import Workspace

ROOT = Path(__file__).parents[3]


def quiet(_: str, /) -> None:
    """Progress nobody wants to hear of."""


@pytest.fixture
def checkout(tmp_path: Path) -> Workspace:
    """A checkout with EvoLink's evidence and judgements."""
    shutil.copytree(ROOT / "specs/evolink", tmp_path / "specs/evolink")
    return Workspace(root=tmp_path)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The path of every page that is read."""
    seen: list[str] = []

    def watched(page: Page) -> Extracted:
        seen.append(page.path)
        return extract(page)

    monkeypatch.setattr("tools.build._readers.extract", watched)
    return seen


def entries(checkout: Workspace) -> list[Path]:
    """Every file that is kept."""
    return sorted(path for path in checkout.cache("extract").folder.rglob("*") if path.is_file())


def test_a_second_build_reads_nothing(checkout: Workspace, reads: list[str]) -> None:
    """And gives the same contract, the same words, the same decisions."""
    first = derive(checkout, "evolink", Options(), quiet)
    assert len(reads) == 4
    second = derive(checkout, "evolink", Options(), quiet)
    assert len(reads) == 4
    assert first.document is not None
    assert second == first
    assert repr(second.document) == repr(first.document)


def test_only_the_page_that_changed_is_read(checkout: Workspace, reads: list[str]) -> None:
    """One byte is enough."""
    before = derive(checkout, "evolink", Options(), quiet)
    page = before.pages.pages[2]
    path = checkout.specs("evolink") / "pages" / page.path
    path.write_bytes(page.content + b"\n")
    reads.clear()
    derive(checkout, "evolink", Options(), quiet)
    assert reads == [page.path]


@pytest.mark.parametrize("damage", [b"", b"x", b"{}"])
def test_damage_is_read_over(checkout: Workspace, reads: list[str], damage: bytes) -> None:
    """The pages behind it are read again, and kept again."""
    before = derive(checkout, "evolink", Options(), quiet)
    for path in entries(checkout):
        path.write_bytes(damage)
    assert derive(checkout, "evolink", Options(), quiet) == before
    assert derive(checkout, "evolink", Options(), quiet) == before
    assert len(reads) == 8


@pytest.mark.parametrize("other", [b'{"kind": 1}', b'{"pages": [], "pointers": []}', b""])
def test_what_is_sound_but_no_page_is_read_over(checkout: Workspace, reads: list[str], other: bytes) -> None:
    """An entry whose digest is right can still hold something else."""
    before = derive(checkout, "evolink", Options(), quiet)
    memory = remembered(checkout)
    for keys, _ in list(memory.packs.all()):
        memory.packs.put(keys, other)
    assert derive(checkout, "evolink", Options(), quiet) == before
    assert len(reads) == 8


def test_other_readers_read_again(checkout: Workspace, reads: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """What another version of them made of a page counts for nothing, and is thrown away."""
    derive(checkout, "evolink", Options(), quiet)
    monkeypatch.setattr(_remembered, "_readers", lambda: "another")
    derive(checkout, "evolink", Options(), quiet)
    assert (len(reads), len(entries(checkout))) == (8, 1)


def test_equal_pages_come_from_one_entry(tmp_path: Path) -> None:
    """Each at its own place, however many of them an entry holds."""
    pages = [Page(provider="evolink", locale="en", path=f"en/{name}.md", content=b"# A\n") for name in "abc"]
    memory = remembered(Workspace(root=tmp_path))
    memory.put([extract(page) for page in pages[:2]])
    found = memory.get(pages)
    assert [one.page.path for one in found if one is not None] == ["en/a.md", "en/b.md", "en/c.md"]
    assert memory.get([Page(provider="evolink", locale="en", path="en/d.md", content=b"# B\n")]) == [None]


def test_refusals_are_not_remembered(checkout: Workspace, reads: list[str]) -> None:
    """A page that cannot be read is tried, and named, every time."""
    bad = Page(provider="evolink", locale="en", path="en/bad.md", content=b"\xff")
    for _ in range(2):
        _, errors = extract_pages([bad], quiet, remembered(checkout))
        assert [type(error).__mro__[1] for error in errors] == [PageError]
    assert reads == ["en/bad.md"] * 2
