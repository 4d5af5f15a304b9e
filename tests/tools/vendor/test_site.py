"""tools.vendor from a site: every way a site may misbehave, and what is in specs/ afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pytest

from tests.tools.vendor.site import FakeSite, ManualClock, Reply, page, pages, problems
from tools.errors import PageError, ToolError, UsageError
from tools.store import Workspace, read_tree
from tools.vendor import SystemClock, Vendored, Wanted

if TYPE_CHECKING:
    from collections.abc import Callable

    Bring: TypeAlias = Callable[..., Vendored]

ROOT = Path(__file__).parents[3]
HTML = b"<!DOCTYPE html><html><body>Sign in</body></html>"


def test_the_listed_pages_arrive_byte_for_byte(site: FakeSite, checkout: Workspace, bring: Bring) -> None:
    """Pages of all locales, under the paths of their URLs, with digest and day in the lock."""
    site.publish(en_a=b"# A\r\n", ko_b_c="# 나".encode())
    found = bring()
    assert pages(checkout) == {"en/a.md": b"# A\r\n", "ko/b/c.md": "# 나".encode()}
    assert (found.new, found.findings, found.written) == (("en/a.md", "ko/b/c.md"), (), True)
    rows = checkout.lock("example")["pages"]
    assert {row["retrieved"] for row in rows.values()} == {"2023-11-14"}
    assert all("vidgate" in headers["User-Agent"] for _, headers in site.asked)


def test_only_what_is_wanted_is_asked_for(site: FakeSite, checkout: Workspace, bring: Bring) -> None:
    """Other locales, other paths, other hosts and other kinds of file are counted or named, and left alone."""
    site.publish(en_a=b"a", en_videos_b=b"b", ko_videos_b=b"c", fr_a=b"d")
    listed = site.replies["/llms.txt"][0].body.decode()
    more = (
        "- [Spec](https://docs.example.com/openapi.json)\n- [Other](https://example.org/en/x.md)\n- [Up](/en/../x.md)\n"
    )
    site.replies["/llms.txt"] = [Reply(body=(listed + more).encode())]
    found = bring(wanted=Wanted(locales=("en",), include=("videos/*",)))
    assert site.pages_asked() == ["/en/videos/b.md"]
    assert (found.new, found.left_out) == (("en/videos/b.md",), 2)
    assert [row.rpartition(": ")[2] for row in found.elsewhere] == [
        "lies in no locale folder of sources.toml",
        "is no Markdown page",
        "leads to another host",
        "has no safe path",
    ]
    assert list(pages(checkout)) == ["en/videos/b.md"]


def test_an_unknown_locale_is_a_usage_error(bring: Bring) -> None:
    """Before anything is asked."""
    with pytest.raises(UsageError, match="'kr' is no locale of example") as caught:
        bring(wanted=Wanted(locales=("kr",)))
    assert "en, ko" in caught.value.fix


def test_unchanged_pages_are_not_sent_again(
    site: FakeSite, checkout: Workspace, clock: ManualClock, bring: Bring
) -> None:
    """The second run asks with the ETag, gets a 304 and leaves specs/ byte for byte, day included."""
    site.publish(en_a=b"a", en_b=b"b")
    bring()
    before = read_tree(checkout.specs("example"))
    clock.time += 86400 * 30
    again = bring()
    assert (again.kept, again.unchanged, again.new) == (2, ("en/a.md", "en/b.md"), ())
    assert read_tree(checkout.specs("example")) == before


def test_a_page_that_was_reverted_comes_back_though_the_site_says_304(
    site: FakeSite, checkout: Workspace, bring: Bring
) -> None:
    """The body behind a validator is our own copy, not the file in specs/, which may be at another commit."""
    site.publish(en_a=b"new")
    bring()
    (checkout.specs("example") / "pages/en/a.md").write_bytes(b"old")
    again = bring()
    assert (again.kept, again.changed, pages(checkout)) == (1, ("en/a.md",), {"en/a.md": b"new"})


def test_a_304_that_was_not_asked_for_is_odd(site: FakeSite, bring: Bring) -> None:
    """Without a copy there is nothing it could mean."""
    site.publish(en_a=Reply(status=304), en_b=b"b")
    assert problems(bring()) == {"en/a.md": "answers 304"}


def test_a_damaged_cache_costs_a_request_and_nothing_else(site: FakeSite, checkout: Workspace, bring: Bring) -> None:
    """Whatever stands in the cache, the result is the site's."""
    site.publish(en_a=b"a")
    bring()
    for file in checkout.cache("vendor").folder.rglob("*"):
        if file.is_file():
            file.write_bytes(file.read_bytes()[:-1] + b"x")
    again = bring()
    assert (again.kept, again.unchanged, pages(checkout)) == (0, ("en/a.md",), {"en/a.md": b"a"})


