"""One subcommand per stage: `python -m tools STAGE`.

Results go to standard output, progress and errors to standard error.
Exit codes: 0 good, 1 findings, 2 usage, 70 a bug of vidgate's own.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime as dt
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn, TextIO, get_args

from tools.build import (
    Options,
    build,
    check,
    extract_pages,
    generate_again,
    normalize_again,
    overlay_health,
    overlay_lines,
    select_pages,
)
from tools.diff import compare_languages, count_differing, count_translations
from tools.diff.rules_page import rules_page, rules_table
from tools.errors import Findings, LeftoverError, ToolError, UsageError
from tools.model import Page
from tools.report import COMPARISON_FORMATS, FORMATS, FailOn, Report, count, render_comparisons, wants_color
from tools.store import Workspace, json_bytes, nearest, read_bytes
from tools.vendor import index_of, token_of, vendor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tools.build import Progress
    from tools.model import Extracted, JsonObject

GOOD, FINDINGS, USAGE, BUG, INTERRUPTED = 0, 1, 2, 70, 130

_OUT: Final[Mapping[str, str]] = {
    "build": "write DIR/<provider>/ and DIR/generated/ instead of the checkout",
    "generate": "write DIR/<provider>_api/ instead of the checkout",
    "normalize": "write DIR/<provider>/ instead of the checkout; `-` prints the contract",
}

_MORE_ACTIONS: Final = "actions after the provider's own"

_SUBJECTS: Final[Mapping[str, tuple[str, str, str, str]]] = {
    "extract": ("page", "PAGE", "*", "a vendored page, or any file"),
    "locales": ("subject", "PROVIDER|DIR", "?", "a provider, or a folder of its pages by locale"),
}
"""What may be named without an option: attribute, name in the help, how many, what it is."""

_CHECKOUT: Final = Path(__file__).resolve().parent.parent


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """One call of the command line."""

    arguments: argparse.Namespace
    workspace: Workspace
    out: TextIO
    progress: Progress

    def providers(self) -> tuple[str, ...]:
        """The provider that was named, or all of them; raises UsageError."""
        if self.arguments.provider is not None:
            return (self.workspace.provider(self.arguments.provider),)
        if getattr(self.arguments, "pages", None) is not None:
            raise UsageError("--pages needs --provider", fix="Say whose pages these are.")
        found = self.workspace.providers()
        if not found:
            raise UsageError("specs/ holds no provider", fix="Write specs/<provider>/sources.toml.")
        return found

    def options(self) -> Options:
        """What build, normalize and generate were told."""
        given = vars(self.arguments)
        return Options(
            pages=given.get("pages"),
            out=given.get("out"),
            overlays=tuple(given.get("overlay") or ()),
            locale=given.get("locale"),
            update_tools=bool(given.get("update_tools")),
        )

    def show(self, reports: Sequence[Report]) -> int:
        """Print the reports; the exit code is theirs."""
        form = "json" if self.arguments.json else "verbose" if self.arguments.verbose else "text"
        self.out.write(FORMATS[form](reports))
        return GOOD if all(report.good for report in reports) else FINDINGS

    def show_with(self, reports: Sequence[Report], lines: Sequence[str]) -> int:
        """The same, and `lines` after it for people."""
        code = self.show(reports)
        if not self.arguments.json:
            self.out.writelines(f"{line}\n" for line in lines)
        return code


def _build(run: Run) -> int:
    act = check if run.arguments.check else build
    return run.show(act(run.workspace, run.providers(), run.options(), run.progress))


def _normalize(run: Run) -> int:
    providers, options = run.providers(), run.options()
    to_output = str(options.out) == "-"
    if to_output and len(providers) > 1:
        raise UsageError("only one contract fits on standard output", fix="Name it with --provider.")
    reports, derived = normalize_again(run.workspace, providers, options, run.progress, write=not to_output)
    if to_output and reports[0].good and derived[0].document is not None:
        run.out.write(json_bytes(derived[0].document.openapi).decode("utf-8"))
        return GOOD
    return run.show(reports)


def _generate(run: Run) -> int:
    return run.show(generate_again(run.workspace, run.providers(), run.options(), run.progress))


def _locales(run: Run) -> int:
    reports: list[Report] = []
    chosen, folder = _translated_site(run)
    for provider in chosen:
        source = run.workspace.source(provider).source
        pages = select_pages(run.workspace, provider, folder).pages
        extracted, errors = extract_pages(pages, run.progress)
        changes = compare_languages(extracted, source.locales)
        sure = tuple(change for change in changes if change.level != "info")
        everything = run.arguments.json or run.arguments.verbose
        locales = [name for name in source.locales if any(page.locale == name for page in pages)]
        translated = count_translations(extracted)
        differing = count_differing(sure)
        found = f"{count(len(pages), 'page')} in {count(len(locales), 'locale')}"
        verdict = "equal" if not sure else f"{count(differing, 'page')} differ{'s' if differing == 1 else ''}"
        remarks = len(changes) - len(sure)
        if remarks:
            verdict += f", {count(remarks, 'remark')}{'' if everything else ' (--verbose lists them)'}"
        reports.append(
            Report(
                subject=provider,
                summary=f"{found}, {translated} of them in several: {verdict}",
                facts={
                    "pages": len(pages),
                    "locales": locales,
                    "translated": translated,
                    "differing": differing,
                    "remarks": remarks,
                },
                findings=errors,
                changes=changes if everything else sure,
                changes_count=bool(sure),
            )
        )
    return run.show(reports)


def _translated_site(run: Run) -> tuple[tuple[str, ...], Path | None]:
    """Whose languages to compare, and the folder of pages if one was named; raises UsageError."""
    subject, folder = run.arguments.subject, run.arguments.pages
    if subject is None:
        return run.providers(), folder
    if subject in run.workspace.providers():
        return (subject,), folder
    if not Path(subject).is_dir():
        known = run.workspace.providers()
        raise UsageError(f"{subject!r} is neither a provider nor a folder", fix=nearest(subject, known, "provider"))
    if run.arguments.provider is not None:
        return (run.workspace.provider(run.arguments.provider),), Path(subject)
    indices = {run.workspace.source(name).source.index: name for name in run.workspace.providers()}
    for file in sorted(Path(subject).rglob("*.md")):
        index = index_of(read_bytes(file))
        if index in indices:
            return (indices[index],), Path(subject)
    raise UsageError(f"no page in {subject} says whose it is", fix="Name the provider with --provider.")


def _diff(run: Run) -> int:
    from tools.build._compare import Sides, compare_sides  # the relation of schemas is heavy, and few stages need it

    given = run.arguments
    asked = Sides(
        old=given.old,
        new=given.new,
        provider=given.provider,
        fail_on=given.fail_on,
        config=given.config,
        today=given.today or dt.datetime.now(tz=dt.UTC).date(),
    )
    comparison = compare_sides(run.workspace, asked, run.progress)
    form = "json" if given.json else given.format
    run.out.write(render_comparisons([comparison], form, color=wants_color(run.out, os.environ)))
    return GOOD if comparison.good and not comparison.stale else FINDINGS


def _rules(run: Run) -> int:
    run.out.write(rules_page() if run.arguments.markdown else rules_table())
    return GOOD


def _extract(run: Run) -> int:
    selected: dict[str, list[Page]] = {}
    if run.arguments.page:
        for name in run.arguments.page:
            page = _find_page(run.workspace, name, run.arguments.provider)
            selected.setdefault(page.provider, []).append(page)
    else:
        for provider in run.providers():
            selected[provider] = list(select_pages(run.workspace, provider, run.arguments.pages).pages)
    reports: list[Report] = []
    for provider, pages in selected.items():
        extracted, errors = extract_pages(pages, run.progress)
        reports.extend(_page_report(one) for one in extracted)
        reports.extend(Report(subject=f"{provider}: a page cannot be read", summary="", findings=(e,)) for e in errors)
    return run.show(reports)


def _page_report(one: Extracted) -> Report:
    paths: JsonObject = (one.document or {}).get("paths", {})
    operations = [f"{method.upper()} {path}" for path, item in paths.items() for method in item]
    findings = tuple(
        LeftoverError(f"{left.reason}: {left.text!r}", fix="Teach the reader, or explain it.", places=[left.place])
        for left in one.leftovers
    )
    return Report(
        subject=f"{one.page.provider}/{one.page.path}",
        summary=f"{one.kind}, {', '.join(operations) or 'no operation'}, {len(one.prose)} texts",
        facts={
            "kind": one.kind,
            "operations": operations,
            "document": one.document,
            "lines": dict(one.lines),
            "prose": [_without_empty(dataclasses.asdict(text)) for text in one.prose],
            "spans": [dataclasses.asdict(span) for span in one.spans],
        },
        findings=findings,
        notes=tuple(f"{fix.place}: {fix.rule}: {fix.found} → {fix.made}" for fix in one.repairs),
    )


def _without_empty(row: JsonObject) -> JsonObject:
    return {name: value for name, value in row.items() if value not in (None, (), "")}


def _find_page(workspace: Workspace, name: str, provider: str | None) -> Page:
    """A vendored page by its path, or any file; a file's provider is the one whose index it names."""
    providers = (workspace.provider(provider),) if provider is not None else workspace.providers()
    vendored = {(one, page.path): page for one in providers for page in workspace.pages(one).pages}
    wanted = re.sub(r"^(\./)?specs/([^/]+)/pages/", r"\2/", name)
    found = [page for (one, path), page in vendored.items() if wanted in {path, f"{one}/{path}"}]
    if len(found) == 1:
        return found[0]
    file = Path(name)
    if not file.is_file():
        advice = nearest(name, [path for _, path in vendored], "page")
        raise UsageError(f"there is no page {name!r}", fix=advice)
    content = read_bytes(file)
    index = index_of(content)
    for one in providers:
        source = workspace.source(one).source
        if source.index == index or provider is not None:
            path = token_of(content) or f"{source.locales[0]}/{file.stem}.md"
            return Page(provider=one, locale=path.partition("/")[0], path=path, content=content)
    raise UsageError(f"{name} does not say whose page it is", fix="Name the provider with --provider.")


