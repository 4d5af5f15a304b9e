"""What is prose and what is structure."""

from __future__ import annotations

from tools.schema.prose import prose_of, split_prose


def test_words_leave_and_structure_stays() -> None:
    """Descriptions and samples are prose wherever a fixed field may stand."""
    structure, prose = split_prose({"type": "string", "description": "Worte", "examples": ["x"], "enum": ["a"]})
    assert structure == {"type": "string", "enum": ["a"]}
    assert prose == {"/description": "Worte", "/examples": ["x"]}


def test_a_property_called_description_is_structure() -> None:
    """Names people chose are never prose, however they are spelled."""
    schema = {"properties": {"description": {"type": "string", "title": "T"}, "tags": {"type": "array"}}}
    structure, prose = split_prose(schema)
    assert structure == {"properties": {"description": {"type": "string"}, "tags": {"type": "array"}}}
    assert prose == {"/properties/description/title": "T"}


def test_data_is_left_alone() -> None:
    """A default that happens to have a member `description` is data."""
    structure, prose = split_prose({"default": {"description": "x"}})
    assert structure == {"default": {"description": "x"}}
    assert prose == {}


def test_tags_of_an_operation_are_words() -> None:
    """The pages translate their tags."""
    structure, prose = split_prose({"paths": {"/a": {"post": {"tags": ["비디오"], "operationId": "x"}}}})
    assert structure == {"paths": {"/a": {"post": {"operationId": "x"}}}}
    assert prose == {"/paths/~1a/post/tags": ["비디오"]}


def test_prose_alone_is_the_prose_of_the_split() -> None:
    """The same pointers and values in the same order; what is the same object beside it is passed over."""
    kept = {"description": "K", "properties": {"title": {"title": "T"}}}
    document = {
        "tags": ["t"],
        "a": [{"summary": "S"}, {"default": {"description": "x"}}],
        "components": {"schemas": {"Kept": kept, "Other": {"description": "O", "examples": [{"title": 1}]}}},
    }
    assert list(prose_of(document)) == list(split_prose(document)[1].items())
    beside = {**document, "components": {"schemas": {"Kept": kept, "Other": {"description": "P"}}}}
    assert list(prose_of(document, beside=document)) == []
    assert [pointer for pointer, _ in prose_of(document, beside=beside)] == [
        "/components/schemas/Other/description",
        "/components/schemas/Other/examples",
    ]
