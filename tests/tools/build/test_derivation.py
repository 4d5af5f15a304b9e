"""A merge that is remembered is the merge, or it is done again: no cache can make a build wrong or stop it."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
import pytest

from tools import merge
from tools.build import _derivation
from tools.build._derivation import derivations, key_of
from tools.build.derive import derive
from tools.build.options import Options
from tools.model import Judgements, Page
from tools.store import Workspace

if TYPE_CHECKING:
    from tools.build.derive import Derived
    from tools.model import Document

ROOT = Path(__file__).parents[3]
FIRST, NEITHER, BOTH = (True, False), (False, False), (True, True)
PRECEDENCE = Options(accept_precedence=True)


def quiet(_: str, /) -> None:
    """Progress nobody wants to hear of."""


def build(checkout: Workspace, options: Options = PRECEDENCE) -> Derived:
    """Everything before the generator."""
    return derive(checkout, "evolink", options, quiet)


@pytest.fixture
def checkout(tmp_path: Path) -> Workspace:
    """A checkout with EvoLink's evidence and judgements, and one page in another language that disagrees."""
    shutil.copytree(ROOT / "specs/evolink", tmp_path / "specs/evolink")
    pages = tmp_path / "specs/evolink/pages"
    (korean,) = (pages / "ko").rglob("*.md")
    other = pages / "en" / korean.relative_to(pages / "ko")
    other.parent.mkdir(parents=True)
    text = korean.read_text(encoding="utf-8")
    assert "maxItems: 1\n" in text
    other.write_text(text.replace("maxItems: 1\n", "maxItems: 2\n"), encoding="utf-8")
    return Workspace(root=tmp_path)


@pytest.fixture
def merges(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The provider of every merge that is done."""
    done: list[str] = []
    whole = merge.normalize

    def watched(*given: object, **named: object) -> Document:
        found: Document = whole(*given, **named)  # type: ignore[arg-type]
        done.append(found.provider)
        return found

    monkeypatch.setattr(merge, "normalize", watched)
    return done


def entry(checkout: Workspace) -> Path:
    """The one file that is kept."""
    (path,) = (path for path in checkout.cache("merge").folder.rglob("*") if path.is_file())
    return path


def test_what_is_remembered_is_the_merge(checkout: Workspace, merges: list[str]) -> None:
    """Contract, translations, decisions with their actions, notes, repairs and proposals, to the last member."""
    first = build(checkout)
    second = build(checkout)
    assert merges == ["evolink"]
    assert first == second
    assert first.document is not None
    assert repr(second.document) == repr(first.document)
    assert any(decision.action for decision in first.document.decisions)


@pytest.mark.parametrize("part", [0.0, 0.001, 0.5, 0.999])
def test_an_entry_that_is_cut_off_is_made_again(checkout: Workspace, merges: list[str], part: float) -> None:
    """Wherever it ends."""
    first = build(checkout)
    whole = entry(checkout).read_bytes()
    entry(checkout).write_bytes(whole[: int(len(whole) * part)])
    assert build(checkout) == first
    assert (len(merges), entry(checkout).read_bytes()) == (2, whole)


@pytest.mark.parametrize("place", [0, 64, 65, 5_000, -1])
def test_an_entry_with_a_wrong_bit_is_made_again(checkout: Workspace, merges: list[str], place: int) -> None:
    """In its digest or in what the digest is of."""
    first = build(checkout)
    damaged = bytearray(entry(checkout).read_bytes())
    damaged[place] ^= 1
    entry(checkout).write_bytes(damaged)
    assert build(checkout) == first
    assert len(merges) == 2


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"null", id="null"),
        pytest.param(b"[]", id="list"),
        pytest.param(b"{}", id="empty"),
        pytest.param(b"\xff", id="no-text"),
        pytest.param(b"[" * 100_000, id="deep"),
    ],
)
def test_what_is_sound_but_no_merge_is_made_again(checkout: Workspace, merges: list[str], other: bytes) -> None:
    """An entry whose digest is right can still hold something else."""
    first = build(checkout)
    memory = derivations(checkout)
    entry(checkout).unlink()
    pages = [one.page for one in first.extracted]
    judgements, _ = checkout.judgements("evolink", ())
    key = key_of(pages, judgements, checkout.source("evolink").source, *BOTH)
    memory.cache.put(key, other)
    assert build(checkout) == first
    assert len(merges) == 2


def test_an_entry_that_lacks_a_member_is_no_merge(checkout: Workspace) -> None:
    """As one of an older form would: whichever member it is."""
    build(checkout)
    row = orjson.loads(entry(checkout).read_bytes().partition(b"\n")[2])
    memory = derivations(checkout)
    for member in row:
        memory.cache.put(member, orjson.dumps({name: value for name, value in row.items() if name != member}))
        assert memory.get(member) is None
    memory.cache.put("whole", orjson.dumps(row))
    assert memory.get("whole") is not None


PAGE = Page(provider="p", locale="en", path="en/a.md", content=b"# A\n")
JUDGEMENTS = Judgements(overlay={"actions": []}, supplement={})


def test_everything_that_decides_is_in_the_key(checkout: Workspace) -> None:
    """One byte of a page, its path, a judgement or its line, a row of sources.toml, each choice."""
    source = checkout.source("evolink").source
    keys = [
        key_of([PAGE], JUDGEMENTS, source, *FIRST),
        key_of([], JUDGEMENTS, source, *FIRST),
        key_of([dataclasses.replace(PAGE, content=b"# B\n")], JUDGEMENTS, source, *FIRST),
        key_of([dataclasses.replace(PAGE, path="en/b.md")], JUDGEMENTS, source, *FIRST),
        key_of([PAGE], dataclasses.replace(JUDGEMENTS, overlay={"actions": [{}]}), source, *FIRST),
        key_of([PAGE], dataclasses.replace(JUDGEMENTS, overlay_lines={"/actions": 2}), source, *FIRST),
        key_of([PAGE], JUDGEMENTS, dataclasses.replace(source, locales=("ko", "en")), *FIRST),
        key_of([PAGE], JUDGEMENTS, source, *NEITHER),
        key_of([PAGE], JUDGEMENTS, source, *BOTH),
    ]
    assert len(set(keys)) == len(keys)
    other = dataclasses.replace(PAGE, path="en/b.md")
    assert key_of([PAGE, other], JUDGEMENTS, source) == key_of([other, PAGE], JUDGEMENTS, source)


def test_other_code_merges_again(checkout: Workspace, merges: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """What another version of ours left is thrown away."""
    build(checkout)
    monkeypatch.setattr(_derivation, "code_digest", lambda *_: "another")
    build(checkout)
    assert (len(merges), entry(checkout).parts[-3].startswith("another")) == (2, True)


def test_a_merge_with_findings_is_not_kept(checkout: Workspace, merges: list[str]) -> None:
    """Whoever has to settle something sees it until it is settled."""
    for _ in range(2):
        assert build(checkout, Options()).findings
    assert (len(merges), list(checkout.cache("merge").folder.rglob("*.*"))) == (2, [])
