"""New pages in, everything that follows from them out: vendor, build, compare, tell. All or nothing.

Everything happens in a copy of the provider's specs first; the checkout is touched by one transaction at the end.
`changelog` tells of any two sides in the same words.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Protocol

from tools.build._adopt import adopt
from tools.build._changelog import CHANGES, Bump, entry_of, version_bump, with_entry
from tools.build.options import Options
from tools.build.run import build
from tools.build.states import compare_states, contract_state, state_of
from tools.diff import fold
from tools.diff.rules import BY_ID
from tools.errors import Place, UsageError
from tools.generate import package_name
from tools.report import Report, count
from tools.store import (
    CONTRACT,
    LOCALES,
    PAGES,
    Workspace,
    install,
    read_tree,
    temporary_folder,
)
from tools.vendor import Wanted, vendor, vendor_site

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from tools.build.options import Progress
    from tools.model import Change
    from tools.vendor import Vendored, Watch

_OPEN: Final = "the checkout is as it was"
_DOCUMENT: Final = "document"
"""Stands for the language of a document that came without pages."""


class Compare(Protocol):
    """All changes between two states of a provider's specs, the old one first."""

    def __call__(self, old: Workspace, new: Workspace, provider: str, progress: Progress, /) -> tuple[Change, ...]: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Arriving:
    """What came: from a folder, the address of a site, or the provider's own site (None); and what goes with it.

    `retrieved` is the day the site showed a folder's pages; `prune` takes out what the site no longer has; `overlays`
    are decisions that go into the provider's overlay.
    """

    origin: Path | str | None
    wanted: Wanted = field(default_factory=Wanted)
    retrieved: date | None = None
    prune: bool = False
    overlays: tuple[Path, ...] = ()
    watch: Watch | None = None

    def bring(self, workspace: Workspace, provider: str) -> Vendored:
        """Vendor the pages into `workspace`. Raises UsageError when none is brought."""
        if isinstance(self.origin, str | None):
            return vendor_site(
                workspace, provider, url=self.origin, wanted=self.wanted, prune=self.prune, watch=self.watch
            )
        found = vendor(workspace, provider, self.origin, wanted=self.wanted, retrieved=self.retrieved)
        if not found.written and not found.findings:
            problem = f"{self.origin} holds no page of {provider}"
            raise UsageError(problem, fix="Name a folder with its pages, or add its index to sources.toml.")
        return found


def regenerate(
    workspace: Workspace,
    provider: str,
    arriving: Arriving,
    progress: Progress,
    *,
    compare: Compare | None = None,
) -> Report:
    """Bring pages in and write all that follows: pages, lock, overlay, contract, locales, client, `CHANGES.md`.

    With findings (a page that cannot be read, a decision that is open) nothing is written. What is odd about a site
    leaves the pages concerned as they are, and is a note. Raises UsageError when nothing came, or when somebody else
    changed the specs meanwhile.
    """
    specs = f"specs/{provider}"
    install(workspace.root, {})  # what a run that was killed left half-done is undone before anything is read
    before = read_tree(workspace.specs(provider))
    with temporary_folder() as place:
        draft = Workspace(root=place, cached=workspace.root)
        install(place, {f"{specs}/{path}": content for path, content in before.items()})
        arrived = arriving.bring(draft, provider)
        if not arrived.written:
            return Report(subject=provider, summary=f"not vendored; {_OPEN}", findings=arrived.findings)
        adopt(draft, provider, arriving.overlays)
        (built,) = build(draft, (provider,), Options(), progress)
        if not built.good:
            summary = f"{_pages(arrived)}; {built.summary.partition(';')[0]}; {_OPEN}"
            return replace(
                built, summary=summary, facts={**_arrival(arrived), "written": False}, notes=_notes(arrived, built)
            )
        first = not (workspace.specs(provider) / CONTRACT).is_file()
        if not first:
            progress(f"{provider}: comparing")
        changes = () if first else (compare or compare_specs)(workspace, draft, provider, progress)
        files = {f"{specs}/{path}": content for path, content in read_tree(draft.specs(provider)).items()}
        if not first:
            old_text = before.get(CHANGES, b"").decode("utf-8", "replace")
            text = with_entry(
                old_text,
                entry_of(workspace.contract(provider), draft.contract(provider), changes),
                title=workspace.source(provider).source.title,
                day=arrived.retrieved,
                is_addition=is_addition,
            )
            if text != old_text:
                files[f"{specs}/{CHANGES}"] = text.encode("utf-8")
        package = f"generated/{package_name(provider)}"
        files |= {f"{package}/{path}": content for path, content in read_tree(place / package).items()}
        if read_tree(workspace.specs(provider)) != before:
            raise UsageError(
                f"{specs} changed while this ran", fix="Nothing was written. Run again.", places=[Place(path=specs)]
            )
        pages = (f"{specs}/{PAGES}",) if arrived.removed else ()
        changed = _install(workspace, files, whole=(f"{specs}/{LOCALES}", package, *pages))
    bump = Bump(size="minor", reasons=("there was no client before",)) if first else version_bump(changes, is_addition)
    return replace(
        built,
        summary=f"{_pages(arrived)}, {count(len(changes), 'change')}; {count(len(changed), 'file')} changed",
        facts={
            **_arrival(arrived),
            **built.facts,
            "written": True,
            "changed": list(changed),
            "version": bump.size,
            "reasons": list(bump.reasons),
        },
        changes=changes,
        changes_count=False,
        notes=_notes(arrived, built),
    )


