"""One command per stage: `python -m tools STAGE`.

Results go to standard output, progress and errors to standard error.
Exit codes: 0 good, 1 findings, 2 usage, 70 a bug of vidgate's own.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn, TextIO

from tools.commands import COMMANDS, command
from tools.commands._run import BUG, FINDINGS, GOOD, INTERRUPTED, USAGE, Run
from tools.errors import Findings, ToolError, UsageError
from tools.report import FORMATS, Report
from tools.store import Workspace, nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

_WIDTH: Final = max(map(len, COMMANDS)) + 2
_SHOWN: Final = 300
"""Characters of a path that a message repeats."""

_CHECKOUT: Final = Path(__file__).resolve().parent.parent


class _Parser(argparse.ArgumentParser):
    """Raises UsageError instead of ending the process."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(message, fix=f"See `{self.prog} --help`.")

    def options(self) -> list[str]:
        """The long options this parser knows."""
        return [option for action in self._actions for option in action.option_strings if option.startswith("--")]


def _parsers(chosen: str | None) -> tuple[_Parser, dict[str, _Parser]]:
    """The parser, and the one of every stage; only the chosen one knows its options."""
    listed = "\n".join(f"  {name:<{_WIDTH}}{what}" for name, what in COMMANDS.items())
    told = f"stages:\n{listed}\n\n`python -m tools STAGE --help` explains a stage."
    parser = _Parser(prog="python -m tools", description=__doc__, epilog=told, allow_abbrev=False)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    commands = parser.add_subparsers(
        dest="command", required=True, metavar="STAGE", help="what to do: see below", parser_class=_Parser
    )
    stages: dict[str, _Parser] = {}
    for name, what in COMMANDS.items():
        stage = stages[name] = commands.add_parser(name, description=what, allow_abbrev=False)
        stage.add_argument("--json", action="store_true", help="the result as JSON")
        stage.add_argument("--verbose", action="store_true", help="everything, and progress without a terminal")
        stage.add_argument("--debug", action="store_true", help="show the traceback of a bug")
        if name == chosen:
            module = command(name)
            module.arguments(stage)
            stage.formatter_class = argparse.RawDescriptionHelpFormatter
            stage.epilog = "\n".join(("examples:", *(f"  python -m tools {one}" for one in module.EXAMPLES)))
    return parser, stages


def parse(given: Sequence[str]) -> argparse.Namespace:
    """What a command line says; raises UsageError, and SystemExit once it has printed help."""
    chosen = given[0] if given else None
    if chosen is not None and not chosen.startswith("-") and chosen not in COMMANDS:
        raise UsageError(f"there is no stage {chosen!r}", fix=nearest(chosen, tuple(COMMANDS), "stage"))
    parser, stages = _parsers(chosen)
    arguments, unknown = parser.parse_known_args(given)
    if unknown:
        problem = f"{arguments.command} does not know {unknown[0]!r}"
        raise UsageError(problem, fix=nearest(unknown[0], stages[arguments.command].options(), "option"))
    return arguments


def main(
    argv: Sequence[str] | None = None,
    *,
    out: TextIO | None = None,
    err: TextIO | None = None,
    root: Path | None = None,
) -> int:
    """Run one command; `root` is the checkout to work on, this one by default. Returns the exit code."""
    given = list(sys.argv[1:] if argv is None else argv)
    results, talk = out or sys.stdout, err or sys.stderr
    for stream in (results, talk):
        _unicode(stream)
    try:
        arguments = parse(given)
        talks = talk.isatty() or arguments.verbose

        def progress(message: str, /) -> None:
            if talks:
                print(message, file=talk, flush=True)

        run = Run(arguments=arguments, workspace=Workspace(root=root or _CHECKOUT), out=results, progress=progress)
        code = command(arguments.command).run(run)
        results.flush()
    except SystemExit:  # argparse has printed its help
        return GOOD
    except ToolError as error:
        return _fail(error, talk, as_json=results if "--json" in given else None)
    except KeyboardInterrupt:
        print("interrupted; nothing was written", file=talk)
        return INTERRUPTED
    except BrokenPipeError:  # whoever read our output has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return GOOD
    except Exception as error:
        if "--debug" in given:
            raise
        return _unforeseen(error, talk, as_json=results if "--json" in given else None)
    return code


def _unicode(stream: TextIO) -> None:
    """Pages are in many languages: a terminal's own encoding must neither crash a run nor change its JSON."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(encoding="utf-8", errors="backslashreplace")


def _unforeseen(error: Exception, err: TextIO, *, as_json: TextIO | None) -> int:
    """What the machine refuses (a folder that may not be read, a full disk) is no bug; everything else is."""
    if isinstance(error, OSError):
        where = f"{str(error.filename)[:_SHOWN]}: " if error.filename is not None else ""
        fix = "Make it readable and writable, or name another; --debug shows what was done with it."
        return _fail(UsageError(f"{where}{error.strerror or error}", fix=fix), err, as_json=as_json)
    notes = "".join(f" ({note})" for note in getattr(error, "__notes__", ()))
    print(f"{type(error).__name__}: {error}{notes}", file=err)
    print("  This is a bug in vidgate. Run again with --debug and report what it prints.", file=err)
    return BUG


def _fail(error: ToolError, err: TextIO, *, as_json: TextIO | None) -> int:
    if as_json is not None:
        errors = error.errors if isinstance(error, Findings) else (error,)
        as_json.write(FORMATS["json"]([Report(subject="run", summary=error.problem, findings=tuple(errors))]))
    print(error, file=err)
    return USAGE if isinstance(error, UsageError) else FINDINGS


if __name__ == "__main__":
    sys.exit(main())
