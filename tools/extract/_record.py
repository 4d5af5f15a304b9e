"""What a reader collects while it reads one page, and how that becomes Extracted."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tools.extract import _prose
from tools.extract._coverage import Coverage
from tools.extract._scan import Fence, Tag, TextRun
from tools.model import Extracted, Prose, Repair

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Sequence

    from tools.extract._head import Head
    from tools.extract._scan import Block, Scanned
    from tools.model import JsonObject, Page, PageKind
    from tools.schema.yaml import Limits


class Record:
    """Coverage, prose, lines and repairs of one page."""

    def __init__(self, page: Page, rows: Sequence[str], repairs: Iterable[Repair], *, limits: Limits) -> None:
        self.limits = limits
        self.page = page
        self.rows = rows
        self.coverage = Coverage(page, rows)
        self.lines: dict[str, int] = {}
        self.repairs = list(repairs)
        self._prose: list[Prose] = []
        self._headings: list[tuple[int, str]] = []
        self._under: tuple[str, ...] | None = None

    @property
    def heading(self) -> tuple[str, ...]:
        """The chain of headings above the present place."""
        return tuple(text for _, text in self._headings) if self._under is None else self._under

    @contextmanager
    def under(self, heading: tuple[str, ...]) -> Generator[None, None, None]:
        """Read something later than it stands on the page, under the headings it stands under."""
        before, self._under = self._under, heading
        yield
        self._under = before

    def say(self, line: int, role: str, text: str, *, pointer: str | None = None) -> None:
        """Keep a text."""
        self._prose.append(Prose(line=line, role=role, text=text, heading=self.heading, pointer=pointer))

    def head(self, head: Head, *, stated: bool = False, pointer: str | None = None) -> None:
        """Take over the top of the page; `stated`: the operation says its description itself."""
        for first, last, what in head.claims:
            if what:
                self.coverage.claim(first, last, what)
            else:
                self.coverage.leave(first, last, "a front matter key without known meaning")
        self._mended(head)
        if head.title:
            self.say(head.title_line, "title", head.title, pointer=pointer)
        if head.api:
            self.say(head.api_line, "api", head.api, pointer=pointer)
        if head.description and not stated:
            self.say(head.description_line, "description", head.description, pointer=pointer)

    def _mended(self, head: Head) -> None:
        """Report what others did to the top of the page after its export."""
        added = [(first, last) for first, last, what in head.claims if what == "preamble"]
        if added:
            number = sum(last - first + 1 for first, last in added)
            found = "1 line above the page" if number == 1 else f"{number} lines above the page"
            self.repairs.append(
                Repair(place=self.page.place(added[0][0]), rule="preamble", found=found, made="passed over")
            )
        for first, last, what in head.claims:
            blank = [line for line in range(first, last + 1) if self.rows[line - 1].strip() == ">"]
            if what == "index note" and blank:
                found, made = "a blank row inside the index note", "read as one note"
                self.repairs.append(Repair(place=self.page.place(blank[0]), rule="reformatted", found=found, made=made))

    def nonsense(self, scanned: Scanned) -> None:
        """Leave what the scanner could not make sense of; last, so that nothing covers it up."""
        for first, last, reason in scanned.nonsense:
            self.coverage.leave(first, last, reason)

    def piece(self, piece: _prose.Piece, *, pointer: str | None = None, role: str | None = None) -> None:
        """Keep one piece of text, and know its heading from here on."""
        self.coverage.claim(piece.first, piece.last, role or piece.role)
        if piece.role == "heading":
            while self._headings and self._headings[-1][0] >= piece.level:
                self._headings.pop()
            self.say(piece.first, "heading", piece.text)
            self._headings.append((piece.level, piece.text))
        else:
            self.say(piece.first, role or piece.role, piece.text, pointer=pointer)

    def block(self, block: Block, *, pointer: str | None = None, role: str | None = None) -> None:
        """Keep a block as prose, whatever it is; a tag's own name is the role of the text inside it."""
        if isinstance(block, TextRun):
            for piece in _prose.pieces(block):
                self.piece(piece, pointer=pointer, role=role if piece.role == "paragraph" else None)
        elif isinstance(block, Fence):
            self.coverage.claim(block.first, block.last, "code")
            self.say(block.first, "code", block.source, pointer=pointer)
        else:
            self.tag(block)
            for child in block.children:  # the scanner bounds the depth
                self.block(child, pointer=pointer, role=block.name.lower())

    def tag(self, tag: Tag) -> None:
        """Claim a tag's own lines, and keep the texts among its attributes."""
        self.coverage.claim(tag.first, tag.head_last, f"<{tag.name}>")
        self.coverage.claim(tag.last, tag.last, f"<{tag.name}>")
        for name, value in tag.attributes.items():
            if isinstance(value, str) and value:
                self.say(tag.first, f"{tag.name.lower()} {name}", value)

    def result(self, kind: PageKind, document: JsonObject | None) -> Extracted:
        """Everything collected."""
        spans, leftovers = self.coverage.settle()
        return Extracted(
            page=self.page,
            kind=kind,
            document=document,
            lines=self.lines,
            prose=tuple(sorted(self._prose, key=lambda prose: prose.line)),
            spans=spans,
            leftovers=leftovers,
            repairs=tuple(self.repairs),
        )