def _overlay(run: Run) -> int:
    reports = [overlay_health(run.workspace, name, run.options(), run.progress) for name in run.providers()]
    return run.show_with(reports, [line for one in reports for line in (f"{one.subject}:", *overlay_lines(one))])


def _changelog(run: Run) -> int:
    from tools.build._regenerate import changelog, version_lines

    given = run.arguments
    provider = run.workspace.provider(given.provider)
    report = changelog(run.workspace, provider, (given.old, given.new), given.date, run.progress)
    return run.show_with([report], version_lines(report))


def _regenerate(run: Run) -> int:
    from tools.build._regenerate import Arriving, regenerate, version_lines

    given = run.arguments
    workspace = Workspace(root=given.root) if given.root is not None else run.workspace
    provider = workspace.provider(given.provider)
    arriving = Arriving(folder=given.folder, retrieved=given.retrieved, overlays=tuple(given.overlay or ()))
    report = regenerate(workspace, provider, arriving, run.progress)
    code = run.show_with([report], version_lines(report))
    if code == GOOD and given.run_tests:
        code = _run_tests(workspace.root)
    return code


def _run_tests(root: Path) -> int:
    """The checkout's tests, in this process: the pipeline starts none but the generator's."""
    try:
        import pytest
    except ImportError:
        raise UsageError("pytest is not installed", fix="Install the group `tests`, or run nox.") from None
    return GOOD if pytest.main([str(root / "tests"), "--rootdir", str(root), "-q"]) == 0 else FINDINGS


