"""`python -m tools diff`: sides from everywhere, exit codes, formats, configuration."""

from __future__ import annotations

import copy
import io
import json
import shutil
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from dulwich import porcelain

from tools.__main__ import main

if TYPE_CHECKING:
    from tools.model import JsonObject

ROOT = Path(__file__).parents[3]
PETS: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Pets", "version": "1"},
    "paths": {"/pets": {"get": {"responses": {"200": {"description": "good"}}}}},
}


def run(*argv: str, root: Path = ROOT) -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    out, err = io.StringIO(), io.StringIO()
    return main(["diff", *argv], out=out, err=err, root=root), out.getvalue(), err.getvalue()


def changed() -> JsonObject:
    """The pets with one operation under another path."""
    made = copy.deepcopy(PETS)
    made["paths"]["/animals"] = made["paths"].pop("/pets")
    return made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two versions as files, one of them in YAML."""
    (tmp_path / "old.json").write_text(json.dumps(PETS, indent=1), encoding="utf-8")
    (tmp_path / "new.json").write_text(json.dumps(changed()), encoding="utf-8")
    (tmp_path / "old.yaml").write_text(
        "openapi: 3.0.3\ninfo:\n  title: Pets\n  version: '1'\npaths:\n  /pets:\n    get:\n      responses:\n"
        "        200:\n          description: good\n",
        encoding="utf-8",
    )
    return tmp_path


def test_files_of_both_kinds(folder: Path) -> None:
    """JSON and YAML mean the same; a removed operation is an error with the line it stood on."""
    assert run(str(folder / "old.json"), str(folder / "old.yaml"))[0] == 0
    code, out, _ = run(str(folder / "old.yaml"), str(folder / "new.json"))
    assert code == 1
    assert "operation-removed" in out
    assert "old.yaml:7" in out


def test_formats_and_levels(folder: Path) -> None:
    """`--json` is the JSON format; a level that nothing reaches gives exit code 0."""
    sides = (str(folder / "new.json"), str(folder / "old.json"))
    code, out, _ = run(*sides, "--json")
    assert code == 1
    assert json.loads(out)
    (folder / "c.toml").write_text('[levels]\n"operation-removed" = "info"\n', encoding="utf-8")
    config = ("--config", str(folder / "c.toml"))
    assert run(*sides, *config)[0] == 0
    assert run(*sides, *config, "--fail-on", "any")[0] == 1


def test_acceptances_end(folder: Path) -> None:
    """Until its day an acceptance holds; after it, and when it matches nothing, the run fails."""
    sides = (str(folder / "old.json"), str(folder / "new.json"))
    (folder / "c.toml").write_text(
        '[[accept]]\nrule = "operation-removed"\nuntil = 2026-08-01\nreason = "moved"\n', encoding="utf-8"
    )
    config = ("--config", str(folder / "c.toml"))
    assert run(*sides, *config, "--today", "2026-08-01")[0] == 0
    code, out, _ = run(*sides, *config, "--today", "2026-08-02")
    assert code == 1
    assert "2026-08-01" in out
    assert run(sides[0], sides[0], *config, "--today", "2026-08-01")[0] == 1


def test_commits(folder: Path, tmp_path: Path) -> None:
    """A commit is read without starting a process: by hash, by HEAD and counted back from it."""
    repository = porcelain.init(str(tmp_path))
    for name in ("old.json", "new.json"):
        (tmp_path / "spec.json").write_bytes((folder / name).read_bytes())
        porcelain.add(repository, [str(tmp_path / "spec.json")])
        porcelain.commit(repository, message=b"m", author=b"A <a@b>", committer=b"A <a@b>")
    code, out, _ = run("git:HEAD~1:spec.json", "git:HEAD:spec.json", root=tmp_path)
    assert code == 1
    assert "operation-removed" in out
    assert run("git:HEAD:spec.json", str(folder / "new.json"), root=tmp_path)[0] == 0
    repository.close()


def uris(*sides: str, new: bool = True) -> set[str]:
    """The files that the results of a run are shown at."""
    result: dict[str, Any]
    found: set[str] = set()
    for result in json.loads(run(*sides, "--format", "sarif")[1])["runs"][0]["results"]:
        for location in result["locations"] if new else result.get("relatedLocations", []):
            found.add(location["physicalLocation"]["artifactLocation"]["uri"])
    return found


def test_files_are_named_from_the_repository(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From its root wherever the command runs, from the working directory without a repository, absolute outside."""
    porcelain.init(str(folder)).close()
    (folder / "inner").mkdir()
    monkeypatch.chdir(folder / "inner")
    assert uris("../old.yaml", "../new.json") == {"new.json"}
    assert uris("../old.yaml", "../new.json", new=False) == {"old.yaml"}
    monkeypatch.chdir(ROOT / "tests")
    assert uris(str(folder / "old.yaml"), str(folder / "new.json")) == {(folder / "new.json").as_uri()}


