"""The door: bytes of a page → text that is safe to look at, or a refusal that names the place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tools.errors import HostilePage
from tools.model import Page, Repair
from tools.schema import characters

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_BYTES: Final = 2_000_000
"""The largest page known is 0.14 MB."""

MAX_LINES: Final = 25_000
"""The longest page known has 4,400 lines."""

_BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, kw_only=True, slots=True)
class Text:
    """A page's rows (row 0 is line 1) without line ends, in NFC, and what was mended on the way in."""

    rows: Sequence[str]
    repairs: tuple[Repair, ...] = ()


def admit(page: Page) -> Text:
    """Decode a page strictly; raises HostilePage for size, encoding, and characters no page may carry.

    The evidence keeps its bytes. Only the text that is read is put into NFC, at once and before anything is looked
    at, so that no later normalisation can turn harmless text into a fence, a quote or another name.
    """
    _refuse_size(page)
    content = page.content.removeprefix(_BOM)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise HostilePage(
            f"the page is not UTF-8: {error.reason} (byte {content[error.start]:#04x})",
            fix="Vendor the page again; surrogates and other encodings are not read.",
            places=[page.place(line)],
        ) from None
    found = characters.refused(text)
    if found:
        raise HostilePage(
            f"the page carries {found.what}",
            fix="Look at the page as bytes, and ask the site to remove it.",
            places=[page.place(text.count("\n", 0, found.index) + 1)],
        )
    text = text.replace("\r\n", "\n")
    normal = characters.normal(text)
    repairs = () if normal == text else tuple(_normal_form_repairs(page, text, normal))
    return Text(rows=normal.split("\n"), repairs=repairs)


def _refuse_size(page: Page) -> None:
    size = len(page.content)
    if size > MAX_BYTES:
        problem = f"the page has {size:,} bytes; at most {MAX_BYTES:,} are read"
        raise HostilePage(problem, fix="Vendor the page again.", places=[page.place()])
    lines = page.content.count(b"\n")
    if lines > MAX_LINES:
        problem = f"the page has {lines:,} lines; at most {MAX_LINES:,} are read"
        raise HostilePage(problem, fix="Vendor the page again.", places=[page.place()])


def _normal_form_repairs(page: Page, text: str, normal: str) -> list[Repair]:
    pairs = zip(text.split("\n"), normal.split("\n"), strict=True)
    return [
        Repair(place=page.place(number), rule="normal-form", found=ascii(before)[:200], made=ascii(after)[:200])
        for number, (before, after) in enumerate(pairs, 1)
        if before != after
    ]
