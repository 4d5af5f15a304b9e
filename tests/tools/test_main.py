"""tools.__main__: exit codes, messages and streams of `python -m tools`."""

from __future__ import annotations

import io
import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tools import __main__ as cli
from tools.__main__ import main
from tools.commands import COMMANDS
from tools.commands._run import BUG
from tools.report import COMPARISON_FORMATS

ROOT = Path(__file__).parents[2]

PAGE = "ko/api-manual/video-series/gemini-omni-flash/gemini-omni-flash-video-edit.md"


def run(*argv: str, root: Path = ROOT) -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    out, err = io.StringIO(), io.StringIO()
    return main(list(argv), out=out, err=err, root=root), out.getvalue(), err.getvalue()


USAGE = [
    pytest.param(["biuld"], "Did you mean 'build'?", id="stage"),
    pytest.param(["build", "--provider", "evolnk"], "Did you mean 'evolink'?", id="provider"),
    pytest.param(["build", "--chekc"], "Did you mean '--check'?", id="option"),
    pytest.param(["build", "--prov", "evolink"], "Did you mean '--provider'?", id="no-abbreviations"),
    pytest.param([], "--help", id="nothing"),
    pytest.param(["build", "--pages", "x"], "Say whose pages these are.", id="pages-of-whom"),
    pytest.param(["build", "--provider", "evolink", "--pages", "nowhere"], "--out", id="pages-into-specs"),
    pytest.param(["build", "--overlay", "x.yaml"], "--out", id="overlay-into-specs"),
    pytest.param(["build", "--provider", "evolink", "--pages", "nowhere", "--out", "o"], "no folder", id="no-folder"),
    pytest.param(["build", "--out", str(ROOT)], "is the checkout itself", id="out-is-the-checkout"),
    pytest.param(["build", "--out", str(ROOT / "specs/x")], "is the checkout itself", id="out-in-specs"),
    pytest.param(["normalize", "--out", "-"], "--provider", id="two-contracts"),
    pytest.param(["generate", "--provider", "apimart", "--locale", "jp"], "is written in 'jp'", id="locale"),
    pytest.param(["extract", PAGE.replace("edit", "edti")], f"Did you mean '{PAGE}'?", id="page"),
    pytest.param(["vendor", "evolink", "--from", "ftp://example.org"], "no address of a site", id="vendor-from-ftp"),
    pytest.param(["vendor", "evolink", "--prune", "--from", "."], "--prune needs a site", id="prune-a-folder"),
    pytest.param(
        ["vendor", "evolink", "--from", "https://example.org", "--retrieved", "2026-07-01"],
        "--retrieved is for a folder",
        id="a-site-of-yesterday",
    ),
    pytest.param(["vendor", "evolink", "--from", "nowhere"], "no folder", id="vendor-from-nowhere"),
    pytest.param(["vendor", "evolink", "--from", ".", "--retrieved", "2026-13-01"], "is no date", id="date"),
]  # fmt: skip


