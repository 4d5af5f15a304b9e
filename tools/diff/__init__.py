"""Differences between two sides that should say the same: translations of a page, and later versions of it."""

from __future__ import annotations

from tools.diff.contradictions import contradictions
from tools.diff.documents import compare_documents
from tools.diff.locales import compare_languages, compare_locales, count_differing, count_translations, spread
from tools.diff.prose import compare_page_prose, compare_prose, texts_of
from tools.diff.rules import RULES, Rule

__all__ = [
    "RULES",
    "Rule",
    "compare_documents",
    "compare_languages",
    "compare_locales",
    "compare_page_prose",
    "compare_prose",
    "contradictions",
    "count_differing",
    "count_translations",
    "spread",
    "texts_of",
]
