"""Everything this project does by machine: `python3 -m nox --list` names the sessions."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import nox
from nox.command import CommandFailed

if TYPE_CHECKING:
    from collections.abc import Callable

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_venv = "yes"
nox.options.error_on_external_run = True

ROOT = Path(__file__).parent
PROJECT = nox.project.load_toml("pyproject.toml")
RESULTS = Path("build", "contract")
VIDEO = RESULTS / "video.mp4"
FUZZING = Path("build", "fuzz")
DERIVED = ("specs", "generated")
REDOCLY = "@redocly/cli@2.77.0"
SARIF = "@microsoft/sarif-multitool-linux@5.7.0"


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One line of the table that `contract` ends with: `outcome` says what came out, `results` where to look."""

    name: str
    command: tuple[str, ...]
    outcome: Callable[[], str]
    results: str


def count(pattern: str, noun: str) -> str:
    """Say how many files match."""
    return f"{len(list(ROOT.glob(pattern)))} {noun}"


def conformance(profile: str) -> Step:
    """Run one profile; its own summary is the outcome."""
    directory = RESULTS / f"conformance-{profile}"
    return Step(
        name=f"conformance: {profile}",
        command=("python", "-m", "conformance", "run", "--profile", profile, "--report", str(directory)),
        outcome=lambda: str(json.loads((directory / "report.json").read_bytes())["sentence"]).removeprefix(
            f"{profile}: "
        ),
        results=str(directory),
    )


MAIN_JOB = (
    Step(
        name="locale check",
        command=("python", "-m", "tools", "locales"),
        outcome=lambda: count("specs/*/pages/**/*.md", "pages"),
        results="specs/*/pages/",
    ),
    Step(
        name="contracts, clients",
        command=("python", "-m", "tools", "build"),
        outcome=lambda: (
            count("specs/*/openapi.json", "contracts, ") + count("generated/*/models/*_request.py", "request classes")
        ),
        results="specs/*/openapi.json, generated/",
    ),
    Step(
        name="requirements",
        command=("python", "-m", "conformance", "requirements", "--check", "--specs", "specs"),
        outcome=lambda: count("conformance/requirements/*/*.yaml", "files, nothing drifted"),
        results="conformance/requirements/",
    ),
    conformance("mock"),
    conformance("simulator"),
    Step(
        name="one video",
        command=("python", "examples/first_video.py", str(VIDEO)),
        outcome=lambda: f"{VIDEO.stat().st_size} bytes",
        results=str(VIDEO),
    ),
)


def group(name: str) -> tuple[str, ...]:
    """Requirements of a dependency group, read here because older pips do not know `--group`."""
    return tuple(dict.fromkeys(nox.project.dependency_groups(PROJECT, name)))


@nox.session
def contract(session: nox.Session) -> None:
    """The main job: pages, locale check, contracts, generated clients, conformance, one video."""
    session.install(*group("tools"), "-e", ".[all]")
    shutil.rmtree(RESULTS, ignore_errors=True)
    RESULTS.mkdir(parents=True)
    rows: list[tuple[str, ...]] = [("step", "result", "seconds", "outcome", "results in")]
    failed = False
    for step in MAIN_JOB:
        if failed:
            rows.append((step.name, "not run", "", "", ""))
            continue
        started = time.monotonic()
        try:
            session.run(*step.command)
        except CommandFailed:
            failed = True
        took = f"{time.monotonic() - started:.1f}"
        rows.append((step.name, "FAILED" if failed else "done", took, "" if failed else step.outcome(), step.results))
    print_table(rows)
    if failed:
        session.error("The step marked FAILED says above what is wrong and what to do.")


@nox.session
def tests(session: nox.Session) -> None:
    """All tests that need nothing but Python."""
    session.install(*group("tests"), "-e", ".[all]")
    session.run("pytest", "-n", "auto", *session.posargs)


