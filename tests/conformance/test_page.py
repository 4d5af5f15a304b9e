"""The page and the badge of a report, without a browser."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from importlib import resources
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest

from conformance._page import BADGE, PAGE, badge, render, tally, write_page
from tests.conformance.sample_report import exchange, mixed, report, requirement, run

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = "</script><!--<script>alert(1)</script>\u202egnp"


def data_of(page: str) -> Any:
    """The data block of a page."""
    block = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert block is not None
    return json.loads(block[1])


def test_the_sample_is_a_report() -> None:
    """What these tests feed the page is what the command writes."""
    schema = json.loads((resources.files("conformance") / "report" / "report.schema.json").read_text(encoding="utf-8"))
    assert [error.message for error in jsonschema_rs.Draft202012Validator(schema).iter_errors(mixed())] == []


def test_the_tally_counts_what_was_judged() -> None:
    """Skipped, unreachable and ambiguous ones are neither held nor broken."""
    assert tally(mixed()) == "MUST 5/8 · SHOULD 0/1 · 1 skipped"
    assert tally(report(run("evolink", *(requirement(number) for number in range(61))))) == (
        "MUST 61/61 · SHOULD 0/0 · 0 skipped"
    )


@pytest.mark.parametrize(
    ("verdict", "colour"),
    [("conformant", "#1a7f37"), ("partial", "#9a6700"), ("not conformant", "#b42318"), ("harness error", "#57606a")],
)
def test_the_badge_says_the_verdict(verdict: str, colour: str) -> None:
    """The colour and the title say how it ended; what could not be judged has no figures."""
    picture = badge(report(run("evolink", requirement(1)), verdict=verdict))
    root = ET.fromstring(picture)
    texts = [node.text for node in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts[1] == ("not judged" if verdict == "harness error" else "MUST 1/1 · SHOULD 0/0 · 0 skipped")
    assert colour in picture
    assert verdict in str(root.attrib["aria-label"])
    assert int(root.attrib["width"]) > 100


def test_no_text_ends_the_data_block() -> None:
    """Whatever a server says stays data, and what would not be seen is written out."""
    row = requirement(1, "fail", text=HOSTILE, findings=[{"message": HOSTILE, "exchanges": [1]}])
    page = render(report(run(HOSTILE, row, exchanges=[exchange(1, HOSTILE)])))
    assert page.count("<script") == 2
    shown = data_of(page)["runs"][0]["requirements"][0]["text"]
    assert shown == HOSTILE.replace("\u202e", "⟨U+202E⟩")


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        pytest.param('{"a":1,"b":[]}', '{\n  "a": 1,\n  "b": []\n}', id="laid-out"),
        pytest.param('{"a":1,"a":2}', '{"a":1,"a":2}', id="a-member-twice"),
        pytest.param('{"a":1.0e1}', '{"a":1.0e1}', id="an-odd-number"),
        pytest.param('{"a":NaN}', '{\n  "a": NaN\n}', id="nan"),
        pytest.param("<html>", "<html>", id="no-json"),
        pytest.param('{"a":"\\u00e9"}', '{\n  "a": "é"\n}', id="an-escape"),
        pytest.param("x" * 20_001, "x" * 20_000 + "\n… 1 more characters", id="too-long"),
        pytest.param("[" * 100_000, "[" * 20_000 + "\n… 80,000 more characters", id="too-deep"),
    ],
)
def test_bodies_are_shown_as_they_came(body: str, shown: str) -> None:
    """JSON is laid out, unless that would hide how it was written."""
    page = render(report(run("evolink", requirement(1), exchanges=[exchange(1, body)])))
    assert data_of(page)["runs"][0]["exchanges"][0]["response"]["body"] == shown


def test_files_are_written_whole(tmp_path: Path) -> None:
    """Page and badge stand beside each other, and nothing else is left."""
    write_page(mixed(), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted((BADGE, PAGE))
    assert (tmp_path / PAGE).read_text(encoding="utf-8").startswith("<!doctype html>")
