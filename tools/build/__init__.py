"""Composes the stages: pages → extract → compare → normalize → generate → one transaction on disk, with its lock."""

from __future__ import annotations

from tools.build._derive import Derived, Options, Progress, derive, extract_pages, select_pages
from tools.build._inputs import input_drift, lock_of
from tools.build._overlay_health import overlay_health, overlay_lines
from tools.build._run import build, check, generate_again, normalize_again

__all__ = [
    "Derived",
    "Options",
    "Progress",
    "build",
    "check",
    "derive",
    "extract_pages",
    "generate_again",
    "input_drift",
    "lock_of",
    "normalize_again",
    "overlay_health",
    "overlay_lines",
    "select_pages",
]
