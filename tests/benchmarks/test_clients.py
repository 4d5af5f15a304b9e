"""The benchmark of clients: what it makes of its measurements. The SDKs themselves are not fetched here."""

from __future__ import annotations

import sys

from benchmarks.clients import LIBRARIES, measure_import, ratios, show
from benchmarks.clients_probe import measure_calls


def test_ratios_are_of_medians_with_the_spread_of_rounds() -> None:
    """One slow round moves the spread, not the ratio."""
    assert ratios([2.0, 3.0, 40.0], [2.0, 2.0, 4.0]) == "1.50 (1.00-10.00)"


def test_every_library_has_a_row_with_its_distance_to_httpx() -> None:
    """Memory as it is, and above that of httpx."""
    one = {"seconds": 0.1, "processor": 0.1, "resident": 20.0, "peak": 21.0}
    imports = {library.name: [one] for library in LIBRARIES}
    imports["vidgate"] = [{**one, "seconds": 0.15, "resident": 22.5}]
    lines = show(imports, {library.name: [1.0] for library in LIBRARIES})
    assert len(lines) == len(LIBRARIES)
    assert lines[1] == "vidgate | 150 | 1.50 (1.50-1.50) | 1.00 (1.00-1.00) | 22.5 (+2.5) | 21.0 | 1.00 (1.00-1.00)"


def test_a_fresh_interpreter_measures_an_import() -> None:
    """Its own seconds and its own memory."""
    figures = measure_import(sys.executable, "import json")
    assert figures["seconds"] > 0
    assert figures["peak"] >= figures["resident"]


def test_httpx_and_we_make_the_same_conversation() -> None:
    """A create and a get each; the other SDKs are left out, because they are not installed here."""
    found = measure_calls(1, 2, names=("httpx", "vidgate"))
    assert {name: len(seconds) for name, seconds in found.items()} == {"httpx": 1, "vidgate": 1}
