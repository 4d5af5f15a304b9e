"""Shell completion, asked as bash, zsh and fish ask: through the environment of a run of the program."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from vidgate.cli import _complete, main

if TYPE_CHECKING:
    from collections.abc import Callable

TEXT = "gemini-omni-flash-text-to-video"
SHELLS = ("bash", "zsh", "fish")


def environment_of(shell: str, line: str) -> dict[str, str]:
    """What the shell's completion function sets for a line with the cursor at its end."""
    if shell == "bash":
        words = line.replace("=", " = ").split(" ")
        if words[-2:] == ["=", ""]:  # with nothing behind it, the sign is the word at the cursor
            words.pop()
        return {"COMP_WORDS": " ".join(words), "COMP_CWORD": str(len(words) - 1)}
    action = {"_TYPER_COMPLETE_FISH_ACTION": "get-args"} if shell == "fish" else {}
    return {"_TYPER_COMPLETE_ARGS": line, **action}


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[[str, str], str]:
    """What a shell is offered for a line."""

    def ask(shell: str, line: str) -> str:
        with monkeypatch.context() as patch:
            for name, value in {**environment_of(shell, line), "_VIDGATE_COMPLETE": f"complete_{shell}"}.items():
                patch.setenv(name, value)
            assert main([]) in {0, 2}
        out, err = capsys.readouterr()
        assert err == ""
        return out

    return ask


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("line", "inside", "outside"),
    [
        ("vidgate mo", ["models"], ["run"]),
        ("vidgate run gemini-omni-flash-t", [TEXT], ["Omni-Flash-Ext", "video-edit"]),
        ("vidgate models O", ["Omni-Flash-Ext"], [TEXT]),
        ("vidgate check Omni-Flash-Ext res", ["resolution"], ["duration", "prompt"]),
        (f"vidgate run {TEXT} ", ["prompt", "duration", "aspect_ratio"], ["resolution"]),
        (f"vidgate run {TEXT} duration=6 ", ["prompt", "aspect_ratio"], ["duration"]),
        ("vidgate run Omni-Flash-Ext resolution=", ["720p", "1080p", "4k"], ["prompt"]),
        ("vidgate run Omni-Flash-Ext resolution=7", ["720p"], ["1080p"]),
        ("vidgate run Omni-Flash-Ext aspect_ratio=", ["16", "9"], ["720p"]),
        (f"vidgate run {TEXT} duration=", ["auto", "3", "10"], ["11"]),
        ("vidgate get --provider a", ["apimart"], ["evolink"]),
    ],
)
def test_a_shell_is_offered_what_fits(
    offered: Callable[[str, str], str], shell: str, line: str, inside: list[str], outside: list[str]
) -> None:
    """Commands, models, parameters of the model that are not given yet, values, providers."""
    answer = offered(shell, line)
    assert [word for word in inside if word not in answer] == []
    assert [word for word in outside if word in answer] == []


def test_bash_gets_what_replaces_the_word_at_the_cursor(offered: Callable[[str, str], str]) -> None:
    """Bash cuts words at the equals sign: with the name before it, the value would stand there twice."""
    assert offered("bash", "vidgate run Omni-Flash-Ext resolution=7").split() == ["720p"]
    assert "resolution=720p" in offered("zsh", "vidgate run Omni-Flash-Ext resolution=7")


def test_a_list_can_be_continued(offered: Callable[[str, str], str]) -> None:
    """What takes several values is offered again."""
    line = "vidgate run Omni-Flash-Ext prompt=x image_urls=https://a.example/1.png "
    assert "image_urls" in offered("zsh", line)
    assert "prompt" not in offered("zsh", line)


def test_a_range_is_offered_up_to_a_point() -> None:
    """Nobody wants a thousand numbers."""
    numbers = list(_complete._values({"type": "integer", "minimum": 1, "maximum": 9_999}))
    assert numbers == [str(number) for number in range(1, 22)]


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_is_shown(shell: str) -> None:
    """The script that a shell loads asks this program by its name."""
    code = "import sys; from vidgate.cli import main; sys.exit(main())"
    run = subprocess.run(
        (sys.executable, "-c", code, "--show-completion", shell),
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(sys.path),
            "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1",
        },
        check=False,
        capture_output=True,
        text=True,
    )
    assert (run.returncode, f"_VIDGATE_COMPLETE=complete_{shell}" in run.stdout) == (0, True)
    assert shlex.quote("vidgate") in run.stdout
