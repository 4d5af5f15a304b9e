"""tools.vendor from a folder: pages arrive byte for byte, under a path that data decide, all or none."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path

import pytest

from tools.errors import ToolError, UsageError
from tools.store import Workspace, read_tree
from tools.vendor import index_of, token_of, vendor

ROOT = Path(__file__).parents[3]

INDEX = "> Fetch the complete documentation index at: https://docs.example.com/llms.txt\n\n# Title\n"
OTHER = INDEX.replace("example.com", "example.org")


def page(token: str = "ko/api/video.json", head: str = INDEX) -> bytes:
    """A page whose fence names its OpenAPI file."""
    return f"{head}\n````yaml {token} POST /v1/videos\nopenapi: 3.1.0\n````\n".encode()


def workspace(root: Path, table: str = "") -> Workspace:
    """A checkout with one provider."""
    folder = root / "checkout/specs/example"
    folder.mkdir(parents=True)
    (folder / "sources.toml").write_text(
        'title = "Example"\ndocs = "https://docs.example.com"\nindex = "https://docs.example.com/llms.txt"\n'
        'locales = ["en", "ko"]\nbase_urls = ["https://api.example.com"]\n' + table,
        encoding="utf-8",
    )
    return Workspace(root=root / "checkout")


def arrive(root: Path, files: dict[str, bytes]) -> Path:
    """A folder of files that came from somewhere."""
    folder = root / "arrived"
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


@pytest.mark.parametrize("provider", ["evolink", "apimart"])
def test_the_vendored_pages_are_what_the_lock_says(provider: str) -> None:
    """The pages in specs/ have the digests and sizes of the lock, and would arrive again under the same paths."""
    checkout = Workspace(root=ROOT)
    rows = checkout.lock(provider)["pages"]
    pages = checkout.pages(provider).pages
    assert {one.path: (one.sha256, len(one.content)) for one in pages} == {
        path: (row["sha256"], row["bytes"]) for path, row in rows.items()
    }
    again = vendor(checkout, provider, ROOT / "specs" / provider / "pages", dry_run=True)
    assert (again.new, again.changed, again.unchanged) == ((), (), tuple(sorted(rows)))


@pytest.mark.parametrize("provider", ["evolink", "apimart"])
def test_the_seeds_get_their_paths_from_data(provider: str, tmp_path: Path) -> None:
    """Named by number and mixed in one folder, pages go to their provider and their path."""
    pages = {one.path: one.content for name in ("evolink", "apimart") for one in Workspace(root=ROOT).pages(name).pages}
    folder = arrive(tmp_path, {f"{n:03}_x.txt": content for n, content in enumerate(pages.values())})
    checkout = Workspace(root=tmp_path / "checkout")
    (tmp_path / "checkout/specs" / provider).mkdir(parents=True)
    sources = ROOT / "specs" / provider / "sources.toml"
    (tmp_path / "checkout/specs" / provider / "sources.toml").write_bytes(sources.read_bytes())
    result = vendor(checkout, provider, folder)
    mine = {one.path: one.content for one in Workspace(root=ROOT).pages(provider).pages}
    assert result.findings == ()
    assert read_tree(checkout.specs(provider) / "pages") == mine
    assert len(result.elsewhere) == len(pages) - len(mine)


def test_a_page_is_recorded_and_its_day_kept(tmp_path: Path) -> None:
    """The lock holds digest, size and day; the same bytes without a day keep theirs, other bytes lose it."""
    checkout = workspace(tmp_path)
    folder = arrive(tmp_path, {"a.txt": page()})
    first = vendor(checkout, "example", folder, retrieved=date(2026, 7, 2))
    row = checkout.lock("example")["pages"]["ko/api/video.md"]
    assert (first.new, first.written) == (("ko/api/video.md",), True)
    assert row == {"sha256": hashlib.sha256(page()).hexdigest(), "bytes": len(page()), "retrieved": "2026-07-02"}
    assert vendor(checkout, "example", folder).unchanged == ("ko/api/video.md",)
    assert checkout.lock("example")["pages"]["ko/api/video.md"] == row
    (folder / "a.txt").write_bytes(page() + b"\n")
    assert vendor(checkout, "example", folder).changed == ("ko/api/video.md",)
    assert checkout.lock("example")["pages"]["ko/api/video.md"]["retrieved"] is None


def test_what_the_build_recorded_stays(tmp_path: Path) -> None:
    """Vendoring touches the pages of the lock and nothing else."""
    checkout = workspace(tmp_path)
    lock = checkout.specs("example") / "lock.json"
    lock.write_text(json.dumps({"version": 1, "tools": {"ruff": "1"}}), encoding="utf-8")
    vendor(checkout, "example", arrive(tmp_path, {"a.md": page()}))
    assert checkout.lock("example")["tools"] == {"ruff": "1"}


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    """It says what would be done."""
    checkout = workspace(tmp_path)
    before = read_tree(checkout.root)
    result = vendor(checkout, "example", arrive(tmp_path, {"a.md": page()}), dry_run=True)
    assert (result.new, result.written) == (("ko/api/video.md",), False)
    assert read_tree(checkout.root) == before


@pytest.mark.parametrize(
    ("file", "content", "path"),
    [
        pytest.param("x.txt", page("ko/api/a.json"), "ko/api/a.md", id="token"),
        pytest.param("x.txt", page("/ko/api/a.json"), "ko/api/a.md", id="token-with-slash"),
        pytest.param("ko/guide/b.md", INDEX.encode(), "ko/guide/b.md", id="laid-out"),
        pytest.param("ko/guide/b.md", b"# no index, older export\n", "ko/guide/b.md", id="laid-out-without-index"),
        pytest.param("fr/guide/b.md", page("ko/api/a.json"), "ko/api/a.md", id="not-a-locale-folder"),
    ],
)
def test_where_a_page_goes(tmp_path: Path, file: str, content: bytes, path: str) -> None:
    """Its place in a folder laid out by locale, else its own OpenAPI file token."""
    result = vendor(workspace(tmp_path), "example", arrive(tmp_path, {file: content}))
    assert (result.new, result.findings) == ((path,), ())


def test_sources_may_name_the_path_of_a_page(tmp_path: Path) -> None:
    """A [[page]] table speaks of exactly these bytes, and comes first."""
    digest = hashlib.sha256(INDEX.encode()).hexdigest()
    table = f'[[page]]\nsha256 = "{digest}"\npath = "ko/api/named.md"\nreason = "r"\n'
    result = vendor(workspace(tmp_path, table), "example", arrive(tmp_path, {"x.txt": INDEX.encode()}))
    assert result.new == ("ko/api/named.md",)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        pytest.param({"x.txt": INDEX.encode()}, "names no OpenAPI file", id="no-path"),
        pytest.param({"x.txt": page("../../etc/x.json")}, "no safe path", id="traversal"),
        pytest.param({"x.txt": page("//etc/x.json")}, "no safe path", id="absolute"),
        pytest.param({"x.txt": page("ko/.git/x.json")}, "no safe path", id="hidden"),
        pytest.param({"x.txt": page("kr/api/x.json")}, "'kr' is no locale", id="unknown-locale"),
        pytest.param({"x.txt": page("ko/a.json") + page("ko/b.json")}, "or several", id="two-tokens"),
        pytest.param({"ko/b.md": page("ko/a.json")}, "lies at ko/b.md", id="place-against-token"),
        pytest.param({"x.txt": page(), "y.txt": page() + b"\n"}, "two files want to be", id="twice"),
        pytest.param({"x.txt": page("ko/A.json"), "y.txt": page("ko/a.json")}, "two files want to be", id="case"),
    ],
)
def test_a_page_without_a_sound_path_stops_everything(tmp_path: Path, files: dict[str, bytes], message: str) -> None:
    """Each is a finding that names the file; nothing is written, not even the good pages."""
    checkout = workspace(tmp_path)
    before = read_tree(checkout.root)
    result = vendor(checkout, "example", arrive(tmp_path, {**files, "en/good.md": INDEX.encode()}))
    assert [message in str(error) for error in result.findings] == [True]
    assert result.findings[0].places[-1].path in files
    assert read_tree(checkout.root) == before


def test_an_unnamed_page_comes_with_the_table_to_paste(tmp_path: Path) -> None:
    """The finding holds the sha256 to write into sources.toml."""
    result = vendor(workspace(tmp_path), "example", arrive(tmp_path, {"x.txt": INDEX.encode()}))
    assert f'[[page]] sha256 = "{hashlib.sha256(INDEX.encode()).hexdigest()}"' in result.findings[0].fix


def test_pages_of_others_and_other_files_are_listed(tmp_path: Path) -> None:
    """Nothing of the folder is dropped in silence."""
    files = {"a.txt": page(), "b.txt": page(head=OTHER), "README.md": b"# About"}
    result = vendor(workspace(tmp_path), "example", arrive(tmp_path, files))
    assert (result.new, result.elsewhere) == (("ko/api/video.md",), ("README.md", "b.txt"))


def test_links_out_of_the_folder_are_refused(tmp_path: Path) -> None:
    """A folder of pages cannot bring files of the machine along."""
    secret = tmp_path / "secret.md"
    secret.write_bytes(page())
    folder = arrive(tmp_path, {"a.md": page("ko/a.json")})
    (folder / "b.md").symlink_to(secret)
    with pytest.raises(UsageError, match="leads out of"):
        vendor(workspace(tmp_path), "example", folder)


def test_a_run_that_fails_leaves_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the last file cannot be moved in, the first ones go back."""
    checkout = workspace(tmp_path)
    folder = arrive(tmp_path, {"a.md": page("ko/a.json"), "b.md": page("ko/b.json")})
    vendor(checkout, "example", folder)
    before = read_tree(checkout.root)
    (folder / "a.md").write_bytes(page("ko/a.json") + b"changed")

    def fail(self: Path, target: Path) -> Path:
        if target == checkout.specs("example") / "pages/ko/b.md" and "/new/" in self.as_posix():
            raise OSError(5, "Input/output error")
        return real(self, target)

    real = Path.rename
    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(ToolError, match="Input/output error"):
        vendor(checkout, "example", folder)
    monkeypatch.undo()
    assert read_tree(checkout.root) == before


def test_what_the_first_lines_say() -> None:
    """The index and the token are read from bytes, whatever else stands there."""
    assert index_of(b"\xff\xfe > https://docs.example.com/llms.txt\n") == "https://docs.example.com/llms.txt"
    assert index_of(b"x" * 10_000 + b"https://docs.example.com/llms.txt") is None
    assert token_of(b"````yaml POST /v1/videos\n") is None
    assert token_of(b"```yaml a/b.yaml get /v1/x\r\n") == "a/b.md"
