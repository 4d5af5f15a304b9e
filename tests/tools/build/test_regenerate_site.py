"""regenerate from a site: the same as from a folder, with what earlier runs have read and brought at hand."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.tools.vendor.site import FakeSite, Reply, page, served
from tools import extract, generate
from tools.__main__ import main
from tools.build import run as building
from tools.store import Workspace, read_tree
from tools.vendor import Manners, _site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.model import Document, Extracted, Json, Page

ROOT = Path(__file__).parents[3]
PAGES = ROOT / "specs/evolink/pages"
WIDER = (b"          maxItems: 1\n", b"          maxItems: 2\n")


@pytest.fixture(autouse=True)
def _unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the generator writes is checked elsewhere, and no test waits for a site."""

    def render(document: Document, *, locale: str | None = None) -> dict[str, bytes]:
        return generate.render(document, locale=locale, type_check=False)

    monkeypatch.setattr(building, "render", render)
    monkeypatch.setattr(_site, "Manners", lambda: Manners(first_pause=0.0, longest_pause=0.0))


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of specs/ and generated/ of EvoLink."""
    shutil.copytree(ROOT / "specs/evolink", tmp_path / "checkout/specs/evolink")
    shutil.copytree(
        ROOT / "generated/evolink_api",
        tmp_path / "checkout/generated/evolink_api",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    return tmp_path / "checkout"


@pytest.fixture
def site() -> Iterator[FakeSite]:
    """EvoLink's pages as they are vendored, behind an index."""
    with served() as fake:
        for path in sorted(PAGES.rglob("*.md")):
            fake.replies[f"/{path.relative_to(PAGES).as_posix()}"] = [page(path.read_bytes())]
        listed = "".join(f"- [T]({path})\n" for path in fake.replies)
        fake.replies["/llms.txt"] = [Reply(body=listed.encode())]
        yield fake


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The path of every page that is read."""
    seen: list[str] = []

    def watched(one: Page) -> Extracted:
        seen.append(one.path)
        return extract.extract(one)

    monkeypatch.setattr("tools.build._readers.extract", watched)
    return seen


def regenerate(root: Path, *argv: str) -> tuple[int, dict[str, Json]]:
    """Exit code and the report."""
    out, err = io.StringIO(), io.StringIO()
    code = main(["regenerate", "evolink", *argv, "--json"], out=out, err=err, root=root)
    (report,) = json.loads(out.getvalue())["reports"]
    return code, report


def edit(site: FakeSite, *, locale: str) -> str:
    """Publish another edition of the video-edit page in one language; returns its path."""
    (path,) = (path for path in site.replies if path.startswith(f"/{locale}/") and "video-edit" in path)
    site.replies[path] = [page(site.replies[path][0].body.replace(*WIDER))]
    return path


def test_what_the_site_changed_becomes_client_and_entry(checkout: Path, site: FakeSite, reads: list[str]) -> None:
    """Only the pages that changed are read, for all that follows from them; the next run finds nothing to do."""
    assert main(["build", "--provider", "evolink"], out=io.StringIO(), err=io.StringIO(), root=checkout) == 0
    reads.clear()
    edited = {edit(site, locale=locale)[1:] for locale in ("ja", "ko")}
    code, report = regenerate(checkout, "--from", site.url)
    assert (code, report["written"], report["version"]) == (0, True, "patch"), report
    assert set(report["changed_pages"]) == set(reads) == edited
    assert "request-max-items-widened" in {change["rule"] for change in report["changes"]}
    assert "max items was 1, is 2" in (checkout / "specs/evolink/CHANGES.md").read_text(encoding="utf-8")
    rows = Workspace(root=checkout).lock("evolink")["pages"]
    assert len({row["retrieved"] for path, row in rows.items() if path in edited}) == 1
    reads.clear()
    code, report = regenerate(checkout, "--from", site.url)
    assert (code, report["changed"], reads) == (0, [], [])


def test_what_is_odd_about_the_site_is_a_note(checkout: Path, site: FakeSite) -> None:
    """Its pages stay; with --prune those that are gone leave the checkout."""
    gone = edit(site, locale="ja")
    site.replies[gone] = [Reply(status=404)]
    code, report = regenerate(checkout, "--from", site.url)
    assert (code, report["written"]) == (0, True), report
    assert any(note.startswith(f"pages{gone}: is listed, but the site answers 404") for note in report["notes"])
    assert (checkout / f"specs/evolink/pages{gone}").is_file()
    code, report = regenerate(checkout, "--from", site.url, "--prune")
    assert (code, report["removed"], report["notes"]) == (0, [gone[1:]], []), report
    assert not (checkout / f"specs/evolink/pages{gone}").exists()
    assert gone[1:] not in Workspace(root=checkout).lock("evolink")["pages"]
    assert main(["build", "--check"], out=io.StringIO(), err=io.StringIO(), root=checkout) == 0


def test_a_page_that_does_not_come_leaves_the_checkout_as_it_was(checkout: Path, site: FakeSite) -> None:
    """The next run goes on where this one stopped."""
    before = read_tree(checkout / "specs")
    broken = edit(site, locale="ja")
    sound = site.replies[broken]
    site.replies[broken] = [Reply(status=503)]
    code, report = regenerate(checkout, "--from", site.url)
    assert (code, [finding["kind"] for finding in report["findings"]]) == (1, ["unreachable"])
    assert read_tree(checkout / "specs") == before
    site.replies[broken] = sound
    site.asked.clear()
    regenerate(checkout, "--from", site.url)
    assert site.pages_asked() == [broken]


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        pytest.param(("--from", "http://127.0.0.1:1/", "--retrieved", "2026-01-01"), "is for a folder", id="day"),
        pytest.param(("--from", ".", "--prune"), "--prune needs a site", id="prune"),
        pytest.param(("--from", "ftp://127.0.0.1/"), "is no address of a site", id="scheme"),
        pytest.param(("--from", "http://127.0.0.1:1/", "--locale", "kr"), "'kr' is no locale", id="locale"),
    ],
)
def test_options_that_do_not_fit_are_refused(checkout: Path, options: tuple[str, ...], problem: str) -> None:
    """Before anything is asked."""
    err = io.StringIO()
    assert main(["regenerate", "evolink", *options], out=io.StringIO(), err=err, root=checkout) == 2
    assert problem in err.getvalue()
