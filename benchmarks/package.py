# ruff: noqa: T201 - a script that prints
"""The generated package of a whole synthetic site: does it stay the same, how long does it take to import and to check.

    python -m benchmarks.package --pages 1200

Builds the package in processes of their own: with the pages in another order, with other seeds of hashes, with one, two
and four readers; prints the digest of all its files each time. Then mypy --strict over the package; imports beside
`import httpx`, in turns; and what one call of an operation with many models costs a type checker, beside the same
program without the call. Prints, asserts nothing; the exit code is 1 where digests differ or mypy finds an error.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.site import HOST, INDEX, site
from benchmarks.site_topics import BASE_URLS
from benchmarks.words import LOCALES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT: Final = Path(__file__).parents[1]
PACKAGE: Final = "evolink_api"
"""The name that the hand-written client imports, so that the program of the type checkers is one that people write."""

BUILDS: Final[Mapping[str, Mapping[str, str]]] = {
    "as it is": {},
    "pages in another order": {"order": "5"},
    "PYTHONHASHSEED 0": {"seed": "0"},
    "PYTHONHASHSEED 77": {"seed": "77"},
    "1 reader": {"readers": "1"},
    "2 readers": {"readers": "2"},
    "4 readers": {"readers": "4"},
}

CALL: Final = """\
from vidgate import EvoLink

client = EvoLink("key")
"""
_ONE: Final = 'client.videos.create(model="{model}", prompt="a cat")\n'
_WRONG: Final = 'client.videos.create(model="{model}", prompt="a cat", nothing=1)\n'


def build(pages: int, *, order: int | None, readers: int | None, into: Path | None) -> str:
    """Make the package in this process; returns the digest of its files."""
    from tools import merge
    from tools.build import _readers
    from tools.generate import render
    from tools.model import Extracted, Judgements, Page, Source

    given = [
        Page(provider="evolink", locale=path.partition("/")[0], path=path, content=content)
        for path, content in site(1, pages).items()
        if path != INDEX
    ]
    if order is not None:
        random.Random(order).shuffle(given)  # noqa: S311 - the same order each time
    found = dict(_readers.read_all(given, None, processes=readers))
    extracted = [one for position in range(len(given)) if isinstance(one := found[position], Extracted)]
    source = Source(
        provider="evolink", title="Example", docs=HOST, index=f"{HOST}/{INDEX}", locales=LOCALES, base_urls=BASE_URLS
    )
    judgements = Judgements(overlay={"overlay": "1.1.0", "actions": []}, supplement={})
    files = render(merge.normalize(extracted, judgements, source, accept_precedence=True), type_check=False)
    digest = hashlib.sha256()
    for path, content in sorted(files.items()):
        digest.update(f"{path}\0{len(content)}\0".encode() + content)
        if into is not None:
            target = into / PACKAGE / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
    return f"{digest.hexdigest()}  {len(files)} files"


def built(pages: int, options: Mapping[str, str], into: Path | None) -> str:
    """`build` in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.package", "--pages", str(pages), "--build", json.dumps(dict(options))]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": options.get("seed", "random")}
    if into is not None:
        command += ["--into", str(into)]
    done = subprocess.run(command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True)  # noqa: S603 - our own words
    if done.returncode:
        raise SystemExit(done.stderr)
    return done.stdout.strip()


def seconds(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> tuple[float, str, int]:
    """Run a program; returns what the clock says, what it printed, and its exit code."""
    started = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=dict(environment), check=False, capture_output=True, text=True)  # noqa: S603 - our own words
    return time.perf_counter() - started, done.stdout + done.stderr, done.returncode


