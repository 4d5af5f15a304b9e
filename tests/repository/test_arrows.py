"""Import arrows that import-linter cannot say: an allow-list for generated code, and who may read specs/."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GENERATED = ("apimart_api", "evolink_api")
SHIPPED = ("vidgate", "conformance", "generated")
MAY_IMPORT = sys.stdlib_module_names | {"attr", "attrs", "httpx"}


def imported(source: str) -> set[str]:
    """Top-level names of the absolute imports of a module, whichever block they stand in."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module is not None:
            found.add(node.module.partition(".")[0])
    return found


@pytest.mark.parametrize("package", GENERATED)
def test_generated_code_imports_little(package: str) -> None:
    """Standard library, attrs and httpx: a template or a generator upgrade must not add a dependency."""
    modules = sorted((ROOT / "generated" / package).rglob("*.py"))
    assert modules, f"generated/{package} is empty: run `nox -s generate`"
    surplus = {
        path.relative_to(ROOT).as_posix(): names
        for path in modules
        if (names := imported(path.read_text(encoding="utf-8")) - MAY_IMPORT - {package})
    }
    assert surplus == {}


def test_imports_inside_functions_and_type_checking_count() -> None:
    """The reader of imports sees every block, so that a late import cannot slip by."""
    late = "def late():\n    from dateutil import parser\n    from . import own\n"
    assert imported("if TYPE_CHECKING:\n    import yaml.nodes\n" + late) == {"yaml", "dateutil"}


@pytest.mark.parametrize("folder", SHIPPED)
def test_what_ships_does_not_read_specs(folder: str) -> None:
    """The wheel has no specs/: what ships reads contract.json through importlib.resources."""
    guilty = [
        f"{path.relative_to(ROOT).as_posix()}:{node.lineno}"
        for path in sorted((ROOT / folder).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and (node.value == "specs" or (node.value.startswith("specs/") and "\n" not in node.value))
    ]
    assert guilty == []
