"""The reader of parameter pages, on APIMart's page and on small ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tools.errors import HostilePage, PageError
from tools.schema.pointers import resolve, walk

if TYPE_CHECKING:
    from collections.abc import Callable

    from tools.model import Extracted

    Read = Callable[[str], Extracted]

OPERATION = "/paths/~1v1~1videos~1generations/post"
BODY = f"{OPERATION}/requestBody/content/application~1json"
QUERY = "/paths/~1v1~1tasks~1{task_id}/get"
RESULTS = f"{QUERY}/responses/200/content/application~1json/examples"
MADE = "/paths/~1v1~1make/post"


def at(found: Extracted, pointer: str) -> Any:
    """The value at a pointer of a fragment."""
    return resolve(found.document, pointer)


def row(found: Extracted, pointer: str) -> str:
    """The line of the page that a pointer leads to."""
    return found.page.content.decode().split("\n")[found.lines[pointer] - 1].strip()


PARAMETERS = [
    ("model", {"type": "string"}),
    ("prompt", {"type": "string"}),
    ("duration", {"type": "integer", "default": 6}),
    ("resolution", {"type": "string", "default": "720p"}),
    ("aspect_ratio", {"type": "string", "default": "16:9"}),
    ("size", {"type": "string"}),
    ("generation_type", {"type": "string"}),
    ("image_urls", {"type": "array", "items": {"type": "string", "format": "uri"}}),
    ("video_urls", {"type": "array", "items": {"type": "string", "format": "uri"}}),
]


@pytest.mark.parametrize(("name", "schema"), PARAMETERS)
def test_parameters_with_types_and_defaults(flash: Extracted, name: str, schema: dict[str, Any]) -> None:
    """Types and defaults as declared, the default in the declared type."""
    found = dict(at(flash, f"{BODY}/schema/properties/{name}"))
    assert found.pop("description")
    assert found == schema
    assert row(flash, f"{BODY}/schema/properties/{name}").startswith(f'<ParamField body="{name}"')


def test_the_request_is_an_object_with_two_required(flash: Extracted) -> None:
    """Order as on the page; nothing but model and prompt is marked."""
    schema = at(flash, f"{BODY}/schema")
    assert (schema["type"], schema["required"]) == ("object", ["model", "prompt"])
    assert list(schema["properties"]) == [name for name, _ in PARAMETERS]


def test_descriptions_are_markdown_with_their_warnings(flash: Extracted) -> None:
    """Paragraphs and lists are kept without the page's indentation; warnings are paragraphs of it."""
    assert at(flash, f"{BODY}/schema/properties/resolution/description") == (
        "비디오 해상도입니다. 대소문자를 구분하지 않습니다.\n\n지원 값:\n\n* `720p`\n* `1080p`\n* `4k`\n\n"
        "다른 해상도를 전달하면 `invalid_resolution` 오류가 반환됩니다."
    )


def test_warnings_are_known_as_such(flash: Extracted) -> None:
    """Seven warnings, each with the parameter it speaks of and the heading it stands under."""
    warnings = [prose for prose in flash.prose if prose.role == "warning"]
    assert [prose.line for prose in warnings] == [205, 209, 223, 251, 270, 280, 284]
    names = [prose.pointer.rpartition("/")[2] for prose in warnings if prose.pointer]
    assert names == ["duration"] * 2 + ["resolution", "generation_type", "image_urls"] + ["video_urls"] * 2
    assert {prose.heading for prose in warnings} == {("요청 파라미터",)}


def test_operation_from_the_sample(flash: Extracted) -> None:
    """Method, server and path stand in the cURL sample, title and description at the top."""
    operation = at(flash, OPERATION)
    assert operation["servers"] == [{"url": "https://api.apimart.ai"}]
    assert operation["security"] == [{"bearerAuth": []}]
    assert operation["summary"] == "Omni-Flash-Ext 비디오 생성"
    assert operation["description"].startswith("- Omni-Flash-Ext 통합")
    assert operation["description"].endswith("조회합니다")
    assert row(flash, f"{OPERATION}/servers/0/url") == "```bash cURL theme={null}"


def test_security_scheme_from_the_header(flash: Extracted) -> None:
    """A bearer token, with the page's own explanation."""
    scheme = at(flash, "/components/securitySchemes/bearerAuth")
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    assert scheme["description"].endswith("```\nAuthorization: Bearer YOUR_API_KEY\n```")


