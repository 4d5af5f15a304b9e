"""Names that would overwrite, hide or execute something are refused, with the place and the fix."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING

import pytest

from tools.errors import GenerateError
from tools.generate import package_name
from tools.generate.names import attribute_name, class_name, module_name
from tools.generate.phrases import phrases
from tools.generate.variants import find_families
from tools.generate.view import make_view

if TYPE_CHECKING:
    from tests.tools.generate.conftest import Variation
    from tools.model import Json, JsonObject

TEXT: JsonObject = {"type": "string"}
OBJECT: JsonObject = {"type": "object", "properties": {"a": TEXT}}


def refused(contract: JsonObject) -> GenerateError:
    words = phrases(None)
    with pytest.raises(GenerateError) as caught:
        find_families(contract, make_view(contract, words), words)
    assert caught.value.fix.endswith(".")
    return caught.value


SCHEMAS: list[Json] = [
    pytest.param({"../../x": OBJECT}, "cannot name a class", id="path"),
    pytest.param({"A B": OBJECT}, "cannot name a class", id="space"),
    pytest.param({"x;import os": OBJECT}, "cannot name a class", id="code"),
    pytest.param({"비디오": OBJECT}, "cannot name a class", id="not-ascii"),
    pytest.param({"": OBJECT}, "cannot name a class", id="empty"),
    pytest.param({"Client": OBJECT}, "would hide", id="client"),
    pytest.param({"Unset": OBJECT}, "would hide", id="unset"),
    pytest.param({"any": OBJECT}, "would hide", id="any"),
    pytest.param({"MyClass": OBJECT, "my_class": OBJECT}, "would become the class MyClass", id="one-class"),
    pytest.param({"GPTImage": OBJECT, "GptImage": OBJECT}, "one class or module", id="one-module"),
    pytest.param(
        {"Pair": {**OBJECT, "properties": {"left": OBJECT}}, "PairLeft": OBJECT}, "PairLeft", id="inline-and-named"
    ),
    pytest.param({"AlphaKeywords": OBJECT}, "AlphaKeywords", id="keywords"),
    pytest.param({"CreateFilm": OBJECT}, "CreateFilm", id="protocol"),
]


@pytest.mark.parametrize(("schemas", "problem"), SCHEMAS)
def test_schema_names(varied: Variation, schemas: JsonObject, problem: str) -> None:
    """Two schemas never become one class, and none hides what generated modules use."""
    error = refused(varied(schemas=schemas))
    assert problem in error.problem
    assert error.places[0].pointer


@pytest.mark.parametrize("name", ["Exception", "str", "dict", "property", "ValueError", "None", "True"])
def test_names_of_builtins_are_neutralised(varied: Variation, name: str) -> None:
    """A schema may be called like a builtin: its class gets another name."""
    view = make_view(varied(schemas={name: OBJECT}), phrases(None))
    assert class_name(name) in view.classes
    assert not hasattr(builtins, class_name(name))


PROPERTIES: list[Json] = [
    pytest.param(["from_dict"], "from_dict", id="from_dict"),
    pytest.param(["toDict"], "to_dict", id="to_dict-in-camel-case"),
    pytest.param(["to_multipart"], "to_multipart", id="to_multipart"),
    pytest.param(["additional_properties"], "additional_properties", id="additional_properties"),
    pytest.param(["additionalKeys"], "additional_keys", id="additional_keys"),
    pytest.param(["a\u200bb"], "U+200B", id="invisible"),
    pytest.param(["a\nb"], "U+000A", id="newline"),
    pytest.param(["a\ud800"], "U+D800", id="surrogate"),
    pytest.param(["a!", "a?"], "one attribute", id="punctuation"),
    pytest.param(["\ufb01le", "file"], "one attribute", id="ligature"),
]


@pytest.mark.parametrize(("keys", "problem"), PROPERTIES)
def test_property_names(varied: Variation, keys: list[str], problem: str) -> None:
    """A property can neither hide a method nor share an attribute, nor lose characters in silence."""
    error = refused(varied(properties=dict.fromkeys(keys, TEXT)))
    assert problem in error.problem
    assert str(error.places[0].pointer).startswith("/components/schemas/AlphaRequest/properties/")


@pytest.mark.parametrize("keys", [["fooBar", "foo_bar"], ["class"], ["__init__"], ["!!!"], ["1st"], ["프롬프트"]])
def test_property_names_the_generator_settles(varied: Variation, keys: list[str]) -> None:
    """Names that the generator itself keeps apart are left to it."""
    make_view(varied(properties=dict.fromkeys(keys, TEXT)), phrases(None))
    assert all(attribute_name(key).isidentifier() for key in keys)


OPERATIONS: list[Json] = [
    pytest.param({"operationId": "a b"}, "operation id", id="operation-id-with-space"),
    pytest.param({"operationId": None}, "operation id", id="operation-id-missing"),
    pytest.param({"operationId": "../x"}, "operation id", id="operation-id-path"),
    pytest.param({"operationId": "getFilm"}, "taken", id="operation-id-twice"),
    pytest.param({"operationId": "get_film"}, "taken", id="operation-module-twice"),
    pytest.param({"tags": ["비디오 생성"]}, "tag", id="tag-not-ascii"),
    pytest.param({"tags": []}, "tag", id="tag-missing"),
    pytest.param({"tags": ["../x"]}, "tag", id="tag-path"),
    pytest.param({"parameters": [{"name": "client", "in": "query", "schema": TEXT}]}, "client", id="parameter"),
    pytest.param(
        {"parameters": [{"name": each, "in": "query", "schema": TEXT} for each in ("aB", "a_b")]},
        "one argument",
        id="parameters-twice",
    ),
    pytest.param(
        {"parameters": [{"name": each, "in": "query", "schema": TEXT} for each in ("a", "json_a")]},
        "one name",
        id="parameters-helper",
    ),
    pytest.param({"parameters": [{"name": "X\r\nY", "in": "header", "schema": TEXT}]}, "U+000D", id="header-split"),
]


@pytest.mark.parametrize(("change", "problem"), OPERATIONS)
def test_operations(sample: JsonObject, change: JsonObject, problem: str) -> None:
    """An operation is one module in one package, and its parameters are arguments of their own."""
    operation = sample["paths"]["/v1/films"]["post"]
    operation |= change
    if sample["paths"]["/v1/films"]["post"]["operationId"] == "get_film":
        operation["tags"] = ["films"]
    assert problem in refused(sample).problem


@pytest.mark.parametrize("path", ['/v1/"films"', "/v1/\\films", "/v1/films?x=1", "/v1/{a!r}", "v1/films", "/v1/ films"])
def test_paths(sample: JsonObject, path: str) -> None:
    """A path holds what a path may hold."""
    sample["paths"][path] = sample["paths"].pop("/v1/sounds")
    assert "characters no path has" in refused(sample).problem


@pytest.mark.parametrize("provider", ["Evo", "evo-link", "1st", "../x", "evo link"])
def test_package_names(provider: str) -> None:
    """The provider's name is part of an import."""
    with pytest.raises(GenerateError, match="cannot name a package"):
        package_name(provider)


@pytest.mark.parametrize("name", ["GPT4oImage", "minimax-h3.request", "Task", "V2_x", "aBC", "seedance-2.0"])
def test_class_names_are_stable(name: str) -> None:
    """The generator applies its rule to our names again; they must come out the same."""
    from openapi_python_client.strings import ClassName

    found = class_name(name)
    assert str(ClassName(found, "field_")) == found
    assert found.isidentifier()
    assert module_name(found).isidentifier()
