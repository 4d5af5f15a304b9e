"""Nothing is dropped: every line is accounted for, and every word of a seed is in what it gives."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.tools.extract.books import check_books, judge
from tools.errors import PageError
from tools.extract import extract
from tools.model import Page
from tools.schema.pointers import walk
from tools.schema.shapes import METHODS

if TYPE_CHECKING:
    from pathlib import Path


COUNTS: dict[str, tuple[dict[str, int], dict[str, int], int]] = {
    "apimart@2026-03-04": ({"mintlify": 26}, {}, 26),
    "apimart@2026-09": ({"mintlify": 2, "prose": 1}, {}, 2),
    "evolink-legacy@2025-11-23": ({"legacy": 6}, {"example": 102, "legacy-block": 6, "nullable": 3}, 6),
    "evolink@2026-07-02": (
        {"openapi": 76, "prose": 4},
        {"discriminator-mapping": 332, "example": 1239, "nullable": 12, "reference-undefined": 36},
        76,
    ),
    "evolink@2026-08-21": (
        {"openapi": 76, "prose": 4},
        {"discriminator-mapping": 148, "example": 1235, "nullable": 12, "reference-undefined": 36},
        76,
    ),
    "other-sites": (
        {"legacy": 1, "mintlify": 4, "openapi": 15},
        {"example": 108, "legacy-block": 1, "nullable": 36, "openapi-version": 11, "preamble": 3, "shell-quotes": 1},
        20,
    ),
    "variants": ({"openapi": 3}, {"example": 70, "nullable": 2, "reformatted": 1, "two-pages-in-one-file": 1}, 4),
}
"""For every folder of the corpus: pages by kind, repairs by rule, operations. No page leaves anything over."""


def words(text: str) -> set[str]:
    """The words of a text, for comparing what is there and not how it is laid out."""
    return set(re.findall(r"\w+", text))


def test_seeds_leave_nothing(seed: Page) -> None:
    """All five pages are read to the last line."""
    found = extract(seed)
    assert found.leftovers == ()
    check_books(found)


def test_every_word_of_a_seed_is_in_what_it_gives(seed: Page) -> None:
    """Not only is each line claimed: what it says is in the fragment or in the prose."""
    found = extract(seed)
    kept = words(json.dumps(found.document, ensure_ascii=False).replace("\\n", " "))
    for prose in found.prose:
        kept |= words(prose.text)
    notation = words(
        "Documentation Index Fetch the complete documentation index at https docs evolink ai apimart llms txt Use this "
        "file to discover all available pages before exploring further yaml json theme null POST example default true "
        "false ParamField ResponseField Expandable Warning RequestExample ResponseExample body header name required"
    )
    said = words(seed.content.decode()) - {"gemini", *re.findall(r"[\w-]+\.json", seed.content.decode())}
    assert sorted(said - kept - notation - words(seed.path)) == []


def test_extraction_is_deterministic(seed: Page) -> None:
    """The same bytes give the same result, in the same order."""
    one, two = extract(seed), extract(seed)
    assert json.dumps(one.document) == json.dumps(two.document)
    assert (one.lines, one.prose, one.spans, one.repairs) == (two.lines, two.prose, two.spans, two.repairs)


@pytest.mark.corpus
def test_every_folder_of_the_corpus_is_counted(corpus: Path) -> None:
    """A folder that nobody reads would prove nothing."""
    folders = {path.name for path in corpus.iterdir() if path.is_dir()}
    assert folders - {"oasdiff-pairs"} == set(COUNTS)


@pytest.mark.corpus
@pytest.mark.parametrize("folder", COUNTS)
def test_corpus_pages_are_read_to_the_last_line(corpus: Path, folder: str) -> None:
    """Every real page is read with nothing left over; each repair has a line and a known rule."""
    kinds: Counter[str] = Counter()
    rules: Counter[str] = Counter()
    operations = 0
    for path in sorted((corpus / folder).rglob("*.md*")):
        found = extract(Page(provider="p", locale="en", path=f"en/{path.name}", content=path.read_bytes()))
        check_books(found)
        assert found.leftovers == ()
        assert all(repair.place.line for repair in found.repairs)
        kinds[found.kind] += 1
        rules.update(repair.rule for repair in found.repairs)
        paths = (found.document or {}).get("paths", {})
        operations += sum(name in METHODS for item in paths.values() for name in item)
    assert (dict(sorted(kinds.items())), dict(sorted(rules.items())), operations) == COUNTS[folder]


@pytest.mark.corpus
@pytest.mark.parametrize("folder", ["evolink-legacy@2025-11-23", "other-sites", "variants"])
def test_corpus_fragments_are_openapi(corpus: Path, folder: str) -> None:
    """What the pages of other exports are made into is what the meta-schema calls OpenAPI 3.1, references and all."""
    for path in sorted((corpus / folder).rglob("*.md*")):
        found = extract(Page(provider="p", locale="en", path=f"en/{path.name}", content=path.read_bytes()))
        if found.kind == "legacy" or any(repair.rule == "two-pages-in-one-file" for repair in found.repairs):
            assert list(OpenAPIV31SpecValidator(dict(found.document or {})).iter_errors()) == []
            pointers = {pointer for pointer, _ in walk(found.document)}
            assert [pointer for pointer in found.lines if pointer not in pointers] == []


SNIPPETS = (
    "```", "````", "<A>", "</A>", "<ParamField", "</ParamField>", '">', "{", "}", "[", "]", '"', "'", "`", "|", ":",
    "- ", "&a ", "*a", "!!x ", "#", "> ", "\n", "\n\n", "  ", "\t", "<<: ", "$ref: ", "example: ",
    "nullable: true", "...",
    "---", "\u202e", "\u200d", "\u0301", "\x00", "\r", "é", "한", "0", "-1", "1e999", "null", "x-vidgate-source: ",
    "<!--", "&#x202e;",
)  # fmt: skip


def mutate(text: str, chance: random.Random) -> str:
    """A text with a few random cuts, repeats, moves and insertions."""
    for _ in range(chance.randint(1, 4)):
        first = chance.randrange(len(text) + 1)
        last = min(len(text), first + chance.choice((0, 1, 3, 10, 50, 500)))
        match chance.randrange(4):
            case 0:
                text = text[:first] + text[last:]
            case 1:
                text = text[:first] + chance.choice(SNIPPETS) + text[first:]
            case 2:
                text = text[:last] + text[first:last] + text[last:]
            case _:
                rows = text.split("\n")
                rows.insert(chance.randrange(len(rows)), rows.pop(chance.randrange(len(rows))))
                text = "\n".join(rows)
    return text


@pytest.mark.parametrize("start", range(4))
def test_damaged_pages_are_read_or_refused(seed: Page, start: int) -> None:
    """However a page is damaged, the books balance or a PageError says why not; nothing else escapes."""
    chance = random.Random(f"{seed.path} {start}")
    refused = 0
    for _ in range(60):
        text = mutate(seed.content.decode(), chance)
        page = Page(provider=seed.provider, locale=seed.locale, path=seed.path, content=text.encode())
        refused += isinstance(judge(page), PageError)
    assert 0 < refused < 60, "the damage must be such that some pages survive it and some do not"
