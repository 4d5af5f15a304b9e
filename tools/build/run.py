"""Builds everything, then writes everything; or compares everything with what is on disk."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from tools.build._inputs import input_drift, lock_of, page_drift, tool_drift
from tools.build.derive import check_locale, derive
from tools.errors import DriftError, Place, ToolError, UsageError
from tools.generate import package_name, render
from tools.model import Document
from tools.report import Report, count
from tools.store import (
    CONTRACT,
    LOCALES,
    LOCK,
    install,
    json_bytes,
    lock_bytes,
    nearest,
    read_tree,
    yaml_bytes,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tools.build.derive import Derived
    from tools.build.options import Options, Progress
    from tools.store import Workspace

_NOT_BY_HAND: Final = "Nobody edits it: change an overlay or a template, then run `python -m tools build`."


@dataclass(frozen=True, kw_only=True, slots=True)
class Outputs:
    """Everything a build writes: bytes by path below `root`; folders in `whole` hold nothing else."""

    root: Path
    files: dict[str, bytes] = field(default_factory=dict[str, bytes])
    whole: list[str] = field(default_factory=list[str])

    def add(self, folder: str, tree: dict[str, bytes], *, whole: bool) -> None:
        """Put `tree` below `folder`."""
        self.files.update({f"{folder}/{path}": content for path, content in tree.items()})
        if whole:
            self.whole.append(folder)

    def write(self) -> tuple[str, ...]:
        """All or nothing; returns the paths that changed."""
        return install(self.root, self.files, whole=self.whole)


def build(workspace: Workspace, providers: Sequence[str], options: Options, progress: Progress) -> tuple[Report, ...]:
    """Build the providers and write all of them, or, when anything is open, nothing."""
    _check_target(workspace, providers, options)
    derived = [_derive_checked(workspace, provider, options, progress) for provider in providers]
    failures: dict[str, ToolError] = {}
    changed: tuple[str, ...] = ()
    if not any(one.findings for one in derived):
        outputs, failures = _outputs(workspace, derived, options, progress)
        if not failures and not _is_trial(options):
            changed = outputs.write()
    written = not failures and not any(one.findings for one in derived) and not _is_trial(options)
    return tuple(
        _report(one, failures.get(one.provider), _own(changed, one.provider, options), written=written)
        for one in derived
    )


def check(workspace: Workspace, providers: Sequence[str], options: Options, progress: Progress) -> tuple[Report, ...]:
    """Build in memory and name every file on disk that is something else. Writes nothing."""
    drift: dict[str, list[ToolError]] = {provider: list(input_drift(workspace, provider)) for provider in providers}
    derived = [derive(workspace, provider, options, progress) for provider in providers]
    for one in derived:
        check_locale(one, options.locale)
    comparable = [one for one in derived if not one.findings and not list(tool_drift(workspace, one.provider))]
    outputs, failures = _outputs(workspace, comparable, options, progress)
    for one in comparable:
        if one.provider not in failures:
            drift[one.provider].extend(_output_drift(outputs, _units(one.provider, options)))
    reports: list[Report] = []
    for one in derived:
        failure = failures.get(one.provider)
        findings = (*drift[one.provider], *one.findings, *([failure] if failure else []))
        summary = "what is on disk is what the pages and judgements say" if not findings else "not what it must be"
        reports.append(
            Report(
                subject=one.provider,
                summary=f"{_counts(one)}; {summary}",
                facts={"pages": len(one.pages.pages)},
                findings=findings,
            )
        )
    strangers = tuple(_strangers(workspace)) if options.out is None else ()
    if strangers:
        summary = "holds what no provider accounts for"
        reports.append(Report(subject="generated", summary=summary, findings=strangers))
    return tuple(reports)


def normalize_again(
    workspace: Workspace, providers: Sequence[str], options: Options, progress: Progress, *, write: bool = True
) -> tuple[tuple[Report, ...], tuple[Derived, ...]]:
    """The contract only: `openapi.json` and `locales/`."""
    if write:
        _check_target(workspace, providers, options)
    derived = tuple(derive(workspace, provider, options, progress) for provider in providers)
    good = write and not any(one.findings for one in derived)
    changed: tuple[str, ...] = ()
    if good:
        outputs = Outputs(root=options.out or workspace.root)
        for one in derived:
            _add_contract(outputs, one, options)
        changed = outputs.write()
    return tuple(_report(one, None, _own(changed, one.provider, options), written=good) for one in derived), derived


def generate_again(
    workspace: Workspace, providers: Sequence[str], options: Options, progress: Progress
) -> tuple[Report, ...]:
    """The client only, from the contract on disk."""
    outputs = Outputs(root=options.out or workspace.root / "generated")
    reports: list[Report] = []
    for provider in providers:
        document = Document(
            provider=provider, openapi=workspace.contract(provider), locales=workspace.locales(provider)
        )
        if options.locale is not None and options.locale not in document.locales:
            advice = nearest(options.locale, tuple(document.locales), "locale")
            raise UsageError(f"no page of {provider} is written in {options.locale!r}", fix=advice)
        findings: tuple[ToolError, ...] = tuple(tool_drift(workspace, provider)) if not options.update_tools else ()
        tree: dict[str, bytes] = {}
        if not findings:
            try:
                tree = _generated(document, options, progress)
            except ToolError as error:
                findings = (error,)
        outputs.add(package_name(provider), tree, whole=True)
        summary = f"{count(len(tree), 'file')} of {package_name(provider)}" if not findings else "nothing was written"
        reports.append(Report(subject=provider, summary=summary, facts={"files": len(tree)}, findings=findings))
    if all(report.good for report in reports):
        outputs.write()
    return tuple(reports)


def _check_target(workspace: Workspace, providers: Sequence[str], options: Options) -> None:
    """Only the vendored pages and the provider's own judgements may go into the checkout."""
    if _is_trial(options):
        return
    if options.out is None:
        if options.pages is not None or options.overlays:
            what = "pages of another folder" if options.pages is not None else "actions of another overlay"
            raise UsageError(f"{what} do not go into specs/", fix="Name another folder with --out.")
        return
    try:
        target = options.out.resolve()
    except (OSError, RuntimeError):  # a loop of links: until Python 3.12 no OSError
        raise UsageError(f"{options.out} leads nowhere", fix="Name another folder.") from None
    own = [workspace.root.resolve(), *((workspace.root / name).resolve() for name in ("specs", "generated"))]
    if target == own[0] or any(target.is_relative_to(folder) for folder in own[1:]):
        raise UsageError(f"{options.out} is the checkout itself", fix="Leave --out away, or name another folder.")
    for provider in providers:
        folder = options.out / provider
        if folder.is_dir() and any(folder.iterdir()) and not (folder / CONTRACT).is_file():
            raise UsageError(f"{folder} holds something that no build wrote", fix="Name an empty folder.")