def test_five_scenarios_and_the_sample(flash: Extracted) -> None:
    """Keys that no language changes; the heading is the summary."""
    examples = at(flash, f"{BODY}/examples")
    assert list(examples) == ["curl", *(f"scenario-{number}" for number in range(1, 6))]
    assert examples["curl"]["value"]["duration"] == 10
    assert examples["scenario-3"]["summary"] == "시나리오 3: 3장 참조 이미지 융합"
    assert len(examples["scenario-3"]["value"]["image_urls"]) == 3
    assert examples["scenario-5"]["value"] == {
        "model": "Omni-Flash-Ext",
        "prompt": "the same scene but at night with neon lights",
        "resolution": "720p",
        "aspect_ratio": "16:9",
        "video_urls": ["https://example.com/reference.mp4"],
    }


@pytest.mark.parametrize(
    ("pointer", "text"),
    [
        (f"{BODY}/examples/scenario-4/value/resolution", '"resolution": "4k",'),
        (f"{BODY}/examples/curl/value/prompt", '"prompt": "a girl is dancing happily in a sunny garden",'),
        (f"{OPERATION}/responses/402/content/application~1json/examples/example/value/error/code", '"code": 402,'),
        (f"{RESULTS}/task-failed/value/data/error/code", '"code": "task_failed"'),
        (f"{OPERATION}/responses/200/content/application~1json/schema/properties/data/items/properties/task_id",
         '<ResponseField name="task_id" type="string">'),
    ],
)  # fmt: skip
def test_lines_lead_to_the_page(flash: Extracted, pointer: str, text: str) -> None:
    """A pointer's line holds what the pointer says, inside examples too."""
    assert row(flash, pointer) == text


def test_every_pointer_with_a_line_is_in_the_fragment(flash: Extracted) -> None:
    """The map of lines never leads nowhere."""
    assert flash.document is not None
    assert set(flash.lines) <= {pointer for pointer, _ in walk(flash.document)}


def test_success_from_the_response_fields(flash: Extracted) -> None:
    """`data` is an array, so that what is nested in it describes its items."""
    schema = at(flash, f"{OPERATION}/responses/200/content/application~1json/schema")
    assert schema["properties"]["code"]["type"] == "integer"
    data = schema["properties"]["data"]
    assert data["type"] == "array"
    assert {name: field["type"] for name, field in data["items"]["properties"].items()} == {
        "status": "string", "task_id": "string",
    }  # fmt: skip


@pytest.mark.parametrize("status", ["400", "401", "402", "429"])
def test_errors_from_the_samples(flash: Extracted, status: str) -> None:
    """Only a sample is there: its types are read off it, and the schema says so."""
    content = at(flash, f"{OPERATION}/responses/{status}/content/application~1json")
    error = content["schema"]["properties"]["error"]
    assert {name: field["type"] for name, field in error["properties"].items()} == {
        "code": "integer", "message": "string", "type": "string",
    }  # fmt: skip
    assert "x-vidgate-reading" in content["schema"]
    assert content["examples"]["example"]["value"]["error"]["code"] == int(status)


def test_both_task_results_make_a_second_operation(flash: Extracted) -> None:
    """The id in the sample's URL is the one that the 200 example answers: it becomes the parameter."""
    query = at(flash, QUERY)
    assert query["x-vidgate-partial"] is True
    assert query["parameters"] == [{"name": "task_id", "in": "path", "required": True, "schema": {"type": "string"}}]
    assert "schema" not in query["responses"]["200"]["content"]["application/json"]
    results = at(flash, RESULTS)
    assert list(results) == ["task-completed", "task-failed"]
    assert results["task-completed"]["summary"] == "성공 결과 예시"
    assert results["task-completed"]["value"]["data"]["result"]["videos"][0]["url"] == [
        "https://cdn.example.com/videos/abc.mp4"
    ]
    assert results["task-failed"]["value"]["data"]["cost"] == 0


