"""The reader of pages with an OpenAPI fence, on the four EvoLink pages and on small ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tools.errors import HostilePage, PageError
from tools.schema.pointers import resolve

if TYPE_CHECKING:
    from collections.abc import Callable

    from tools.model import Extracted, Page

    Read = Callable[[str], Extracted]

OPERATION = "/paths/~1v1~1videos~1generations/post"
REQUEST = "/components/schemas/GeminiOmniFlashReferenceToVideoRequest"


def at(found: Extracted, pointer: str) -> Any:
    """The value at a pointer of a fragment."""
    return resolve(found.document, pointer)


def row(page: Page, line: int | None) -> str:
    """A line of a page."""
    assert line is not None
    return page.content.decode().split("\n")[line - 1]


def test_ratios_are_text(reference: Extracted) -> None:
    """`16:9` is no number, and `auto` no key word."""
    assert at(reference, f"{REQUEST}/properties/aspect_ratio/enum") == ["16:9", "9:16", "auto"]
    assert at(reference, f"{REQUEST}/properties/aspect_ratio/default") == "16:9"


def test_unions_and_bounds_are_kept(reference: Extracted) -> None:
    """The duration is a whole number from 3 to 10, or `auto`."""
    assert at(reference, f"{REQUEST}/properties/duration/oneOf") == [
        {"type": "integer", "minimum": 3, "maximum": 10},
        {"type": "string", "enum": ["auto"]},
    ]
    assert at(reference, f"{REQUEST}/properties/duration/default") == 10
    assert at(reference, f"{REQUEST}/required") == ["model", "prompt"]


def test_properties_keep_their_order(reference: Extracted) -> None:
    """As on the page: the order is the provider's."""
    assert list(at(reference, f"{REQUEST}/properties")) == [
        "model", "prompt", "image_urls", "duration", "aspect_ratio", "callback_url",
    ]  # fmt: skip


def test_components_are_those_of_the_page(edit: Extracted) -> None:
    """Nothing is added and nothing is lost."""
    assert list(at(edit, "/components/schemas")) == [
        "GeminiOmniFlashVideoEditRequest", "VideoGenerationResponse", "ErrorResponse", "VideoTaskInfo", "Usage",
    ]  # fmt: skip
    assert list(at(edit, f"{OPERATION}/responses")) == ["200", "400", "401", "402", "403", "429", "500"]


@pytest.mark.parametrize(
    ("pointer", "text"),
    [
        (f"{REQUEST}/properties/aspect_ratio", "aspect_ratio:"),
        (f"{REQUEST}/properties/aspect_ratio/enum/1", "- '9:16'"),
        (f"{REQUEST}/properties/duration/oneOf/1", "- type: string"),
        (f"{REQUEST}/properties/duration/examples/0", "example: 6"),
        (f"{OPERATION}/responses/402/content/application~1json/example/error/code", "code: insufficient_quota"),
        (f"{OPERATION}/requestBody/content/application~1json/examples/reference_to_video/value", "value:"),
        (f"{OPERATION}/x-vidgate-title", "# Gemini Omni Flash 参考图生视频"),
        ("/servers/0/url", "- url: https://api.evolink.ai"),
    ],
)
def test_lines_lead_to_the_page(reference: Extracted, pointer: str, text: str) -> None:
    """A pointer's line holds what the pointer says."""
    assert row(reference.page, reference.lines[pointer]).strip() == text


def test_every_line_is_on_the_page_and_every_pointer_in_the_fragment(edit: Extracted) -> None:
    """The map of lines never leads nowhere."""
    last = edit.page.content.count(b"\n") + 1
    for pointer, line in edit.lines.items():
        resolve(edit.document, pointer)
        assert 1 <= line <= last


def test_the_page_title_stays_beside_the_summary(edit: Extracted) -> None:
    """Both are texts people see, and they differ."""
    assert at(edit, f"{OPERATION}/x-vidgate-title") == "Gemini Omni Flash 영상 편집"
    assert at(edit, f"{OPERATION}/summary") == "gemini-omni-flash-video-edit 인터페이스"


def test_a_description_said_twice_is_kept_once(edit: Extracted) -> None:
    """The quoted description equals the operation's, so that it needs no prose of its own."""
    assert [prose.role for prose in edit.prose] == ["title", "heading"]
    assert [(span.first, span.what) for span in edit.spans] == [
        (1, "index note"), (5, "title"), (7, "description"), (18, "openapi"),
    ]  # fmt: skip