def test_a_page_that_never_comes_whole_leaves_everything(site: FakeSite, checkout: Workspace, bring: Bring) -> None:
    """With one page missing the others are not written either; what came is not asked for again."""
    site.publish(en_a=b"a", en_b=b"old")
    bring()
    before = read_tree(checkout.specs("example"))
    site.publish(en_a=b"new", en_b=[Reply(body=b"x" * 100, cut=10)] * 5 + [page(b"newer")])
    found = bring()
    assert "5 times" in str(found.findings[0])
    assert (found.written, read_tree(checkout.specs("example"))) == (False, before)
    site.asked.clear()
    assert bring().resumed == 1
    assert site.pages_asked() == ["/en/b.md"]
    assert pages(checkout) == {"en/a.md": b"new", "en/b.md": b"newer"}


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        pytest.param(Reply(body=HTML), "is HTML, not Markdown", id="html"),
        pytest.param(Reply(body=b"\n<!-- x --><html>"), "is HTML, not Markdown", id="html-comment"),
        pytest.param(Reply(body=b"<p>x", headers={"Content-Type": "text/html"}), "is HTML", id="html-fragment"),
        pytest.param(Reply(status=404), "is listed, but the site answers 404", id="gone"),
        pytest.param(Reply(status=410), "is listed, but the site answers 410", id="gone-for-ever"),
        pytest.param(Reply(status=403), "answers 403", id="refused"),
        pytest.param(Reply(body=b" \n"), "is empty", id="empty"),
        pytest.param(Reply(body=b"%PDF", headers={"Content-Type": "application/pdf"}), "not text", id="pdf"),
        pytest.param(
            Reply(status=302, headers={"Location": "https://example.org/en/a.md"}),
            "redirects to https://example.org/en/a.md",
            id="another-host",
        ),
        pytest.param(Reply(status=302, headers={"Location": "//evil.example/a.md"}), "redirects to", id="no-scheme"),
        pytest.param(Reply(status=302, headers={"Location": "file:///etc/passwd"}), "redirects to file:", id="file"),
        pytest.param(Reply(status=302, headers={"Location": "/en/a.md"}), "more than 5 times", id="loop"),
        pytest.param(Reply(status=302, headers={"Location": "http://127.0.0.1:99999/"}), "redirects to", id="no-port"),
    ],
)
def test_an_odd_page_is_reported_and_the_vendored_one_stays(
    site: FakeSite, checkout: Workspace, bring: Bring, reply: Reply, problem: str
) -> None:
    """Oddities are findings, none is fatal, nothing is deleted; every other page is brought."""
    site.publish(en_a=b"was here", en_b=b"b")
    bring()
    site.publish(en_a=reply, en_b=b"newer")
    found = bring()
    assert list(problems(found)) == ["en/a.md"]
    assert problem in problems(found)["en/a.md"]
    assert "stays as it is" in found.findings[0].fix
    assert (found.written, pages(checkout)) == (True, {"en/a.md": b"was here", "en/b.md": b"newer"})


