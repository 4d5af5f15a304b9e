"""What pyproject.toml promises to people who install vidgate, and to those who build it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from nox.project import dependency_groups

ROOT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]


def names(requirements: list[str]) -> set[str]:
    """Distribution names of requirements, without versions and extras."""
    return {re.split(r"[\[<>=!~;, ]", requirement)[0] for requirement in requirements}


def test_runtime_dependencies_are_four() -> None:
    """Installing the client brings these and no more."""
    assert names(PROJECT["dependencies"]) == {"attrs", "httpx", "jsonschema-rs", "platformdirs"}


def test_every_dependency_has_a_lower_bound() -> None:
    """A resolver must not settle on a version that was never tried."""
    extras = [row for rows in PROJECT["optional-dependencies"].values() for row in rows]
    bare = [row for row in PROJECT["dependencies"] + extras if ">=" not in row and not row.startswith("vidgate[")]
    assert bare == []


def test_the_readme_names_every_extra() -> None:
    """Nobody installs what he has not heard of."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (line,) = [line for line in text.splitlines() if line.startswith("The extra `")]
    assert sorted(re.findall(r"`(\w+)`", line)) == sorted(PROJECT["optional-dependencies"])


def test_extra_all_is_every_extra() -> None:
    """`all` names each other extra, so a new one is not forgotten."""
    extras = PROJECT["optional-dependencies"]
    (everything,) = extras["all"]
    named = everything.removeprefix("vidgate[").removesuffix("]").split(",")
    assert named == sorted(extras.keys() - {"all"})


@pytest.mark.parametrize("pin", ["openapi-python-client==0.29.1", "ruff==0.17.5", "jinja2==3.1.6"])
def test_what_decides_generated_bytes_is_pinned(pin: str) -> None:
    """The generator, its formatter and its template engine have one version each."""
    assert pin in dependency_groups(PYPROJECT, "tools")


def test_no_group_asks_for_two_versions_of_a_tool() -> None:
    """`lint` and `generator` name ruff both: they must agree."""
    pins = {row for row in dependency_groups(PYPROJECT, "development") if "==" in row}
    assert len({row.partition("==")[0] for row in pins}) == len(pins)


def test_changelog_knows_the_version() -> None:
    """A released version has its heading; before the first release there is only Unreleased."""
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## \[([^\]]+)\]", changelog, flags=re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert len(headings) == 1 or headings[1] == PROJECT["version"]


def test_pages_keep_their_bytes_in_git() -> None:
    """A checkout with line-ending conversion must not change the evidence."""
    assert "specs/*/pages/** -text" in (ROOT / ".gitattributes").read_text(encoding="utf-8").splitlines()
