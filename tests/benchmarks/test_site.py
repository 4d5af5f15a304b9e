"""The synthetic site has the shape of the real one, at its own size and at twice it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks.site import counts, site
from benchmarks.site_topics import PATHS, topics
from benchmarks.words import LOCALES

ROOT = Path(__file__).parents[2]


def test_its_counts_are_those_of_the_real_site() -> None:
    """14 operations on three hosts, 78 requests of one, 48 names with several bodies, an operationId used 24 times."""
    found = counts(site(1, 1200))
    assert found.pop("bytes") > 15_000_000
    assert found == {
        "pages": 1200,
        "languages": 7,
        "pages with an operation, in one language": 167,
        "operations": 14,
        "most requests of one operation": 78,
        "hosts": 3,
        "uses of the commonest operationId": 24,
        "names of components": 270,
        "names with several bodies": 48,
        "references to nothing": 9,
    }


def test_twice_the_pages_are_twice_the_models_of_the_same_operations() -> None:
    """What exists once stays single; models, and the names they share, grow."""
    once, twice = (list(topics(pages // len(LOCALES))) for pages in (1200, 2400))
    assert len(twice) == 2 * len(once)
    for kind in PATHS:
        before, after = (sum(topic.kind == kind for topic in each) for each in (once, twice))
        assert after == before == 1 or abs(after - 2 * before) <= 3, kind
    assert len({topic.stem for topic in twice}) == len(twice)


def test_every_model_has_a_page_of_its_own_or_an_overview() -> None:
    """An overview repeats six neighbours and adds one: as many requests as pages."""
    videos = [topic for topic in topics(171) if topic.kind == "video"]
    overviews = [topic for topic in videos if topic.is_overview]
    assert [len(topic.models) for topic in overviews] == [7] * 4
    assert len({model for topic in videos for model in topic.models}) == len(videos) == 78


def test_the_counts_are_printed() -> None:
    """One line per count."""
    command = [sys.executable, "-m", "benchmarks.site", "--pages", "300"]
    printed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert "          14  operations\n" in printed
    assert len(printed.splitlines()) == 11
