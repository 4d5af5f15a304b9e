"""Composes the stages: pages → extract → compare → normalize → generate → one transaction on disk, with its lock.

Each entry stands in a module of its own, so that a command imports only the stages it composes.
"""
