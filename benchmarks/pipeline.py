# ruff: noqa: T201 - a script that prints
"""The whole pipeline over a synthetic site, beside what reading its YAML alone costs, in one run.

    python -m benchmarks.pipeline --pages 1200 2400

Every measurement is a process of its own, so that its peak of memory is its own; every round measures all of them in
turns, and every ratio is one of two measurements of the same round. The floor is PyYAML's CSafeLoader alone on the
same YAML, in one process. A bare run of the generator finds the `ruff` beside this Python, whatever the PATH: without
it, it would leave out its hooks, half of its work. What a stage leaves for the next one, and clears away of the round
before, is no part of what is measured. "two cores" is the processor time of the main process plus half of its
helpers': what the clock shows on an idle machine with two cores. Prints, asserts nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.site import INDEX, SOURCES, site

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence

ROOT: Final = Path(__file__).parents[1]
PROVIDER: Final = "example"
_FENCE: Final = re.compile(rb"^````yaml[^\n]*\n(.*?)\n````$", re.MULTILINE | re.DOTALL)
_KIBIBYTE: Final = 1024
_STAGES: Final = ("floor", "vendor", "contract", "again", "generate", "bare")


def _floor(folder: Path) -> int:
    """CSafeLoader over the fences of all pages."""
    import yaml

    fences = [
        found[1] for path in sorted((folder / "site").rglob("*.md")) if (found := _FENCE.search(path.read_bytes()))
    ]
    _clock()
    for text in fences:
        yaml.load(text, Loader=yaml.CSafeLoader)
    return len(fences)


def _vendor(folder: Path) -> int:
    """Every page from a server on this machine into an empty checkout."""
    from tools.store import Workspace
    from tools.vendor import vendor_site
    from tools.vendor._pace import Manners

    checkout = folder / "vendored"
    shutil.rmtree(checkout, ignore_errors=True)
    (checkout / "specs" / PROVIDER).mkdir(parents=True)
    (checkout / "specs" / PROVIDER / "sources.toml").write_text(SOURCES, encoding="utf-8")
    with _serve(folder / "site") as url:
        _clock()
        done = vendor_site(Workspace(root=checkout), PROVIDER, url=url, manners=Manners())
    return len(done.new)


def _contract(folder: Path, *, again: bool = False) -> int:
    """Extract, compare, normalize; what it needs no second time is left in the checkout."""
    from tools.build.derive import derive
    from tools.build.options import Options
    from tools.store import Workspace, json_bytes

    checkout = folder / "checkout"
    if not again:
        shutil.rmtree(checkout / "build", ignore_errors=True)
    _clock()
    derived = derive(Workspace(root=checkout), PROVIDER, Options(accept_precedence=True), _quiet)
    if derived.document is None or derived.findings:
        raise SystemExit("\n".join(map(str, derived.findings[:5])))
    _stop()
    if not again:
        (folder / "contract.json").write_bytes(json_bytes(derived.document.openapi))
    return len(derived.document.openapi["components"]["schemas"])


def _generate(folder: Path) -> int:
    """Our package, without its type check: that is no part of a bare run either."""
    from tools.generate import render
    from tools.model import Document

    openapi = json.loads((folder / "contract.json").read_bytes())
    package = folder / "package" / f"{PROVIDER}_api"
    shutil.rmtree(package, ignore_errors=True)
    _clock()
    files = render(Document(provider=PROVIDER, openapi=openapi, locales={}), type_check=False)
    for place in {(package / path).parent for path in files}:
        place.mkdir(parents=True, exist_ok=True)
    for path, content in files.items():
        (package / path).write_bytes(content)
    return len(files)


def _bare(folder: Path) -> int:
    """openapi-python-client as it comes, on what our generator hands it."""
    from tools.generate.phrases import phrases
    from tools.generate.view import make_view

    openapi = json.loads((folder / "contract.json").read_bytes())
    document = folder / "view.json"
    document.write_text(json.dumps(make_view(openapi, phrases(None)).openapi), encoding="utf-8")
    shutil.rmtree(folder / "bare", ignore_errors=True)
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)))
    if shutil.which("ruff", path=path) is None:
        raise SystemExit("there is no ruff beside this Python")
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--path", str(document)]
    command += ["--output-path", str(folder / "bare")]
    _clock()
    subprocess.run(command, env={**os.environ, "PATH": path}, check=True, capture_output=True)  # noqa: S603 - our own words
    return sum(1 for _ in (folder / "bare").rglob("*.py"))


def _quiet(_: str, /) -> None:
    """Progress nobody reads."""


STAGES: Final[Mapping[str, Callable[[Path], int]]] = {
    "floor": _floor,
    "vendor": _vendor,
    "contract": _contract,
    "again": partial(_contract, again=True),
    "generate": _generate,
    "bare": _bare,
}
"""What is measured: each in a process of its own."""

_started: list[float] = []
_ended: list[float] = []


def _clock() -> None:
    """Here the work begins; imports and preparation do not count."""
    _started[:] = _used()


def _stop() -> None:
    """Here it ends, where something is left to do that does not count."""
    _ended[:] = _used()


def _used() -> tuple[float, float, float]:
    """The time, and the processor time of this process and of its helpers."""
    own, helpers = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return time.perf_counter(), own.ru_utime + own.ru_stime, helpers.ru_utime + helpers.ru_stime


@contextmanager
def _serve(folder: Path) -> Generator[str, None, None]:
    """A server of these files in this process; what it takes is part of what is measured."""

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's names
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/{INDEX}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def measure(stage: str, folder: Path) -> dict[str, float]:
    """Run one stage in a process of its own; seconds by the clock, of the process, of its helpers, and megabytes."""
    command = [sys.executable, "-m", "benchmarks.pipeline", "--stage", stage, "--folder", str(folder)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True)  # noqa: S603 - our own words
    if done.returncode:
        raise SystemExit(f"{stage}: {done.stderr.strip()}")
    row: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return row


def run_stage(stage: str, folder: Path) -> None:
    """What `measure` starts: the stage, then its figures as JSON."""
    count = STAGES[stage](folder)
    clock, own, helpers = (now - then for now, then in zip(_ended or _used(), _started, strict=True))
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(json.dumps({"clock": clock, "own": own, "helpers": helpers, "peak": peak / _KIBIBYTE, "count": count}))


def prepare(folder: Path, seed: int, pages: int) -> int:
    """The site, and a checkout that holds it; returns its bytes."""
    files = site(seed, pages)
    specs = folder / "checkout" / "specs" / PROVIDER
    for path, content in files.items():
        for target in (folder / "site" / path, specs / "pages" / path):
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
    (specs / "pages" / INDEX).unlink()
    (specs / "sources.toml").write_text(SOURCES, encoding="utf-8")
    return sum(map(len, files.values()))


def on_two_cores(row: Mapping[str, float]) -> float:
    """Seconds that the stage takes where its helpers have a core beside it."""
    return row["own"] + row["helpers"] / 2


def table(pages: int, size: int, rounds: Mapping[str, Sequence[Mapping[str, float]]]) -> list[str]:
    """The results of one size as lines of Markdown, medians over the rounds."""
    lines = [f"{pages} pages, {size / 1e6:.1f} MB", ""]
    lines += ["| stage | by the clock | processor | of helpers | on two cores | × floor | peak MB | made |"]
    lines += ["|---|---|---|---|---|---|---|---|"]
    floor = [row["own"] for row in rounds["floor"]]
    for stage, rows in rounds.items():
        of_floor = statistics.median(on_two_cores(row) / base for row, base in zip(rows, floor, strict=True))
        values = [statistics.median(row[name] for row in rows) for name in ("clock", "own", "helpers")]
        cells = [stage, *(f"{value:.2f}" for value in values), f"{statistics.median(map(on_two_cores, rows)):.2f}"]
        cells += [f"{of_floor:.2f}", f"{max(row['peak'] for row in rows):.0f}", f"{rows[0]['count']:.0f}"]
        lines.append(f"| {' | '.join(cells)} |")
    again = _ratio(rounds["again"], rounds["contract"])
    lines += ["", f"rebuild with nothing changed / first build: {again:.2f}"]
    if "bare" in rounds:
        # One after the other: the programs that generation starts do not run beside it.
        ratio = _ratio(rounds["generate"], rounds["bare"], lambda row: row["own"] + row["helpers"])
        lines.append(f"our generation / a bare run, processor time: {ratio:.2f}")
    return lines


def _ratio(
    mine: Sequence[Mapping[str, float]],
    other: Sequence[Mapping[str, float]],
    cost: Callable[[Mapping[str, float]], float] = on_two_cores,
) -> float:
    pairs = zip(mine, other, strict=True)
    return statistics.median(cost(one) / cost(two) for one, two in pairs)


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, nargs="+", default=[1200, 2400], metavar="N", help="1200 2400 by default")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="3 by default")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of the site; 1 by default")
    parser.add_argument("--without", nargs="*", default=[], choices=_STAGES, help="stages to leave out")
    parser.add_argument("--stage", choices=_STAGES, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.stage:
        run_stage(given.stage, given.folder)
        return 0
    found: list[dict[str, list[dict[str, float]]]] = []
    for pages in given.pages:
        with tempfile.TemporaryDirectory(prefix="vidgate-") as name:
            folder = Path(name)
            size = prepare(folder, given.seed, pages)
            rounds: dict[str, list[dict[str, float]]] = {}
            for number in range(given.rounds):
                for stage in (one for one in STAGES if one not in given.without):
                    rounds.setdefault(stage, []).append(measure(stage, folder))
                print(f"{pages} pages: round {number + 1} of {given.rounds}", file=sys.stderr, flush=True)
            print("\n".join([*table(pages, size, rounds), ""]), flush=True)
            found.append(rounds)
    if len(found) > 1:
        grown = _ratio(found[-1]["contract"], found[0]["contract"])
        print(f"growth of extract, compare and normalize from {given.pages[0]} to {given.pages[-1]} pages: {grown:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