def imports(folder: Path, rounds: int) -> list[str]:
    """Rows of a table: what importing costs, beside httpx, in turns."""
    modules = ["httpx", PACKAGE, f"{PACKAGE}.models", f"{PACKAGE}.media", f"{PACKAGE}.client"]
    modules += [f"{PACKAGE}.api.videos.create_video", f"{PACKAGE}.variants", "vidgate.evolink", "vidgate"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(folder), str(ROOT), str(ROOT / "generated")))}
    program = "import sys, time; from importlib import import_module; began = time.perf_counter(); "
    program += "getattr(import_module(sys.argv[1]), 'EvoLink', None); print(time.perf_counter() - began)"
    taken: dict[str, list[float]] = {module: [] for module in modules}
    for number in range(rounds + 1):
        for module in modules:
            _, printed, _ = seconds([sys.executable, "-c", program, module], folder, environment)
            if number:  # the first round compiles
                taken[module].append(float(printed))
    rows = ["| import | ms | ÷ httpx |", "|---|---|---|"]
    for module, each in taken.items():
        ratio = statistics.median(own / base for own, base in zip(each, taken["httpx"], strict=True))
        rows.append(f"| `{module}` | {statistics.median(each) * 1000:.1f} | {ratio:.2f} |")
    return rows


def checking(folder: Path) -> list[str]:
    """Rows of a table: what a call costs the type checkers, where the operation has all the models of a site."""
    models: Mapping[str, Mapping[str, str]] = json.loads(
        (folder / PACKAGE / "contract.json").read_text(encoding="utf-8")
    )["components"]["schemas"]["CreateVideoRequest"]["discriminator"]["mapping"]
    first, *_, last = models
    programs = {
        "no call": "",
        "one call, the first model": _ONE.format(model=first),
        "one call, the last model": _ONE.format(model=last),
        "fifty calls": "".join(_ONE.format(model=list(models)[number % len(models)]) for number in range(50)),
        "one wrong call": _WRONG.format(model=last),
    }
    path = os.pathsep.join((str(folder), str(ROOT), str(ROOT / "generated")))
    environment = {**os.environ, "MYPYPATH": path, "NO_COLOR": "1"}
    cache = f"--cache-dir={folder / 'calls'}"
    checkers = {"mypy": [sys.executable, "-m", "mypy", "--strict", "--config-file=", cache]}
    if importlib.util.find_spec("pyright"):
        settings = {"include": ["program.py"], "extraPaths": path.split(os.pathsep), "typeCheckingMode": "strict"}
        (folder / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
        checkers["pyright"] = [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, "-p", str(folder)]
    rows = [
        f"{len(models)} models in one operation",
        "",
        "| program | checker | seconds | errors |",
        "|---|---|---|---|",
    ]
    program = folder / "program.py"
    for checker, command in checkers.items():
        arguments = [*command, str(program)] if checker == "mypy" else command
        program.write_text(CALL, encoding="utf-8")
        cold, _, _ = seconds(arguments, folder, environment)
        rows.append(f"| no call, nothing remembered | {checker} | {cold:.1f} | – |")
        for name, calls in programs.items():
            program.write_text(CALL + calls, encoding="utf-8")
            taken, printed, _ = seconds(arguments, folder, environment)
            rows.append(f"| {name} | {checker} | {taken:.1f} | {printed.count(' error: ')} |")
    return rows


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=1200, metavar="N", help="1200 by default")
    parser.add_argument("--rounds", type=int, default=11, metavar="N", help="of imports; 11 by default")
    parser.add_argument("--build", help=argparse.SUPPRESS)
    parser.add_argument("--into", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.build is not None:
        options = json.loads(given.build)
        order, readers = (int(options[name]) if name in options else None for name in ("order", "readers"))
        print(build(given.pages, order=order, readers=readers, into=given.into))
        return 0
    with tempfile.TemporaryDirectory(prefix="vidgate-") as name:
        folder = Path(name)
        digests: dict[str, str] = {}
        for label, options in BUILDS.items():
            digests[label] = built(given.pages, options, None if digests else folder)
            print(f"{digests[label]}  {label}", flush=True)
        same = len(set(digests.values())) == 1
        print("all the same" if same else "THEY DIFFER", end="\n\n", flush=True)
        settings = [sys.executable, "-m", "mypy", "--strict", "--config-file=", f"--cache-dir={folder / 'cache'}"]
        taken, printed, code = seconds([*settings, str(folder / PACKAGE)], folder, os.environ)
        print(f"mypy --strict: {printed.strip()} ({taken:.1f} s)", end="\n\n", flush=True)
        print("\n".join(imports(folder, given.rounds)), end="\n\n", flush=True)
        print("\n".join(checking(folder)), flush=True)
    return 0 if same and code == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