def test_error_table_has_eight_rows(flash: Extracted) -> None:
    """Status, code, meaning and remedy of every row, with its line."""
    errors = at(flash, f"{OPERATION}/x-vidgate-errors")
    assert [(error["status"], error["type"]) for error in errors] == [
        (400, "invalid_request_error"), (400, "invalid_duration"), (400, "invalid_resolution"),
        (400, "unsupported_image_count"), (400, "unsupported_video_count"), (401, "authentication_error"),
        (402, "payment_required"), (429, "rate_limit_error"),
    ]  # fmt: skip
    assert [error["line"] for error in errors] == list(range(442, 450))
    assert errors[6] | {"line": 0} == {
        "status": 402, "type": "payment_required", "description": "잔액이 부족합니다",
        "fix": "충전 후 다시 시도하세요", "line": 0,
    }  # fmt: skip


def test_samples_of_other_languages_stay_code(flash: Extracted) -> None:
    """They send what the cURL sample sends, so they are no further examples."""
    code = [prose.text.partition("\n")[0] for prose in flash.prose if prose.role == "code"]
    assert code == ["```bash cURL", "```python Python", "```javascript JavaScript", "```go Go", "```bash cURL"]


def test_a_sample_that_differs_is_an_example(read: Read) -> None:
    """What another language sends must work as well."""
    found = read(
        "# T\n\n<RequestExample>\n```bash cURL\ncurl https://a.example/v1/make \\\n  --data '{\"a\": 5}'\n```\n"
        "```javascript JavaScript\nconst payload = {\n  a: 15,\n  b: [true, 'x'],\n};\n```\n"
        "```ruby Ruby\npayload = {\n  a: 15,\n}\n```\n```python Python\npayload = {'a': True}\n```\n"
        '```python Python\npayload = {"a": 5, }\n```\n```go Go\npayload := map[string]interface{}{\n "a": 15,\n}\n```\n'
        "</RequestExample>\n"
    )
    examples = at(found, f"{MADE}/requestBody/content/application~1json/examples")
    assert {key: example["value"] for key, example in examples.items()} == {"curl": {"a": 5}, "ruby": {"a": 15}}
    assert row(found, f"{MADE}/requestBody/content/application~1json/examples/ruby/value/a") == "```ruby Ruby"
    assert found.leftovers == ()


