"""tools.store's packs: many results in few files, of which none is ever replaced."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tools.store import Cache, Packs, _packs

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def packs(tmp_path: Path) -> Packs:
    """An empty folder of packs."""
    return Packs(cache=Cache(folder=tmp_path / "packs"))


def files(packs: Packs) -> list[Path]:
    """Every pack's file."""
    return sorted(path for path in packs.cache.folder.rglob("*") if path.is_file())


def test_what_is_put_comes_back(packs: Packs) -> None:
    """With its keys, whatever stands in it; the same keys again are the same pack."""
    assert list(packs.all()) == []
    packs.put(["a", "한\n"], b"one\ntwo\n\x00")
    packs.put([], b"")
    packs.put(["a", "한\n"], b"one\ntwo\n\x00")
    assert sorted(packs.all()) == [((), b""), (("a", "한\n"), b"one\ntwo\n\x00")]


@pytest.mark.parametrize("content", [b"", b"x", b'["a"]\none'])
def test_damage_counts_as_absent(packs: Packs, content: bytes) -> None:
    """The others are still there."""
    packs.put(["a"], b"one")
    (damaged,) = files(packs)
    packs.put(["b"], b"two")
    damaged.write_bytes(content)
    assert list(packs.all()) == [(("b",), b"two")]


@pytest.mark.parametrize("other", [b"", b"{}", b"1\nx", b"[1]\nx", b"[\nx"])
def test_what_is_whole_but_no_pack_counts_as_absent(packs: Packs, other: bytes) -> None:
    """An entry of some other kind."""
    packs.cache.put("a", other)
    packs.put(["b"], b"two")
    assert list(packs.all()) == [(("b",), b"two")]


def test_the_older_half_goes_when_there_are_too_many(packs: Packs, monkeypatch: pytest.MonkeyPatch) -> None:
    """By their age, not their names."""
    monkeypatch.setattr(_packs, "MOST", 4)
    for number in range(5):
        before = set(files(packs))
        packs.put([str(number)], b"x")
        (new,) = set(files(packs)) - before
        os.utime(new, ns=(number, number))
    assert [keys for keys, _ in packs.all()] == [("3",), ("4",)]
    assert len(files(packs)) == 2


def test_a_folder_that_cannot_be_written_keeps_nothing(tmp_path: Path) -> None:
    """A file where the folder belongs."""
    (tmp_path / "file").write_bytes(b"")
    packs = Packs(cache=Cache(folder=tmp_path / "file"))
    packs.put(["a"], b"one")
    assert list(packs.all()) == []
