"""Our documents tell the truth about the tree and keep the form of one sentence per line."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.repository.blocks import documents

ROOT = Path(__file__).parents[2]
DOCUMENTS = documents()
BY_HAND = [name for name in DOCUMENTS if name != "docs/rules.md"]
"""The rules' page has rows and conventions in its own form, which the command that writes it is tested for."""


def text_of(name: str) -> str:
    """A document of the project's top folder."""
    return (ROOT / name).read_text(encoding="utf-8")


def prose(markdown: str) -> list[str]:
    """Lines outside fences and tables."""
    kept: list[str] = []
    fenced = False
    for line in markdown.splitlines():
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif not fenced and not line.startswith("|"):
            kept.append(line)
    return kept


@pytest.mark.parametrize("name", BY_HAND)
def test_one_sentence_per_line(name: str) -> None:
    """A changed sentence is then one changed line."""
    plain = (re.sub(r"`[^`]*`|\([^)]*\)", "", line) for line in prose(text_of(name)))
    assert [line for line in plain if re.search(r"[a-z)][.?!] +[A-Z]", line)] == []


@pytest.mark.parametrize("name", BY_HAND)
def test_two_blank_lines_before_a_section(name: str) -> None:
    """Top sections stand apart."""
    assert not re.search(r"(?<!\n\n)\n## ", text_of(name))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_relative_links_lead_somewhere(name: str) -> None:
    """A moved file takes its links along, and a renamed section those that lead to it."""
    lost: list[str] = []
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", text_of(name)):
        path, _, anchor = target.partition("#")
        file = (ROOT / name).parent / path if path else ROOT / name
        if not file.exists() or (anchor and anchor not in anchors(file)):
            lost.append(target)
    assert lost == []


def anchors(file: Path) -> set[str]:
    """What a link may name behind its hash: headings in lower case, with hyphens, without other marks."""
    headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_index_has_every_guide() -> None:
    """A page that nothing leads to is not read."""
    listed = re.findall(r"^\| \[[^]]+\]\(([^)]+)\)", text_of("docs/README.md"), flags=re.MULTILINE)
    pages = {name.removeprefix("docs/") for name in DOCUMENTS if name.startswith("docs/")} - {"README.md"}
    assert sorted(name for name in listed if "/" not in name) == sorted(pages)


def test_folder_table_is_complete() -> None:
    """Every folder of the tree has its line in the README, and no line is left from a folder that went."""
    tracked = subprocess.run(
        ("git", "ls-files", "--cached", "--others", "--exclude-standard"),
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    folders = {path.partition("/")[0] for path in tracked.stdout.splitlines() if "/" in path}
    listed = set(re.findall(r"^\| `([a-z]+)/` \|", text_of("README.md"), flags=re.MULTILINE))
    assert listed == {folder for folder in folders if not folder.startswith(".")}


def test_exit_codes_are_documented() -> None:
    """Scripts rely on them."""
    rows = re.findall(r"^\| (\d+) \|", text_of("README.md"), flags=re.MULTILINE)
    assert rows[:3] == ["0", "1", "2"]


@pytest.mark.parametrize("section", re.findall(r"^## (.+)$", text_of("CONTRIBUTING.md"), flags=re.MULTILINE))
def test_each_recipe_ends_in_a_session(section: str) -> None:
    """Whoever followed a recipe knows by a command whether it worked."""
    body = text_of("CONTRIBUTING.md").split(f"## {section}\n", 1)[1].split("\n## ", 1)[0]
    last = [line for line in body.strip().splitlines() if line.strip() not in {"", "```"}][-1]
    assert "python3 -m nox -s" in last