TYPES = [
    pytest.param("string", {"type": "string"}, id="string"),
    pytest.param("Object", {"type": "object"}, id="capital"),
    pytest.param("float", {"type": "number"}, id="float"),
    pytest.param("string[]", {"type": "array", "items": {"type": "string"}}, id="brackets"),
    pytest.param("object[]", {"type": "array", "items": {"type": "object"}}, id="objects"),
    pytest.param("array<array<integer>>", {"type": "array", "items": {"type": "array", "items": {"type": "integer"}}},
                 id="arrays of arrays"),
    pytest.param("string | string[]", {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
                 id="bar"),
    pytest.param("string or array", {"anyOf": [{"type": "string"}, {"type": "array"}]}, id="or"),
]  # fmt: skip


@pytest.mark.parametrize(("declared", "schema"), TYPES)
def test_types_met_in_the_wild(read_parameters: Read, declared: str, schema: dict[str, Any]) -> None:
    """Every spelling of a type has one meaning."""
    found = read_parameters(f'<ParamField body="a" type="{declared}">\n</ParamField>\n')
    assert at(found, f"{MADE}/requestBody/content/application~1json/schema/properties/a") == schema
    assert found.leftovers == ()


DEFAULTS = [
    pytest.param('type="integer" default="5"', 5, id="quoted integer"),
    pytest.param('type="integer" default={6}', 6, id="expression"),
    pytest.param("default='true' type=\"boolean\"", True, id="single quotes, other order"),
    pytest.param('type="number" default="0.5"', 0.5, id="number"),
    pytest.param('type="string" default="5"', "5", id="text of digits"),
    pytest.param('type="string" default="a&amp;b"', "a&b", id="entity"),
    pytest.param('type="array" default={["a"]}', ["a"], id="array"),
    pytest.param('\n  type="integer"\n  default="5"\n', 5, id="head of several lines"),
]


@pytest.mark.parametrize(("attributes", "value"), DEFAULTS)
def test_defaults_take_the_declared_type(read_parameters: Read, attributes: str, value: object) -> None:
    """Pages quote every default; the schema holds what a request would."""
    found = read_parameters(f'<ParamField body="a" {attributes}>\n</ParamField>\n')
    made = at(found, f"{MADE}/requestBody/content/application~1json/schema/properties/a")["default"]
    assert made == value
    assert type(made) is type(value)
    assert found.leftovers == ()


def test_a_default_that_is_a_sentence_is_prose(read_parameters: Read) -> None:
    """`With image: …, without: …` is no value of a request."""
    found = read_parameters('<ParamField body="a" type="string" default="With image: x, without: y">\n</ParamField>\n')
    assert "default" not in at(found, f"{MADE}/requestBody/content/application~1json/schema/properties/a")
    assert [prose.text for prose in found.prose if prose.role == "default"] == ["With image: x, without: y"]


LEFT = [
    pytest.param('<ParamField body="a" type="tensor">\n</ParamField>', 10, "type 'tensor'", id="type"),
    pytest.param(
        '<ParamField body="a" type="integer" default="six">\n</ParamField>', 10, "default 'six'", id="default"
    ),
    pytest.param('<ParamField body="a" type="string" colour="red">\n</ParamField>', 10, "colour", id="attribute"),
    pytest.param('<ParamField body="a">\n</ParamField>\n<ParamField body="a">\n</ParamField>', 12, "twice", id="twice"),
    pytest.param('<ParamField type="string">\n</ParamField>', 10, "unplaced", id="no place"),
    pytest.param('<ParamField body="../a">\n</ParamField>', 10, "usable name", id="name"),
    pytest.param('<ParamField body="a" type="string">\ntext', 10, "never closed", id="open"),
    pytest.param("text\n</ParamField>", 11, "closes nothing", id="closed"),
    pytest.param('<ParamField body="a\n\ntext', 10, "does not end", id="head"),
    pytest.param("<ResponseExample>\n```json Success\n{}\n```\n</ResponseExample>", 11, "no status", id="label"),
    pytest.param("<ResponseExample>\n```json 200\n{\n```\n</ResponseExample>", 11, "not JSON", id="JSON"),
]


@pytest.mark.parametrize(("blocks", "line", "reason"), LEFT)
def test_what_is_not_understood_is_left(read_parameters: Read, blocks: str, line: int, reason: str) -> None:
    """A leftover has its line and its reason; the page is read all the same."""
    found = read_parameters(f"{blocks}\n")
    assert [leftover.place.line for leftover in found.leftovers] == [line]
    assert reason in found.leftovers[0].reason


def test_parameters_of_path_and_query(read: Read) -> None:
    """The sample's last segment is the path parameter; its query is described by a field."""
    found = read(
        "# T\n\n<RequestExample>\n```bash cURL\ncurl 'https://a.example/v1/tasks/task-1?language=en'\n```\n"
        '</RequestExample>\n<ParamField path="task_id" type="string" required>\n  Id\n</ParamField>\n'
        '<ParamField query="language" type="string">\n  Words\n</ParamField>\n'
        '<ResponseField name="id" type="string" />\n'
    )
    assert at(found, "/paths/~1v1~1tasks~1{task_id}/get/parameters") == [
        {"name": "task_id", "in": "path", "required": True, "description": "Id", "schema": {"type": "string"}},
        {"name": "language", "in": "query", "required": False, "description": "Words", "schema": {"type": "string"}},
    ]


def test_fields_listed_without_their_envelope(read_parameters: Read) -> None:
    """When the examples hold the fields inside `data`, so does the schema, and says that it was read so."""
    found = read_parameters(
        '<ResponseExample>\n```json 200 - 成功\n{"code": 200, "data": {"id": "x", "n": 1.5}}\n```\n</ResponseExample>\n'
        '<ResponseField name="id" type="string">\n  Id\n</ResponseField>\n'
    )
    response = at(found, f"{MADE}/responses/200")
    schema = response["content"]["application/json"]["schema"]
    assert response["description"] == "成功"
    assert schema["properties"] == {
        "code": {"type": "integer"},
        "data": {"type": "object", "properties": {"id": {"type": "string", "description": "Id"}}},
    }
    assert "envelope" in schema["x-vidgate-reading"]


def test_two_samples_of_a_status_are_numbered(read_parameters: Read) -> None:
    """Their labels are the summaries; the inferred schema meets both."""
    found = read_parameters(
        '<ResponseExample>\n```json 500 - One\n{"a": 1}\n```\n```json 500 - Two\n{"a": null}\n```\n</ResponseExample>\n'
    )
    content = at(found, f"{MADE}/responses/500/content/application~1json")
    assert {key: example["summary"] for key, example in content["examples"].items()} == {
        "example-1": "One", "example-2": "Two",
    }  # fmt: skip
    assert content["schema"]["properties"] == {"a": {"type": ["integer", "null"]}}


def test_bodies_at_the_margin(read_parameters: Read) -> None:
    """Some captures lost the indentation of what stands inside a tag."""
    found = read_parameters('<ParamField body="a" type="string">\nOne\n\n<Warning>Two</Warning>\n</ParamField>\n')
    assert at(found, f"{MADE}/requestBody/content/application~1json/schema/properties/a/description") == "One\n\nTwo"
    assert [(prose.text, prose.line) for prose in found.prose if prose.role == "warning"] == [("Two", 13)]


def test_front_matter_may_name_the_operation(read: Read) -> None:
    """The page's source form has title, description and operation at its top."""
    found = read(
        "---\ntitle: 'T'\ndescription: |\n  - One\napi: 'POST https://a.example/v1/make'\n---\n"
        '<ParamField body="a" type="string">\n</ParamField>\n'
    )
    assert (at(found, f"{MADE}/summary"), at(found, f"{MADE}/description")) == ("T", "- One")
    assert found.leftovers == ()


def test_parameters_without_a_sample_are_an_error(read: Read) -> None:
    """Nothing says where such a request would go."""
    with pytest.raises(PageError, match="no cURL sample"):
        read('# T\n\n<ParamField body="a" type="string">\n</ParamField>\n')


@pytest.mark.parametrize(
    "blocks",
    [
        pytest.param('<ParamField body="a" default="&#x202e;">\n</ParamField>', id="entity"),
        pytest.param('```json\n{"model": "\\u202e"}\n```', id="escape in JSON"),
        pytest.param('```json\n{"model": 1, "model": 2}\n```', id="duplicate key in JSON"),
        pytest.param('```json\n{"model": 1, "x-vidgate-source": []}\n```', id="our own extension"),
    ],
)
def test_hostile_content_is_refused(read_parameters: Read, blocks: str) -> None:
    """What the door cannot see, because it is escaped, is seen where it is decoded."""
    with pytest.raises(HostilePage) as caught:
        read_parameters(f"{blocks}\n")
    assert caught.value.places[0].line in (10, 11)


def test_an_apostrophe_in_a_quoted_body_is_read_as_meant(read: Read) -> None:
    """A shell would end the body there; the page's author did not mean it to."""
    sample = 'curl https://api.example.com/v1/make -d \'{\n  "prompt": "it\'s here"\n}\''
    found = read(f"# T\n\n> D\n\n<RequestExample>\n```bash\n{sample}\n```\n</RequestExample>\n")
    assert found.document is not None
    media = found.document["paths"]["/v1/make"]["post"]["requestBody"]["content"]["application/json"]
    assert media["examples"]["curl"]["value"] == {"prompt": "it's here"}
    assert [(repair.rule, repair.place.line) for repair in found.repairs] == [("shell-quotes", 6)]
    assert found.leftovers == ()


def test_a_note_of_the_site_is_no_description(read: Read) -> None:
    """Some sites speak to agents above the title."""
    found = read("> ## Documentation Index\n> x\n\n> ## Agent Instructions\n> Do this.\n\n# T\n\n> D\n\ntext\n")
    assert [(span.first, span.what) for span in found.spans][:2] == [(1, "index note"), (4, "site note")]
    assert [prose.text for prose in found.prose if prose.role == "description"] == ["D"]


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        pytest.param("# 来源\n# 时间\n---\n\n# T\n", [(1, 3, "preamble"), (5, 5, "title")], id="comments"),
        pytest.param("#注\n---\n> ## Documentation Index\n\n# T\n",
                     [(1, 2, "preamble"), (3, 3, "index note"), (5, 5, "title")], id="above the index note"),
        pytest.param("# T\n---\ntext\n", [(1, 1, "title"), (2, 2, "rule"), (3, 3, "paragraph")], id="a title"),
        pytest.param("# T\n", [(1, 1, "title")], id="nothing else"),
    ],
)  # fmt: skip
def test_comments_above_a_page(read: Read, text: str, spans: list[tuple[int, int, str]]) -> None:
    """Lines that a third party put above the page's own top are no title."""
    assert [(span.first, span.last, span.what) for span in read(text).spans] == spans
