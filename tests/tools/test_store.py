"""tools.store: suspicious reading, canonical bytes, and writing that is all or nothing."""

from __future__ import annotations

import fcntl
import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tools.errors import HostilePage, JudgementError, PageError, Place, ToolError, UsageError
from tools.model import Source
from tools.schema import yaml
from tools.store import (
    PAGE_BYTES,
    Workspace,
    install,
    json_bytes,
    lock_bytes,
    read_bytes,
    read_pages,
    read_source,
    read_tree,
    safe_path,
    yaml_bytes,
)

if TYPE_CHECKING:
    from tools.model import Json

ROOT = Path(__file__).parents[2]

SOURCES = """\
title = "Provider"
docs = "https://docs.example.com"
index = "https://docs.example.com/llms.txt"
locales = ["en", "ko"]
base_urls = ["https://api.example.com"]
"""

SOURCE = Source(
    provider="p",
    title="P",
    docs="https://d",
    index="https://d/llms.txt",
    locales=("en", "ko"),
    base_urls=("https://a",),
)


def put(root: Path, files: dict[str, str | bytes]) -> Path:
    """Write files below a folder."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def modes(root: Path) -> dict[str, str]:
    """The permission bits of everything below a folder."""
    return {str(path.relative_to(root)): oct(stat.S_IMODE(path.stat().st_mode)) for path in root.rglob("*")}


def test_pages_are_read_in_path_order_with_their_bytes(tmp_path: Path) -> None:
    """Every .md file below a locale folder is a page; anything else is listed, not read."""
    put(tmp_path, {"ko/b/x.md": b"\r\nko", "en/x.md": "en", "llms.txt": "", "en/x.mdx": "", "ko/a.md": "a"})
    found = read_pages(tmp_path, source=SOURCE)
    assert [(page.path, page.locale, page.content) for page in found.pages] == [
        ("en/x.md", "en", b"en"),
        ("ko/a.md", "ko", b"a"),
        ("ko/b/x.md", "ko", b"\r\nko"),
    ]
    assert found.ignored == ("en/x.mdx", "llms.txt")


def test_a_folder_that_is_no_locale_is_named(tmp_path: Path) -> None:
    """A page below an unknown first folder is refused with the nearest locale."""
    with pytest.raises(UsageError, match="'kor' is no locale of p") as caught:
        read_pages(put(tmp_path, {"kor/x.md": ""}), source=SOURCE)
    assert caught.value.fix == "Did you mean 'ko'?"


def test_a_missing_folder_is_a_usage_error(tmp_path: Path) -> None:
    """Reading pages from nowhere does not look like an empty folder."""
    with pytest.raises(UsageError, match="no folder"):
        read_pages(tmp_path / "nowhere", source=SOURCE)


@pytest.mark.parametrize("link", ["en/x.md", "en/folder"], ids=["file", "folder"])
def test_a_link_that_leads_outside_is_refused(tmp_path: Path, link: str) -> None:
    """Neither a file nor a folder outside the named one is read through a link."""
    outside = put(tmp_path / "outside", {"x.md": "secret"})
    pages = put(tmp_path / "pages", {"en/y.md": ""})
    (pages / link).symlink_to(outside / "x.md" if link.endswith(".md") else outside)
    with pytest.raises(UsageError, match="leads out of"):
        read_pages(pages, source=SOURCE)


@pytest.mark.parametrize(
    ("target", "kind", "problem"),
    [
        pytest.param("x.md", UsageError, "leads out of", id="to-itself"),
        pytest.param("missing.md", PageError, "cannot be read: No such file", id="to-nothing"),
    ],
)
def test_a_link_that_leads_nowhere_is_named(tmp_path: Path, target: str, kind: type[ToolError], problem: str) -> None:
    """A loop, or a file that is not there."""
    pages = put(tmp_path / "pages", {"en/y.md": ""})
    (pages / "en/x.md").symlink_to(pages / "en" / target)
    with pytest.raises(kind, match=problem):
        read_pages(pages, source=SOURCE)


def test_an_over_large_file_is_refused_unread(tmp_path: Path) -> None:
    """A page above the limit is refused by its size; the sparse file here would need gigabytes."""
    path = tmp_path / "x.md"
    with path.open("wb") as file:
        file.truncate(PAGE_BYTES * 1000)
    with pytest.raises(HostilePage, match="bytes, more than"):
        read_bytes(path)


def test_a_pipe_is_refused(tmp_path: Path) -> None:
    """A file that never ends is not read."""
    os.mkfifo(tmp_path / "x.md")
    with pytest.raises(HostilePage, match="no regular file"):
        read_bytes(tmp_path / "x.md")


@pytest.mark.parametrize(
    ("path", "safe"),
    [
        pytest.param("ko/api-manual/wan2.6/x.md", True, id="ordinary"),
        pytest.param("../x.md", False, id="parent"),
        pytest.param("ko/../../x.md", False, id="parent-inside"),
        pytest.param("/etc/passwd", False, id="absolute"),
        pytest.param("ko//x.md", False, id="empty-segment"),
        pytest.param("ko/.git/x.md", False, id="hidden"),
        pytest.param("ko\\x.md", False, id="backslash"),
        pytest.param("ko/c:x.md", False, id="drive"),
        pytest.param("ko/nul.md", False, id="device"),
        pytest.param("ko/x\u202e.md", False, id="bidi"),
        pytest.param("ko/x.md\n", False, id="line-feed"),
        pytest.param("x.md", False, id="no-locale"),
    ],
)
def test_paths_that_come_with_pages(path: str, *, safe: bool) -> None:
    """Only plain relative paths may become files."""
    assert safe_path(path) is safe


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("title = ", "is not TOML", id="syntax"),
        pytest.param(SOURCES.replace('["en", "ko"]', '"en"'), "'locales' is not a list", id="type"),
        pytest.param(SOURCES.replace("docs =", "dosc ="), "unknown members: dosc", id="unknown"),
        pytest.param(SOURCES + '[[page]]\nsha256 = "a"\n', "needs sha256, path and reason", id="page-incomplete"),
        pytest.param(
            SOURCES + '[[page]]\nsha256 = "a"\npath = "../x.md"\nreason = "r"\n', "no path of a page", id="page-escape"
        ),
    ],
)
def test_a_wrong_sources_file_is_explained(tmp_path: Path, text: str, message: str) -> None:
    """Each mistake names the file and the member."""
    put(tmp_path, {"sources.toml": text})
    with pytest.raises(JudgementError, match=message) as caught:
        read_source(tmp_path / "sources.toml", provider="p")
    assert caught.value.places[0].path == "sources.toml"


def test_judgements_come_with_lines_and_extra_actions_come_last(tmp_path: Path) -> None:
    """A file of actions alone is an overlay, too."""
    overlay = "overlay: 1.1.0\nactions:\n  - target: $.a\n    remove: true\n"
    put(tmp_path, {"specs/p/sources.toml": SOURCES, "specs/p/overlay.yaml": overlay})
    put(tmp_path, {"more.yaml": "# pasted\n- target: $.b\n  remove: true\n"})
    found, (added,) = Workspace(root=tmp_path).judgements("p", [tmp_path / "more.yaml"])
    assert [action["target"] for action in found.overlay["actions"]] == ["$.a", "$.b"]
    assert [found.overlay_lines[f"/actions/{index}/target"] for index in (0, 1)] == [3, 2]
    assert found.supplement == {}
    places = [Place(path="overlay.yaml", line=2, pointer=f"/actions/{index}/target") for index in (0, 1, 2)]
    moved = Place(path=str(tmp_path / "more.yaml"), line=2, pointer="/actions/0/target")
    assert [added.place(place) for place in places] == [places[0], moved, places[2]]


def test_a_broken_overlay_names_its_line(tmp_path: Path) -> None:
    """A YAML mistake in a judgement is a judgement error, not a page error."""
    put(tmp_path, {"specs/p/sources.toml": SOURCES, "specs/p/overlay.yaml": "a: 1\na: 2\n"})
    with pytest.raises(JudgementError) as caught:
        Workspace(root=tmp_path).judgements("p")
    assert (caught.value.places[0].path, caught.value.places[0].line) == ("overlay.yaml", 2)


def test_an_unknown_provider_gets_the_nearest_name(tmp_path: Path) -> None:
    """A misspelled provider is a usage error."""
    put(tmp_path, {"specs/evolink/sources.toml": SOURCES})
    with pytest.raises(UsageError) as caught:
        Workspace(root=tmp_path).provider("evolnk")
    assert caught.value.fix == "Did you mean 'evolink'?"


VALUES: list[Json] = [
    *(
        "16:9",
        "yes",
        "no",
        "on",
        "1e3",
        "0o17",
        "0x1F",
        "12",
        "1.5",
        "~",
        "",
        "null",
        "+1",
        "1_000",
        "2026-01-01",
        ".5",
    ),
    *(
        "- x",
        "# c",
        "a: b",
        "x #y",
        "'q'",
        '"d"',
        "<<",
        "=",
        "*a",
        "&a",
        "!t",
        "%x",
        "@x",
        "`x",
        "?",
        "-",
        ".inf",
        "{}",
    ),
    *("line\nline\n", "\n lead", "trail \nx", "tab\there", "  sp", "end\n\n", "\n", "- **굵게** `x`：値\n- b", "😀"),
    *(None, True, 1, -3, 1.5, 1e30, 1e-7, {}, [], {"on": {"200": [{"a": []}]}, "": 1, "#k": "k: v"}, "x " * 300),
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_what_we_write_as_yaml_is_read_back_the_same(value: Json) -> None:
    """Quoting holds for YAML 1.1 and 1.2, whatever a text looks like."""
    text = yaml_bytes({"value": [value, {"value": value}]}).decode()
    assert yaml.load(text, path="x")[0] == {"value": [value, {"value": value}]}
    assert "\r" not in text


def test_yaml_keeps_the_order_of_members() -> None:
    """The value's own order, as in JSON; nothing is sorted."""
    assert yaml_bytes({"b": 1, "a": {"d": 2, "c": 3}}) == b"b: 1\na:\n  d: 2\n  c: 3\n"


