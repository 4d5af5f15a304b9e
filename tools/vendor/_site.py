"""Pages from the provider's site: its index, then every page of it that is wanted, a few at a time.

Nothing is written before the last page is there. What is odd about the site (a page that is gone, has moved, turned
into HTML) is reported, and the page in specs/ stays; a page that could not be had ends the run without a change.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Protocol

from tools.errors import PageError, Place, Unreachable, UsageError
from tools.vendor._folder import token_of
from tools.vendor._http import Answer, Browser, Validators
from tools.vendor._index import Link, Site, index_url, origin_of, read_index
from tools.vendor._memory import Memory, Remembered
from tools.vendor._pace import Clock, Manners, SystemClock
from tools.vendor._put import Arrival, Vendored, Wanted, collisions, put

if TYPE_CHECKING:
    from tools.errors import ToolError
    from tools.store import Workspace

_CACHE: Final = "vendor"


class Watch(Protocol):
    """Is told of every page that is done: how many of how many, and which."""

    def __call__(self, done: int, total: int, path: str, /) -> None: ...


@dataclass(kw_only=True, slots=True)
class _Haul:
    """What a run has so far."""

    pages: dict[str, Arrival] = field(default_factory=dict[str, Arrival])
    gone: dict[str, str] = field(default_factory=dict[str, str])
    moved: dict[str, str] = field(default_factory=dict[str, str])
    odd: dict[str, str] = field(default_factory=dict[str, str])
    failed: dict[str, Unreachable] = field(default_factory=dict[str, Unreachable])
    done: int = 0
    size: int = 0
    skipped: int = 0
    kept: int = 0
    resumed: int = 0
    in_a_row: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class _Trip:
    """What the workers of one run share; `name` is the run's."""

    browser: Browser
    memory: Memory
    name: str
    haul: _Haul = field(default_factory=_Haul)


