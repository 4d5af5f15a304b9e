"""Judges the simulator, and the client on it."""

from __future__ import annotations
