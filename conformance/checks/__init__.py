"""The checks, one folder per profile. A file's functions `check_*` are collected; each names its requirement."""

from __future__ import annotations
