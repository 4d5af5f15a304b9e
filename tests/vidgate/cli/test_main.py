"""Usage, help, failures, and the simulator on a port."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest

from vidgate.cli import _catalog, main
from vidgate.cli._problems import UsageProblem
from vidgate.simulator import Simulator

COMMANDS = ("models", "check", "run", "get", "simulate")


@pytest.mark.parametrize("argv", [["--help"], *([command, "--help"] for command in COMMANDS)], ids=" ".join)
def test_help_explains(terminal: Any, argv: list[str]) -> None:
    """Every command has a help with a summary and its options."""
    outcome = terminal(*argv)
    assert (outcome.code, outcome.err) == (0, "")
    assert "Usage: vidgate" in outcome.out
    assert "--help" in outcome.out


def test_help_lists_every_command(terminal: Any) -> None:
    """Without a command the help is shown, and the exit code says that something was missing."""
    outcome = terminal()
    assert outcome.code == 2
    assert all(command in outcome.out for command in COMMANDS)


def test_the_version_is_shown(terminal: Any) -> None:
    """--version prints one line."""
    outcome = terminal("--version")
    assert (outcome.code, outcome.out.startswith("vidgate "), outcome.out.count("\n")) == (0, True, 1)


@pytest.mark.parametrize(
    ("argv", "text"),
    [
        (["modles"], "models"),
        (["run", "--jsn"], "--json"),
        (["get"], "ID"),
        (["models", "omni-flash-ext"], "Did you mean Omni-Flash-Ext?"),
        (["models", "x" * 40], "`vidgate models` lists them"),
        (["models", "Omni-Flash-Ext", "--provider", "evolink"], "--provider apimart"),
        (["models", "--provider", "evo"], "evolink"),
        (["check"], "no model is named"),
        (["check", "prompt=x"], "no model is named"),
        (["check", "Omni-Flash-Ext", "nonsense"], "NAME=VALUE"),
        (["check", "Omni-Flash-Ext", "prompt=a", "prompt=b"], "given 2 times"),
        (["check", "Omni-Flash-Ext", "image_urls=[1"], "begins like JSON"),
        (["check", "--json-file", "missing.json"], "cannot read missing.json"),
        (["simulate", "--port", "99999"], "--port"),
        (["simulate", "--provider", "apimrt"], "Did you mean apimart?"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
)
def test_wrong_usage_offers_what_was_meant(terminal: Any, argv: list[str], text: str) -> None:
    """The exit code is 2, standard output stays empty, and the nearest match or the way on is shown."""
    outcome = terminal(*argv)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("error: ")
    assert text in outcome.err


@pytest.mark.parametrize("content", ["{", "[1]", "[" * 100_000], ids=["broken", "list", "deep"])
def test_a_bad_file_is_wrong_usage(terminal: Any, tmp_path: Any, content: str) -> None:
    """What is no JSON object is named with its file."""
    (tmp_path / "bad.json").write_text(content)
    outcome = terminal("check", "--json-file", "bad.json")
    assert (outcome.code, "bad.json" in outcome.err) == (2, True)


@pytest.mark.parametrize("debug", [False, True])
def test_an_unexpected_exception_is_one_line(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    debug: bool,  # noqa: FBT001
) -> None:
    """The traceback is for VIDGATE_DEBUG only, and the key is in neither."""
    monkeypatch.setenv("EVOLINK_API_KEY", "a-key-of-mine")
    monkeypatch.setenv("VIDGATE_DEBUG", "1" if debug else "")

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("header: Bearer a-key-of-mine")

    monkeypatch.setattr(_catalog, "models", fail)
    assert main(["models"]) == 70
    out, err = capsys.readouterr()
    assert "a-key-of-mine" not in out + err
    assert err.startswith("error: vidgate failed unexpectedly: RuntimeError: header: Bearer [redacted]")
    assert ("Traceback" in err) == debug


def test_control_characters_of_a_provider_do_nothing(terminal: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A text that would clear the screen or turn the line around is made visible."""

    def fail(*_: object, **__: object) -> None:
        raise UsageProblem("a\x1b[2Jb\u202ec", "[red]x[/red]")

    monkeypatch.setattr(_catalog, "models", fail)
    outcome = terminal("models")
    assert outcome.err == "error: a\\x1b[2Jb\\x202ec\n  [red]x[/red]\n"


def test_a_closed_pipe_is_no_traceback() -> None:
    """`vidgate models | head -1` ends quietly."""
    command = f"{sys.executable} -m vidgate.cli models --json | head -c 1"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False, env=environment)
    assert (done.stdout, done.stderr) == ("[", "")


def test_without_its_packages_it_says_how_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Typer and rich are an extra."""
    for name in [name for name in sys.modules if name.startswith("vidgate.cli.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "typer", None)
    assert main(["models"]) == 2
    assert 'pip install "vidgate[cli]"' in capsys.readouterr().err


def test_simulate_prints_lines_to_copy(terminal: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment for both providers goes to standard output; Ctrl-C is a good end."""
    served: list[Any] = []

    def serve(app: object, host: str, port: int, on_listening: Any) -> None:
        served.append((app, host, port))
        on_listening(f"http://{host}:{port}")
        raise KeyboardInterrupt

    monkeypatch.setattr("vidgate.simulator.serve", serve)
    outcome = terminal("simulate", "--port", "8080")
    assert outcome.code == 0
    assert outcome.out.splitlines() == [
        "export EVOLINK_BASE_URL=http://127.0.0.1:8080/evolink EVOLINK_API_KEY=sim-key",
        "export APIMART_BASE_URL=http://127.0.0.1:8080/apimart APIMART_API_KEY=sim-key",
    ]
    one = terminal("simulate", "--port", "8080", "--provider", "apimart", "--host", "0.0.0.0")
    assert one.out == "export APIMART_BASE_URL=http://127.0.0.1:8080 APIMART_API_KEY=sim-key\n"


def test_simulate_on_a_taken_port(terminal: Any) -> None:
    """The port is named, and how to take another."""
    with Simulator("evolink").running() as url:
        outcome = terminal("simulate", "--port", url.rpartition(":")[2])
    assert (outcome.code, "0 takes any free one" in outcome.err) == (1, True)


def test_the_whole_way_over_a_port(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Any
) -> None:
    """Nothing is replaced here: command line, client, socket, simulator, file."""
    monkeypatch.setenv("EVOLINK_API_KEY", "sim-key")
    with Simulator("evolink", seconds=0.0).running() as url:
        argv = ["run", "gemini-omni-flash-text-to-video", "prompt=A paper boat", "--base-url", url]
        assert main([*argv, "-o", str(tmp_path / "boat.mp4")]) == 0
    capsys.readouterr()
    assert (tmp_path / "boat.mp4").read_bytes()[4:8] == b"ftyp"
