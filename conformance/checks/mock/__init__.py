"""Judges the client: documented and derived messages against a mocked transport."""

from __future__ import annotations
