"""Code blocks of our Markdown, and stories: blocks that a reader follows one after the other.

A comment before a block says what it is, where that is not "a story of its own":

    <!-- test: goes on -->           follows on the block before: same folder, same environment, same names
    <!-- test: file posters.jsonl -->   is that file in the folder; goes on likewise
    <!-- test: output -->            what the block before prints; `…` stands for anything
    <!-- test: not run, REASON -->   with one of the reasons of `NOT_RUN`
"""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
NOT_RUN: Final = {
    "a drawing": "there is nothing to run",
    "part of a generated page": "the page is compared as a whole",
    "needs a PostgreSQL server": "tests/vidgate/cluster does the same with one; commands are parsed here",
    "needs a real key": "it would cost money; commands are parsed here",
}
"""Why a block may stand there without being run, and what is done instead."""

MARK: Final = re.compile(r"<!-- test: (.+?) -->\s*\Z")


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """A fenced block; `mark` is what its comment says."""

    document: str
    line: int
    language: str
    text: str
    mark: str = ""

    def __str__(self) -> str:
        return f"{self.document}:{self.line}"

    @property
    def reason(self) -> str | None:
        """Why it is not run, if so."""
        return self.mark.removeprefix("not run, ") if self.mark.startswith("not run, ") else None

    @property
    def file(self) -> str | None:
        """The file that it is, if so."""
        return self.mark.removeprefix("file ") if self.mark.startswith("file ") else None


def documents() -> list[str]:
    """Our Markdown; the providers' pages are theirs."""
    listed = subprocess.run(
        ("git", "ls-files", "--cached", "--others", "--exclude-standard", "--", "*.md"),
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    return sorted(
        name for name in listed if "/pages/" not in name and not name.startswith("tests/") and (ROOT / name).is_file()
    )


def blocks(document: str, text: str) -> list[Block]:
    """The fenced blocks of a document, in order."""
    found: list[Block] = []
    comment = ""
    for token in MarkdownIt().parse(text):
        if token.type == "fence":
            assert token.map is not None
            mark = MARK.search(comment)
            found.append(
                Block(
                    document=document,
                    line=token.map[0] + 1,
                    language=token.info.split(" ")[0],
                    text=token.content,
                    mark=mark[1] if mark else "",
                )
            )
        if token.nesting >= 0:
            comment = token.content if token.type == "html_block" else ""
    return found


def stories(found: list[Block]) -> list[tuple[Block, ...]]:
    """Blocks that belong together; a file opens a story unless the block before is of one that it goes on with."""
    told: list[list[Block]] = []
    for block in found:
        follows = block.mark in {"goes on", "output"} or (block.file is not None and told and told[-1][-1].file)
        if follows and told:
            told[-1].append(block)
        else:
            told.append([block])
    return [tuple(story) for story in told]


def every_story() -> list[tuple[Block, ...]]:
    """Of all documents."""
    return [
        story
        for document in documents()
        for story in stories(blocks(document, (ROOT / document).read_text(encoding="utf-8")))
    ]


def matches(expected: str, printed: str) -> bool:
    """Whether a text is as shown; `…` is anything within a line, on a line of its own any lines."""
    parts = [
        r"(?:.*\n)*?" if line.strip() == "…" else re.escape(line.rstrip()).replace("…", ".*") + r"[ ]*\n"
        for line in expected.strip("\n").splitlines()
    ]
    return re.fullmatch("".join(parts), printed.strip("\n") + "\n") is not None
