"""Writes docs/commands.md from the parsers themselves: `python -m docs.commands > docs/commands.md`.

What a parser knows is never written twice: this file adds only exit codes and the members of JSON results.
"""

from __future__ import annotations

import argparse
import re
import sys
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, get_args

import typer.main

from conformance._command import FAULT
from conformance._command import _parser as conformance_parser
from tools.__main__ import _parsers as tools_parsers
from tools.commands import COMMANDS, _run
from vidgate.cli import _problems
from vidgate.cli._main import app
from vidgate.journal import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

HEAD: Final = """\
# Commands

Every command, option and default of the three programs of this project.
This page is written by `python -m docs.commands > docs/commands.md` from their own parsers; a test compares them.

- [`vidgate`](#vidgate) is the command line of the client (extra `cli`).
- [`vidgate-conformance`](#vidgate-conformance) judges servers and clients (extra `conformance`).
- [`python -m tools`](#python--m-tools) derives contracts and clients from the providers' pages (in a checkout).
"""

VIDGATE: Final = """\
Results go to standard output, everything else to standard error: what went wrong is told there, with `--json`, too.
In a pipe nothing is coloured or wrapped; with `NO_COLOR` nothing is coloured anywhere.
`vidgate --install-completion` adds completion to bash, zsh, fish or PowerShell: commands, models, parameters, values.
`vidgate --show-completion` prints it instead.

| variable | what it is |
|---|---|
| `EVOLINK_API_KEY`, `APIMART_API_KEY` | the keys |
| `EVOLINK_BASE_URL`, `APIMART_BASE_URL` | other addresses, such as a simulator's |
| `VIDGATE_JOURNAL` | another file for the journal, `none`, or `postgresql://…` |
| `VIDGATE_DEBUG` | `1` shows where a bug happened, without keys |
"""

EXITS: Mapping[str, tuple[tuple[int, str], ...]] = MappingProxyType(
    {
        "vidgate": (
            (_problems.GOOD, "good"),
            (_problems.FINDINGS, "findings, a failed task, or an error of the provider"),
            (_problems.USAGE, "the command line or the set-up is wrong; nothing was sent"),
            (_problems.BUG, "a bug of vidgate: please report it with what `VIDGATE_DEBUG=1` shows"),
            (_problems.INTERRUPTED, "interrupted"),
        ),
        "vidgate-conformance": (
            (0, "all that is scored at the level holds"),
            (1, "a requirement is broken, or `requirements --check` has found drift"),
            (FAULT, "the suite, its use, or the subject's set-up is at fault"),
        ),
        "python -m tools": (
            (_run.GOOD, "good"),
            (_run.FINDINGS, "findings"),
            (_run.USAGE, "the command line is wrong"),
            (_run.BUG, "a bug: please report it with what `--debug` shows"),
            (_run.INTERRUPTED, "interrupted; nothing was written"),
        ),
    }
)

COMPLETION: Final = {"--install-completion", "--show-completion"}
"""Typer's own options, in its own words."""

EVERY_STAGE: Final = ("--json", "--verbose", "--debug")
KINDS: Mapping[str, str] = MappingProxyType({"int": "N", "float": "NUMBER", "str": "TEXT", "text": "TEXT"})

TOOLS: Final = """\
Every stage takes `--json` (the result as JSON), `--verbose` (everything, and progress without a terminal) and
`--debug` (the traceback of a bug).
"""