def test_a_page_that_moved_is_brought_where_it_is_now(site: FakeSite, checkout: Workspace, bring: Bring) -> None:
    """The new place gets the page; the old one is reported and stays until it is pruned."""
    site.publish(en_a=b"a")
    bring()
    site.publish(en_a=Reply(status=308, headers={"Location": "/en/z.md"}))
    site.replies["/en/z.md"] = [page(b"moved")]
    found = bring()
    assert problems(found) == {"en/a.md": "has moved to en/z.md"}
    assert pages(checkout) == {"en/a.md": b"a", "en/z.md": b"moved"}
    pruned = bring(prune=True)
    assert (pruned.removed, pruned.findings) == (("en/a.md",), ())
    assert pages(checkout) == {"en/z.md": b"moved"}
    assert list(checkout.lock("example")["pages"]) == ["en/z.md"]


def test_a_page_that_is_not_listed_any_more_is_reported(site: FakeSite, checkout: Workspace, bring: Bring) -> None:
    """Only among the pages the run was about."""
    site.publish(en_a=b"a", en_b=b"b", ko_b=b"c")
    bring()
    site.index("/en/a.md", "/ko/z.md")
    site.replies["/ko/z.md"] = [page(b"z")]
    assert problems(bring(wanted=Wanted(locales=("en",)))) == {"en/b.md": "is not listed any more"}
    assert problems(bring()) == {"en/b.md": "is not listed any more", "ko/b.md": "is not listed any more"}
    assert set(pages(checkout)) == {"en/a.md", "en/b.md", "ko/b.md", "ko/z.md"}


def test_names_the_exporter_makes_up_do_not_change_a_page(site: FakeSite, checkout: Workspace, bring: Bring) -> None:
    """A reference to nothing has another random name on every export: the vendored bytes stay."""
    first, second = (f"a:\n  $ref: {n}94c18e9-1a2b-4c3d-8e4f-5a6b7c8d9e0f\n".encode() for n in "ef")
    site.publish(en_a=first)
    bring()
    site.publish(en_a=second)
    assert bring().unchanged == ("en/a.md",)
    assert pages(checkout) == {"en/a.md": first}
    site.publish(en_a=second + b"b: 1\n")
    assert bring().changed == ("en/a.md",)


def test_a_dry_run_asks_and_writes_nothing(site: FakeSite, checkout: Workspace, bring: Bring) -> None:
    """It says what would be done, and the next run needs no body again."""
    site.publish(en_a=b"a")
    found = bring(dry_run=True)
    assert (found.new, found.written, pages(checkout)) == (("en/a.md",), False, {})
    assert (bring().kept, pages(checkout)) == (1, {"en/a.md": b"a"})


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        pytest.param(Reply(status=404), "the index .* answers 404", id="gone"),
        pytest.param(Reply(body=HTML), "the index .* is HTML", id="html"),
        pytest.param(Reply(body=b"# Empty\n"), "lists no page that is wanted", id="empty"),
        pytest.param(Reply(status=500), "the site answers 500, 5 times", id="down"),
    ],
)
def test_a_site_without_an_index_is_an_error(
    site: FakeSite, checkout: Workspace, bring: Bring, reply: Reply, message: str
) -> None:
    """Nothing is written, and nothing counts as vanished."""
    site.publish(en_a=b"a")
    bring()
    before = read_tree(checkout.specs("example"))
    site.replies["/llms.txt"] = [reply]
    with pytest.raises(ToolError, match=message):
        bring(prune=True)
    assert read_tree(checkout.specs("example")) == before


def test_a_page_with_no_safe_path_is_named(site: FakeSite, checkout: Workspace, bring: Bring) -> None:
    """A link cannot make a file where none belongs."""
    site.publish(en_a=b"a")
    site.index("/en/a.md", "/en/%2e%2e/%2e%2e/x.md", "/en/.git/config.md", "/en/CON.md")
    assert len(bring().elsewhere) == 3
    assert list(pages(checkout)) == ["en/a.md"]


