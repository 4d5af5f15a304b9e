"""The package is installed whole or not at all, and its bytes depend on the contract alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pytest

from tools import generate as stage
from tools.errors import GenerateError, UsageError
from tools.generate import check, generate, render, run, template_files, tool_versions
from tools.model import Document
from tools.store import read_tree

if TYPE_CHECKING:
    from tests.tools.generate.conftest import Variation
    from tools.model import Json, JsonObject

ROOT = Path(__file__).parents[3]
SAMPLE = Path(__file__).with_name("sample.openapi.json")

BUILD = """
import json, os, sys
from pathlib import Path
os.umask(int(sys.argv[3], 8))
from tools.generate import generate
from tools.model import Document
contract = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
generate(Document(provider="sample", openapi=contract, locales={}), into=Path(sys.argv[2]))
"""


def document(contract: JsonObject, **locales: JsonObject) -> Document:
    return Document(provider="sample", openapi=contract, locales=locales)


SETTINGS: list[Json] = [
    pytest.param({"PYTHONHASHSEED": "1", "LC_ALL": "C", "TZ": "Asia/Seoul"}, "077", id="seed-1"),
    pytest.param({"PYTHONHASHSEED": "4242", "LC_ALL": "tr_TR.UTF-8", "TZ": "America/Lima"}, "002", id="seed-4242"),
]


@pytest.mark.parametrize(("settings", "umask"), SETTINGS)
def test_bytes_do_not_depend_on_the_machine(
    sample_files: dict[str, bytes], tmp_path: Path, settings: dict[str, str], umask: str
) -> None:
    """Hash seed, locale, time zone, umask, folder and target path change neither bytes nor modes."""
    target = tmp_path / "some where" / "생성"
    environment = {**os.environ, **settings, "PYTHONPATH": str(ROOT), "RUFF_LINE_LENGTH": "40", "PYTHONUTF8": "1"}
    (tmp_path / "ruff.toml").write_text("line-length = 40\n", encoding="ascii")
    (tmp_path / "mypy.ini").write_text("[mypy]\ndisallow_any_expr = True\n", encoding="ascii")
    command = [sys.executable, "-c", BUILD, str(SAMPLE), str(target), umask]
    subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True)
    package = target / "sample_api"
    assert {path: (package / path).read_bytes() for path in sample_files} == sample_files
    found = [path.relative_to(package).as_posix() for path in package.rglob("*") if path.is_file()]
    assert sorted(found) == sorted(sample_files)
    assert [path.name for path in target.iterdir()] == ["sample_api"]
    for path in (package, *package.rglob("*")):
        assert path.stat().st_mode & 0o777 == (0o755 if path.is_dir() else 0o644)


def test_nothing_of_the_machine_is_in_the_package(sample_files: dict[str, bytes], tmp_path: Path) -> None:
    """No temporary folder, no home, no date."""
    for path, content in sample_files.items():
        for trace in (str(tmp_path.parents[1]), "/vidgate-", f"{Path.home()}/", "/out/"):
            assert trace.encode() not in content, (path, trace)


def test_the_folder_afterwards_holds_the_new_package_alone(sample: JsonObject, tmp_path: Path) -> None:
    """A module of a schema that is gone goes, too; neighbours stay."""
    old = tmp_path / "sample_api" / "models" / "gone.py"
    old.parent.mkdir(parents=True)
    old.write_text("gone = 1\n", encoding="ascii")
    neighbour = tmp_path / "other_api" / "__init__.py"
    neighbour.parent.mkdir()
    neighbour.write_text("", encoding="ascii")
    generate(document(sample), into=tmp_path)
    assert not old.exists()
    assert (tmp_path / "sample_api" / "models" / "film.py").is_file()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other_api", "sample_api"]
    assert neighbour.is_file()


@pytest.fixture
def installed(tmp_path: Path) -> tuple[Path, dict[str, bytes]]:
    """A folder with an old package in it, and what it holds."""
    (tmp_path / "sample_api").mkdir()
    (tmp_path / "sample_api" / "__init__.py").write_text("old = 1\n", encoding="ascii")
    return tmp_path, read_tree(tmp_path)


Fault: TypeAlias = tuple[str, str, str, str]
"""A template, a text in it, what stands there instead, and what the error says."""

FAULTS: dict[str, Fault] = {
    "no-python": ("model.py.jinja", "class {{", "klass {{", "ruff failed"),
    "no-template": ("model.py.jinja", "{% from", "{% nonsense %}{% from", "it broke down"),
    "runs-at-import": ("errors.py.jinja", "__all__ =", "print('ran')\n__all__ =", "when it is imported"),
    "dependency": ("types.py.jinja", "from urllib.parse", "from dateutil", "imports dateutil"),
    "type-error": ("types.py.jinja", 'return quote(text, safe="")', "return 1", "mypy --strict"),
    "import-error": ("variants.py.jinja", '"MODELS",', '"MODELS", "MISSING",', r"sample_api\.variants: AttributeError"),
    "compile-error": ("errors.py.jinja", "__all__ =", "def f() -> None:\n    nonlocal x\n__all__ =", "no binding for"),
    "class-lost": ("model.py.jinja", "class {{", "class My{{", "wrote no class"),
    "field-any": ("model.py.jinja", "{{ property.to_string() | as_unembedded_code }}", "prompt: Any = 1", "typed Any"),
    "result-any": ("endpoint_module.py.jinja", "-> {{ return_type }} | None", "-> Any", "is typed Any"),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_faulty_package_is_not_installed(
    installed: tuple[Path, dict[str, bytes]], sample: JsonObject, monkeypatch: pytest.MonkeyPatch, fault: Fault
) -> None:
    """Whatever is wrong with it, the old package stays as it was and the error says what."""
    name, text, instead, problem = fault
    templates = template_files()
    assert text.encode() in templates[name]
    templates[name] = templates[name].replace(text.encode(), instead.encode())
    monkeypatch.setattr(run, "template_files", lambda: templates)
    folder, before = installed
    with pytest.raises(GenerateError, match=problem) as caught:
        generate(document(sample), into=folder)
    assert read_tree(folder) == before
    assert "Traceback" not in str(caught.value)
    assert "vidgate-" not in str(caught.value)


def test_a_lost_schema_is_noticed(sample: JsonObject, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The generator leaves out what it cannot parse; its own message becomes the error."""
    real = stage.make_view

    def hidden(*arguments: Json) -> stage.View:
        view = real(*arguments)
        view.openapi["components"]["schemas"]["Film"]["properties"]["id"] = {"$ref": "#/components/schemas/Missing"}
        return view

    monkeypatch.setattr(stage, "make_view", hidden)
    with pytest.raises(GenerateError, match="the generator refused the contract") as caught:
        generate(document(sample), into=tmp_path)
    assert "Could not find reference" in caught.value.problem
    assert "please open an issue" not in caught.value.problem
    assert list(tmp_path.iterdir()) == []