def test_examples_move_into_lists(edit: Extracted) -> None:
    """A schema's `example` is JSON Schema's `examples`; a media type's stays."""
    schema = at(edit, "/components/schemas/Usage/properties/credits_reserved")
    assert schema["examples"] == [102.34]
    assert "example" not in schema
    assert list(schema) == ["type", "description", "minimum", "examples"]
    assert "example" in at(edit, f"{OPERATION}/responses/400/content/application~1json")
    assert {repair.rule for repair in edit.repairs} == {"example"}
    assert len(edit.repairs) == 15


@pytest.mark.parametrize("stated", ["another", "Other", "Tex", "''"])
def test_a_description_of_its_own_is_prose(read_operation: Read, stated: str) -> None:
    """What the page says and the operation does not is kept, with the operation's pointer."""
    found = read_operation(f"paths:\n  /x:\n    get:\n      description: {stated}\n      responses: {{}}")
    assert [(prose.role, prose.text, prose.pointer) for prose in found.prose][:2] == [
        ("title", "Title", "/paths/~1x/get"),
        ("description", "Text", "/paths/~1x/get"),
    ]


def test_a_description_of_several_paragraphs(read: Read) -> None:
    """Only its first line is quoted; the rest looks like the body, and is told from it by the operation."""
    page = (
        "# T\n\n> One\ntwo\n\nthree\n\nbody\n\n## OpenAPI\n\n````yaml GET /x\nopenapi: 3.1.0\npaths:\n  /x:\n    get:\n"
        "      description: |-\n        One\n        two\n\n        three\n      responses: {}\n````\n"
    )
    found = read(page)
    assert [prose.text for prose in found.prose] == ["T", "body", "OpenAPI"]
    assert found.leftovers == ()


LABELS = [
    pytest.param("yaml en/a.json GET /x", id="file token"),
    pytest.param("yaml /en/a.json GET /x", id="leading slash"),
    pytest.param("yaml get /x", id="no file token, lower case"),
    pytest.param("yaml a.json GET /x theme={null}", id="a flag"),
]


@pytest.mark.parametrize("label", LABELS)
def test_labels_met_in_the_wild(read: Read, label: str) -> None:
    """File token optional, slash optional, method in either case."""
    found = read(f"# T\n\n## OpenAPI\n\n````yaml {label[5:]}\nopenapi: 3.1.0\npaths:\n  /x:\n    get: {{}}\n````\n")
    assert found.kind == "openapi"
    assert found.leftovers == ()


def test_a_label_must_agree_with_the_fragment(read: Read) -> None:
    """Whichever of the two is wrong, it is not for this tool to say."""
    found = read("# T\n\n````yaml POST /y\nopenapi: 3.1.0\npaths:\n  /x:\n    get: {}\n````\n")
    assert [(leftover.place.line, leftover.reason) for leftover in found.leftovers] == [
        (3, "the fence is labelled post /y but holds get /x")
    ]


def test_an_unlabelled_block_is_a_leftover(read: Read) -> None:
    """An operation must not turn into prose because its label is strange."""
    found = read("# T\n\n````yaml a.json webhook order.created\nopenapi: 3.1.0\npaths: {}\n````\n")
    assert (found.kind, found.document) == ("prose", None)
    assert len(found.leftovers) == 1


