"""contract → `generated/<provider>_api`: a typed package that nobody edits.

    Document ── view ──▶ what the generator reads ── openapi-python-client, our templates ──▶ package ── checks ──▶

`render` gives the checked files, `generate` puts them in place. The generator runs in a temporary folder, and the old
package stays until the new one compiles, imports and type-checks.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tools.errors import GenerateError
from tools.generate.check import check_package
from tools.generate.media import find_media
from tools.generate.phrases import phrases
from tools.generate.run import Workspace, render_modules, template_files, tool_versions, write_package
from tools.generate.variants import find_families
from tools.generate.view import View, make_view
from tools.schema.memory import without_collector
from tools.schema.overlay import apply_overlay
from tools.store import install, temporary_folder

if TYPE_CHECKING:
    from pathlib import Path

    from tools.model import Document, JsonObject

__all__ = ("View", "generate", "make_view", "package_name", "render", "template_files", "tool_versions")


def package_name(provider: str) -> str:
    """The import name of a provider's package."""
    name = f"{provider}_api"
    if not name.isascii() or not name.isidentifier() or name != name.lower():
        raise GenerateError(f"{name!r} cannot name a package", fix="Rename the provider: a-z, 0-9 and _.")
    return name


def generate(document: Document, *, locale: str | None = None, into: Path) -> None:
    """Write `into/<provider>_api`, or nothing: raises GenerateError for a contract that gives no sound package.

    `locale` is the language of the docstrings; None is the contract's own.
    """
    package = package_name(document.provider)
    files = render(document, locale=locale)
    install(into, {f"{package}/{path}": content for path, content in files.items()}, whole=[package])


def render(document: Document, *, locale: str | None = None, type_check: bool = True) -> dict[str, bytes]:
    """The files of the package, by path inside it; raises GenerateError.

    `type_check=False` leaves mypy out, which takes most of the time.
    """
    with without_collector():
        return _render(document, locale=locale, type_check=type_check)


def _render(document: Document, *, locale: str | None, type_check: bool) -> dict[str, bytes]:
    contract = contract_json(document.openapi)
    openapi = localised(document, locale)
    words = phrases(locale)
    try:
        view = make_view(openapi, words)
        families = find_families(openapi, view, words)
        media = find_media(openapi, view, families)
    except RecursionError:
        problem = "the contract nests schemas too deep to become Python"
        raise GenerateError(problem, fix="Move inner schemas to components.schemas in overlay.yaml.") from None
    # The contract ships as it is, whatever language the docstrings are in: it is what checks and messages rest on.
    extra = {**render_modules(families, media), "contract.json": contract, "py.typed": ""}
    with temporary_folder() as folder:
        workspace = Workspace(folder=folder, package=package_name(document.provider))
        write_package(workspace, view, extra)
        return check_package(workspace, view, families, type_check=type_check)


def localised(document: Document, locale: str | None) -> JsonObject:
    """The contract in a language; raises GenerateError for one that it does not have."""
    if locale is None or (locale == "en" and locale not in document.locales):
        return document.openapi
    if locale not in document.locales:
        known = ", ".join(["en", *document.locales])
        raise GenerateError(f"there is no locale {locale!r} of {document.provider}", fix=f"Choose one of {known}.")
    openapi, unmatched = apply_overlay(document.openapi, document.locales[locale], path=f"locales/{locale}.yaml")
    if unmatched:
        raise GenerateError(
            f"locales/{locale}.yaml speaks of {unmatched[0].target}, which the contract does not have",
            fix="Build again: locales are derived from the pages.",
        )
    return openapi


def contract_json(openapi: JsonObject) -> str:
    """The contract as it ships: compact, in its own order."""
    try:
        text = json.dumps(openapi, ensure_ascii=False, separators=(",", ":"), allow_nan=False) + "\n"
        text.encode("utf-8")
    except (ValueError, RecursionError) as error:  # surrogates, NaN, nesting without end
        raise GenerateError(f"the contract is no JSON: {error}", fix="Correct the value in overlay.yaml.") from None
    return text
