"""Pages to extract: the vendored ones, and small ones made up."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from tools.extract import extract
from tools.model import Extracted, Page

SPECS = Path(__file__).parents[3] / "specs"
FLASH = "api-manual/video-series/gemini-omni-flash/gemini-omni-flash"

MakePage: TypeAlias = Callable[[str | bytes], Page]
MakeExtracted: TypeAlias = Callable[[str], Extracted]


def vendored(path: str) -> Page:
    """A vendored page; `path` starts with the provider."""
    provider, _, inner = path.partition("/")
    content = (SPECS / provider / "pages" / inner).read_bytes()
    return Page(provider=provider, locale=inner.partition("/")[0], path=inner, content=content)


SEEDS = {
    "edit ko": f"evolink/ko/{FLASH}-video-edit.md",
    "edit ja": f"evolink/ja/{FLASH}-video-edit.md",
    "text ja": f"evolink/ja/{FLASH}-text-to-video.md",
    "reference cn": f"evolink/cn/{FLASH}-reference-to-video.md",
    "apimart ko": "apimart/ko/api-reference/videos/omni-flash-ext/generation.md",
}


@pytest.fixture(params=SEEDS)
def seed(request: pytest.FixtureRequest) -> Page:
    """Each of the five pages the project started from."""
    return vendored(SEEDS[request.param])


@pytest.fixture(scope="session")
def reference() -> Extracted:
    """What the reference-to-video page (cn) gives."""
    return extract(vendored(SEEDS["reference cn"]))


@pytest.fixture(scope="session")
def edit() -> Extracted:
    """What the video-edit page (ko) gives."""
    return extract(vendored(SEEDS["edit ko"]))


@pytest.fixture(scope="session")
def flash() -> Extracted:
    """What APIMart's page (ko) gives."""
    return extract(vendored(SEEDS["apimart ko"]))


@pytest.fixture(scope="session")
def make_page() -> MakePage:
    """A page of this text."""

    def make(text: str | bytes) -> Page:
        content = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
        return Page(provider="p", locale="en", path="en/a/b.md", content=content)

    return make


@pytest.fixture(scope="session")
def read(make_page: MakePage) -> MakeExtracted:
    """What a page of this text gives."""
    return lambda text: extract(make_page(text))


@pytest.fixture(scope="session")
def read_operation(read: MakeExtracted) -> MakeExtracted:
    """What a page gives whose fence, labelled `GET /x`, holds this YAML behind the version; it begins on line 8."""
    return lambda yaml: read(f"# Title\n\n> Text\n\n## OpenAPI\n\n````yaml GET /x\nopenapi: 3.1.0\n{yaml}\n````\n")


@pytest.fixture(scope="session")
def read_legacy(read: MakeExtracted) -> MakeExtracted:
    """What a page of the older export gives whose block for `POST /v1/make`, from line 9 on, ends with this YAML."""
    head = "# Make\n\n> Makes it\n\n````yaml POST /v1/make\npaths:\n  path: /v1/make\n  method: post\n"
    return lambda yaml: read(f"{head}{yaml}\n````\n")


@pytest.fixture(scope="session")
def read_schema(read_operation: MakeExtracted) -> MakeExtracted:
    """What a page gives whose component schema `A` is this flow mapping, on line 14."""
    return lambda schema: read_operation(
        f"paths:\n  /x:\n    get:\n      responses: {{}}\ncomponents: {{schemas: {{B: {{}},\n    A: {schema} }}}}"
    )


@pytest.fixture(scope="session")
def read_parameters(read: MakeExtracted) -> MakeExtracted:
    """What a page gives with one POST sample and these blocks, which begin on line 10."""
    head = "# Title\n\n> Text\n\n<RequestExample>\n```bash cURL\ncurl https://api.example.com/v1/make -d '{}'\n```\n"
    return lambda blocks: read(f"{head}</RequestExample>\n{blocks}")
