"""Two pages in one file: both are read, in the lines of the file, and none overwrites the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import pytest

from tools.errors import PageError
from tools.model import Extracted

Read: TypeAlias = Callable[[str], Extracted]


def page(path: str, error: str, *, root: str = "") -> str:
    """A page whose one response refers to `Error`, which is this schema; 19 lines, the fence on line 5."""
    return (
        f"# Page {path}\n\n> About {path}\n\n````yaml GET {path}\nopenapi: 3.1.0\ninfo: {{title: T, version: '1'}}\n"
        f"{root}\npaths:\n  {path}:\n    get:\n      responses:\n        '400':\n          description: Bad\n"
        "          content: {a/b: {schema: {$ref: '#/components/schemas/Error'}}}\n"
        f"components:\n  schemas:\n    Error: {error}\n````\n"
    )


def schema_of(found: Extracted, path: str) -> object:
    """What the response of an operation refers to."""
    assert found.document is not None
    answer: object = found.document["paths"][path]["get"]["responses"]["400"]["content"]["a/b"]["schema"]["$ref"]
    return answer


def test_equal_names_with_other_bodies_are_numbered(read: Read) -> None:
    """Each operation keeps the error it had on its own page."""
    found = read(page("/a", "{type: object}") + "\n" + page("/b", "{type: string}"))
    assert found.document is not None
    assert found.document["components"]["schemas"] == {"Error": {"type": "object"}, "Error2": {"type": "string"}}
    assert (schema_of(found, "/a"), schema_of(found, "/b")) == (
        "#/components/schemas/Error", "#/components/schemas/Error2",
    )  # fmt: skip
    assert (found.lines["/components/schemas/Error"], found.lines["/components/schemas/Error2"]) == (18, 38)
    assert (found.leftovers, found.kind) == ((), "openapi")
    assert [(repair.rule, repair.place.line) for repair in found.repairs] == [("two-pages-in-one-file", 21)]


def test_equal_bodies_stay_one(read: Read) -> None:
    """Nothing is numbered without need."""
    found = read(page("/a", "{type: object}") + page("/b", "{type: object}"))
    assert found.document is not None
    assert list(found.document["components"]["schemas"]) == ["Error"]


def test_what_a_page_says_for_all_goes_to_its_operation(read: Read) -> None:
    """Servers and security of one page say nothing about the other."""
    found = read(page("/a", "{}", root="servers: [{url: https://a.example}]") + page("/b", "{}", root="security: []"))
    assert found.document is not None
    assert found.document["paths"]["/a"]["get"]["servers"] == [{"url": "https://a.example"}]
    assert "servers" not in found.document["paths"]["/b"]["get"]
    assert found.document["paths"]["/b"]["get"]["security"] == []
    assert "servers" not in found.document


def test_texts_stay_with_their_page(read: Read) -> None:
    """Title and description of both are kept, each with its line."""
    found = read(page("/a", "{}") + page("/b", "{}"))
    titles = [(prose.line, prose.text) for prose in found.prose if prose.role == "title"]
    assert titles == [(1, "Page /a"), (20, "Page /b")]
    assert found.document is not None
    assert found.document["paths"]["/b"]["get"]["x-vidgate-title"] == "Page /b"


def test_a_page_without_a_head_follows_the_fence(read: Read) -> None:
    """Where nothing marks the next page's top, it begins behind the fence."""
    second = page("/b", "{}").partition("\n\n````")
    found = read(page("/a", "{}") + "Some text.\n\n````" + second[2])
    assert found.document is not None
    assert list(found.document["paths"]) == ["/a", "/b"]
    assert found.leftovers == ()


def test_one_operation_twice_is_refused(read: Read) -> None:
    """Which of them holds nobody can know; both places are named."""
    with pytest.raises(PageError, match="both describe get /a") as caught:
        read(page("/a", "{}") + page("/a", "{}"))
    assert [place.line for place in caught.value.places] == [11, 30]