@pytest.mark.parametrize(("argv", "part"), USAGE)
def test_a_wrong_command_line_is_explained(argv: list[str], part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 2, one message on standard error that names the way out, nothing on standard output."""
    monkeypatch.setattr("tools.build.run.install", lambda *_, **__: pytest.fail("something was written"))
    code, out, err = run(*argv)
    assert (code, out) == (2, "")
    assert part in err
    assert "Traceback" not in err


def test_usage_errors_speak_json_too() -> None:
    """A machine gets an object on standard output, people the sentence on standard error."""
    code, out, err = run("build", "--provider", "evolnk", "--json")
    assert (code, json.loads(out)["reports"][0]["findings"][0]["kind"]) == (2, "usage")
    assert "evolnk" in err


def test_help_names_every_stage(capsys: pytest.CaptureFixture[str]) -> None:
    """`--help` is good and lists what there is."""
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in COMMANDS)


@pytest.mark.parametrize(
    "argv",
    [
        pytest.param(["normalize", "--provider", "evolink", "--out"], id="out"),
        pytest.param(["extract"], id="page"),
        pytest.param(["locales"], id="locales"),
        pytest.param(["vendor", "evolink", "--dry-run", "--from"], id="from"),
    ],
)
def test_a_loop_of_links_is_a_wrong_path(argv: list[str], tmp_path: Path) -> None:
    """Wherever a path may stand."""
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    code, _, err = run(*argv, str(tmp_path / "loop"))
    assert (code, str(tmp_path / "loop") in err) == (2, True)


@pytest.mark.parametrize("stage", COMMANDS)
def test_every_stage_has_help(stage: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each stage explains its options, and shows command lines that are none it would refuse."""
    assert main([stage, "--help"]) == 0
    shown = capsys.readouterr().out
    assert "--json" in shown
    examples = [row.removeprefix("  python -m tools ") for row in shown.partition("examples:\n")[2].splitlines()]
    assert examples
    for example in examples:
        assert cli.parse(shlex.split(example)).command == stage


def test_locales_says_how_many_pages_are_equal() -> None:
    """The vendored translations agree."""
    code, out, _ = run("locales", "--provider", "evolink")
    assert (code, out) == (0, "evolink: 4 pages in 3 locales, 1 of them in several: equal\n")


def test_locales_takes_a_provider_or_a_folder(tmp_path: Path) -> None:
    """A folder's provider is the one whose index its pages name; what is neither is a usage error."""
    assert run("locales", "apimart")[:2] == (0, "apimart: 1 page in 1 locale, 0 of them in several: equal\n")
    folder = ROOT / "specs/evolink/pages"
    assert run("locales", str(folder))[1].startswith("evolink: 4 pages in 3 locales")
    assert run("locales", "evolnk")[0] == 2
    (tmp_path / "x.md").write_text("# Nobody's page\n", encoding="utf-8")
    assert run("locales", str(tmp_path))[0] == 2


def test_locales_counts_remarks_without_failing(tmp_path: Path) -> None:
    """What is information decides nothing, and --verbose shows it."""
    for locale in ("ko", "ja"):
        page = PAGE.replace("ko/", f"{locale}/", 1)
        content = (ROOT / "specs/evolink/pages" / page).read_bytes()
        (tmp_path / page).parent.mkdir(parents=True)
        planted = content.replace(b"prompt: ", b"extra_member: 1\n                  prompt: ", 1)
        (tmp_path / page).write_bytes(planted if locale == "ja" else content)
    code, out, _ = run("locales", str(tmp_path))
    assert (code, out.count("\n")) == (0, 1)
    assert out.endswith("equal, 1 remark (--verbose lists them)\n")
    assert json.loads(run("locales", str(tmp_path), "--json")[1])["reports"][0]["remarks"] == 1


def test_locales_names_a_planted_difference(tmp_path: Path) -> None:
    """Exit code 1, both pages with line and pointer."""
    for locale in ("ko", "ja"):
        page = PAGE.replace("ko/", f"{locale}/", 1)
        content = (ROOT / "specs/evolink/pages" / page).read_bytes()
        (tmp_path / page).parent.mkdir(parents=True)
        (tmp_path / page).write_bytes(content.replace(b"maxItems: 1", b"maxItems: 2") if locale == "ja" else content)
    code, out, _ = run("locales", "--provider", "evolink", "--pages", str(tmp_path))
    assert code == 1
    assert "constraint-differs: 'maxItems' is 1 in ko, 2 in ja" in out
    for locale in ("ko", "ja"):
        assert f"pages/{PAGE.replace('ko/', f'{locale}/', 1)}:" in out
    assert out.count("/properties/video_urls/maxItems") == 2


def _odd_one(folder: Path) -> None:
    """The page in two languages: one allows more items, and one member more stands in the other's."""
    for locale in ("ko", "ja"):
        page = PAGE.replace("ko/", f"{locale}/", 1)
        content = (ROOT / "specs/evolink/pages" / page).read_bytes()
        (folder / page).parent.mkdir(parents=True)
        (folder / page).write_bytes(content.replace(b"maxItems: 1", b"maxItems: 2") if locale == "ja" else content)


@pytest.mark.parametrize("form", COMPARISON_FORMATS)
def test_locales_has_every_format_of_a_comparison(form: str, tmp_path: Path) -> None:
    """With the rule, both languages, and the exit code of findings; where all agree, good."""
    assert run("locales", "evolink", "--format", form)[0] == 0
    _odd_one(tmp_path)
    code, out, _ = run("locales", str(tmp_path), "--format", form)
    assert code == 1
    assert "constraint-differs" in out
    assert "ja" in out


def test_locales_names_files_from_the_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both languages stand in the folder that was named."""
    _odd_one(tmp_path / "pages")
    monkeypatch.chdir(tmp_path)
    (result,) = json.loads(run("locales", "pages", "--format", "sarif")[1])["runs"][0]["results"]
    places = [*result["locations"], *result["relatedLocations"]]
    uris = [place["physicalLocation"]["artifactLocation"]["uri"] for place in places]
    assert sorted(uris) == [f"pages/{PAGE.replace('ko/', f'{locale}/', 1)}" for locale in ("ja", "ko")]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(PAGE, id="path"),
        pytest.param(f"evolink/{PAGE}", id="with-provider"),
        pytest.param(f"specs/evolink/pages/{PAGE}", id="from-the-root"),
        pytest.param(str(ROOT / "specs/evolink/pages" / PAGE), id="any-file"),
    ],
)
def test_extract_shows_one_page(name: str) -> None:
    """However the page is named: its operation for people, the whole fragment for machines."""
    code, out, _ = run("extract", name)
    assert (code, out.split(",")[1]) == (0, " POST /v1/videos/generations")
    (report,) = json.loads(run("extract", name, "--json")[1])["reports"]
    assert report["document"]["openapi"] == "3.1.0"
    assert report["subject"] == (name if Path(name).is_absolute() else f"evolink/{PAGE}")


def test_extract_shows_everything_there_is() -> None:
    """Without a page, every vendored one."""
    code, out, _ = run("extract")
    assert (code, len([line for line in out.splitlines() if line.startswith(("apimart/", "evolink/"))])) == (0, 5)


def test_extract_of_a_file_nobody_knows(tmp_path: Path) -> None:
    """Whose page a file is makes no difference to what it states; one that is no text is a finding at its own name."""
    page, noise = tmp_path / "x.md", tmp_path / "y.md"
    page.write_text(STRANGE, encoding="utf-8")
    noise.write_bytes(b"\x00\xff")
    code, out, _ = run("extract", str(page), str(noise), "--verbose")
    assert (code, out.splitlines()) == (
        1,
        [
            f"{page}: openapi, GET /x, 3 texts",
            "  mended by openapi-version, 1 time: openapi: 3.0.1 → openapi: 3.1.0",
            f"    at {page}:8 #/openapi",
            f"{noise}: cannot be read",
            "",
            f"{noise}:1: the page is not UTF-8: invalid start byte (byte 0xff)",
            "  Vendor the page again; surrogates and other encodings are not read.",
            "",
            f"{noise}: 1 finding",
            "1 page read: 1 openapi; 1 cannot be read; 0 leftovers, 1 repair",
        ],
    )


STRANGE = """\
# T

> D

## OpenAPI

````yaml GET /x
openapi: 3.0.1
info: {title: T, version: "1"}
paths:
  /x:
    parameters: []
    get:
      responses: {}
````
"""


def test_extract_takes_a_folder(tmp_path: Path) -> None:
    """Every page below it, whatever is beside them; a folder without any is a wrong command line."""
    (tmp_path / "deep").mkdir()
    for name in ("a.md", "deep/b.mdx", "c.txt"):
        (tmp_path / name).write_text("# Title\n", encoding="utf-8")
    code, out, _ = run("extract", str(tmp_path))
    assert (code, out.splitlines()) == (
        0,
        [
            f"{tmp_path}/a.md: prose, no operation, 1 text",
            f"{tmp_path}/deep/b.mdx: prose, no operation, 1 text",
            "2 pages read: 2 prose; 0 cannot be read; 0 leftovers, 0 repairs",
        ],
    )
    (tmp_path / "empty").mkdir()
    assert run("extract", str(tmp_path / "empty"))[0] == 2


def test_vendor_reports_what_it_would_do(tmp_path: Path) -> None:
    """New, changed and unchanged pages, by path."""
    (tmp_path / "a.txt").write_bytes((ROOT / "specs/evolink/pages" / PAGE).read_bytes())
    code, out, _ = run("vendor", "evolink", "--from", str(tmp_path), "--dry-run", "--verbose")
    assert (code, out.splitlines()) == (
        0,
        [
            "evolink: 0 new, 0 changed, 1 unchanged; 0 files are not its pages; nothing was written",
            f"  unchanged: {PAGE}",
        ],
    )
    report = json.loads(run("vendor", "evolink", "--from", str(tmp_path), "--dry-run", "--json")[1])["reports"][0]
    assert (report["unchanged"], report["written"]) == ([PAGE], False)


def test_a_bug_is_one_line_unless_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A person gets the page and what to do, --debug the traceback."""

    def broken(_: object) -> object:
        raise RuntimeError("oops")

    monkeypatch.setattr("tools.build._readers.extract", broken)
    code, out, err = run("extract", PAGE)
    assert (code, out) == (BUG, "")
    assert f"RuntimeError: oops (while reading evolink/{PAGE})" in err
    assert "bug in vidgate" in err
    with pytest.raises(RuntimeError, match="oops"):
        run("extract", PAGE, "--debug")


def test_what_the_machine_refuses_is_no_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    """The path, what is wrong with it, and what to do; the traceback for those who ask."""

    def refused(_: object) -> object:
        raise PermissionError(13, "Permission denied", "/srv/secret")

    monkeypatch.setattr("tools.store.Workspace.providers", refused)
    code, _, err = run("build")
    assert (code, err.splitlines()[0]) == (2, "/srv/secret: Permission denied")
    with pytest.raises(PermissionError):
        run("build", "--debug")
    assert json.loads(run("build", "--json")[1])["reports"][0]["findings"][0]["kind"] == "usage"
    monkeypatch.undo()
    assert run("extract", "--provider", "evolink", "--pages", "a" * 5000)[0] == 2


def test_an_interruption_is_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C says that nothing was written."""

    def interrupted(_: object) -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr("tools.build._readers.extract", interrupted)
    code, _, err = run("extract", PAGE)
    assert (code, err) == (130, "interrupted; nothing was written\n")


def test_progress_is_for_terminals_and_those_who_ask() -> None:
    """Standard error stays silent otherwise."""
    assert run("locales")[2] == ""
    assert "evolink: read 4 of 4 pages" in run("locales", "--verbose")[2]


@pytest.mark.parametrize(
    ("stage", "spared"),
    [
        ("diff", "tools.generate tools.merge tools.extract tools.vendor openapi_python_client httpx"),
        ("rules", "tools.generate tools.merge tools.extract tools.vendor tools.schema.relate jsonschema_rs"),
        ("locales", "tools.generate tools.merge tools.schema.relate openapi_python_client"),
        ("build", "tools.vendor tools.schema.relate"),
    ],
)
def test_a_command_imports_only_what_it_needs(stage: str, spared: str) -> None:
    """Each pays for its own stages."""
    program = f"import sys; from tools.__main__ import main; main(['{stage}', '--help']); print(*sys.modules)"
    command = [sys.executable, "-c", program]
    environment = {"PYTHONPATH": str(ROOT), "PATH": ""}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=True, text=True)
    loaded = set(done.stdout.splitlines()[-1].split())
    assert "tools.__main__" in loaded
    assert not loaded & set(spared.split())


def test_the_module_runs_from_a_shell_in_any_encoding() -> None:
    """Korean goes out as UTF-8 whatever the terminal says, and the exit code arrives."""
    command = [sys.executable, "-m", "tools", "extract", PAGE, "--json"]
    environment = {"PYTHONIOENCODING": "ascii", "PYTHONPATH": str(ROOT), "PATH": ""}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "영상 편집" in done.stdout.decode("utf-8")
