"""Differences between two sides that should say the same: translations of a page, and later versions of it."""

from __future__ import annotations

from tools.diff.contradictions import contradictions
from tools.diff.locales import compare_languages, compare_locales, count_differing, count_translations
from tools.diff.pages import compare_pages
from tools.diff.prose import compare_page_prose, compare_prose, texts_of
from tools.diff.snapshots import fold, spread

__all__ = [
    "compare_languages",
    "compare_locales",
    "compare_page_prose",
    "compare_pages",
    "compare_prose",
    "contradictions",
    "count_differing",
    "count_translations",
    "fold",
    "spread",
    "texts_of",
]
