"""tools.store's cache: what is damaged counts as absent, and nothing that happens to it stops a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tools.store import Cache, code_digest

if TYPE_CHECKING:
    from collections.abc import Callable


def entries(folder: Path) -> list[Path]:
    """Every file of the cache."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_what_is_put_comes_back(tmp_path: Path) -> None:
    """By key, whatever stands in it; the last one counts; nothing else lies about."""
    cache = Cache(folder=tmp_path)
    assert cache.get("a") is None
    cache.put("a", b"one")
    cache.put("a", b"two\n\x00")
    cache.put("../../b c\n", b"")
    assert (cache.get("a"), cache.get("../../b c\n"), len(entries(tmp_path))) == (b"two\n\x00", b"", 2)
    cache.drop("a")
    cache.drop("a")
    assert cache.get("a") is None


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda content: content[:-1], id="cut"),
        pytest.param(lambda content: content + b"x", id="longer"),
        pytest.param(lambda content: content.replace(b"one", b"0ne"), id="changed"),
        pytest.param(lambda content: content[1:], id="head"),
        pytest.param(lambda _: b"", id="empty"),
        pytest.param(lambda content: content.replace(b"\n", b" "), id="no-line"),
    ],
)
def test_damage_counts_as_absent(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    """And is mended by the next put."""
    cache = Cache(folder=tmp_path)
    cache.put("a", b"one")
    (file,) = entries(tmp_path)
    file.write_bytes(damage(file.read_bytes()))
    assert cache.get("a") is None
    cache.put("a", b"one")
    assert cache.get("a") == b"one"


def test_a_cache_that_cannot_be_written_keeps_nothing(tmp_path: Path) -> None:
    """A file where a folder belongs, a folder where an entry belongs, a full disk."""
    (tmp_path / "file").write_bytes(b"")
    cache = Cache(folder=tmp_path / "file")
    cache.put("a", b"one")
    cache.drop("a")
    assert (cache.get("a"), cache.only("v").get("a")) == (None, None)
    other = Cache(folder=tmp_path / "other")
    other.put("a", b"one")
    (file,) = entries(tmp_path / "other")
    file.unlink()
    file.mkdir()
    other.put("a", b"one")
    assert (other.get("a"), [path for path in (tmp_path / "other").rglob("*") if path.is_file()]) == (None, [])


def test_a_put_that_fails_leaves_the_old_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And no half-written file."""
    cache = Cache(folder=tmp_path)
    cache.put("a", b"one")

    def full(*_: object) -> object:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    cache.put("a", b"two")
    monkeypatch.undo()
    assert (cache.get("a"), len(entries(tmp_path))) == (b"one", 1)


def test_other_versions_are_thrown_away(tmp_path: Path) -> None:
    """Only the folders beside it; a link is left alone."""
    (tmp_path / "elsewhere").mkdir()
    home = tmp_path / "cache"
    Cache(folder=home).only("1").put("a", b"one")
    (home / "link").symlink_to(tmp_path / "elsewhere")
    second = Cache(folder=home).only("2")
    assert second.get("a") is None
    second.put("a", b"two")
    assert Cache(folder=home).only("2").get("a") == b"two"
    assert (sorted(path.name for path in home.iterdir()), (tmp_path / "elsewhere").is_dir()) == (["2", "link"], True)


def test_the_digest_of_code_changes_with_any_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package, one of its files, its name; not what running Python leaves there."""
    for name, text in {"pack/__init__.py": "1", "pack/deep/a.py": "2", "one.py": "3"}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "store").mkdir()
    monkeypatch.setattr("tools.store._cache.__file__", str(tmp_path / "store/_cache.py"))
    first = code_digest("pack", "one")
    (tmp_path / "pack/__pycache__").mkdir()
    (tmp_path / "pack/__pycache__/a.pyc").write_bytes(b"x")
    assert code_digest("pack", "one") == first
    (tmp_path / "pack/deep/a.py").rename(tmp_path / "pack/deep/b.py")
    second = code_digest("pack", "one")
    (tmp_path / "one.py").write_text("4", encoding="utf-8")
    assert len({first, second, code_digest("pack", "one"), code_digest("pack")}) == 4
