"""Addresses as they may be shown and kept."""

from __future__ import annotations

from urllib.parse import urlsplit


def bare_url(url: str) -> str:
    """An address without its query, which is often a signature, and without whoever logs in there."""
    bare = url.partition("?")[0].partition("#")[0]
    try:
        parts = urlsplit(bare)
        return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    except ValueError:
        return ""
