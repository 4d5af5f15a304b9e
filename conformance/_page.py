"""A report as one page that needs nothing else, and as a badge.

The files in `page/` are the page without its data; style and script stand in it by their hashes, and its policy forbids
the rest. What servers said enters only as JSON in a data block, from where the script makes text nodes.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html import escape
from importlib import resources
from string import Template
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from ._json import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ._json import Json, JsonObject

LONGEST: Final = 20_000
"""Characters of one body that are shown."""
_INERT: Final[Mapping[int, str]] = {ord(char): f"\\u{ord(char):04x}" for char in "<>&"}
"""In JSON these stand only inside strings; escaped, no text can end the data block or open a comment."""
# What a reader would not see, or would see in another order than it stands there.
_HIDDEN: Final = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_COLOURS: Final[Mapping[str, str]] = MappingProxyType(
    {"conformant": "#1a7f37", "partial": "#9a6700", "not conformant": "#b42318", "harness error": "#57606a"}
)
_LABEL: Final = "conformance"
_WIDTH: Final = 6.6
"""Pixels of a usual character of 11 px; the text is fitted to it, so that it never runs out of its box."""
_COUNTED: Final = ("pass", "fail", "warn", "disabled", "error")
"""Results that say whether a requirement holds."""


PAGE, BADGE = "index.html", "badge.svg"


def write_page(report: JsonObject, directory: Path) -> None:
    """Write page and badge beside the other reports, each whole or not at all; raises OSError."""
    from .report._files import write

    write(directory / PAGE, render(report))
    write(directory / BADGE, badge(report))


def render(report: JsonObject) -> str:
    """The page of a report, as `report.json` has it."""
    style, script = _part("page.css"), _part("page.js")
    policy = "; ".join(
        (
            "default-src 'none'",
            f"style-src {_hash(style)}",
            f"script-src {_hash(script)}",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
        )
    )
    names = ", ".join(str(run["subject"].get("name") or run["subject"]["provider"]) for run in report["runs"])
    return Template(_part("page.html")).substitute(
        title=escape(_visible(f"Conformance: {names or 'nothing was judged'}")),
        policy=escape(policy, quote=False),
        style=style,
        data=_dumps(_shown({**report, "tally": tally(report)})).translate(_INERT),
        script=script,
    )


def tally(report: JsonObject) -> str:
    """The report in one line, such as `MUST 61/61 · SHOULD 12/14 · 0 skipped`."""
    counts = [run["counts"] for run in report["runs"]]
    told: list[str] = []
    for level in ("MUST", "SHOULD"):
        held = sum(count[level]["pass"] for count in counts)
        judged = sum(count[level][result] for count in counts for result in _COUNTED)
        told.append(f"{level} {held}/{judged}")
    skipped = sum(count[level]["skip"] for count in counts for level in count)
    return " · ".join((*told, f"{skipped} skipped"))


def badge(report: JsonObject) -> str:
    """The report as a small picture (SVG)."""
    text = tally(report) if report["verdict"] != "harness error" else "not judged"
    left, right = (round(len(part) * _WIDTH) + 12 for part in (_LABEL, text))
    colour = _COLOURS[report["verdict"]]
    title = escape(f"{_LABEL}: {report['verdict']}, {text}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" aria-label="{title}">'
        f"<title>{title}</title>"
        f'<clipPath id="r"><rect width="{left + right}" height="20" rx="3"/></clipPath>'
        f'<g clip-path="url(#r)"><rect width="{left}" height="20" fill="#3a4149"/>'
        f'<rect x="{left}" width="{right}" height="20" fill="{colour}"/></g>'
        '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">'
        f'<text x="{left / 2:g}" y="14" textLength="{left - 12}" lengthAdjust="spacingAndGlyphs">{_LABEL}</text>'
        f'<text x="{left + right / 2:g}" y="14" textLength="{right - 12}" lengthAdjust="spacingAndGlyphs">'
        f"{escape(text)}</text></g></svg>\n"
    )


def _part(name: str) -> str:
    return (resources.files(__package__ or "") / "page" / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode('ascii')}'"


def _dumps(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _shown(value: Json, name: str = "") -> Any:
    """The same data with hidden characters written out, and bodies laid out and cut."""
    if is_object(value):
        return {_visible(key): _shown(inner, key) for key, inner in value.items()}
    if is_array(value):
        return [_shown(inner) for inner in value]
    if isinstance(value, str):
        text = _visible(_laid_out(value) if name == "body" else value)
        return text if len(text) <= LONGEST else f"{text[:LONGEST]}\n… {len(text) - LONGEST:,} more characters"
    return value


def _laid_out(text: str) -> str:
    """JSON over several lines; any other text as it is."""
    try:
        value: Json = json.loads(text)
    except (ValueError, RecursionError):
        return text
    laid = json.dumps(value, ensure_ascii=False, indent=2)
    # What was sent twice, or written oddly, must not be hidden by laying it out.
    return laid if json.dumps(value, ensure_ascii=False, separators=(",", ":")) == _bare(text) else text


def _bare(text: str) -> str:
    """JSON without the blanks between its tokens, and with characters instead of their escapes."""
    tokens = re.findall(r'"(?:[^"\\]|\\.)*"|[^\s"]+', text)
    plain = (json.dumps(json.loads(token), ensure_ascii=False) if token[0] == '"' else token for token in tokens)
    return "".join(plain)


def _visible(text: str) -> str:
    return _HIDDEN.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", text)
