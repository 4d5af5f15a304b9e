"""`variants.py`: one overload per literal model id, as the contract has it."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tools.errors import GenerateError
from tools.generate.phrases import phrases
from tools.generate.variants import Families, find_families
from tools.generate.view import make_view

if TYPE_CHECKING:
    from tools.model import JsonObject

GOLDEN = Path(__file__).with_name("variants.golden")


def families(contract: JsonObject) -> Families:
    words = phrases(None)
    return find_families(contract, make_view(contract, words), words)


def test_golden(sample_files: dict[str, bytes]) -> None:
    """The whole module, byte for byte. After a wanted change, write the new one over the old and read the diff."""
    assert sample_files["variants.py"].decode("utf-8") == GOLDEN.read_text(encoding="utf-8")


def test_keywords_are_as_strict_as_the_contract(sample: JsonObject) -> None:
    """Required keys are required, closed values closed, even of a class that is tolerant."""
    alpha = families(sample).operations[0].variants[0]
    types = {key.name: key.type for key in alpha.keys}
    assert [key.name for key in alpha.keys if key.required] == ["prompt"]
    assert "model" not in types
    assert types["duration"] == "int | Literal['auto']"
    assert types["quality"] == "Literal['720p', '4k']"
    assert types["style"] == "Literal['noir', 'anime'] | str"
    assert types["images"] == "list[Image | dict[str, Any]]"


HOSTILE = {
    "plain": "plain",
    "quote": 'ends with "',
    "backslash": "ends with \\",
    "escape": "back\\nslash",
    "code": '"""\nimport os\n"""',
    "lines": "two\nlines",
    "long": "long words " * 30,
    "apostrophes": "it's '''",
    "braces": "{x} {{ y }}",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_words_below_a_keyword_stay_words(sample: JsonObject, text: str) -> None:
    """Whatever a page says of a parameter is one string below it, and says the same but for white space."""
    sample["components"]["schemas"]["AlphaRequest"]["properties"]["prompt"]["description"] = text
    key = next(key for key in families(sample).operations[0].variants[0].keys if key.name == "prompt")
    module = ast.parse(f"class Keywords:\n    prompt: str\n    {key.docstring}\n")
    keywords = module.body[0]
    assert len(module.body) == 1
    assert isinstance(keywords, ast.ClassDef)
    assert len(keywords.body) == 2
    below = keywords.body[1]
    assert isinstance(below, ast.Expr)
    assert ast.literal_eval(below.value).split() == text.replace('"""', "'''").split()


def test_one_class_may_serve_several_models(sample: JsonObject) -> None:
    """Model ids come from the const or enum of the variant."""
    assert families(sample).operations[1].variants[0].models == ("gamma", "gamma-fast")


def test_operations_without_union_are_left_out(sample: JsonObject) -> None:
    """Only requests that `model` tells apart have a protocol."""
    assert [family.id for family in families(sample).operations] == ["createFilm", "createSound"]


def test_a_model_stands_once(sample: JsonObject) -> None:
    """Two requests for one model would make the call ambiguous."""
    model = sample["components"]["schemas"]["BetaRequest"]["properties"]["model"]
    model["const"] = model["default"] = "alpha-1"
    del sample["components"]["schemas"]["CreateFilmRequest"]["discriminator"]["mapping"]
    with pytest.raises(GenerateError, match="two requests"):
        families(sample)


def test_mapping_and_const_agree(sample: JsonObject) -> None:
    """A mapping that names another model than the variant states is refused."""
    mapping = sample["components"]["schemas"]["CreateFilmRequest"]["discriminator"]["mapping"]
    mapping["alpha-9"] = mapping.pop("alpha-1")
    with pytest.raises(GenerateError, match="alpha-9"):
        families(sample)


def test_a_model_needs_its_default(sample: JsonObject) -> None:
    """Without default the class would need a model argument."""
    del sample["components"]["schemas"]["AlphaRequest"]["properties"]["model"]["default"]
    with pytest.raises(GenerateError, match="const with the same default"):
        families(sample)


def test_a_request_is_no_response(sample: JsonObject) -> None:
    """A variant that a response can bring would lose its constant model."""
    sample["components"]["schemas"]["Film"]["properties"]["request"] = {"$ref": "#/components/schemas/AlphaRequest"}
    with pytest.raises(GenerateError, match="no response may bring it"):
        families(sample)


def test_a_union_has_a_limit(sample: JsonObject) -> None:
    """More variants than compile are refused before the generator runs."""
    union = sample["components"]["schemas"]["CreateFilmRequest"]
    union["oneOf"] *= 451
    with pytest.raises(GenerateError, match="does not compile"):
        families(sample)


def test_an_inline_variant_is_refused(sample: JsonObject) -> None:
    """A request needs a name."""
    schemas = sample["components"]["schemas"]
    schemas["CreateFilmRequest"]["oneOf"][0] = schemas["AlphaRequest"]
    with pytest.raises(GenerateError, match="written inline"):
        families(sample)
