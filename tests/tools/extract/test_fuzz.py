"""The readers against pages that hypothesis makes up: nothing but PageError escapes, and the books balance.

`nox -s fuzz` runs the same with more examples, and coverage-guided beside it.
"""

from __future__ import annotations

import json
import os
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.tools.extract.books import judge
from tools.errors import PageError
from tools.model import Extracted, Page
from tools.schema.shapes import METHODS as METHODS_OF_OPENAPI

EXAMPLES = int(os.environ.get("VIDGATE_FUZZ_EXAMPLES", "60"))
SETTINGS = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=EXAMPLES <= 60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

WORDS = st.sampled_from(
    ("a", "b", "type", "string", "properties", "allOf", "$ref", "#/components/schemas/A", "required", "items", "enum",
     "nullable", "example", "examples", "discriminator", "mapping", "exclusiveMinimum", "minimum", "default", "schema",
     "schemaArray", "refIdentifier", "requiredProperties", "description", "content", "application/json", "한글", "1:2",
     "94c18e9f-1a2b-4c3d-8e4f-5a6b7c8d9e0f", "x-vidgate-title", "_mintlify/placeholder", "enum<string>", "a b", "")
)  # fmt: skip
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(allow_nan=False, allow_infinity=False), WORDS,
    st.text(max_size=8),
)  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(WORDS, inner, max_size=4)),
    max_leaves=12,
)
STATUS = st.sampled_from(("200", "404", "default", "2XX", "0"))
PATHS = st.sampled_from(("/x", "/x/{id}", "/v1beta/models/{model}:make", "/", "x", "/a b"))
METHODS = st.sampled_from((*METHODS_OF_OPENAPI, "POST", "Delete", "query", "x"))
LINES = st.lists(
    st.sampled_from(
        ("# T", "> D", "text", "", "#### Four",
         "---", "***", "- a", "| a | b |", "|---|---|", "| 400 | `x` |", "| 402 | pay |", "```json", "```bash",
         "```", "````yaml GET /x", "````yaml a.json POST /x", "````", '{"model": "a"}',
         "curl https://a.example/x -d '{",
         "}'", "<Note>", "</Note>", "<Expandable>", "</Expandable>", '<ParamField body="a" type="string[]" required>',
         '<ParamField path="id" type="string | array" default={6}>', "</ParamField>", "<RequestExample>",
         "</RequestExample>", "<ResponseExample>", "</ResponseExample>", '<ResponseField name="b" type="float">',
         "</ResponseField>", "## OpenAPI", "openapi: 3.0.1", "paths:", "  path: /x", "  method: get", "  /x: {get: {}}",
         "a: &a [1]", "b: *a", "# Source: https://a.example/x", "> ## Documentation Index", "\ufeff", "\u202e", "\r",
         "Built with [Mintlify](https://mintlify.com).", "{", "\t", "<", "&amp;", "import X from 'x'")
    ) | st.text(max_size=12),
    max_size=40,
)  # fmt: skip


def page(text: str) -> Page:
    """A page of this text, whatever it holds."""
    return Page(provider="p", locale="en", path="en/a.md", content=text.encode("utf-8", "surrogatepass"))


def kind(found: Extracted | PageError) -> str:
    """The kind of a page, or that it was refused."""
    return "refused" if isinstance(found, PageError) else found.kind


def fenced(label: str, value: object) -> str:
    """A page whose fence holds a value; JSON is YAML, too."""
    return f"# T\n\n> D\n\n## OpenAPI\n\n````yaml {label}\n{json.dumps(value, indent=1, ensure_ascii=False)}\n````\n"


@given(rows=LINES)
@example(rows=["````yaml GET /x", "paths:", "  path: /x", "  method: get", "a: &a [1]", "b: *a", "````"])
@SETTINGS
def test_pages_of_lines(rows: list[str]) -> None:
    """Pieces of real pages in any order."""
    assert kind(judge(page("\n".join(rows)))) in {"legacy", "mintlify", "openapi", "prose", "refused"}


