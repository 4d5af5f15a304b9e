"""The only disk access of the pipeline.

What is written does not depend on umask, locale or platform: UTF-8, LF, modes 0644 and 0755.
"""

from __future__ import annotations

from tools.store._cache import Cache, code_digest
from tools.store._canonical import json_bytes, lock_bytes, yaml_bytes
from tools.store._install import install, temporary_folder
from tools.store._packs import Packs
from tools.store._read import (
    CONTRACT,
    JUDGEMENTS,
    LOCALES,
    LOCK,
    OVERLAY,
    PAGE_BYTES,
    PAGES,
    SUPPLEMENT,
    Added,
    PageSet,
    Workspace,
    digest,
    nearest,
    read_bytes,
    read_json,
    read_pages,
    read_tree,
    walk_files,
)
from tools.store._sides import Side, read_side, side_of_document
from tools.store._sources import SOURCES, SourceFile, read_source, safe_path

__all__ = [
    "CONTRACT",
    "JUDGEMENTS",
    "LOCALES",
    "LOCK",
    "OVERLAY",
    "PAGES",
    "PAGE_BYTES",
    "SOURCES",
    "SUPPLEMENT",
    "Added",
    "Cache",
    "Packs",
    "PageSet",
    "Side",
    "SourceFile",
    "Workspace",
    "code_digest",
    "digest",
    "install",
    "json_bytes",
    "lock_bytes",
    "nearest",
    "read_bytes",
    "read_json",
    "read_pages",
    "read_side",
    "read_source",
    "read_tree",
    "safe_path",
    "side_of_document",
    "temporary_folder",
    "walk_files",
    "yaml_bytes",
]