@pytest.mark.parametrize("old", ["evolink", "git:HEAD", "folder"])
def test_pages_are_named_from_the_repository(old: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of a folder where the folder is, those of a provider or a commit where the provider's are."""
    shutil.copytree(ROOT / "specs/evolink/pages", folder / "before")
    shutil.copytree(ROOT / "specs/evolink/pages", folder / "after")
    page = "ja/api-manual/video-series/gemini-omni-flash/gemini-omni-flash-video-edit.md"
    for one in (folder / "after").rglob(page.rpartition("/")[2]):
        one.write_bytes(one.read_bytes().replace(b"maxItems: 1", b"maxItems: 2"))
    porcelain.init(str(folder)).close()
    monkeypatch.chdir(folder)
    side = "before" if old == "folder" else old
    found = uris(side, "after", "--provider", "evolink")
    assert {uri.partition("/")[0] for uri in found} == {"after"}
    assert f"after/{page}" in found or f"after/{page.replace('ja/', 'ko/')}" in found
    start = {"folder": "before", "git:HEAD": "specs"}.get(old, (ROOT / "specs").as_uri())
    olds = uris(side, "after", "--provider", "evolink", new=False)
    assert {uri.startswith(start) for uri in olds} == {True}


WRONG = [
    pytest.param(["evolnk", "evolink"], "Did you mean 'evolink'?", id="provider"),
    pytest.param(["git:nowhere:a.json", "evolink"], "no commit 'nowhere'", id="commit"),
    pytest.param(["git:HEAD:nowhere.json", "evolink"], "HEAD holds no nowhere.json", id="path"),
    pytest.param(["git:HEAD", "evolink"], "which file", id="which-file"),
    pytest.param(["tools", "evolink"], "--provider", id="pages-of-whom"),
    pytest.param(["evolink", "evolink", "--config", "nowhere.toml"], "no file nowhere.toml", id="config"),
    pytest.param(["pyproject.toml", "evolink"], "pyproject.toml", id="no-specification"),
]


@pytest.mark.parametrize(("argv", "part"), WRONG)
def test_a_side_that_is_none_is_explained(argv: list[str], part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never a traceback, never a result."""
    monkeypatch.chdir(ROOT)
    code, out, err = run(*argv)
    assert (code in {1, 2}, out) == (True, "")
    assert part in err
    assert "Traceback" not in err


@pytest.mark.corpus
def test_two_snapshots_of_a_site(corpus: Path) -> None:
    """Each break once however many models share the lines; every finding on a page, at the lines that state it."""
    sides = (str(corpus / "evolink@2026-07-02"), str(corpus / "evolink@2026-08-21"), "--provider", "evolink")
    changes: list[JsonObject] = json.loads(run(*sides, "--json")[1])["comparisons"][0]["changes"]
    errors = Counter(str(change["rule"]) for change in changes if change["level"] == "error")
    assert errors == {
        "locale-edition-differs": 1,
        "request-any-of-changed": 1,
        "request-min-items-narrowed": 1,
        "request-property-refused": 7,
        "request-union-member-removed": 9,
        "response-enum-value-added": 1,
        "response-enum-widened": 1,
    }
    assert {str(change[side]["path"]).partition("/")[0] for change in changes for side in ("old", "new")} == {"pages"}
    places = {str(change["message"]).partition(": ")[2]: change for change in changes if change["level"] == "error"}
    models = places["the property 'metadata' was removed"]
    assert (models["old"]["line"], len(models["copies"]), models["locales"]) == (289, 8, ["en", "cn", "ja", "ko"])
    (limit,) = [change for change in changes if change["rule"] == "request-max-items-widened"]
    assert (limit["old"]["line"], limit["locales"]) == (619, ["en"])
    (variant,) = [
        one for one in changes if "'deepseek-v4-flash-vision-exp'" in one["message"] and one["axis"] == "wire"
    ]
    assert (variant["new"]["line"], variant["locales"]) == (487, ["en", "cn", "ja", "ko"])
