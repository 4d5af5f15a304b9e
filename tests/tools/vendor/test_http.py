"""How a site is asked: pauses, repeats, limits. No test waits: time passes when somebody sleeps."""

from __future__ import annotations

import asyncio
import gzip
import threading
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING, TypeAlias

import pytest

from tests.tools.vendor.site import FakeSite, ManualClock, Reply, page, pages, problems
from tools.errors import PageError, Unreachable, UsageError
from tools.vendor import Manners, Vendored
from tools.vendor._http import Browser
from tools.vendor._index import origin_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tools.store import Workspace

    Bring: TypeAlias = Callable[..., Vendored]


def test_last_modified_serves_as_well(site: FakeSite, bring: Bring) -> None:
    """A site without ETag is asked with If-Modified-Since."""
    date = "Wed, 01 Jul 2026 00:00:00 GMT"
    site.publish(en_a=[Reply(body=b"a", headers={"Last-Modified": date}), Reply(status=304)])
    bring()
    assert bring().kept == 1
    assert site.asked[-1][1]["If-Modified-Since"] == date


@pytest.mark.parametrize(
    ("after", "waits"),
    [
        pytest.param("7", 7.0, id="seconds"),
        pytest.param(format_datetime(datetime.fromtimestamp(1_700_000_009, tz=UTC), usegmt=True), 9.0, id="date"),
    ],
)
def test_retry_after_is_obeyed(site: FakeSite, clock: ManualClock, bring: Bring, after: str, waits: float) -> None:
    """Whoever is told to wait waits exactly so long, and then gets the page."""
    site.publish(en_a=[Reply(status=429, headers={"Retry-After": after}), page(b"a")])
    assert bring().new == ("en/a.md",)
    assert clock.naps == [waits]


def test_every_page_that_is_put_off_is_waited_for(site: FakeSite, clock: ManualClock, bring: Bring) -> None:
    """One after the other, each with its own pause."""
    site.publish(**{f"en_{n}": [Reply(status=429, headers={"Retry-After": "60"}), page(b"x")] for n in range(4)})
    assert len(bring(manners=Manners(concurrency=1, page_timeout=10.0)).new) == 4
    assert clock.naps == [60.0] * 4


def test_a_retry_after_beyond_all_patience_ends_the_run(site: FakeSite, clock: ManualClock, bring: Bring) -> None:
    """An hour is not waited for: the run says so and changes nothing."""
    site.publish(en_a=Reply(status=429, headers={"Retry-After": "3600"}))
    found = bring()
    assert "asks to be left alone for 3600 s" in str(found.findings[0])
    assert (found.written, clock.naps) == (False, [])


def test_a_server_error_is_tried_again(site: FakeSite, clock: ManualClock, bring: Bring) -> None:
    """500, then 200: one pause between half a first pause and a whole one."""
    site.publish(en_a=[Reply(status=500), page(b"a")])
    assert bring().new == ("en/a.md",)
    assert len(clock.naps) == 1
    assert 0.25 <= clock.naps[0] <= 0.5


def test_a_body_that_was_cut_off_is_tried_again(site: FakeSite, checkout: Workspace, bring: Bring) -> None:
    """Half a page never counts as a page."""
    whole = b"# A\n" * 1000
    site.publish(en_a=[Reply(body=whole, cut=1500), page(whole)], en_b=[zipped(whole, cut=30), zipped(whole)])
    bring()
    assert pages(checkout) == {"en/a.md": whole, "en/b.md": whole}
    assert (site.count("/en/a.md"), site.count("/en/b.md")) == (2, 2)


def zipped(content: bytes, *, cut: int | None = None) -> Reply:
    """A page compressed; `cut` ends it early without any sign of that on the wire."""
    return Reply(body=gzip.compress(content)[:cut], headers={"Content-Encoding": "gzip"}, declared=False)


