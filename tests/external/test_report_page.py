"""The page of changes in a real browser: filters work, nothing is fetched, hostile text stays text."""

from __future__ import annotations

import dataclasses
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tools.errors import Place
from tools.model import Change, Usage, Witness
from tools.report import Accepted, Comparison, render_comparisons

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Literal

    from playwright.sync_api import Browser, BrowserContext, Dialog, Page

    from tools.model import Axis, Level

    Open = Callable[..., Page]
    Scheme = Literal["light", "dark"]

pytestmark = pytest.mark.external

MANY = 2_000
HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)><a href=javascript:alert(3)>\u202egnp.exe"
LEVELS: tuple[Level, ...] = ("error", "warning", "info")
AXES: tuple[Axis, ...] = ("wire", "sdk", "prose", "language")
LOCALES: tuple[tuple[str, ...], ...] = (("en",), ("ko", "ja"), ("fr",), ("zh",))


def change(number: int, message: str = "", level: Level | None = None) -> Change:
    """One of many changes; level, axis and language differ from one to the next."""
    page = Place(path="pages/en/create.md", line=number + 1)
    return Change(
        rule="maximum-decreased",
        level=level or LEVELS[number % 3],
        axis=AXES[number % 4],
        pointer=f"/components/schemas/Schema{number // 4}/properties/p{number}",
        message=message or f"the maximum of p{number} went from {number + 5} to {number}",
        old=page,
        new=page,
        before={"type": "integer", "minimum": 0, "maximum": number + 5, "title": "p", "default": 0, "format": "int32"},
        after={"maximum": number, "type": "integer", "minimum": 0, "title": "p", "default": 0, "format": "int32"},
        usages=tuple(Usage(operation=f"POST /v1/videos/{one}", role="request") for one in range(8)),
        witness=Witness(payload={"duration": number + 1}, valid_before=True, valid_after=False),
        locales=LOCALES[number % 4],
    )


def comparison(provider: str, *changes: Change, accepted: tuple[Accepted, ...] = ()) -> Comparison:
    """Two versions of a provider."""
    rules = {"maximum-decreased": "Callers that send more are refused."}
    return Comparison(
        title=provider,
        provider=provider,
        old="git:HEAD~1",
        new=f"specs/{provider}",
        changes=changes,
        rules=rules,
        accepted=accepted,
    )


FEW = (
    comparison(
        "evolink", *(change(number) for number in range(7)), accepted=(Accepted(change=change(8), reason="so"),)
    ),
    comparison("apimart", *(change(number) for number in range(3))),
)


