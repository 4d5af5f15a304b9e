"""How the repository calls the files that places name: code hosts show a finding only at a path that they know."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tools.store import CONTRACT, PAGES, SUPPLEMENT

if TYPE_CHECKING:
    from tools.store import Workspace


def roots(side: str, workspace: Workspace, provider: str) -> dict[str, str]:
    """What the places of a side start with, and how the repository calls that; the longest first."""
    if side.startswith("git:"):
        _, _, path = side.removeprefix("git:").partition(":")
        specs = f"specs/{provider}"
        return {side: path} if path else {side: f"{specs}/{CONTRACT}", **_judged(f"{specs}/{PAGES}", specs)}
    specs = _path(workspace.root / "specs" / provider)
    if side in workspace.providers():
        return {f"specs/{side}/": f"{specs}/", **_judged(f"{specs}/{PAGES}", specs)}
    if Path(side).is_dir():
        return {side: _path(Path(side)), **_judged(_path(Path(side)), specs)}
    return {side: _path(Path(side))}


def _judged(pages: str, specs: str) -> dict[str, str]:
    return {f"{PAGES}/": f"{pages}/", SUPPLEMENT: f"{specs}/{SUPPLEMENT}"}


def _path(path: Path) -> str:
    """From the root of the repository that is worked in, or else from here; absolute outside."""
    here = Path.cwd()
    root = next((folder for folder in (here, *here.parents) if (folder / ".git").exists()), here)
    path = path.resolve()
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()