def _is_trial(options: Options) -> bool:
    """Whether to build and judge everything and write nothing: nobody has decided what precedence settles."""
    return options.accept_precedence and options.out is None


def _derive_checked(workspace: Workspace, provider: str, options: Options, progress: Progress) -> Derived:
    """Like `derive`; what makes a build into the checkout wrong comes first among the findings."""
    derived = derive(workspace, provider, options, progress)
    check_locale(derived, options.locale)
    wrong: list[ToolError] = []
    if options.pages is None:
        wrong.extend(page_drift(workspace, provider))
    if not options.update_tools:
        wrong.extend(tool_drift(workspace, provider))
    return replace(derived, findings=(*wrong, *derived.findings))


def _outputs(
    workspace: Workspace, derived: Sequence[Derived], options: Options, progress: Progress
) -> tuple[Outputs, dict[str, ToolError]]:
    outputs = Outputs(root=options.out or workspace.root)
    failures: dict[str, ToolError] = {}
    for one in derived:
        if one.document is None:
            continue
        try:
            tree = _generated(one.document, options, progress)
        except ToolError as error:
            failures[one.provider] = error
            continue
        folder, package = _units(one.provider, options)
        _add_contract(outputs, one, options)
        lock = lock_of(workspace, one.provider, one.pages.pages, options.overlays)
        outputs.add(folder, {LOCK: lock_bytes(lock)}, whole=False)
        outputs.add(package, tree, whole=True)
    return outputs, failures


