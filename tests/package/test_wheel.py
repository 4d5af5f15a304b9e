"""The wheel as people install it: with every extra in one environment, with none in another."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.resources
import json
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.package

PACKAGES = ("vidgate", "conformance", "evolink_api", "apimart_api")
HERE = Path(__file__).parent
CHECKOUT = HERE.parents[1]
DATA = (
    ("vidgate", "py.typed"),
    ("evolink_api", "py.typed"),
    ("apimart_api", "py.typed"),
    ("evolink_api", "contract.json"),
    ("apimart_api", "contract.json"),
)
ONLY_IN_EXTRAS = {
    *("procrastinate", "psycopg", "pytest", "respx", "rich", "schemathesis", "sqlalchemy", "starlette", "typer"),
    "uvicorn",
}
LIST_DISTRIBUTIONS = """
import importlib.metadata
print(*(item.metadata["Name"].lower() for item in importlib.metadata.distributions()))
"""


def base(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the Python of the environment that has the wheel without extras."""
    return subprocess.run(
        (os.environ["VIDGATE_BASE_PYTHON"], "-I", *arguments), check=False, capture_output=True, text=True
    )


@pytest.mark.parametrize("name", PACKAGES)
def test_package_comes_from_the_wheel(name: str) -> None:
    """Not from the checkout, or everything below would prove nothing."""
    module = importlib.import_module(name)
    assert module.__file__ is not None
    assert CHECKOUT not in Path(module.__file__).resolve().parents


@pytest.mark.parametrize(("name", "file"), DATA, ids=["/".join(row) for row in DATA])
def test_data_file_reached_the_wheel(name: str, file: str) -> None:
    """Read as the code reads it, through importlib.resources."""
    assert importlib.resources.files(name).joinpath(file).is_file()


@pytest.mark.parametrize("name", ["evolink_api", "apimart_api"])
def test_contract_is_readable(name: str) -> None:
    """The contract that ships is a whole OpenAPI 3.1 document."""
    document = json.loads(importlib.resources.files(name).joinpath("contract.json").read_bytes())
    assert document["openapi"].startswith("3.1.")
    assert document["paths"]


def test_the_video_reached_the_wheel() -> None:
    """The simulator's result links lead to a real file."""
    videos = [file for file in importlib.metadata.files("vidgate") or () if file.suffix == ".mp4"]
    assert [b"ftyp" in Path(str(video.locate())).read_bytes()[:12] for video in videos] == [True]


def test_wheel_holds_the_four_packages_and_nothing_else() -> None:
    """Neither the pipeline nor tests nor the providers' pages are distributed."""
    (wheel,) = Path(os.environ["VIDGATE_DIST"]).glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.partition("/")[0] for name in archive.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(PACKAGES)


def test_sdist_holds_no_pages() -> None:
    """The pages are their providers' texts."""
    (sdist,) = Path(os.environ["VIDGATE_DIST"]).glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        tops = {name.split("/")[1] for name in archive.getnames() if "/" in name}
    assert not tops & {"specs", "tools", "tests"}
    assert "LICENSE" in tops


def test_import_arrows_hold_in_the_wheel() -> None:
    """The contracts of the checkout, on what is installed."""
    linter = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run(
        (linter, "--no-cache", "--config", HERE / "importlinter.toml"), check=False, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_conformance_runs_from_the_wheel() -> None:
    """Suite, settings, requirements and contract are all there; one requirement of each profile shows it."""
    script = str(Path(sys.executable).with_name("vidgate-conformance"))
    for command, profile, requirement in (
        ((sys.executable, "-I", "-m", "conformance"), "mock", "CLIENT-TYPED-REQUEST-KEPT"),
        ((script,), "simulator", "TASK-FOUND"),
    ):
        run = subprocess.run(
            (*command, "run", "--profile", profile, "--only", requirement),
            check=False,
            capture_output=True,
            text=True,
        )
        assert run.returncode == 0, run.stdout + run.stderr


def test_console_script_runs() -> None:
    """The command is there and explains itself."""
    script = Path(sys.executable).with_name("vidgate")
    run = subprocess.run((script, "--help"), check=False, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert all(name in run.stdout for name in ("models", "check", "run", "batch", "worker", "get", "simulate"))


def test_console_script_without_the_extra_says_what_is_missing() -> None:
    """No traceback: one sentence that names the extra."""
    script = Path(os.environ["VIDGATE_BASE_PYTHON"]).with_name("vidgate")
    run = subprocess.run((script, "--help"), check=False, capture_output=True, text=True)
    assert run.returncode != 0
    assert "vidgate[cli]" in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize("name", ["cluster", "simulator"])
def test_a_package_without_its_extra_says_what_is_missing(name: str) -> None:
    """The error names the extra."""
    run = base("-c", f"import vidgate.{name}")
    assert run.returncode == 1
    assert f"vidgate[{name}]" in run.stderr


def test_a_journal_in_a_database_without_the_extra_says_what_is_missing() -> None:
    """Whoever names an address in the environment learns it before anything is paid."""
    run = base("-c", "from vidgate import EvoLink; EvoLink('any-key', journal='postgresql://localhost/x')")
    assert run.returncode == 1
    assert "ConfigurationError" in run.stderr
    assert "vidgate[cluster]" in run.stderr


def test_base_install_is_usable() -> None:
    """Client, request classes and offline check need no extra."""
    source = """
from vidgate import APIMart, AsyncAPIMart, AsyncEvoLink, EvoLink, errors
with EvoLink("any-key") as client:
    assert client.check(model="gemini-omni-flash-text-to-video", prompt="A paper boat", duration=6)
    assert not client.check(model="gemini-omni-flash-text-to-video", prompt="A paper boat", duration=11)
"""
    run = base("-W", "error", "-c", source)
    assert run.returncode == 0, run.stderr


def test_base_install_brings_nothing_of_the_extras() -> None:
    """An extra's dependency must not become everybody's."""
    assert not ONLY_IN_EXTRAS & set(base("-c", LIST_DISTRIBUTIONS).stdout.split())


def test_metadata_names_four_dependencies_outside_extras() -> None:
    """What a resolver sees."""
    rows = importlib.metadata.requires("vidgate") or []
    plain = {re.split(r"[<>=!~;, ]", row)[0] for row in rows if "extra ==" not in row}
    assert plain == {"attrs", "httpx", "jsonschema-rs", "platformdirs"}
