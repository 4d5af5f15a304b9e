"""The page of a conformance report in a real browser: filters work, nothing is fetched, hostile text stays text."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance._page import PAGE, write_page
from tests.conformance.sample_report import exchange, mixed, report, requirement, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Literal

    from playwright.sync_api import Browser, BrowserContext, Dialog, Page

    Open = Callable[..., Page]
    Scheme = Literal["light", "dark"]

pytestmark = pytest.mark.external

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)><a href=javascript:alert(3)>\u202egnp.exe"


@pytest.fixture
def open_page(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Opens the page of a report; at the end, nothing was requested, said or asked that should not be."""
    requests: list[str] = []
    trouble: list[str] = []
    contexts: list[BrowserContext] = []
    file = tmp_path / PAGE

    def refuse(dialog: Dialog) -> None:
        trouble.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def open_one(content: dict[str, Any], *, width: int = 1280, scheme: Scheme = "light", fragment: str = "") -> Page:
        write_page(content, tmp_path)
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: requests.append(request.url))
        page.on("console", lambda message: trouble.append(message.text))
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("dialog", refuse)
        page.goto(file.as_uri() + fragment)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert {url.partition("#")[0] for url in requests} == {file.as_uri()}
    assert trouble == []


def shown(page: Page) -> int:
    """How many requirements are visible."""
    return page.locator(".entry:visible").count()


@pytest.mark.parametrize(
    ("facet", "value", "number"),
    [
        ("result", "fail", 1),
        ("result", "pass", 5),
        ("level", "SHOULD", 1),
        ("area", "TASK", 3),
        ("provider", "apimart", 4),
    ],
)
def test_filters(facet: str, value: str, number: int, open_page: Open) -> None:
    """Each shows what it says, counts it on its chip and at the top, and lets go again."""
    page = open_page(mixed())
    assert shown(page) == 12
    chip = page.locator(f'#facet-{facet} [data-value="{value}"]')
    assert chip.locator(".many").text_content() == str(number)
    chip.click()
    assert shown(page) == number
    assert page.locator("#shown").text_content() == f"{number} of 12 requirements"
    chip.click()
    assert shown(page) == 12


def test_filters_together(open_page: Open) -> None:
    """Filters and words narrow, the button lets go of all, and the address keeps the view."""
    page = open_page(mixed())
    page.locator('#facet-provider [data-value="evolink"]').click()
    page.locator('#facet-result [data-value="pass"]').click()
    page.locator('#facet-result [data-value="fail"]').click()
    assert shown(page) == 2
    assert page.url.endswith("#result=fail%2Cpass&provider=evolink")
    page.fill("#search", "rule-1 LOST")
    page.locator("#shown", has_text="1 of 12").wait_for()
    page.click("#clear")
    assert shown(page) == 12
    page = open_page(mixed(), fragment="#result=warn,nonsense&q=rule")
    assert shown(page) == 1


def test_a_requirement_leads_to_its_evidence(open_page: Open) -> None:
    """Requirement, clause, exchange, curl: what is broken stands first, and one look opens the first exchange."""
    page = open_page(mixed())
    first = page.locator(".entry").first
    assert first.get_attribute("data-id") == "EVO-REQ-RULE-1"
    assert first.locator(".says code").text_content() == "f1"
    first.locator(".row").click()
    body = first.locator(".body")
    assert body.locator("blockquote").text_content() == "What f1 is for."
    assert "ko/create.md:41" in (body.locator(".sources").text_content() or "")
    assert body.locator(".exchange").count() == 2
    opened = body.locator(".exchange[open]")
    assert opened.count() == 1
    assert '"code": "x"' in (opened.locator(".side").nth(1).text_content() or "")
    assert "Bearer [key]" in (opened.locator(".headers").first.text_content() or "")
    assert "$VALID_KEY" in (opened.locator(".again").text_content() or "")
    opened.locator(".again button").click()
    opened.locator(".again button", has_text="Copied").or_(
        opened.locator(".again button", has_text="Selected")
    ).wait_for()
    first.locator(".row").click()
    assert body.is_hidden()


def test_many_findings_are_folded(open_page: Open) -> None:
    """The first ones are shown, the rest is built when it is asked for."""
    findings = [{"message": f"finding {number}", "exchanges": [1]} for number in range(12)]
    page = open_page(report(run("evolink", requirement(1, "fail", findings=findings))))
    page.locator(".row").click()
    assert page.locator(".finding").count() == 5
    page.locator(".more summary").click()
    page.locator(".finding").nth(11).wait_for()
    assert page.locator(".finding").count() == 12
    assert page.locator(".exchange[open]").count() == 1


def test_coverage(open_page: Open) -> None:
    """Operations, statuses, parameters and named values: how many were met, and which never."""
    page = open_page(mixed())
    first = page.locator(".covered").first
    told = first.locator("summary").text_content() or ""
    assert "1/1 operations · 1/2 statuses · 1/1 parameters · 1/2 named values" in told
    first.locator("summary").click()
    assert first.locator(".cell.missed").all_text_contents() == ["402never", "4never"]
    assert first.locator(".cell.alien").all_text_contents() == ["418 undocumented1"]


def test_a_run_that_could_not_be_judged(open_page: Open) -> None:
    """A fault stands at the top, and an empty list says so."""
    page = open_page(
        report(
            run("evolink", faults=["nobody answers: start the server"], verdict="harness error"),
            verdict="harness error",
        )
    )
    assert page.locator(".fault").text_content() == "nobody answers: start the server"
    assert page.locator(".empty").text_content() == "Nothing was judged."


def test_hostile_text_is_inert(open_page: Open) -> None:
    """Shown letter by letter, with hidden characters written out; no element, no dialog, no request comes of it."""
    row = requirement(1, "fail", text=HOSTILE, findings=[{"message": HOSTILE, "exchanges": [1]}], checks=[HOSTILE])
    sent = exchange(1, HOSTILE, url=HOSTILE, curl=HOSTILE, purpose=HOSTILE, fault=HOSTILE)
    page = open_page(report(run("evolink", row, sentence=HOSTILE, exchanges=[sent])))
    page.locator(".row").click()
    visible = HOSTILE.replace("\u202e", "⟨U+202E⟩")
    assert page.locator(".says").text_content() == visible
    assert page.locator(".finding .told").text_content() == visible
    assert page.locator("script").count() == 2
    assert page.locator("body :is(img, a:not(.skip), iframe, object, embed, link)").count() == 0


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light")])
def test_picture(width: int, scheme: Scheme, open_page: Open, tmp_path: Path) -> None:
    """Nothing overflows sideways; the picture is kept for people where VIDGATE_SCREENSHOTS says."""
    content = mixed()
    content["runs"].append(
        run(
            "x" * 300,
            requirement(1, "fail", text="y" * 300, id="Z" * 300),
            exchanges=[exchange(1, "w" * 3_000, url="v" * 300, curl="u" * 300), exchange(2)],
        )
    )
    page = open_page(content, width=width, scheme=scheme)
    for number in range(3):
        page.locator(".entry").nth(number).locator(".row").click()
    page.evaluate("document.querySelectorAll('details').forEach((node) => { node.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator("#facets").is_visible() is (width > 390)
    folder = Path(os.environ.get("VIDGATE_SCREENSHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    picture = page.screenshot(path=folder / f"conformance-{scheme}-{width}.png")
    assert picture.startswith(b"\x89PNG")
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(255, 255, 255)") is (scheme == "light")