@pytest.fixture
def open_page(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Opens the page of some comparisons; at the end, nothing was requested, said or asked that should not be."""
    requests: list[str] = []
    trouble: list[str] = []
    contexts: list[BrowserContext] = []
    file = tmp_path / "changes.html"

    def refuse(dialog: Dialog) -> None:
        trouble.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def open_one(*comparisons: Comparison, width: int = 1280, scheme: Scheme = "light", fragment: str = "") -> Page:
        file.write_text(render_comparisons(comparisons, "html"), encoding="utf-8")
        shown = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        contexts.append(shown)
        page = shown.new_page()
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
    """How many findings are visible."""
    return page.locator(".finding:visible").count()


def chip(page: Page, facet: str, value: str) -> None:
    """Press one value of a filter."""
    page.locator(f'#facet-{facet} [data-value="{value}"]').click()


@pytest.mark.parametrize(
    ("facet", "value", "number"),
    [
        ("level", "error", 4),
        ("level", "accepted", 1),
        ("axis", "sdk", 3),
        ("provider", "apimart", 3),
        ("language", "ja", 3),
    ],
)
def test_filters(facet: str, value: str, number: int, open_page: Open) -> None:
    """Each shows what it says, counts it on its chip and at the top, and lets go again."""
    page = open_page(*FEW)
    assert shown(page) == 11
    assert page.locator(f'#facet-{facet} [data-value="{value}"] .many').text_content() == str(number)
    chip(page, facet, value)
    assert shown(page) == number
    assert page.locator("#shown").text_content() == f"{number} of 11 findings"
    chip(page, facet, value)
    assert shown(page) == 11


def test_filters_together(open_page: Open) -> None:
    """Values of one filter add up, filters and words narrow; the button lets go of all."""
    page = open_page(*FEW)
    chip(page, "level", "error")
    chip(page, "level", "warning")
    chip(page, "provider", "evolink")
    assert shown(page) == 5
    assert page.locator("#facet-level .many").all_text_contents() == ["3", "2", "2", "1"]
    assert page.locator("#facet-provider .many").all_text_contents() == ["2", "5"]
    page.fill("#search", "WENT p4")
    page.locator("#shown", has_text="1 of 11").wait_for()
    assert shown(page) == 1
    page.click("#clear")
    assert shown(page) == 11
    page.fill("#search", "no such word")
    page.locator(".empty").wait_for()
    assert shown(page) == 0


def test_the_address_keeps_the_view(open_page: Open) -> None:
    """A view can be sent to somebody else; what it names and the page does not know is left out."""
    page = open_page(*FEW)
    chip(page, "level", "error")
    assert page.url.endswith("#level=error")
    page = open_page(*FEW, fragment="#level=error,nonsense&q=p3")
    assert shown(page) == 1


def test_a_finding_opens(open_page: Open) -> None:
    """Both sides with the difference marked, equal lines folded, the witness, and usages folded."""
    page = open_page(FEW[1])
    assert page.locator(".body").count() == 0
    page.locator(".row").first.click()
    body = page.locator(".body")
    assert body.locator("mark").all_text_contents() == ["5", "0"]
    assert body.locator("td.added").text_content() == 'added:   "maximum": 0,'
    assert '"duration": 1' in (body.locator(".json").text_content() or "")
    assert body.locator(".uses li:visible").count() == 6
    body.locator(".uses summary").click()
    body.locator(".uses .uses li").nth(2).wait_for()
    assert body.locator(".uses .uses li").count() == 3
    assert "Callers that send more are refused." in (body.text_content() or "")
    page.locator(".row").first.click()
    assert body.is_hidden()


def test_keys(open_page: Open) -> None:
    """Everything can be done without a mouse."""
    page = open_page(*FEW)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    assert page.locator(".row").nth(1).get_attribute("aria-expanded") == "true"
    page.keyboard.press("1")
    assert shown(page) == 4
    page.keyboard.press("0")
    assert shown(page) == 11
    page.keyboard.press("/")
    page.keyboard.type("jp3")
    page.keyboard.press("Escape")
    assert page.locator("#search").input_value() == "jp3"
    page.keyboard.press("?")
    assert page.locator("#help").is_visible()


def test_hostile_text_is_inert(open_page: Open) -> None:
    """Shown letter by letter, with hidden characters written out; no element, no dialog, no request comes of it."""
    hostile = Change(
        rule="enum-value-removed",
        level="error",
        pointer=f"/components/schemas/{HOSTILE}",
        message=HOSTILE,
        old=Place(path=HOSTILE),
        new=Place(path=HOSTILE),
        before={HOSTILE: HOSTILE},
        after=HOSTILE,
        usages=(Usage(operation=HOSTILE, role="request"),),
        witness=Witness(payload={HOSTILE: HOSTILE}, valid_before=True, valid_after=False),
        why=HOSTILE,
        locales=(HOSTILE, "ko"),
    )
    page = open_page(Comparison(title=HOSTILE, old=HOSTILE, new=HOSTILE, changes=[hostile], notes=(HOSTILE,)))
    page.locator(".row").click()
    visible = HOSTILE.replace("\u202e", "⟨U+202E⟩")
    assert page.locator(".message").text_content() == visible
    assert page.locator("td.added").text_content() == f"added: {visible}"
    assert page.locator("script").count() == 2
    assert page.locator("main :is(img, a, iframe, object, embed, script, link)").count() == 0


def test_the_policy_stops_what_would_leave(browser: Browser, tmp_path: Path) -> None:
    """Even a script that ran in the page could neither fetch, nor add a script, nor set markup."""
    file = tmp_path / "changes.html"
    file.write_text(render_comparisons([FEW[1]], "html"), encoding="utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())
    blocked = page.evaluate(
        """async () => {
            const found = [];
            document.addEventListener("securitypolicyviolation", (event) => found.push(event.effectiveDirective));
            await fetch("http://127.0.0.1:9/").catch(() => {});
            const script = document.createElement("script");
            try { script.text = "window.ran = true"; document.body.append(script); } catch {}
            try { document.body.innerHTML = "<b>markup</b>"; } catch {}
            await new Promise((resolve) => setTimeout(resolve, 50));
            return [window.ran === undefined, document.querySelector("b") === null, ...new Set(found)];
        }"""
    )
    assert blocked[:2] == [True, True]
    assert {"connect-src", "require-trusted-types-for"} <= set(blocked[2:])
    page.close()


def test_many_findings_stay_responsive(open_page: Open) -> None:
    """Two thousand are filtered at once; what is not looked at is not built. The bounds only catch a blow-up."""
    started = time.monotonic()
    page = open_page(
        comparison("evolink", *map(change, range(MANY // 2))),
        comparison("apimart", *map(change, range(MANY // 2, MANY))),
    )
    assert page.locator("#shown").text_content() == "2,000 findings"
    assert time.monotonic() - started < 30
    assert page.locator(".body").count() == 0
    assert page.evaluate("document.querySelectorAll('*').length") < 15 * MANY
    longest = page.evaluate(
        """async () => {
            const search = document.getElementById("search");
            let longest = 0;
            for (const text of ["p1", "p19", "p199", "p1999", "", "maximum 1500", ""]) {
                const started = performance.now();
                search.value = text;
                search.dispatchEvent(new Event("input"));
                await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
                document.body.getBoundingClientRect();
                longest = Math.max(longest, performance.now() - started);
            }
            return longest;
        }"""
    )
    assert longest < 5_000
    page.fill("#search", "p1999")
    page.locator("#shown", has_text="1 of 2,000").wait_for()
    chip(page, "provider", "evolink")
    assert shown(page) == 0


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light")])
def test_picture(width: int, scheme: Scheme, open_page: Open, tmp_path: Path) -> None:
    """Nothing overflows sideways; the picture is kept for people where VIDGATE_SCREENSHOTS says."""
    long = dataclasses.replace(change(0, "x" * 300), before="y" * 300, new=Place(path="z" * 300), locales=("w" * 300,))
    page = open_page(*FEW, comparison("v" * 300, long), width=width, scheme=scheme)
    page.locator(".row").first.click()
    page.locator(".row").last.click()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.evaluate("scrollTo(0, 0)")
    assert page.locator("#facets").is_visible() is (width > 390)
    folder = Path(os.environ.get("VIDGATE_SCREENSHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    picture = page.screenshot(path=folder / f"changes-{scheme}-{width}.png")
    assert picture.startswith(b"\x89PNG")
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(255, 255, 255)") is (scheme == "light")
