"""A site, a clock and a checkout for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.tools.vendor.site import SOURCES, FakeSite, ManualClock, served
from tools.store import Workspace
from tools.vendor import Manners, Vendored, vendor_site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def site() -> Iterator[FakeSite]:
    """A site on a free port."""
    with served() as fake:
        yield fake


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands still."""
    return ManualClock()


@pytest.fixture
def checkout(tmp_path: Path) -> Workspace:
    """A checkout with one provider and no pages."""
    folder = tmp_path / "checkout/specs/example"
    folder.mkdir(parents=True)
    (folder / "sources.toml").write_text(SOURCES, encoding="utf-8")
    return Workspace(root=tmp_path / "checkout")


@pytest.fixture
def bring(site: FakeSite, checkout: Workspace, clock: ManualClock) -> Callable[..., Vendored]:
    """Vendor from the site into the checkout, without waiting."""

    def run(**options: Any) -> Vendored:
        options.setdefault("manners", Manners(page_timeout=10.0))
        options.setdefault("url", site.url)
        options.setdefault("clock", clock)
        return vendor_site(checkout, "example", **options)

    return run