def _vendor(run: Run) -> int:
    arguments = run.arguments
    provider = run.workspace.provider(arguments.provider)
    if arguments.folder is None:
        raise UsageError("fetching pages from the site is not part of this version", fix="Name a folder with --from.")
    result = vendor(run.workspace, provider, arguments.folder, retrieved=arguments.retrieved, dry_run=arguments.dry_run)
    kinds = {"new": result.new, "changed": result.changed, "unchanged": result.unchanged}
    counts = ", ".join(f"{len(paths)} {kind}" for kind, paths in kinds.items())
    state = "written" if result.written else "nothing was written"
    report = Report(
        subject=provider,
        summary=f"{counts}; {len(result.elsewhere)} files are not its pages; {state}",
        facts={**{kind: list(paths) for kind, paths in kinds.items()}, "written": result.written},
        findings=result.findings,
        notes=tuple(f"{name}: no page of {provider}" for name in result.elsewhere),
    )
    code = run.show([report])
    if not arguments.json:
        run.out.writelines(f"  {kind}: {path}\n" for kind, paths in kinds.items() for path in paths)
    return code


COMMANDS: Final[Mapping[str, tuple[Callable[[Run], int], str]]] = {
    "build": (_build, "pages → contract → generated client, for one provider or all"),
    "changelog": (_changelog, "tell in the provider's CHANGES.md what changed between two sides"),
    "diff": (_diff, "what changed between two specifications, and whom it breaks"),
    "extract": (_extract, "show what pages state, and what no reader understood"),
    "generate": (_generate, "the client, from the contract on disk"),
    "locales": (_locales, "compare the translations of every page: structure, examples, facts"),
    "normalize": (_normalize, "the contract only"),
    "overlay": (_overlay, "every action of the overlay: nodes it matches, and whether it is still needed"),
    "regenerate": (_regenerate, "new pages in; contract, client, changelog and version out: all or nothing"),
    "rules": (_rules, "every rule of `diff` and `locales`, and why it matters"),
    "vendor": (_vendor, "bring published pages into specs/"),
}