def test_paths_that_differ_only_in_case_are_not_both_written(site: FakeSite, checkout: Workspace, bring: Bring) -> None:
    """The first is kept, the second reported."""
    site.publish(en_a=b"a")
    bring()
    site.publish(en_A=b"b", en_b=b"c")
    found = bring()
    assert any("there already" in str(error) for error in found.findings)
    assert pages(checkout) == {"en/a.md": b"a", "en/b.md": b"c"}


KILLED = """
import sys
from pathlib import Path
from tools.store import Workspace
from tools.vendor import Manners, vendor_site
vendor_site(Workspace(root=Path(sys.argv[1])), "example", url=sys.argv[2], manners=Manners(concurrency=1))
"""


def test_a_run_that_is_killed_goes_on_where_it_was(site: FakeSite, checkout: Workspace, bring: Bring) -> None:
    """Killed at its seventh page, it left specs/ as it was; the next run asks for the rest alone, once each."""
    site.publish(en_0=b"old")
    bring()
    before = read_tree(checkout.specs("example"))
    started = threading.Event()
    process: subprocess.Popen[bytes] | None = None

    def kill() -> None:
        started.wait(30.0)
        if process is not None:
            os.kill(process.pid, signal.SIGKILL)

    fresh: dict[str, bytes | Reply | list[Reply]] = {f"en_{n}": page(b"%d" % n) for n in range(12)}
    fresh["en_6"] = [Reply(body=b"6", act=kill), page(b"6")]
    site.publish(**fresh)
    site.asked.clear()
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(checkout.root), site.url], cwd=ROOT)
    started.set()
    assert process.wait(60.0) == -signal.SIGKILL
    assert read_tree(checkout.specs("example")) == before
    brought = [name for name in site.pages_asked() if name != "/en/6.md"]
    assert 0 < len(brought) < 12
    site.asked.clear()
    found = bring(clock=SystemClock())
    assert found.resumed == len(brought)
    assert sorted(brought + site.pages_asked()) == sorted(f"/en/{n}.md" for n in range(12))
    assert pages(checkout) == {f"en/{n}.md": b"%d" % n for n in range(12)}


def test_an_old_interruption_is_forgotten(
    site: FakeSite, clock: ManualClock, checkout: Workspace, bring: Bring
) -> None:
    """After a day, or when the index is another, every page is asked for again (and costs a 304)."""
    broken = [Reply(status=503)] * 5
    site.publish(en_a=b"a", en_b=[*broken, *broken, page(b"b")])
    bring()
    clock.time += 86400
    assert (bring().resumed, site.count("/en/a.md")) == (0, 2)
    site.publish(en_c=b"c")
    last = bring()
    assert (last.resumed, last.kept, sorted(pages(checkout))) == (0, 1, ["en/a.md", "en/b.md", "en/c.md"])


def test_progress_counts_to_the_end(site: FakeSite, bring: Bring) -> None:
    """Whoever watches is told of every page."""
    site.publish(en_a=b"a", en_b=b"b", en_c=b"c")
    seen: list[tuple[int, int]] = []
    bring(watch=lambda done, total, _: seen.append((done, total)))
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_findings_name_page_and_remedy(site: FakeSite, bring: Bring) -> None:
    """As every finding of the pipeline."""
    site.publish(en_a=Reply(status=404), en_b=b"b")
    (finding,) = bring().findings
    assert isinstance(finding, PageError)
    assert str(finding).startswith("pages/en/a.md: is listed")


def test_a_page_that_calls_itself_otherwise_is_remarked(site: FakeSite, checkout: Workspace, bring: Bring) -> None:
    """The site is right about where its pages are; what the page's fence says is told."""
    content = b"# T\n\n````yaml en/other.json GET /x\n````\n"
    site.publish(en_a=content)
    found = bring()
    assert (found.remarks, found.findings) == (("en/a.md calls itself en/other.md",), ())
    assert pages(checkout) == {"en/a.md": content}
