"""One call of the command line, and how it ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.build.options import Options
from tools.errors import UsageError
from tools.report import FORMATS

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from typing import TextIO

    from tools.build.options import Progress
    from tools.report import Report
    from tools.store import Workspace

GOOD, FINDINGS, USAGE, BUG, INTERRUPTED = 0, 1, 2, 70, 130


@dataclass(frozen=True, kw_only=True, slots=True)
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
        """What build, normalize, generate and overlay were told."""
        given = vars(self.arguments)
        return Options(
            pages=given.get("pages"),
            out=given.get("out"),
            overlays=tuple(given.get("overlay") or ()),
            locale=given.get("locale"),
            update_tools=bool(given.get("update_tools")),
            accept_precedence=bool(given.get("accept_precedence")),
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