class _Parser(argparse.ArgumentParser):
    """Raises UsageError instead of ending the process."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(message, fix=f"See `{self.prog} --help`.")

    def options(self) -> list[str]:
        """The long options this parser knows."""
        return [option for action in self._actions for option in action.option_strings if option.startswith("--")]


def _folder(text: str) -> Path:
    return Path(text)


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date, as in 2026-07-02") from None


def _parsers() -> tuple[_Parser, dict[str, _Parser]]:
    """The parser, and the one of every stage."""
    parser = _Parser(prog="python -m tools", description=__doc__, allow_abbrev=False)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    commands = parser.add_subparsers(dest="command", required=True, metavar="STAGE", parser_class=_Parser)
    stages: dict[str, _Parser] = {}
    for name, (_, what) in COMMANDS.items():
        command = stages[name] = commands.add_parser(name, help=what, description=what, allow_abbrev=False)
        command.add_argument("--json", action="store_true", help="the result as JSON")
        command.add_argument("--verbose", action="store_true", help="everything, and progress without a terminal")
        command.add_argument("--debug", action="store_true", help="show the traceback of a bug")
        if name in _ARGUMENTS:
            _ARGUMENTS[name](command)
            continue
        command.add_argument("--provider", metavar="P", help="one provider; all without it")
        if name != "generate":
            command.add_argument("--pages", type=_folder, metavar="DIR", help="pages by locale, instead of specs/")
        if name in _SUBJECTS:
            subject, metavar, many, meant = _SUBJECTS[name]
            command.add_argument(subject, nargs=many, metavar=metavar, help=meant)
        if name in {"build", "normalize"}:
            command.add_argument("--overlay", type=_folder, action="append", metavar="FILE", help=_MORE_ACTIONS)
        if name in {"build", "normalize", "generate"}:
            command.add_argument("--out", type=_folder, metavar="DIR", help=_OUT[name])
        if name in {"build", "generate"}:
            command.add_argument("--locale", metavar="L", help="language of docstrings instead of English")
            command.add_argument("--update-tools", action="store_true", help="lock the installed generator")
        if name == "build":
            command.add_argument("--check", action="store_true", help="compare with what is on disk; write nothing")
    return parser, stages


def _diff_arguments(command: argparse.ArgumentParser) -> None:
    side = "an OpenAPI file, a folder of pages, a provider, or git:REV[:PATH]"
    command.add_argument("old", metavar="OLD", help=side)
    command.add_argument("new", metavar="NEW", help=side)
    command.add_argument("--provider", metavar="P", help="whose pages or contract the sides are")
    command.add_argument(
        "--fail-on", choices=get_args(FailOn), default="error", help="the least level that gives exit code 1"
    )
    command.add_argument("--config", type=_folder, metavar="FILE", help="levels and acceptances, in TOML")
    command.add_argument("--format", choices=tuple(COMPARISON_FORMATS), default="text", help="how to write it")
    command.add_argument("--today", type=_day, metavar="DATE", help="the day acceptances are measured by")


def _vendor_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("provider", metavar="PROVIDER")
    command.add_argument("--from", dest="folder", type=_folder, metavar="DIR", help="the folder that holds the pages")
    command.add_argument("--retrieved", type=_day, metavar="DATE", help="the day the site showed them")
    command.add_argument("--dry-run", action="store_true", help="say what would be done")


def _overlay_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("provider", metavar="PROVIDER", nargs="?", help="one provider; all without it")
    command.add_argument("--pages", type=_folder, metavar="DIR", help="pages by locale, instead of specs/")
    command.add_argument("--overlay", type=_folder, action="append", metavar="FILE", help=_MORE_ACTIONS)


def _rules_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("--markdown", action="store_true", help="the page docs/rules.md")


def _changelog_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("provider", metavar="PROVIDER")
    for name in ("old", "new"):
        command.add_argument(
            name, metavar=name.upper(), help="a file, a folder of pages, a provider, or git:REV[:PATH]"
        )
    command.add_argument("--date", type=_day, metavar="DATE", help="the day of the change; without it: Unreleased")


def _regenerate_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("provider", metavar="PROVIDER")
    command.add_argument("--from", dest="folder", type=_folder, metavar="DIR", required=True, help="the new pages")
    command.add_argument("--retrieved", type=_day, metavar="DATE", help="the day the site showed them")
    command.add_argument(
        "--overlay", type=_folder, action="append", metavar="FILE", help="decisions to append to the provider's overlay"
    )
    command.add_argument("--root", type=_folder, metavar="CHECKOUT", help="another checkout than this one")
    command.add_argument("--run-tests", action="store_true", help="run the checkout's tests afterwards")


_ARGUMENTS: Final[Mapping[str, Callable[[argparse.ArgumentParser], None]]] = {
    "changelog": _changelog_arguments,
    "diff": _diff_arguments,
    "overlay": _overlay_arguments,
    "regenerate": _regenerate_arguments,
    "rules": _rules_arguments,
    "vendor": _vendor_arguments,
}
"""Stages whose options are their own."""


def _parse(given: Sequence[str]) -> argparse.Namespace:
    if given and not given[0].startswith("-") and given[0] not in COMMANDS:
        raise UsageError(f"there is no stage {given[0]!r}", fix=nearest(given[0], tuple(COMMANDS), "stage"))
    parser, stages = _parsers()
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
        arguments = _parse(given)
        talks = talk.isatty() or arguments.verbose

        def progress(message: str, /) -> None:
            if talks:
                print(message, file=talk, flush=True)

        run = Run(arguments=arguments, workspace=Workspace(root=root or _CHECKOUT), out=results, progress=progress)
        code = COMMANDS[arguments.command][0](run)
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
        notes = "".join(f" ({note})" for note in getattr(error, "__notes__", ()))
        print(f"{type(error).__name__}: {error}{notes}", file=talk)
        print("  This is a bug in vidgate. Run again with --debug and report what it prints.", file=talk)
        return BUG
    return code


def _unicode(stream: TextIO) -> None:
    """Pages are in many languages: a terminal's own encoding must neither crash a run nor change its JSON."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(encoding="utf-8", errors="backslashreplace")


def _fail(error: ToolError, err: TextIO, *, as_json: TextIO | None) -> int:
    if as_json is not None:
        errors = error.errors if isinstance(error, Findings) else (error,)
        as_json.write(FORMATS["json"]([Report(subject="run", summary=error.problem, findings=tuple(errors))]))
    print(error, file=err)
    return USAGE if isinstance(error, UsageError) else FINDINGS


if __name__ == "__main__":
    sys.exit(main())