def vendor_site(
    workspace: Workspace,
    provider: str,
    *,
    url: str | None = None,
    wanted: Wanted | None = None,
    prune: bool = False,
    dry_run: bool = False,
    clock: Clock | None = None,
    manners: Manners | None = None,
    watch: Watch | None = None,
) -> Vendored:
    """Bring the provider's pages from its site, or from the mirror at `url`.

    With `prune`, pages that the site no longer has leave specs/; without it they stay and are findings. Raises
    UsageError for a bad URL, Unreachable and PageError for an index that cannot be had.
    """
    source = workspace.source(provider).source
    chosen = wanted or Wanted()
    chosen.check(source)
    site = Site(index=index_url(url or source.index), published=index_url(source.index))
    run = _Run(
        workspace=workspace,
        provider=provider,
        site=site,
        wanted=chosen,
        clock=clock or SystemClock(),
        manners=manners or Manners(),
        watch=watch,
    )
    return asyncio.run(run.go(prune=prune, dry_run=dry_run))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Run:
    workspace: Workspace
    provider: str
    site: Site
    wanted: Wanted
    clock: Clock
    manners: Manners
    watch: Watch | None

    async def go(self, *, prune: bool, dry_run: bool) -> Vendored:
        origin = origin_of(self.site.index)
        if origin is None:
            raise UsageError(f"{self.site.index!r} is no address of a site", fix="Write http(s)://HOST/….")
        memory = Memory(self.workspace.cache(_CACHE), self.site.index)
        locales = self.workspace.source(self.provider).source.locales
        async with Browser(origin, clock=self.clock, manners=self.manners) as browser:
            index = await self._index(browser)
            listing = read_index(index.decode("utf-8", "replace"), site=self.site, locales=locales)
            links = [link for link in listing.links if self.wanted.takes(link.path)]
            if not links:
                problem = f"{self.site.index} lists no page that is wanted, of {len(listing.links)} in its locales"
                raise PageError(problem, fix="Check --locale and --include, and `locales` in sources.toml.")
            if len(links) > self.manners.index_pages:
                problem = (
                    f"{self.site.index} lists {len(links):,} pages; at most {self.manners.index_pages:,} are asked for"
                )
                raise PageError(problem, fix="Choose some with --locale and --include.")
            name = memory.resume(index, now=self.clock.now(), within=self.manners.resume_within)
            trip = _Trip(browser=browser, memory=memory, name=name)
            await self._bring(trip, links)
        haul = trip.haul
        done = self._settle(haul, {link.path for link in links}, prune=prune, dry_run=dry_run)
        if not haul.failed:
            memory.finish()
        return replace(
            done,
            elsewhere=listing.elsewhere,
            left_out=len(listing.links) - len(links),
            asked=browser.requests,
            kept=haul.kept,
            resumed=haul.resumed,
            remarks=tuple(
                f"{path} calls itself {token}"
                for path, arrival in sorted(haul.pages.items())
                if (token := token_of(arrival.content)) not in {None, path}
            ),
        )

    async def _index(self, browser: Browser) -> bytes:
        answer = await browser.get(self.site.index, limit=self.manners.index_bytes)
        if answer.outcome != "text":
            raise PageError(f"the index {self.site.index} {answer.detail}", fix="Name another with --from URL.")
        return answer.content

    async def _bring(self, trip: _Trip, links: list[Link]) -> None:
        queue, haul = deque(links), trip.haul

        async def work() -> None:
            while queue and haul.in_a_row < self.manners.surrender:
                link = queue.popleft()
                await self._page(trip, link)
                haul.done += 1
                if self.watch:
                    self.watch(haul.done, len(links), link.path)

        async with asyncio.TaskGroup() as group:
            for _ in range(self.manners.concurrency):
                group.create_task(work())
        haul.skipped = len(queue)

    async def _page(self, trip: _Trip, link: Link) -> None:
        haul = trip.haul
        known = trip.memory.page(link.url)
        if known is not None and known.run == trip.name:
            haul.resumed += 1
            self._take(link, known.url, known.content, haul)
            return
        try:
            answer = await trip.browser.get(
                link.url, limit=self.manners.page_bytes, known=known.validators if known else Validators()
            )
        except Unreachable as error:
            haul.failed[link.path] = error
            haul.in_a_row += 1
            return
        haul.in_a_row = 0
        self._judge(trip, link, answer, known)

    def _judge(self, trip: _Trip, link: Link, answer: Answer, known: Remembered | None) -> None:
        haul = trip.haul
        if answer.outcome == "same" and known is not None:
            haul.kept += 1
            answer = replace(answer, outcome="text", content=known.content)
        match answer.outcome:
            case "text":
                page = Remembered(url=answer.url, content=answer.content, validators=answer.validators, run=trip.name)
                trip.memory.keep(link.url, page)
                self._take(link, answer.url, answer.content, haul)
            case "gone":
                haul.gone[link.path] = f"is listed, but the site {answer.detail}"
            case "away":
                haul.moved[link.path] = answer.detail
            case _:
                haul.odd[link.path] = answer.detail

    def _take(self, link: Link, url: str, content: bytes, haul: _Haul) -> None:
        """Put a page where the site serves it, which after a redirect is not where the index says."""
        path = link.path
        if url != link.url:
            found = self.site.locate(url)
            shown = found.path if isinstance(found, Link) else url
            haul.moved[link.path] = f"has moved to {shown}"
            if not isinstance(found, Link) or not self._may_stand(found.path):
                return
            path = found.path
        haul.size += len(content)
        if haul.size > self.manners.all_bytes:
            problem = f"{link.url}: the pages hold more than {self.manners.all_bytes:,} bytes together"
            haul.failed[link.path] = Unreachable(problem, fix="Choose fewer with --locale and --include.")
            haul.in_a_row = self.manners.surrender
            return
        # The page that is listed there itself comes first, whichever arrives first.
        if path == link.path or path not in haul.pages:
            haul.pages[path] = Arrival(file=url, path=path, content=content)

    def _may_stand(self, path: str) -> bool:
        locales = self.workspace.source(self.provider).source.locales
        return path.partition("/")[0] in locales and self.wanted.takes(path)

    def _settle(self, haul: _Haul, listed: set[str], *, prune: bool, dry_run: bool) -> Vendored:
        """Write what came, or nothing when something could not be had."""
        if haul.failed:
            left: list[ToolError] = [error for _, error in sorted(haul.failed.items())]
            if haul.skipped:
                problem = f"the run was given up; {haul.skipped} more pages were not asked for"
                left.append(Unreachable(problem, fix="Run again: what has come is not asked for again."))
            return Vendored(provider=self.provider, findings=tuple(left))
        rows = self.workspace.lock(self.provider).get("pages", {})
        there = {page.path for page in self.workspace.pages(self.provider).pages} | set(rows)
        gone = dict(haul.gone)
        for path in there - listed - set(haul.pages):
            if self.wanted.takes(path):
                gone[path] = "is not listed any more"
        stale = (set(gone) | set(haul.moved)) - set(haul.pages)
        arrivals = [arrival for _, arrival in sorted(haul.pages.items())]
        clashing = collisions(arrivals, there - (stale if prune else set()))
        lost = {place.path for error in clashing for place in error.places}
        done = put(
            self.workspace,
            self.provider,
            [arrival for arrival in arrivals if arrival.file not in lost],
            retrieved=datetime.fromtimestamp(self.clock.now(), tz=UTC).date(),
            remove=stale & there if prune else (),
            dry_run=dry_run,
        )
        odd = {**gone, **haul.moved, **haul.odd}
        remarks = [_remark(path, odd[path], there=path in there) for path in sorted(odd) if path not in done.removed]
        return replace(done, findings=(*clashing, *remarks))


def _remark(path: str, problem: str, *, there: bool) -> ToolError:
    fix = "The page in specs/ stays as it is; --prune takes it out." if there else "Nothing of it is in specs/."
    return PageError(problem, fix=fix, places=[Place(path=f"pages/{path}")])
