"""tools.diff.locales: the whole report on the languages of a site."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tools.diff.translated import DOCUMENT, PROPERTY, edited, page
from tools.diff import compare_languages, compare_page_prose, contradictions, count_differing
from tools.diff.rules import RULES
from tools.extract import extract
from tools.store import Workspace, read_pages

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tools.model import Extracted

LOCALES = ("en", "cn", "ja", "ko")


def _site(*rows: str) -> list[Extracted]:
    """Equal pages: `a: en ko` is the page `a` in English and Korean."""
    return [
        page(locale, DOCUMENT, stem=stem)
        for row in rows
        for stem, locales in [row.split(":")]
        for locale in locales.split()
    ]


@pytest.mark.parametrize(
    ("rows", "lacking"),
    [
        pytest.param(("a: en cn ja ko", "b: en cn ja ko", "c: en ja"), {"c": ("cn", "ko")}, id="two-lack-it"),
        pytest.param(("a: en cn", "b: en cn", "c: cn"), {"c": ("en",)}, id="only-in-one"),
        pytest.param(("a: en", "b: en", "c: cn en"), {}, id="hand-picked-pages"),
        pytest.param(("a: en cn", "b: en cn", "c: en cn", "d: en cn ko"), {}, id="language-with-hardly-a-page"),
        pytest.param(("a: en cn", "b: en cn"), {}, id="complete"),
    ],
)
def test_missing_pages_are_named(rows: tuple[str, ...], lacking: dict[str, tuple[str, ...]]) -> None:
    """One finding per page, with the languages that lack it; no site of translations, nothing missing."""
    changes = compare_languages(_site(*rows), LOCALES)
    assert {change.before: change.locales for change in changes} == lacking
    for change in changes:
        assert (change.rule, change.level) == ("locale-page-missing", "warning")
        assert change.new.path == f"pages/{change.locales[0]}/{change.before}.md"


def test_translations_of_a_page_count_as_one_page() -> None:
    """However many findings and languages there are on it."""
    odd = edited(f"{PROPERTY}/type", "string")
    odd["info"]["version"] = "2"
    pages = [page("en", DOCUMENT), page("cn", DOCUMENT), page("ja", odd)]
    assert count_differing(compare_languages(pages, LOCALES)) == 1
    assert len(compare_languages(pages, LOCALES)) == 2


def test_the_registry_holds_every_rule_of_this_axis() -> None:
    """Ids that other tests of this folder show; a rule without its case is found here."""
    shown = {
        "locale-example-differs", "locale-example-translated", "locale-fact-added", "locale-fact-missing",
        "locale-fact-replaced", "locale-fact-split", "locale-page-missing", "page-added", "page-removed",
        "prose-contradicts-schema", "prose-fact-changed", "prose-reworded",
    }  # fmt: skip
    assert {rule.id for rule in RULES if rule.area in {"language", "prose"} and rule.kind != "structure"} == shown


def _pages(provider: str, root: Path, folder: Path | None = None) -> Sequence[Extracted]:
    workspace = Workspace(root=root)
    source = workspace.source(provider).source
    found = workspace.pages(provider) if folder is None else read_pages(folder, source=source)
    return [extract(one) for one in found.pages]


@pytest.mark.parametrize("provider", ["apimart", "evolink"])
def test_the_vendored_pages_agree(provider: str, pytestconfig: pytest.Config) -> None:
    """No finding of any level on them, between languages or between prose and schema."""
    extracted = _pages(provider, pytestconfig.rootpath)
    assert compare_languages(extracted, LOCALES) == ()
    assert [found for item in extracted for found in contradictions(item.document or {}, place=item.place)] == []
    assert compare_page_prose(extracted, extracted) == ()


SUNO = "api-manual/audio-series/suno/suno-persona-creation"
SEEDREAM = "api-manual/image-series/seedream/seedream-5.0-lite-image-generate"
CLAUDE = "api-manual/language-series/claude/claude-messages-api"
OVERVIEW = "api-manual/video-series/seedance2.0/seedance-2.0-overview"
VEO = "api-manual/video-series/veo3.1/veo-3.1-fast-generate-preview-generate"
WAN = "api-manual/video-series/wan2.6/wan2.6-text-to-video"
SORA = "api-reference/videos/sora2/generation"
WAN_MARKET = "api-reference/videos/wan2.6/generation"

CHECKED = {
    "evolink@2026-07-02": [
        ("type-differs", SUNO, "vocal_start/type", ("ja", "ko")),
        ("type-differs", SUNO, "vocal_end/type", ("ja", "ko")),
        ("member-missing", SUNO, "user_group/enum", ("cn",)),
        ("member-missing", SEEDREAM, "items/required", ("ko",)),
        ("locale-fact-missing", SEEDREAM, "image_urls/description", ("ko",)),
        ("locale-fact-missing", OVERVIEW, "video_urls/description", ("ja",)),
        ("member-added", VEO, "model/enum", ("cn",)),
        ("member-missing", WAN, "user_group/enum", ("cn",)),
    ],
    "evolink@2026-08-21": [
        ("type-differs", SUNO, "vocal_start/type", ("ja", "ko")),
        ("type-differs", SUNO, "vocal_end/type", ("ja", "ko")),
        ("member-missing", SEEDREAM, "items/required", ("ko",)),
        ("locale-fact-missing", SEEDREAM, "image_urls/description", ("ko",)),
        ("locale-edition-differs", CLAUDE, "", ("en",)),
        ("locale-fact-missing", OVERVIEW, "video_urls/description", ("ja",)),
        ("member-added", VEO, "model/enum", ("cn",)),
    ],
    "apimart@2026-03-04": [
        ("locale-page-missing", SORA, "", ("cn", "ko")),
        ("member-missing", WAN_MARKET, "properties/aspect_ratio", ("ko",)),
        ("member-added", WAN_MARKET, "properties/size", ("ko",)),
    ],
    "apimart@2026-09": [],
}
"""Every error and warning of the corpus."""


@pytest.mark.corpus
@pytest.mark.parametrize("snapshot", CHECKED)
def test_the_report_on_real_pages_is_what_the_pages_say(
    snapshot: str, corpus: Path, pytestconfig: pytest.Config
) -> None:
    """Nothing missed that was seen, nothing alarmed that is not there; every place has its line."""
    extracted = _pages(snapshot.partition("@")[0], pytestconfig.rootpath, corpus / snapshot)
    changes = [change for change in compare_languages(extracted, LOCALES) if change.level != "info"]
    found = [
        (
            change.rule,
            change.old.path.removeprefix("pages/").partition("/")[2].removesuffix(".md"),
            "/".join(change.pointer.split("/")[-2:]) if change.pointer else "",
            change.locales,
        )
        for change in changes
    ]
    assert found == CHECKED[snapshot]
    assert all(change.old.line for change in changes if change.rule != "locale-page-missing")


@pytest.mark.corpus
@pytest.mark.parametrize("snapshot", CHECKED)
def test_no_text_of_the_corpus_contradicts_its_schema(snapshot: str, corpus: Path, pytestconfig: pytest.Config) -> None:
    """No text of these pages is known to contradict its schema: so none may be reported."""
    extracted = _pages(snapshot.partition("@")[0], pytestconfig.rootpath, corpus / snapshot)
    assert [found for item in extracted for found in contradictions(item.document or {}, place=item.place)] == []


@pytest.mark.corpus
def test_facts_that_changed_between_the_snapshots(corpus: Path, pytestconfig: pytest.Config) -> None:
    """Among them the sizes of one image model, in all four languages at once."""
    old, new = (
        _pages("evolink", pytestconfig.rootpath, corpus / f"evolink@{day}") for day in ("2026-07-02", "2026-08-21")
    )
    changes = compare_page_prose(old, new)
    (sizes,) = [one for one in changes if one.pointer.endswith("/ImageGenerationRequest/properties/size/description")]
    assert (sizes.rule, sizes.locales) == ("prose-fact-changed", ("cn", "en", "ja", "ko"))
    assert "`9:21`" in sizes.after
    assert "`3072x3072`" in sizes.before
    assert sizes.new.line is not None
    assert sorted({one.rule for one in changes}) == ["prose-fact-changed", "prose-reworded"]
