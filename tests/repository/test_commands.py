"""docs/commands.md is what the parsers say, and they say something of everything."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from conformance._command import main as conformance
from docs import commands
from tools.__main__ import main as tools
from vidgate.cli import main as vidgate

ROOT = Path(__file__).parents[2]
PROGRAMS = {
    "vidgate": (vidgate, commands.vidgate_commands()),
    "vidgate-conformance": (conformance, commands.conformance_commands()),
    "python -m tools": (tools, commands.tools_commands()),
}
EVERY = [
    pytest.param(program, name, id=f"{program} {name}".strip())
    for program, (_, known) in PROGRAMS.items()
    for name in known
]


def test_the_page_is_what_the_parsers_say() -> None:
    """A command or option that came, went or changed changes the page."""
    text = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert text == commands.page(), "write it anew: python -m docs.commands > docs/commands.md"


@pytest.mark.parametrize(("program", "name"), EVERY)
def test_everything_is_described(program: str, name: str) -> None:
    """A command, an argument or an option without a word about it helps nobody."""
    command = PROGRAMS[program][1][name]
    assert command.about
    assert [one.spelling for one in command.options if not one.help] == []


@pytest.mark.parametrize(("program", "name"), EVERY)
def test_the_help_has_what_the_page_has(
    program: str, name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks a command for help is told of every option that the page has."""
    monkeypatch.setenv("COLUMNS", "400")
    run, known = PROGRAMS[program]
    assert run([*([name] if name else []), "--help"]) == 0
    shown = capsys.readouterr().out
    options = [one.spelling for one in known[name].options if one.spelling.startswith("-")]
    assert [one for one in options if not re.search(rf"{re.escape(one.split()[0].rstrip(','))}\b", shown)] == []


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_program_says_its_exit_codes(program: str) -> None:
    """Scripts rely on them, and 0 is always good."""
    codes = [code for code, _ in commands.EXITS[program]]
    assert codes[:3] == [0, 1, 2]
    assert codes == sorted(set(codes))


def test_the_readme_names_every_command() -> None:
    """Its table is the short form of the page."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    described = re.findall(r"^\| `vidgate ([a-z]+)` \|", text, flags=re.MULTILINE)
    assert sorted(described) == sorted(filter(None, PROGRAMS["vidgate"][1]))