def test_several_lines_stand_as_a_block() -> None:
    """Prose stays readable."""
    assert yaml_bytes({"description": "- 하나\n- 둘\n"}) == "description: |\n  - 하나\n  - 둘\n".encode()


def test_json_keeps_order_and_letters() -> None:
    """The document's own order, no escapes, a final newline."""
    assert json_bytes({"b": "한", "a": 1}) == '{\n  "b": "한",\n  "a": 1\n}\n'.encode()


def test_the_lock_is_canonical() -> None:
    """Members in their fixed order, rows sorted, and nothing else."""
    text = lock_bytes({"tools": {"b": "2", "a": "1"}, "pages": {}, "clock": "now"})
    assert list(json.loads(text)) == ["version", "pages", "judgements", "templates", "tools"]
    assert list(json.loads(text)["tools"]) == ["a", "b"]


def test_install_writes_everything_with_plain_modes(tmp_path: Path) -> None:
    """Whatever the umask, files are 0644 and folders 0755, and whole folders hold nothing else."""
    put(tmp_path, {"out/pkg/old.py": "old", "out/kept.txt": "kept"})
    before = os.umask(0o077)
    try:
        changed = install(tmp_path / "out", {"pkg/sub/a.py": b"a", "b.json": b"b"}, whole=["pkg", "empty"])
    finally:
        os.umask(before)
    assert changed == ("b.json", "pkg/sub/a.py")
    assert read_tree(tmp_path / "out") == {"b.json": b"b", "kept.txt": b"kept", "pkg/sub/a.py": b"a"}
    found = modes(tmp_path / "out")
    assert {found[path] for path in ("b.json", "pkg/sub/a.py")} == {"0o644"}
    assert {found[path] for path in ("pkg", "pkg/sub", "empty")} == {"0o755"}
    assert install(tmp_path / "out", {"pkg/sub/a.py": b"a", "b.json": b"b"}, whole=["pkg", "empty"]) == ()


