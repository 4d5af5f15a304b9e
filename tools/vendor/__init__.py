"""Brings published pages into `specs/<provider>/pages`, byte for byte: they are evidence and nobody edits them.

The only stage that uses the network. Pages come from a folder (`vendor`) or from the provider's site (`vendor_site`).
"""

from __future__ import annotations

from tools.vendor._folder import index_of, page_path, token_of, vendor
from tools.vendor._pace import Clock, Manners, SystemClock
from tools.vendor._put import Arrival, Vendored, Wanted
from tools.vendor._site import Watch, vendor_site

__all__ = [
    "Arrival",
    "Clock",
    "Manners",
    "SystemClock",
    "Vendored",
    "Wanted",
    "Watch",
    "index_of",
    "page_path",
    "token_of",
    "vendor",
    "vendor_site",
]