TASK: Mapping[str, str] = MappingProxyType(
    {
        "id": "the provider's id of the task",
        "provider": "`evolink` or `apimart`",
        "status": "the provider's own word",
        "verdict": "what it means: `running`, `completed`, `failed`, `cancelled`, `unknown`",
        "progress": "0 to 100, or null",
        "model": "or null",
        "created": "seconds since 1970-01-01 UTC, or null",
        "estimated_seconds": "from its creation, or null",
        "error": "`code`, `message`, `retryable` of a failed task, else null",
        "results": "a list of `url`, `kind`, `expires_at`",
        "files": "where they were saved by this run",
    }
)
REPORT: Mapping[str, str] = MappingProxyType(
    {
        "valid": "whether there is no error",
        "model": "or null when there is no such model",
        "errors": "a list of `field`, `rule`, `message`, `fix`",
        "warnings": "the same, of advice",
    }
)
SHAPES: Mapping[str, tuple[str, Mapping[str, str]]] = MappingProxyType(
    {
        "models": (
            "With a model one object, else a list of them.",
            {
                "provider": "`evolink` or `apimart`",
                "model": "its id",
                "kind": "what it makes: `image`, `audio` or `video`",
                "summary": "one sentence, in the language that the generated classes have",
                "description": "all that is said",
                "request_class": "its class in `vidgate.evolink` or `vidgate.apimart`",
                "parameters": "a list of `name`, `required`, `type` (in words), `accepts` (a JSON Schema for each kind "
                "of value), `values` (all that are allowed, or empty), `default` (the provider's, or null), `summary`, "
                "`description`, `rules` (limits that no keyword says)",
                "rules": "what parameters demand of each other",
                "advice": "what is allowed, but probably not meant",
                "pages": "a list of `name`, `url`, `line`; `url` is null for what no page states",
                "example": "`request`, `python`, `command`",
            },
        ),
        "check": ("One object.", REPORT),
        "run": ("One object, also of a task that failed; of a request that is not valid, as `check` prints it.", TASK),
        "batch": (
            "One object a line, as items end, with or without `--json`.",
            {
                "item": "its name",
                "done": "whether it is completed, and saved where that was asked for",
                "task": "the id, or null",
                "status": "the provider's own word, or null",
                "submit_id": "its name in the journal, or null",
                "credits": "what was reserved, or null",
                "links": "of the results",
                "files": "where they were saved",
                "error": "`kind`, `message`, `hint`, or null",
            },
        ),
        "batch --json": ("For each item that is not valid one more object a line.", {"item": "its name", **REPORT}),
        "worker": (
            "One object a line for each thing worth knowing.",
            {"time": "seconds since 1970-01-01 UTC", "message": "what happened"},
        ),
        "get": ("One object.", TASK),
        "ls": (
            "A list of objects, oldest first.",
            {
                "submit_id": "its name in the journal",
                "provider": "`evolink` or `apimart`",
                "base_url": "where it was sent",
                "account": "a fingerprint of the key",
                "model": "or null",
                "idempotency_key": "under which it was sent",
                "request_hash": "a fingerprint of the request",
                "request_kept": "whether the journal still has the request",
                "state": ", ".join(f"`{state}`" for state in get_args(State)),
                "task_id": "or null",
                "status": "the provider's own word",
                "credits_reserved": "or null",
                "links_expire": "the earliest end of a link, or null",
                "error": "what went wrong, or empty",
                "files": "where results were saved",
                "created": "seconds since 1970-01-01 UTC",
                "updated": "seconds since 1970-01-01 UTC",
                "batch": "or null",
                "item": "or null",
                "nonce_hash": "a fingerprint of the nonce in its callback address, or null",
                "holder": "who is sending it or was, or null",
                "held_until": "nobody else sends it before that, or null",
            },
        ),
        "resume": ("A list of objects.", {"submit_id": "its name in the journal", **TASK}),
        "recover": ("One object.", {"submit_id": "its name in the journal", **TASK}),
        "doctor": (
            "A list of objects.",
            {
                "area": "what it belongs to",
                "name": "of the setting",
                "value": "never a secret",
                "fault": "what is wrong, or empty",
                "fix": "what to do, or empty",
            },
        ),
        "simulate": (
            "One object, once it listens; a member for each provider that is served.",
            {"base_url": "for the provider's `…_BASE_URL`", "api_key": "a key that it takes"},
        ),
    }
)
"""What `--json` prints: members in their order."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Option:
    """One argument or option, as Markdown."""

    spelling: str
    default: str
    help: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """One command of a program."""

    usage: str
    about: str
    options: tuple[Option, ...]
    epilog: str = ""


def page() -> str:
    """The whole page."""
    parts = [
        HEAD,
        *_program("vidgate", VIDGATE, vidgate_commands(), json=True),
        *_program("vidgate-conformance", "", conformance_commands()),
        *_program("python -m tools", TOOLS, tools_commands()),
    ]
    return re.sub(r"\n{3,}(?=### )", "\n\n", "\n".join(parts))


def vidgate_commands() -> Mapping[str, Command]:
    """Of the typer application."""
    group: Any = typer.main.get_command(app)
    found = {"": _of_typer("vidgate", group)}
    return found | {name: _of_typer(f"vidgate {name}", command) for name, command in group.commands.items()}


def conformance_commands() -> Mapping[str, Command]:
    """Of its argparse parser."""
    return _of_argparse(conformance_parser())


def tools_commands() -> Mapping[str, Command]:
    """Of each stage's own parser."""
    found = {name: _of_parser(tools_parsers(name)[1][name], about) for name, about in COMMANDS.items()}
    return {name: replace(one, options=_own(one.options)) for name, one in found.items()}