@nox.session(default=False)
def mutants(session: nox.Session) -> None:
    """Broken simulators, every one of which the conformance suite has to catch; honest ones, which give it nothing."""
    session.install("-e", ".[conformance]")
    session.run("python", "-m", "conformance.mutants", "--derived", "--honest", "100", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Style, layout and import arrows."""
    session.install(*group("lint"))
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.env["PYTHONPATH"] = os.pathsep.join((str(ROOT), str(ROOT / "generated")))
    session.run("lint-imports")
    session.run("lint-imports", "--config", "tests/package/importlinter.toml")


@nox.session
def types(session: nox.Session) -> None:
    """Types: mypy strict on everything; pyright strict on what people write, standard on the rest."""
    session.install(*group("development"), "-e", ".[all]")
    session.run("mypy")
    session.run("pyright")
    session.run("pytest", "tests/typing")


@nox.session
def generate(session: nox.Session) -> None:
    """Rewrite what is derived: contracts, locales, lock and generated clients."""
    session.install(*group("tools"))
    session.run("python", "-m", "tools", "build", *session.posargs)


@nox.session
def drift(session: nox.Session) -> None:
    """What is committed is what the pipeline writes."""
    session.install(*group("tools"))
    session.run("python", "-m", "tools", "build", "--check")
    session.run("python", "-m", "tools", "build")
    changed = git("status", "--porcelain", "--", *DERIVED)
    if changed:
        session.error(f"Derived files differ from what is committed; commit them or undo the change:\n{changed}")


@nox.session
def package(session: nox.Session) -> None:
    """Build sdist and wheel once and judge the installed wheel, far from the checkout."""
    session.install(*group("build"))
    with tempfile.TemporaryDirectory(prefix="vidgate-package-") as place:
        away = Path(place)
        session.run("python", "-m", "build", "--outdir", str(away / "dist"), ".")
        (wheel,) = (away / "dist").glob("*.whl")
        full, base = (environment(session, away / name) for name in ("full", "base"))
        session.run(full, "-m", "pip", "install", "--quiet", f"{wheel}[all]", *group("package"), external=True)
        session.run(base, "-m", "pip", "install", "--quiet", str(wheel), external=True)
        with session.chdir(away):
            session.run(
                *(full, "-I", "-m", "pytest", "-m", "package", str(ROOT / "tests" / "package"), *session.posargs),
                env={"VIDGATE_BASE_PYTHON": base, "VIDGATE_DIST": str(away / "dist")},
                external=True,
            )


@nox.session(default=False)
def fuzz(session: nox.Session) -> None:
    """Fuzz the readers: hypothesis with many examples, then coverage-guided for a minute (or `-- SECONDS`)."""
    seconds = session.posargs[0] if session.posargs else "60"
    session.install(*group("fuzz"))
    session.run("pytest", "tests/tools/extract/test_fuzz.py", env={"VIDGATE_FUZZ_EXAMPLES": "1000"})
    shutil.rmtree(FUZZING, ignore_errors=True)
    (FUZZING / "corpus").mkdir(parents=True)
    limits = (f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=500", "-max_len=20000")
    session.run(
        *("python", "-m", "tests.fuzz.readers", *limits, "-dict=tests/fuzz/pages.dict", "-print_final_stats=1"),
        *(f"-artifact_prefix={FUZZING}/", str(FUZZING / "corpus"), "tests/fuzz/seeds"),
        *(str(path) for path in sorted(Path("specs").glob("*/pages"))),
        env={"PYTHONPATH": str(ROOT)},
    )


@nox.session(default=False)
def cluster(session: nox.Session) -> None:
    """Batches on PostgreSQL, with workers that are killed; the tests start a server of their own."""
    session.install(*group("tests"), "-e", ".[all]")
    if not postgres():
        install_packages(session, ["postgresql"])
    session.run(
        *("pytest", "-m", "cluster", "tests/vidgate/cluster", *session.posargs),
        env={"VIDGATE_POSTGRES": str(postgres()[-1])},
    )


@nox.session(default=False)
def external(session: nox.Session) -> None:
    """Tests that need Node, ffprobe and Chromium; installs the programs where they are missing."""
    session.install(*group("tests"), *group("browser"), "-e", ".[all]")
    programs = {"ffprobe": "ffmpeg", "chromium": "chromium"}
    install_packages(session, [package for program, package in programs.items() if shutil.which(program) is None])
    node = Path(session.virtualenv.location) / "node"
    session.run("npm", "install", "--no-save", "--silent", "--prefix", str(node), REDOCLY, SARIF, external=True)
    if not VIDEO.exists():
        session.run("python", "examples/first_video.py", str(VIDEO))
    session.run(
        *("pytest", "-m", "external", "tests/external", *session.posargs),
        env={
            "VIDGATE_CHROMIUM": shutil.which("chromium") or "chromium",
            "VIDGATE_REDOCLY": str(node / "node_modules" / ".bin" / "redocly"),
            "VIDGATE_SARIF": str(node / "node_modules" / ".bin" / "sarif-multitool-linux"),
            "VIDGATE_SCREENSHOTS": str(RESULTS / "screenshots"),
            "VIDGATE_VIDEO": str(VIDEO),
        },
    )


def install_packages(session: nox.Session, packages: list[str]) -> None:
    """Install packages of the system, if there are any to install."""
    if packages:
        root = () if os.geteuid() == 0 else ("sudo",)
        session.run(*root, "apt-get", "update", "-qq", external=True)
        session.run(*root, "apt-get", "install", "-qq", "--no-install-recommends", *packages, external=True)


def postgres() -> list[Path]:
    """Where PostgreSQL's programs are, the newest last; Debian keeps those of a server off the PATH."""
    found = shutil.which("initdb")
    return [Path(found).resolve().parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))


def environment(session: nox.Session, place: Path) -> str:
    """A new virtual environment at `place`; returns its Python."""
    session.run("python", "-m", "venv", str(place))
    return str(place / "bin" / "python")


def git(*arguments: str) -> str:
    """Output of a git command in this checkout."""
    return subprocess.run(("git", *arguments), cwd=ROOT, check=True, capture_output=True, text=True).stdout


def print_table(rows: list[tuple[str, ...]]) -> None:
    """Print rows, the first of them the head, with columns as wide as their widest cell."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    ruled = (rows[0], tuple("-" * width for width in widths), *rows[1:])
    print()
    for row in ruled:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    print(flush=True)