def test_a_failure_on_the_way_moves_everything_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The third rename fails: the tree is what it was, and no staging is left."""
    put(tmp_path, {"a/x": "old", "b/x": "old", "c": "old"})
    before = read_tree(tmp_path)
    real, calls = os.rename, iter(range(100))

    def fail(old: Path, new: Path) -> None:
        if next(calls) == 3:
            raise OSError(28, "No space left on device", str(new))
        real(old, new)

    monkeypatch.setattr("pathlib.os.rename", fail)
    with pytest.raises(UsageError, match="No space left"):
        install(tmp_path, {"a/x": b"new", "b/x": b"new", "c": b"new"}, whole=["a", "b"])
    monkeypatch.undo()
    assert read_tree(tmp_path) == before


DIES = """
import os, sys
from pathlib import Path
from tools.store import install
real, calls = os.rename, iter(range(100))
def rename(old, new):
    if next(calls) == int(sys.argv[2]):
        os._exit(9)  # no handler runs, no finally
    real(old, new)
os.rename = rename
install(Path(sys.argv[1]), {"a/x": b"new", "a/y": b"new", "c": b"new", "d": b"new"}, whole=["a"])
"""


@pytest.mark.parametrize("renames", range(6))
def test_a_killed_run_is_undone_by_the_next(tmp_path: Path, renames: int) -> None:
    """A process that dies between two renames leaves what the next run needs to go back first."""
    put(tmp_path, {"a/x": "old", "c": "old"})
    died = subprocess.run([sys.executable, "-c", DIES, str(tmp_path), str(renames)], cwd=ROOT, check=False).returncode
    assert died == (9 if renames < 5 else 0)
    assert install(tmp_path, {"other": b"x"}) == ("other",)
    new = {"a/x": b"new", "a/y": b"new", "c": b"new", "d": b"new"}
    assert read_tree(tmp_path) == {**({"a/x": b"old", "c": b"old"} if died else new), "other": b"x"}


def test_a_target_behind_a_link_is_refused(tmp_path: Path) -> None:
    """Nothing is written outside the folder, not even through a link inside it."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out/link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="through a link"):
        install(tmp_path / "out", {"link/x": b"x"})
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_two_writers_do_not_meet(tmp_path: Path) -> None:
    """While one run holds the folder, another is told to wait."""
    handle = os.open(tmp_path, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        with pytest.raises(UsageError, match="another run"):
            install(tmp_path, {"x": b"x"})
    finally:
        os.close(handle)
    assert read_tree(tmp_path) == {}
