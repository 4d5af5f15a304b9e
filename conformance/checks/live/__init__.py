"""Judges a real server, within a budget: free calls only, so far."""

from __future__ import annotations
