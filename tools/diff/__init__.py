"""Differences between two sides that should say the same: translations of a page, and later versions of it."""

from __future__ import annotations

from tools.diff.locales import RULES, Rule, compare_locales, count_translations

__all__ = ["RULES", "Rule", "compare_locales", "count_translations"]