@given(
    path=PATHS,
    method=METHODS,
    operation=VALUES,
    components=VALUES,
    version=st.sampled_from(("3.0.0", "3.1.0", 3)),
)
@SETTINGS
def test_openapi_blocks(path: str, method: str, operation: Any, components: Any, version: Any) -> None:
    """Any value where an operation and its components belong."""
    document = {
        "openapi": version,
        "paths": {path: {method.lower(): operation}},
        "components": {"schemas": {"A": components}},
    }
    assert kind(judge(page(fenced(f"{method} {path}", document)))) in {"openapi", "prose", "refused"}


@given(value=VALUES)
@SETTINGS
def test_schemas_give_a_document(value: Any) -> None:
    """Whatever object stands where a schema belongs, the page is read or refused, twice in the same way."""
    document = {
        "openapi": "3.0.0",
        "paths": {"/x": {"get": {"responses": {}}}},
        "components": {"schemas": {"A": {}, "B": {"properties": {"p": value}}}},
    }
    text = fenced("GET /x", document)
    first, second = judge(page(text)), judge(page(text))
    if isinstance(first, PageError):
        assert str(first) == str(second)
    else:
        assert first == second


@given(
    request=st.fixed_dictionaries({"body": VALUES, "parameters": st.fixed_dictionaries({"query": VALUES})}),
    security=VALUES,
    answers=st.dictionaries(STATUS, VALUES, max_size=3),
    schemas=VALUES,
    choice=VALUES,
    beside=st.dictionaries(st.sampled_from(("deprecated", "servers", "type", "x")), VALUES, max_size=3),
)
@example(
    request={},
    security={"title": "a"},
    answers={},
    schemas={},
    choice={"type": "any", "refIdentifier": "A"},
    beside={"deprecated": "no", "type": "path", "servers": [{"url": "https://a.example"}]},
)
@SETTINGS
def test_blocks_of_the_older_export(
    *,
    request: dict[str, Any],
    security: Any,
    answers: dict[str, Any],
    schemas: Any,
    choice: Any,
    beside: dict[str, Any],
) -> None:
    """Any value where parts of an endpoint block belong."""
    media = {"schemaArray": [choice], "examples": {"e": {"value": choice}}}
    parts = {
        "  request": {**request, "security": [security]},
        "  response": {**answers, "418": {"a/b": media}},
        **{f"  {name}": value for name, value in beside.items()},
        "components": {"schemas": schemas},
    }
    rows = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in parts.items()]
    block = "\n".join(["paths:", "  path: /x", "  method: get", *rows])
    assert kind(judge(page(f"# T\n\n````yaml GET /x\n{block}\n````\n"))) in {"legacy", "refused"}


@given(
    names=st.lists(WORDS | st.text(max_size=6), max_size=4),
    kinds=st.lists(WORDS | st.text(max_size=6), min_size=4, max_size=4),
    default=VALUES,
    sample=VALUES,
    answer=VALUES,
)
@SETTINGS
def test_parameter_pages(names: list[str], kinds: list[str], default: Any, sample: Any, answer: Any) -> None:
    """Any name, type, default and sample."""
    fields = "\n".join(
        f'<ParamField body="{name}" type="{kind}" default={{{json.dumps(default)}}}>\n  About\n</ParamField>'
        for name, kind in zip(names, kinds, strict=False)
    )
    text = (
        f"# T\n\n> D\n\n<RequestExample>\n```bash\ncurl https://a.example/x -d '{json.dumps(sample)}'\n```\n"
        f"</RequestExample>\n\n<ResponseExample>\n```json 200 - OK\n{json.dumps(answer)}\n```\n</ResponseExample>\n"
        f"{fields}\n"
    )
    assert kind(judge(page(text))) in {"mintlify", "refused"}


@given(content=st.binary(max_size=300))
@SETTINGS
def test_bytes(content: bytes) -> None:
    """Any bytes at all: text, or refused."""
    assert kind(judge(Page(provider="p", locale="en", path="en/a.md", content=content))) in {"prose", "refused"}