def compare_specs(old: Workspace, new: Workspace, provider: str, progress: Progress, /) -> tuple[Change, ...]:
    """What changed in the contract, in the words of the pages, and in the agreement of their translations."""
    return fold(compare_states(*(contract_state(side, provider, progress) for side in (old, new))))


def is_addition(change: Change) -> bool:
    """Whether the change is something more to use: what the rule says, remarks on old things aside."""
    rule = BY_ID.get(change.rule)
    if rule is None or rule.area == "annotation":
        return False
    return rule.action == "added" or rule.id.endswith("-added")


def changelog(
    workspace: Workspace, provider: str, sides: tuple[str, str], day: date | None, progress: Progress
) -> Report:
    """Tell in the provider's `CHANGES.md` what changed from the first side to the second; once, however often asked.

    A side is what `diff` takes: a file, a folder of pages, a provider, `git:REV`.
    """
    old, new = (state_of(name, workspace, provider, progress) for name in sides)
    changes = fold(compare_states(old, new))
    path = workspace.specs(provider) / CHANGES
    before = path.read_text(encoding="utf-8") if path.is_file() else ""
    title = workspace.source(provider).source.title
    entry = entry_of(old.side.document, new.side.document, changes)
    after = with_entry(before, entry, title=title, day=day, is_addition=is_addition)
    if after != before:
        install(workspace.root, {f"specs/{provider}/{CHANGES}": after.encode("utf-8")})
    bump = version_bump(changes, is_addition)
    state = "an entry was added" if after != before else "told already" if changes else "nothing to tell"
    return Report(
        subject=provider,
        summary=f"{count(len(changes), 'change')}; {state}",
        facts={"written": after != before, "version": bump.size, "reasons": list(bump.reasons)},
        changes=changes,
    )


def version_lines(report: Report) -> list[str]:
    """For people: the version the change asks for, and why."""
    size: str = report.facts.get("version", "")
    reasons: list[str] = report.facts.get("reasons", [])
    if not size:
        return []
    if size == "none":
        return ["the client needs no new version: what it is made of did not change"]
    return [f"asks of the client: a {size} version", *(f"  {reason}" for reason in reasons)]


def _install(workspace: Workspace, files: dict[str, bytes], *, whole: tuple[str, ...]) -> tuple[str, ...]:
    """One transaction with the folders in `whole`, and of the other files those that differ."""
    folders = tuple(f"{folder}/" for folder in whole)
    new = {
        path: content
        for path, content in files.items()
        if path.startswith(folders) or not _holds(workspace.root / path, content)
    }
    return install(workspace.root, new, whole=whole)


def _holds(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content


def _notes(arrived: Vendored, built: Report) -> tuple[str, ...]:
    """What is odd about the site, before what is odd about its pages."""
    return (*map(str, arrived.findings), *arrived.remarks, *built.notes)


def _pages(arrived: Vendored) -> str:
    removed = f", {len(arrived.removed)} removed" if arrived.removed else ""
    return f"{len(arrived.new)} new, {len(arrived.changed)} changed, {len(arrived.unchanged)} unchanged{removed}"


def _arrival(arrived: Vendored) -> dict[str, list[str]]:
    return {
        "new": list(arrived.new),
        "changed_pages": list(arrived.changed),
        "unchanged": list(arrived.unchanged),
        "removed": list(arrived.removed),
    }
