"""Text from a page is read, never run: every package here is imported, and nothing happens."""

from __future__ import annotations

import ast
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tools.errors import GenerateError
from tools.generate import render
from tools.generate.check import check_statements
from tools.model import Document

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tools.generate.conftest import Variation
    from tools.model import Json, JsonObject

RUN = "__import__('pathlib').Path('TRACE').write_text('ran')"

TEXTS = (
    f'"""\n{RUN}\n"""',
    f"'''\n{RUN}\n'''",
    f'\\"""\n{RUN}\n#',
    f'""""""\n\n{RUN}',
    "ends with a backslash \\",
    'ends with a quote "',
    "\\" * 301 + '"""',
    "\\N{DIGIT ONE} \\x \\u12 \\U0010",
    "{{ 7 * 7 }} {% raw %} {# c #} ${x} %s {0}",
    "a\x00b\x08c\x1bd\u202ee\u2028f",
    "\x0c\n# noqa\n# type: ignore\n# fmt: off\n",
    "x" * 5000 + "\\" * 77 + "y" * 200,
)


def imported(files: dict[str, bytes], root: Path) -> None:
    """Write the package and import every module of it."""
    for path, content in files.items():
        target = root / "hostile_api" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    code = f"""
import importlib, pkgutil, sys
sys.path.insert(0, {str(root)!r})
import hostile_api
for found in pkgutil.walk_packages(hostile_api.__path__, "hostile_api."):
    importlib.import_module(found.name)
"""
    subprocess.run([sys.executable, "-I", "-B", "-W", "error", "-c", code], cwd=root, check=True, capture_output=True)
    assert not (root / "TRACE").exists()


def test_descriptions_are_neutralised(sample: JsonObject, tmp_path: Path) -> None:
    """Whatever stands in titles, summaries and descriptions, the modules compile without warning and run nothing."""
    sample["info"] = {"title": "\n".join(TEXTS), "version": TEXTS[0], "description": TEXTS[0]}
    for index, text in enumerate(TEXTS):
        words: JsonObject = {"title": text, "summary": text, "description": text}
        sample["components"]["schemas"][f"Text{index}"] = {
            **words,
            "type": "object",
            "required": ["plain"],
            "properties": {
                "plain": {**words, "type": "string", "default": text},
                "listed": {**words, "enum": ["a", text]},
                "inner": {**words, "type": "object", "properties": {"a": {**words, "type": ["string", "null"]}}},
            },
        }
        body: JsonObject = {"schema": {"$ref": f"#/components/schemas/Text{index}"}}
        sample["paths"][f"/v1/texts/{index}"] = {
            "post": {
                **words,
                "operationId": f"text{index}",
                "tags": ["texts"],
                "parameters": [{**words, "name": "a", "in": "query", "schema": {**words, "type": "string"}}],
                "requestBody": {**words, "content": {"application/json": body}},
                "responses": {"200": {**words, "content": {"application/json": body}}},
            }
        }
    files = render(Document(provider="hostile", openapi=sample, locales={}))
    imported(files, tmp_path)
    assert b"{{ 7 * 7 }}" in files["models/text_8.py"]


VALUES = (
    ['a"b', "c'd", "e\\"],
    ["a\nb", "c\rd", "e\tf"],
    ['"""', f'"] {RUN} ["'],
    ["", " ", "\u2028", "\u202e"],
    ["{{x}}", "{%y%}", f"\\']; {RUN} #"],
)


def test_values_arrive_unchanged(varied: Variation, tmp_path: Path) -> None:
    """Enum values and model ids are data: they stand in the literal, and go on the wire, as they are."""
    enums = {f"e{index}": {"enum": values, "default": values[0]} for index, values in enumerate(VALUES)}
    models = [value for values in VALUES for value in values if value.isprintable()]
    variants: JsonObject = {}
    for index, model in enumerate(models):
        properties = {"model": {"const": model, "default": model}, "prompt": {"type": "string"}}
        variants[f"Model{index}Request"] = {"type": "object", "required": ["model"], "properties": properties}
    contract = varied(properties=enums, schemas=variants)
    union = contract["components"]["schemas"]["CreateFilmRequest"]
    union["oneOf"] += [{"$ref": f"#/components/schemas/{name}"} for name in variants]
    del union["discriminator"]["mapping"]
    files = render(Document(provider="hostile", openapi=contract, locales={}))
    imported(files, tmp_path)
    for index, values in enumerate(VALUES):
        assert set(values) <= constants(files[f"models/alpha_request_e{index}.py"])
        assert set(values) <= constants(files["variants.py"])
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\nfrom hostile_api.variants import request_class\n"
    code += f"for model in {models!r}:\n    found = request_class('createFilm', model)\n"
    code += "    assert found().to_dict() == {'model': model}\n    assert found.from_dict({}).model == model\n"
    subprocess.run([sys.executable, "-I", "-B", "-c", code], check=True)


def constants(source: bytes) -> set[object]:
    return {node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)}


def test_property_names_are_data(varied: Variation, tmp_path: Path) -> None:
    """Keys with quotes and code reach the wire as they are."""
    keys = ['a"b', "c'd", "e\\", f"x; {RUN}", "{{y}}", 'f"""g', "import", "None", "프롬프트"]
    contract = varied(properties={key: {"type": "string", "description": key} for key in keys})
    imported(render(Document(provider="hostile", openapi=contract, locales={})), tmp_path)
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\nfrom hostile_api.models import AlphaRequest as A\n"
    code += f"body = { ({'model': 'alpha-1', 'prompt': 'p', **dict.fromkeys(keys, 'v')})!r}\n"
    code += "made = A.from_dict(body)\nassert made.to_dict() == body\nassert not made.additional_properties"
    subprocess.run([sys.executable, "-I", "-B", "-c", code], check=True)


def test_what_no_file_can_hold_is_refused(sample: JsonObject) -> None:
    """A lone surrogate or a number that is no JSON ends in an error that says so."""
    for value in ("a\ud800", float("nan")):
        sample["info"]["x-vidgate-note"] = value
        with pytest.raises(GenerateError, match="the contract is no JSON"):
            render(Document(provider="hostile", openapi=sample, locales={}))


STATEMENTS: list[Json] = [
    pytest.param("print(1)", id="call"),
    pytest.param("x = print(1)", id="assigned-call"),
    pytest.param("def f(a=print(1)): ...", id="default"),
    pytest.param("@print\ndef f(): ...", id="decorator"),
    pytest.param("class A(print(1)): ...", id="base"),
    pytest.param("class A:\n    x: int = print(1)", id="field"),
    pytest.param("class A:\n    print(1)", id="in-class"),
    pytest.param("if True:\n    pass", id="condition"),
    pytest.param("if TYPE_CHECKING:\n    pass\nelse:\n    print(1)", id="else"),
    pytest.param("for x in (): ...", id="loop"),
    pytest.param("x = [print(y) for y in (1,)]", id="comprehension"),
    pytest.param("f'{print(1)}'", id="formatted-text"),
    pytest.param("lambda: 1", id="lambda"),
    pytest.param("del x", id="del"),
    pytest.param("x: print(1) = 1", id="annotation"),
    pytest.param("x[print(1)] = 1", id="target"),
]


@pytest.mark.parametrize("code", STATEMENTS)
def test_the_guard_knows_what_runs_at_import(code: str) -> None:
    """Were text to break out of its docstring all the same, the package would be refused."""
    with pytest.raises(GenerateError, match="when it is imported"):
        check_statements("models/x.py", ast.parse(code).body)