def test_a_site_that_is_down_is_not_asked_a_thousand_times(site: FakeSite, bring: Bring) -> None:
    """After a few pages without an answer the run gives up, and counts the rest."""
    site.publish(**{f"en_{n}": Reply(status=503) for n in range(40)})
    found = bring(manners=Manners(concurrency=2, attempts=2, surrender=3, page_timeout=10.0))
    assert len(site.pages_asked()) <= 2 * 4
    *failed, given_up = found.findings
    assert 3 <= len(failed) <= 4
    assert given_up.problem == f"the run was given up; {40 - len(failed)} more pages were not asked for"


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "undeclared"])
def test_a_page_of_50_megabytes_is_not_read(
    site: FakeSite, checkout: Workspace, bring: Bring, *, declared: bool
) -> None:
    """It is left after the first bytes beyond the limit, or before any when it says its size."""
    site.publish(en_a=Reply(body=b"x" * 50_000_000, declared=declared), en_b=b"b")
    assert problems(bring()) == {"en/a.md": "has more than 2,000,000 bytes"}
    assert site.sent < 25_000_000
    assert list(pages(checkout)) == ["en/b.md"]


def test_a_page_that_inflates_to_50_megabytes_is_not_inflated(site: FakeSite, bring: Bring) -> None:
    """A small body can be a large page."""
    site.publish(en_a=zipped(b"x" * 50_000_000), en_b=b"b")
    assert problems(bring()) == {"en/a.md": "has more than 2,000,000 bytes"}


def test_few_requests_are_open_at_a_time(site: FakeSite, bring: Bring) -> None:
    """As many as manners allow, and so many indeed: each waits until all of them are there."""
    together = threading.Barrier(3, timeout=10.0)
    site.publish(**{f"en_{n}": Reply(body=b"x", act=together.wait) for n in range(9)})
    bring(manners=Manners(concurrency=3, page_timeout=20.0))
    assert site.most_together == 3


def test_a_page_that_hangs_is_given_up(site: FakeSite, clock: ManualClock) -> None:
    """A connection on which nothing comes ends with the time set for a page, and counts as an attempt."""
    never = threading.Event()
    site.publish(en_a=Reply(body=b"x", act=lambda: never.wait(30.0)))
    origin = origin_of(site.url)
    assert origin is not None

    async def ask() -> None:
        async with Browser(origin, clock=clock, manners=Manners(page_timeout=0.1, attempts=2)) as browser:
            await browser.get(f"{site.url}/en/a.md", limit=100)

    with pytest.raises(Unreachable, match=r"(no whole answer within 0.1 s|Timeout.*), 2 times"):
        asyncio.run(ask())
    never.set()
    assert len(clock.naps) == 1


@pytest.mark.parametrize(
    ("url", "message"),
    [
        pytest.param("ftp://docs.example.com/", "no address of a site", id="ftp"),
        pytest.param("file:///etc", "no address of a site", id="file"),
        pytest.param("https://user:word@docs.example.com/", "no address of a site", id="user-name"),
        pytest.param("https://", "no address of a site", id="no-host"),
    ],
)
def test_what_is_no_site_is_a_usage_error(bring: Bring, url: str, message: str) -> None:
    """Only http and https, and no user name in the address, which is not repeated."""
    with pytest.raises(UsageError, match=message) as caught:
        bring(url=url)
    assert "word" not in str(caught.value)


def test_a_site_is_not_fetched_without_end(site: FakeSite, checkout: Workspace, bring: Bring) -> None:
    """Neither more pages than are asked for, nor more bytes than are kept."""
    site.publish(**{f"en_{n}": b"x" * 1000 for n in range(9)})
    with pytest.raises(PageError, match="lists 9 pages; at most 8"):
        bring(manners=Manners(index_pages=8))
    found = bring(manners=Manners(all_bytes=3500, concurrency=1))
    assert len(site.pages_asked()) == 4
    assert "more than 3,500 bytes together" in str(found.findings[0])
    assert (found.written, pages(checkout)) == (False, {})