def test_a_comment_in_the_yaml_is_a_leftover(read_operation: Read) -> None:
    """A comment has no place in the value."""
    found = read_operation("paths:\n  # remember\n  /x:\n    get: {} # and this\n")
    assert [(leftover.place.line, leftover.text.strip()) for leftover in found.leftovers] == [
        (10, "# remember"), (12, "get: {} # and this"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("yaml", "words"),
    [
        pytest.param("paths: []", "no OpenAPI", id="paths"),
        pytest.param("paths: {/x: []}", "path item must be a mapping", id="path item"),
        pytest.param("paths: {/x: {get: {parameters: {}}}}", "parameters must be a list", id="parameters"),
        pytest.param("paths: {/x: {get: {responses: []}}}", "responses must be a mapping", id="responses"),
        pytest.param("paths: {/x: {get: {}}}\ncomponents: {schemas: {A: 1}}", "schema must be", id="schema"),
    ],
)
def test_shapes_that_are_not_openapi(read_operation: Read, yaml: str, words: str) -> None:
    """A wrong shape is an error with a place, for every stage behind relies on it."""
    with pytest.raises(PageError, match=words):
        read_operation(yaml)


MENDED = [
    pytest.param("{type: string, nullable: true}", {"type": ["string", "null"]}, "nullable", id="nullable"),
    pytest.param("{type: string, nullable: false}", {"type": "string"}, "nullable", id="not nullable"),
    pytest.param(
        "{allOf: [{$ref: '#/components/schemas/B'}], nullable: true, description: d}",
        {"description": "d", "anyOf": [{"allOf": [{"$ref": "#/components/schemas/B"}]}, {"type": "null"}]},
        "nullable",
        id="nullable around a reference",
    ),
    pytest.param("{minimum: 1, exclusiveMinimum: true}", {"exclusiveMinimum": 1}, "exclusive-bound", id="exclusive"),
    pytest.param("{maximum: 1, exclusiveMaximum: false}", {"maximum": 1}, "exclusive-bound", id="inclusive"),
    pytest.param("{example: {$ref: x}}", {"examples": [{"$ref": "x"}]}, "example", id="example"),
    pytest.param("{examples: [1], example: 2}", {"examples": [1, 2]}, "example", id="both examples"),
    pytest.param("{$ref: '#/components/schemas/Gone'}", {}, "reference-undefined", id="undefined reference"),
    pytest.param("{$ref: e94c18e9-0c4b-4a07-9f5e-0123456789ab}", {}, "reference-undefined", id="random reference"),
    pytest.param(
        "{discriminator: {propertyName: p, mapping: {b: {$ref: '#/components/schemas/B'}}}}",
        {"discriminator": {"propertyName": "p", "mapping": {"b": "#/components/schemas/B"}}},
        "discriminator-mapping",
        id="discriminator",
    ),
]


@pytest.mark.parametrize(("schema", "made", "rule"), MENDED)
def test_defects_are_mended_and_reported(read_schema: Read, schema: str, made: object, rule: str) -> None:
    """What the exporter broke is put right, once, with its place."""
    found = read_schema(schema)
    assert at(found, "/components/schemas/A") == made
    assert [(repair.rule, repair.place.line) for repair in found.repairs] == [(rule, 14)]
    for pointer in found.lines:
        resolve(found.document, pointer)


def test_random_names_reach_no_result(read_schema: Read) -> None:
    """The exporter's random name is new on each export: two of them must give the same."""
    one = read_schema("{$ref: e94c18e9-0c4b-4a07-9f5e-0123456789ab}")
    two = read_schema("{$ref: 00000000-0c4b-4a07-9f5e-0123456789ab}")
    assert (one.document, one.repairs, one.prose) == (two.document, two.repairs, two.prose)
    assert "0123456789ab" not in repr((one.document, one.repairs, one.prose))


def test_keywords_that_are_properties_are_left_alone(read_schema: Read) -> None:
    """A property may be called `example`, `nullable` or `$ref`, and an example may hold anything."""
    found = read_schema(
        "{properties: {example: {type: string}, nullable: {}, $ref: {type: string}}, default: {nullable: true}}"
    )
    assert list(at(found, "/components/schemas/A/properties")) == ["example", "nullable", "$ref"]
    assert at(found, "/components/schemas/A/default") == {"nullable": True}
    assert found.repairs == ()


def test_the_older_version_is_raised(read: Read) -> None:
    """A 3.0 document leaves as 3.1."""
    found = read("# T\n\n````yaml GET /x\nopenapi: 3.0.3\npaths: {/x: {get: {}}}\n````\n")
    assert at(found, "/openapi") == "3.1.0"
    assert [(repair.rule, repair.found) for repair in found.repairs] == [("openapi-version", "openapi: 3.0.3")]


@pytest.mark.parametrize("target", ["https://evil.example/x.json", "other.yaml#/A", "#A", "//x", "42"])
def test_references_stay_on_the_page(read_schema: Read, target: str) -> None:
    """Nothing is fetched, and nothing outside is looked at."""
    with pytest.raises(HostilePage, match="leads out of the page"):
        read_schema(f"{{$ref: {target!r}}}")
