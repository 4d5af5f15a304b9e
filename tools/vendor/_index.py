"""`llms.txt` → the pages it lists. Only the first link of a list item counts: descriptions may hold others."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urljoin, urlsplit

from tools.errors import UsageError
from tools.store import safe_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

INDEX: Final = "llms.txt"
_ITEM: Final = re.compile(r"[ \t]{0,8}[-*+][ \t]")
_LINK: Final = re.compile(r"\]\(<?([^\s()<>]{1,2000})>?\)")
_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """Scheme, host and port: what a run never leaves."""

    scheme: str
    host: str
    port: int

    def admits(self, other: Origin | None) -> bool:
        """Whether a redirect may lead there: the same place, or the same host by https instead of http."""
        if other is None:
            return False
        upgrade = self.scheme == "http" and other == Origin(scheme="https", host=self.host, port=_PORTS["https"])
        return other == self or (upgrade and self.port == _PORTS["http"])


def origin_of(url: str) -> Origin | None:
    """Where a URL leads; None unless it is http(s) with a host, without user name, and sound."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc:
        return None
    return Origin(scheme=parts.scheme, host=parts.hostname.lower().rstrip("."), port=port or _PORTS[parts.scheme])


def index_url(url: str) -> str:
    """The index a user means by `url`: the URL itself, or the llms.txt in that folder. Raises UsageError."""
    if origin_of(url) is None:
        shown = re.sub(r"//[^/?#]*@", "//…@", url)  # what stands before the host may be a secret
        raise UsageError(f"{shown!r} is no address of a site", fix="Write http(s)://HOST/…, without user name.")
    parts = urlsplit(url)
    path = parts.path if parts.path.endswith(".txt") else f"{parts.path.rstrip('/')}/{INDEX}"
    return parts._replace(path=path, query="", fragment="").geturl()


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """One page the index lists: `path` below the folder of the index, `url` where to ask for it."""

    path: str
    url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """What an index lists: pages by path, each once, and links that are no pages of ours, with the reason."""

    links: tuple[Link, ...]
    elsewhere: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Site:
    """Where pages are asked for, and where they are published: the same, unless a mirror was named."""

    index: str
    published: str

    def locate(self, url: str) -> Link | str:
        """The page a link leads to, or why it is none. Links to the published site are asked of the mirror."""
        absolute = urljoin(self.index, url)
        for index in (self.index, self.published):
            if origin_of(absolute) is not None and origin_of(absolute) == origin_of(index):
                folder = folder_of(index)
                path = unquote(urlsplit(absolute).path)
                if not path.startswith(folder):
                    return f"lies outside {folder}"
                path = path.removeprefix(folder)
                if not path.endswith(".md"):
                    return "is no Markdown page"
                if not safe_path(path):
                    return "has no safe path"
                return Link(path=path, url=urljoin(self.index, folder_of(self.index) + path))
        return "leads to another host"


def folder_of(index: str) -> str:
    """The path of the folder an index lies in, with a slash at its end."""
    return urlsplit(index).path.rpartition("/")[0] + "/"


def read_index(text: str, *, site: Site, locales: Sequence[str]) -> Listing:
    """The pages listed in `text`."""
    links: dict[str, Link] = {}
    elsewhere: list[str] = []
    for url in _urls(text):
        found = site.locate(url)
        if isinstance(found, str):
            elsewhere.append(f"{url}: {found}")
        elif found.path.partition("/")[0] not in locales:
            elsewhere.append(f"{url}: lies in no locale folder of sources.toml")
        else:
            links.setdefault(found.path, found)
    return Listing(links=tuple(links[path] for path in sorted(links)), elsewhere=tuple(dict.fromkeys(elsewhere)))


def _urls(text: str) -> Iterator[str]:
    for row in text.splitlines():
        if _ITEM.match(row):
            found = _LINK.search(row)
            if found:
                yield found[1]