def _own(options: Iterable[Option]) -> tuple[Option, ...]:
    """Those that not every stage has."""
    return tuple(one for one in options if one.spelling not in EVERY_STAGE)


def _of_typer(usage: str, command: Any) -> Command:
    words = [usage, *(_metavar(one) for one in command.params if one.param_type_name == "argument")]
    return Command(
        usage=" ".join(words),
        about=(command.help or "").strip(),
        options=tuple(_typer_option(one) for one in command.params if not COMPLETION & {*one.opts}),
        epilog=command.epilog or "",
    )


def _metavar(parameter: Any) -> str:
    name: str = parameter.metavar or parameter.name.upper()
    return name if parameter.required or name.startswith("[") else f"[{name}]"


def _typer_option(one: Any) -> Option:
    if one.param_type_name == "argument":
        return Option(spelling=_metavar(one), default="", help=one.help or "")
    kind = one.type.name.split()[0].lower().replace("integer", "int")
    takes = "" if one.is_flag else f" {one.metavar or KINDS[kind]}"
    default = "" if one.is_flag or one.default is None else str(one.default)
    return Option(
        spelling=", ".join(f"{name}{takes}" for name in one.opts),
        default="required" if one.required else default,
        help=one.help or "",
    )


def _of_argparse(parser: argparse.ArgumentParser) -> Mapping[str, Command]:
    (choices,) = [one for one in parser._actions if isinstance(one, argparse._SubParsersAction)]
    about = {one.dest: one.help or "" for one in choices._choices_actions}
    return {name: _of_parser(command, about[name]) for name, command in choices.choices.items()}


def _of_parser(parser: argparse.ArgumentParser, about: str) -> Command:
    actions = [one for one in parser._actions if not isinstance(one, argparse._HelpAction)]
    words = [parser.prog, *(_positional(one) for one in actions if not one.option_strings)]
    return Command(usage=" ".join(words), about=about, options=tuple(_argparse_option(one) for one in actions))


def _positional(action: argparse.Action) -> str:
    name = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
    return f"[{name}]" if action.nargs in {"?", "*"} else name


def _argparse_option(action: argparse.Action) -> Option:
    if not action.option_strings:
        return Option(spelling=_positional(action), default="", help=action.help or "")
    takes = ""
    if action.nargs != 0:
        name = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
        takes = " " + ("|".join(map(str, action.choices)) if action.choices and action.metavar is None else name)
        takes += "..." if action.nargs in {"+", "*"} else ""
    silent = action.nargs == 0 or action.default is None or action.default == []
    return Option(
        spelling=", ".join(f"{name}{takes}" for name in action.option_strings),
        default="required" if action.required else "" if silent else str(action.default),
        help=action.help or "",
    )


def _program(name: str, about: str, commands: Mapping[str, Command], *, json: bool = False) -> Iterator[str]:
    yield f"\n## {name}\n"
    if about:
        yield about
    yield _table(("exit code", "when"), [(str(code), when) for code, when in EXITS[name]])
    for key, command in commands.items():
        yield f"\n### {command.usage}\n"
        yield _sentences(command.about)
        if command.options:
            rows = [(f"`{_cell(one.spelling)}`", _cell(one.default), _cell(one.help)) for one in command.options]
            yield _table(("argument or option", "default", "what it is"), rows)
        if command.epilog and "\b" in command.epilog:
            # \b tells the option parser to leave a paragraph as it is.
            epilog = re.sub(r"\n{3,}", "\n\n", command.epilog.replace("\b", "")).strip()
            yield f"<!-- test: not run, part of a generated page -->\n```text\n{epilog}\n```\n"
        for shape in (key, f"{key} --json") if json else ():
            if shape in SHAPES:
                what, members = SHAPES[shape]
                yield f"`--json`: {what[0].lower()}{what[1:]}\n"
                yield _table(
                    ("member", "what it is"), [(f"`{member}`", _cell(text)) for member, text in members.items()]
                )


def _sentences(text: str) -> str:
    """One sentence a line, as in all of our documents."""
    joined = " ".join(text.split())
    whole = joined[:1].upper() + joined[1:]
    ended = whole if whole.endswith((".", "!")) else f"{whole}."
    return re.sub(r"(?<=[.!]) (?=[A-Z])", "\n", ended) + "\n"


def _table(head: Iterable[str], rows: Iterable[tuple[str, ...]]) -> str:
    names = tuple(head)
    lines = [names, ("---",) * len(names), *rows]
    return "\n".join(f"|{'|'.join(line)}|" if line[0] == "---" else f"| {' | '.join(line)} |" for line in lines) + "\n"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.stdout.write(page())
