"""Runs the blocks of a story: Python here, shells and pytest beside, against simulators, in a folder of its own."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shlex
import socket
import subprocess
import sys
import tomllib
import warnings
from typing import TYPE_CHECKING, Any, Final

import respx
import typer.main
import yaml

from conformance.subjects._file import read_subject
from tests.repository.blocks import ROOT, Block, matches
from vidgate import _engine
from vidgate.cli._main import app
from vidgate.simulator import ManualClock, Simulator

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import pytest

PROVIDERS: Final = ("evolink", "apimart")
SERVED_PORT: Final = "8080"
SESSION: Final = re.compile(r"nox (?:-R )?-s((?: [a-z]+)+)")
NOX: Final = (ROOT / "noxfile.py").read_text(encoding="utf-8")
# What would reach the network, or run for minutes, is checked by `_permit` instead.
STAND_IN: Final = """#!/bin/sh
case "$1 $2" in "-m pip"|"-m nox") exit 0 ;; esac
exec {python} "$@"
"""


class Teller:
    """One story's folder, environment and names; closes what was started."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, closing: contextlib.ExitStack) -> None:
        self._folder = folder / "here"
        self._folder.mkdir()
        self._patch = monkeypatch
        self._closing = closing
        self._names: dict[str, Any] = {"__name__": "__main__"}
        self._printed = ""
        self._environment: dict[str, str] | None = None
        self._state = folder / "environment"
        self._programs = folder / "bin"
        self._port = ""
        self._is_mocked = False
        monkeypatch.chdir(self._folder)
        for name in [name for name in os.environ if name.startswith(("EVOLINK_", "APIMART_", "VIDGATE_"))]:
            monkeypatch.delenv(name)
        monkeypatch.setenv("VIDGATE_JOURNAL", str(folder / "journal.sqlite3"))
        for name in PROVIDERS:
            monkeypatch.setenv(f"{name.upper()}_API_KEY", "sim-key")

    def tell(self, block: Block) -> None:
        """Run a block, or hold it against what the one before has printed."""
        if block.mark == "output":
            assert matches(block.text, self._printed), f"{block}: this was printed:\n{self._printed}"
            return
        if block.file is not None:
            (self._folder / block.file).write_text(block.text, encoding="utf-8")
        TELLERS[block.language](self, block)

    def python(self, block: Block) -> None:
        """As a reader's program would run; tests are for pytest."""
        if block.file is not None:
            compile(block.text, str(block), "exec")
            return
        if re.search(r"^(?:async )?def test_", block.text, flags=re.MULTILINE):
            self._pytest(block)
            return
        self._in_process()
        source = "\n" * block.line + block.text  # so that a traceback names the line of the document
        out = io.StringIO()
        with warnings.catch_warnings(), contextlib.redirect_stdout(out):
            warnings.simplefilter("error")
            exec(compile(source, str(ROOT / block.document), "exec"), self._names)
        self._printed = out.getvalue()

    def shell(self, block: Block) -> None:
        """Every line has to succeed; `vidgate simulate` is started beside, on a free port."""
        lines = block.text.replace("\\\n", " ").splitlines()
        for line in [line for line in lines if line.startswith("vidgate simulate")]:
            self._serve(line)
            lines.remove(line)
        run = self._run("\n".join(lines), strict=True)
        assert run.returncode == 0, f"{block}:\n{run.stdout}"
        self._printed = run.stdout

    def console(self, block: Block) -> None:
        """Each command after `$` prints what stands below it, on either stream."""
        for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
            command, _, expected = part.replace("\\\n", " ").partition("\n")
            run = self._run(command, strict=False)
            assert matches(expected, run.stdout), f"{block}: `{command}` printed:\n{run.stdout}"

    def toml(self, block: Block) -> None:
        """A file of settings; a subject of the conformance suite is read as one."""
        found = tomllib.loads(block.text)
        if {"provider", "base_url"} <= set(found):
            path = self._folder / (block.file or "subject.toml")
            path.write_text(block.text, encoding="utf-8")
            subject = read_subject(path, lambda _: ())
            assert subject.provider == found["provider"]
            assert sorted(subject.tokens) == sorted(found["tokens"])

    def _pytest(self, block: Block) -> None:
        path = self._folder / f"test_block_{block.line}.py"
        path.write_text(block.text, encoding="utf-8")
        options = ("-q", "-p", "no:cacheprovider", "-W", "error", "--rootdir", str(self._folder))
        # The reader's pytest finds it by itself; here other plugins would only take time.
        plugin = ("-p", "vidgate.pytest_plugin")
        run = subprocess.run(
            (sys.executable, "-m", "pytest", *options, *plugin, str(path)),
            env={**self._surroundings(), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert run.returncode == 0, f"{block}:\n{run.stdout}"

    def _in_process(self) -> None:
        """Both providers behind their own addresses, nothing behind others, and no waiting; once for a story."""
        if self._is_mocked:
            return
        self._is_mocked = True
        clock = ManualClock()
        self._patch.setattr(_engine, "SystemClock", lambda: clock)
        router = self._closing.enter_context(respx.mock(assert_all_called=False))
        router.route(host__in=("127.0.0.1", "localhost")).pass_through()
        for name in PROVIDERS:
            Simulator(name, clock=clock).mount(router)

    def _surroundings(self) -> dict[str, str]:
        """This interpreter's programs first on the path, as in an activated environment, and simulators to talk to."""
        if self._environment is None:
            self._programs.mkdir()
            stand_in = self._programs / "python3"
            stand_in.write_text(STAND_IN.format(python=shlex.quote(sys.executable)), encoding="utf-8")
            stand_in.chmod(0o755)
            here = str(sys.executable).rpartition(os.sep)[0]
            self._environment = {
                **os.environ,
                "HOME": str(self._folder.parent),
                "PATH": os.pathsep.join((str(self._programs), here, os.environ["PATH"])),
                "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "generated"))),
            }
        return self._environment

    def _run(self, script: str, *, strict: bool) -> subprocess.CompletedProcess[str]:
        _permit(script)
        environment = self._surroundings()
        if not self._port and "vidgate" in script and f"{PROVIDERS[0].upper()}_BASE_URL" not in environment:
            for name in PROVIDERS:
                url = self._closing.enter_context(Simulator(name, seconds=0.0).running())
                environment[f"{name.upper()}_BASE_URL"] = url
        if self._port:
            script = script.replace(SERVED_PORT, self._port)
        keep = f"trap 'env -0 > {shlex.quote(str(self._state))}' EXIT\n"
        run = subprocess.run(
            ("bash", *(("-euo", "pipefail") if strict else ()), "-c", keep + script),
            cwd=self._folder,
            env=environment,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        pairs = (pair.partition("=") for pair in self._state.read_text(encoding="utf-8").split("\0") if pair)
        self._environment = {name: value for name, _, value in pairs}
        return run

    def _serve(self, line: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = str(free.getsockname()[1])
        server = subprocess.Popen(
            (sys.executable, "-m", "vidgate.cli", *shlex.split(line.replace(SERVED_PORT, self._port))[1:]),
            cwd=self._folder,
            env=self._surroundings(),
            stdout=subprocess.PIPE,
            text=True,
        )
        self._closing.callback(server.communicate)
        self._closing.callback(server.terminate)
        assert server.stdout is not None
        assert self._port in server.stdout.readline(), "the simulator prints its address once it listens"


def _permit(script: str) -> None:
    """What a stand-in answers has to be right all the same: extras that there are, sessions that there are."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    for words in re.findall(r"pip install ([^&\n]+)", script):
        for word in shlex.split(words):
            name, _, given = word.rstrip("]").partition("[")
            assert name in {"nox", "vidgate"}, f"{word} is not ours to install"
            assert set(filter(None, given.split(","))) <= set(extras), f"{word}: there is no such extra"
    for names in SESSION.findall(script):
        assert all(f"\ndef {name}(session" in NOX for name in names.split()), f"there is no session of{names}"


def parse_commands(text: str) -> list[str]:
    """The `vidgate` commands of a block that is not run; raises what the option parser has against one."""
    group: Any = typer.main.get_command(app)
    lines = [line for line in text.replace("\\\n", " ").splitlines() if line.startswith("vidgate ")]
    for line in lines:
        _, name, *words = shlex.split(line.rstrip("& "), comments=True)
        group.commands[name].make_context(name, words)
    return lines


def _json_lines(_: Teller, block: Block) -> None:
    for line in block.text.splitlines():
        json.loads(line)


TELLERS: Mapping[str, Callable[[Teller, Block], None]] = {
    "python": Teller.python,
    "sh": Teller.shell,
    "console": Teller.console,
    "toml": Teller.toml,
    "json": lambda _, block: json.loads(block.text),
    "jsonl": _json_lines,
    "yaml": lambda _, block: yaml.safe_load(block.text),
    "csv": lambda _, block: None,
}
"""How a block of each language is run."""
