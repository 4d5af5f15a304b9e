"""tools.report: changes on a terminal."""

from __future__ import annotations

import io
import re

import pytest

from tools.report import Comparison, render_comparisons, wants_color


class Terminal(io.StringIO):
    """A stream that says it is one."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "environment", "wanted"),
    [
        (Terminal(), {}, True),
        (Terminal(), {"NO_COLOR": ""}, True),
        (Terminal(), {"NO_COLOR": "1"}, False),
        (Terminal(), {"TERM": "dumb"}, False),
        (io.StringIO(), {}, False),
    ],
    ids=["terminal", "empty", "NO_COLOR", "dumb", "file"],
)
def test_colour_only_where_it_is_wanted(stream: io.StringIO, environment: dict[str, str], *, wanted: bool) -> None:
    """A terminal that can, and nobody who said no."""
    assert wants_color(stream, environment) is wanted


def test_colour_changes_no_letter(comparison: Comparison) -> None:
    """Without its escape sequences the coloured text is the plain one."""
    colored = render_comparisons([comparison], "text", color=True)
    assert "\x1b[1;31merror\x1b[0m" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == render_comparisons([comparison], "text")


def test_a_change_in_full(comparison: Comparison) -> None:
    """Component, places with lines, both values, usages folded, witness."""
    text = render_comparisons([comparison], "text")
    assert (
        "error CreateVideo\n"
        "  maximum-decreased: the maximum of duration went from 10 to 6\n"
        "    at pages/en/create.md:12 → pages/en/create.md:14 #/components/schemas/CreateVideo/properties/duration\n"
        '    {"type": "integer", "maximum": 10} → {"maximum": 6, "type": "integer"}\n'
        "    used by POST /v1/videos/0 (request), POST /v1/videos/1 (request), POST /v1/videos/2 (request) and 4 more\n"
        '    valid before, invalid after: {"model": "m", "duration": 7}\n'
    ) in text
    assert "\n    already in en, ko\n" in text
    assert "accepted until 2026-12-31: nobody sends it" in text
    assert "stale: maximum-decreased at /x matches nothing any more" in text


def test_reasons_stand_once_at_the_end(comparison: Comparison) -> None:
    """Two findings of a rule do not explain it twice."""
    text = render_comparisons([comparison, comparison], "text")
    assert text.count("Callers that send more are refused.") == 1
    assert "Why it matters" in text
