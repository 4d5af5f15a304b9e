"""The one subprocess rim: the generator, and the checks of what it wrote. Everything happens in a temporary folder."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from importlib import resources
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, StrictUndefined

from tools.errors import GenerateError
from tools.generate.media import KINDS
from tools.generate.names import module_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tools.generate.media import Media
    from tools.generate.variants import Families
    from tools.generate.view import View

HOOKS: Final = (
    "ruff check . --isolated --no-cache --select F401,F811,I --fix-only",
    "ruff format --isolated --no-cache .",
)
"""The default hooks of the generator rewrite `Any` to `object`; these only sort, drop what is unused, and format."""

_GENERATOR: Final = """
import gc
from openapi_python_client.cli import app
from openapi_python_client.parser import openapi
gc.disable()
openapi.deepcopy = lambda endpoint: endpoint
app()
"""
"""The generator, without what takes it a fifth of its time: the search for cycles, and a copy of all models that each
endpoint reaches, made so that a refused endpoint stays as it was. With `--fail-on-warning` nobody looks at one."""

_SECONDS: Final = 600
_DECIDING: Final = ("openapi-python-client", "ruff", "jinja2")


@dataclass(frozen=True, kw_only=True, slots=True)
class Workspace:
    """A temporary folder and the package that is being built in it."""

    folder: Path
    package: str

    @property
    def source(self) -> Path:
        """The source root: what goes on `sys.path`."""
        return self.folder / "out"

    @property
    def target(self) -> Path:
        """The package folder."""
        return self.source / self.package


def tool_versions() -> dict[str, str]:
    """The versions of the tools that decide the bytes of the output."""
    return {name: version(name) for name in _DECIDING}


def template_files() -> dict[str, bytes]:
    """Our templates by file name, sorted."""
    folder = resources.files("tools.generate") / "templates"
    found = ((entry.name, entry) for entry in folder.iterdir() if entry.name.endswith(".jinja"))
    return {name: entry.read_bytes() for name, entry in sorted(found, key=lambda pair: pair[0])}


def render_modules(families: Families, media: Media) -> dict[str, str]:
    """The text of the modules that are ours alone, not yet formatted."""
    environment = Environment(  # noqa: S701 - Python is written, not HTML
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True, undefined=StrictUndefined
    )
    known = template_files()

    def text(name: str, **facts: object) -> str:
        return environment.from_string(known[f"{name}.jinja"].decode("utf-8")).render(quoted=repr, **facts)

    return {
        "variants.py": text(
            "variants.py",
            operations=families.operations,
            imports=families.imports,
            module=module_name,
            kinds=KINDS,
            media=media.submissions,
        ),
        "media.py": text("media.py", submissions=media.submissions, query=media.query),
    }


def write_package(workspace: Workspace, view: View, extra: Mapping[str, str]) -> None:
    """Run the generator over the view; `extra` are files of the package that it does not write, but formats.

    Raises GenerateError with the generator's own message.
    """
    templates = workspace.folder / "templates"
    templates.mkdir(parents=True)
    for name, content in template_files().items():
        (templates / name).write_bytes(content)
    document = workspace.folder / "openapi.json"
    document.write_text(json.dumps(view.openapi), encoding="ascii")
    settings = workspace.folder / "config.json"
    settings.write_text(
        json.dumps({"literal_enums": True, "package_name_override": workspace.package, "post_hooks": list(HOOKS)}),
        encoding="ascii",
    )
    workspace.target.mkdir(parents=True)
    for name, text in extra.items():
        (workspace.target / name).write_text(text, encoding="utf-8", newline="\n")
    command = [sys.executable, "-I", "-c", _GENERATOR, "generate"]
    command += ["--path", str(document), "--meta", "none", "--config", str(settings), "--fail-on-warning"]
    # With --overwrite the files already there stay, and the hooks format them with the others.
    command += ["--custom-template-path", str(templates), "--output-path", str(workspace.target), "--overwrite"]
    run(workspace, command, "the generator refused the contract", fix="Settle what it names in overlay.yaml.")


def run(workspace: Workspace, command: Sequence[str], problem: str, *, fix: str, timeout: float = _SECONDS) -> str:
    """Run a program in a clean environment and return what it printed; raises GenerateError when it fails."""
    try:
        done = subprocess.run(
            command,
            cwd=workspace.folder,
            env=clean_environment(workspace.folder),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise GenerateError(f"{problem}: {_readable(str(error), workspace)}", fix=fix) from None
    output = done.stdout.decode("utf-8", "replace")
    if done.returncode != 0:
        text = done.stderr.decode("utf-8", "replace").strip() or output.strip()
        raise GenerateError(f"{problem}:\n{_readable(text, workspace)}", fix=fix)
    return output


def clean_environment(home: Path) -> dict[str, str]:
    """Nothing of the caller's settings but where programs are: the output must not depend on them."""
    # The hooks call `ruff` by name: the one installed beside this interpreter must come first.
    folders = [str(Path(sys.executable).parent), sysconfig.get_path("scripts"), os.defpath]
    environment = {
        "PATH": os.pathsep.join(folders),
        "HOME": str(home),
        "USERPROFILE": str(home),
        "LC_ALL": "C.UTF-8",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "NO_COLOR": "1",
        "TYPER_STANDARD_TRACEBACK": "1",
        "COLUMNS": "200",
        "TMPDIR": str(home),
    }
    # Windows starts no program without it.
    return environment | {name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ}


def _readable(text: str, workspace: Workspace) -> str:
    """A program's message without colours, folder names of this run, or its advice to report a bug elsewhere."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", text).replace(str(workspace.folder), "…")
    if "Traceback (most recent call last)" in text:
        # Where in the program it broke helps nobody who reads this; what broke stands last.
        text = "it broke down: " + text.strip().splitlines()[-1]
    rows = [row.rstrip() for row in text.splitlines() if not row.startswith("If you believe this was a mistake")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(rows)).strip()[:8000]