def _units(provider: str, options: Options) -> tuple[str, str]:
    """The folder of the contract and the folder of the package, below the root of the outputs."""
    return (f"specs/{provider}" if options.out is None else provider), f"generated/{package_name(provider)}"


def _own(paths: Sequence[str], provider: str, options: Options) -> tuple[str, ...]:
    return tuple(path for path in paths if path.startswith(tuple(f"{unit}/" for unit in _units(provider, options))))


def _add_contract(outputs: Outputs, derived: Derived, options: Options) -> None:
    if derived.document is None:
        return
    folder, _ = _units(derived.provider, options)
    outputs.add(folder, {CONTRACT: json_bytes(derived.document.openapi)}, whole=False)
    overlays = {f"{locale}.yaml": yaml_bytes(overlay) for locale, overlay in derived.document.locales.items()}
    outputs.add(f"{folder}/{LOCALES}", overlays, whole=True)


def _generated(document: Document, options: Options, progress: Progress) -> dict[str, bytes]:
    progress(f"{document.provider}: generating and checking the client")
    return render(document, locale=options.locale)


def _output_drift(outputs: Outputs, units: tuple[str, str]) -> Iterator[DriftError]:
    folder, package = units
    mine = {path: content for path, content in outputs.files.items() if path.startswith((f"{folder}/", f"{package}/"))}
    for path, content in sorted(mine.items()):
        if path == f"{folder}/{LOCK}":
            continue  # what it says was compared member by member
        target = outputs.root / path
        if not target.is_file():
            yield _drift(path, "is missing", "Run `python -m tools build`.")
        elif target.read_bytes() != content:
            yield _drift(path, "is not what its inputs say", _NOT_BY_HAND)
    for whole in (f"{folder}/{LOCALES}", package):
        found = read_tree(outputs.root / whole) if (outputs.root / whole).is_dir() else {}
        for path in sorted(found):
            if f"{whole}/{path}" not in mine:
                yield _drift(f"{whole}/{path}", "is a file that no build writes", "Take it out.")


def _strangers(workspace: Workspace) -> Iterator[DriftError]:
    folder = workspace.root / "generated"
    packages = {package_name(provider) for provider in workspace.providers()}
    for path in read_tree(folder) if folder.is_dir() else ():
        if path.partition("/")[0] not in packages:
            yield _drift(f"generated/{path}", "is a file that no build writes", "Take it out.")


def _drift(path: str, problem: str, fix: str) -> DriftError:
    return DriftError(problem, fix=fix, places=[Place(path=path)])


def _counts(derived: Derived) -> str:
    locales = {page.locale for page in derived.pages.pages}
    return f"{count(len(derived.pages.pages), 'page')} in {count(len(locales), 'locale')}"


def _report(derived: Derived, failure: ToolError | None, changed: tuple[str, ...], *, written: bool) -> Report:
    document = derived.document
    openapi = document.openapi if document else {}
    operations = sum(len(item) for item in openapi.get("paths", {}).values())
    schemas = len(openapi.get("components", {}).get("schemas", {}))
    state = f"{count(len(changed), 'file')} changed" if written else "nothing was written"
    return Report(
        subject=derived.provider,
        summary=f"{_counts(derived)}, {count(operations, 'operation')}, {count(schemas, 'schema')}; {state}",
        facts={
            "pages": len(derived.pages.pages),
            "locales": sorted({page.locale for page in derived.pages.pages}),
            "operations": operations,
            "schemas": schemas,
            "written": written,
            "changed": list(changed),
        },
        findings=(*derived.findings, *([failure] if failure else [])),
        changes=derived.changes,
        decisions=document.decisions if document else (),
        notes=derived.notes,
        repairs=document.repairs if document else (),
        proposals=derived.proposals,
    )
