"""`python -m tools vendor --from URL`: what it prints, and how it ends."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

from tests.tools.vendor.site import FakeSite, Reply, pages
from tools.__main__ import main

if TYPE_CHECKING:
    import pytest

    from tools.store import Workspace


def run(checkout: Workspace, *arguments: str) -> tuple[int, str, str]:
    """Exit code, output and messages."""
    out, err = io.StringIO(), io.StringIO()
    code = main(["vendor", "example", *arguments], out=out, err=err, root=checkout.root)
    return code, out.getvalue(), err.getvalue()


def test_a_good_site_is_told_in_a_line_and_its_news(site: FakeSite, checkout: Workspace) -> None:
    """Counts, requests, and every path that is new or has changed."""
    site.publish(en_a=b"a", ko_a=b"b", ko_b=b"c")
    code, out, _ = run(checkout, "--from", site.url, "--locale", "ko", "--include", "a.md")
    assert code == 0
    summary, *rows = out.splitlines()
    assert summary.startswith("example: 1 new, 0 changed, 0 unchanged, 2 not wanted; 0 files are not its pages; ")
    assert summary.endswith("2 requests, 0 not modified; written")
    assert rows == ["  new: ko/a.md"]
    assert "1 unchanged" in run(checkout, "--from", f"{site.url}/llms.txt", "--locale", "ko", "--include", "a*")[1]


def test_an_odd_site_ends_with_1_and_its_good_pages(site: FakeSite, checkout: Workspace) -> None:
    """Findings are shown like all others; JSON has the same facts."""
    site.publish(en_a=b"a", en_b=Reply(status=404))
    code, out, _ = run(checkout, "--from", site.url)
    assert code == 1
    assert "pages/en/b.md: is listed, but the site answers 404" in out
    assert list(pages(checkout)) == ["en/a.md"]
    report = json.loads(run(checkout, "--from", site.url, "--json")[1])["reports"][0]
    assert (report["unchanged"], report["requests"], report["not_modified"]) == (["en/a.md"], 3, 1)


def test_progress_is_a_line_without_a_terminal(
    site: FakeSite, checkout: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a bar with one, which leaves nothing behind."""
    site.publish(en_a=b"a")
    assert run(checkout, "--from", site.url, "--verbose")[2] == "example: brought 1 of 1 pages, last en/a.md\n"
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr("sys.stderr", terminal)
    assert run(checkout, "--from", site.url)[0] == 0
    assert "1/1" in terminal.getvalue()