def test_a_program_that_never_ends_is_stopped(tmp_path: Path) -> None:
    """A time limit turns it into an error."""
    workspace = run.Workspace(folder=tmp_path, package="sample_api")
    with pytest.raises(GenerateError, match=r"it hangs: .*timed out"):
        run.run(workspace, [sys.executable, "-c", "while True: pass"], "it hangs", fix="Wait.", timeout=0.2)


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    """It is an error with a fix, not a traceback."""
    workspace = run.Workspace(folder=tmp_path, package="sample_api")
    with pytest.raises(GenerateError, match="it is gone"):
        run.run(workspace, [str(tmp_path / "missing")], "it is gone", fix="Install it.")


def test_two_runs_at_once_do_not_mix(sample: JsonObject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each installs a whole package, or is told that another run is writing."""
    monkeypatch.setattr(check, "check_types", lambda _workspace: None)
    other: JsonObject = json.loads(SAMPLE.read_text(encoding="utf-8"))
    other["components"]["schemas"]["Film"]["properties"]["colour"] = {"type": "string"}
    contracts = (sample, other)
    outcomes = [render(document(contract), type_check=False) for contract in contracts]

    def attempt(contract: JsonObject) -> None:
        try:
            generate(document(contract), into=tmp_path)
        except UsageError as error:
            assert "another run" in error.problem  # noqa: PT017 - most runs do not meet

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(attempt, contracts))
    assert read_tree(tmp_path / "sample_api") in outcomes
    assert [path.name for path in tmp_path.iterdir()] == ["sample_api"]


def korean(contract: JsonObject) -> JsonObject:
    del contract
    path = "$.components.schemas.AlphaRequest.properties.prompt"
    return {
        "overlay": "1.1.0",
        "info": {"title": "ko", "version": "1"},
        "actions": [{"target": path, "update": {"description": "영상에 보이는 것"}}],
    }


def test_docstrings_in_another_language(sample: JsonObject) -> None:
    """A locale changes docstrings and nothing else: neither code nor the contract that ships."""
    files = render(document(sample, ko=korean(sample)), locale="ko", type_check=False)
    model = files["models/alpha_request.py"].decode("utf-8")
    assert "영상에 보이는 것" in model
    assert "서버 기본값: 10." in model
    assert '"""영상에 보이는 것"""' in files["variants.py"].decode("utf-8")
    plain = render(document(sample), type_check=False)
    changed = {path for path in plain if files[path] != plain[path]}
    assert files.keys() == plain.keys()
    assert changed == {
        "models/alpha_request.py",
        "models/alpha_request_camera.py",
        "models/beta_request.py",
        "models/film.py",
        "models/image.py",
        "models/gamma_request.py",
        "api/films/get_film.py",
        "variants.py",
    }


@pytest.mark.parametrize("locale", ["ko", "../x", ""])
def test_unknown_locales(sample: JsonObject, locale: str) -> None:
    """They are refused with those that there are."""
    with pytest.raises(GenerateError, match="there is no locale") as caught:
        render(document(sample, ja={"actions": []}), locale=locale)
    assert caught.value.fix == "Choose one of en, ja."


def test_a_locale_that_does_not_fit(sample: JsonObject) -> None:
    """An overlay that speaks of something else is named."""
    overlay = korean(sample)
    overlay["actions"][0]["target"] = "$.components.schemas.Nothing"
    with pytest.raises(GenerateError, match=r"locales/ko.yaml speaks of \$\.components"):
        render(document(sample, ko=overlay), locale="ko")


def test_nesting_without_end(varied: Variation) -> None:
    """It is an error, not a crash."""
    schema: JsonObject = {"type": "string"}
    for _ in range(400):
        schema = {"type": "array", "items": schema}
    with pytest.raises(GenerateError, match="too deep"):
        render(document(varied(properties={"tested": schema})))


def test_tool_versions_are_those_that_decide() -> None:
    """`build` compares them with the lock."""
    assert tool_versions() == {name: version(name) for name in ("openapi-python-client", "ruff", "jinja2")}


def test_template_files_are_all_of_them() -> None:
    """`build` hashes every template, sorted by name."""
    folder = ROOT / "tools" / "generate" / "templates"
    assert list(template_files()) == sorted(path.name for path in folder.iterdir())
    assert template_files()["model.py.jinja"] == (folder / "model.py.jinja").read_bytes()


def test_assertions_cost_no_class(varied: Variation) -> None:
    """The generator itself, not only the view, keeps one class per schema and types its bodies."""
    asserted = {
        "type": "object",
        "properties": {"a": {"type": "string"}, "b": {"type": "array", "items": {"type": "string"}, "anyOf": [{}]}},
        "anyOf": [{"required": ["a"]}, {"required": ["b"]}],
        "dependentSchemas": {"a": {"required": ["b"]}},
        "patternProperties": {"^x": {"type": "integer"}},
    }
    contract = varied(schemas={"Asserted": asserted})
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Asserted"}}}
    contract["paths"]["/v1/asserted"] = {
        "post": {
            "operationId": "assert",
            "tags": ["films"],
            "requestBody": {"required": True, "content": content},
            "responses": {"200": {"description": "", "content": content}},
        }
    }
    files = render(document(contract), type_check=False)
    assert b"class Asserted:" in files["models/asserted.py"]
    assert b"body: Asserted | Unset" not in files["api/films/assert_.py"]
    assert b"body: Asserted" in files["api/films/assert_.py"]
