"""The contracts of the vendored pages, and of a later state of the site."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import openapi_spec_validator
import pytest
import yaml

from tools.build.derive import derive
from tools.build.options import Options
from tools.errors import ConflictError
from tools.schema.overlay import apply_overlay
from tools.schema.pointers import walk
from tools.store import Workspace

WORKSPACE = Workspace(root=Path(__file__).parents[3])
PROVIDERS = ("apimart", "evolink")
EAST_ASIAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


@cache
def contract(provider: str) -> dict[str, Any]:
    """The contract that the vendored pages and the judgements say."""
    derived = derive(WORKSPACE, provider, Options(), lambda _: None)
    assert not derived.findings
    assert derived.document is not None
    return derived.document.openapi


@pytest.mark.parametrize("provider", PROVIDERS)
def test_it_is_a_valid_openapi_document(provider: str) -> None:
    """openapi-spec-validator finds nothing."""
    assert list(openapi_spec_validator.OpenAPIV31SpecValidator(contract(provider)).iter_errors()) == []


@pytest.mark.parametrize("provider", PROVIDERS)
def test_it_speaks_english(provider: str) -> None:
    """What users read is written by us; only samples keep the pages' languages."""
    foreign = [
        pointer
        for pointer, value in walk(contract(provider))
        if isinstance(value, str) and EAST_ASIAN.search(value) and "/examples/" not in pointer
    ]
    assert foreign == []


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_schema_operation_and_example_knows_its_source(provider: str) -> None:
    """Provenance names a page that is vendored and a line on it, or an entry of the supplement."""
    document = contract(provider)
    pages = {page.path: page.content.count(b"\n") + 1 for page in WORKSPACE.pages(provider).pages}
    owners = [*document["components"]["schemas"].values(), *document["paths"]["/v1/videos/generations"].values()]
    body = document["paths"]["/v1/videos/generations"]["post"]["requestBody"]["content"]["application/json"]
    for owner in [*owners, *body["examples"].values()]:
        assert owner["x-vidgate-source"]
        for row in owner["x-vidgate-source"]:
            assert "supplement" in row or 1 <= row["line"] <= pages[row["page"]]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_both_operations_stand_alone(provider: str) -> None:
    """Servers, security, ids and tags are where the generator looks for them."""
    document = contract(provider)
    found = {item: next(iter(document["paths"][item].values())) for item in document["paths"]}
    assert {operation["operationId"] for operation in found.values()} == {"createVideo", "getTask"}
    for operation in found.values():
        assert operation["servers"]
        assert operation["security"] == [{"bearerAuth": []}]
        assert all(tag.isascii() for tag in operation["tags"])
    link = document["paths"]["/v1/videos/generations"]["post"]["responses"]["200"]["links"]["task"]
    assert link["operationId"] == "getTask"


def test_evolink_has_its_four_modes() -> None:
    """Three from the pages, the fourth from the supplement; media required where the mode works on them."""
    schemas = contract("evolink")["components"]["schemas"]
    assert {name: body["required"] for name, body in schemas.items() if name.startswith("GeminiOmniFlash")} == {
        "GeminiOmniFlashImageToVideoRequest": ["model", "prompt", "image_urls"],
        "GeminiOmniFlashReferenceToVideoRequest": ["model", "prompt", "image_urls"],
        "GeminiOmniFlashTextToVideoRequest": ["model", "prompt"],
        "GeminiOmniFlashVideoEditRequest": ["model", "prompt", "video_urls"],
    }
    assert "x-vidgate-reading" in schemas["GeminiOmniFlashVideoEditRequest"]


def test_apimart_has_what_the_page_says_in_prose() -> None:
    """Rules of the text became schema, each marked as our reading."""
    body = contract("apimart")["components"]["schemas"]["OmniFlashExtRequest"]
    assert body["properties"]["duration"]["enum"] == [4, 6, 8, 10]
    assert body["properties"]["duration"]["default"] == 6
    assert body["properties"]["resolution"]["x-vidgate-values"] == {"values": ["720p", "1080p", "4k"], "open": False}
    assert body["properties"]["aspect_ratio"]["x-vidgate-values"]["open"] is True
    assert {row["id"] for row in body["x-vidgate-advice"]} == {"many-images", "size-differs"}
    assert len(contract("apimart")["paths"]["/v1/videos/generations"]["post"]["x-vidgate-errors"]) == 8


@pytest.mark.parametrize(("provider", "count"), [("evolink", {"cn": 1, "ja": 2, "ko": 1}), ("apimart", {"ko": 6})])
def test_examples_of_every_language_are_kept(provider: str, count: dict[str, int]) -> None:
    """Every request example of every page is in the contract."""
    operation = contract(provider)["paths"]["/v1/videos/generations"]["post"]
    found: dict[str, int] = {}
    for example in operation["requestBody"]["content"]["application/json"]["examples"].values():
        for row in example["x-vidgate-source"]:
            if "locale" in row:
                found[row["locale"]] = found.get(row["locale"], 0) + 1
    assert found == count


@pytest.mark.parametrize(
    ("provider", "locale", "word"),
    [("evolink", "cn", "视频"), ("evolink", "ja", "動画"), ("evolink", "ko", "영상"), ("apimart", "ko", "비디오")],
)
def test_a_locale_overlay_turns_the_contract_back_into_its_language(provider: str, locale: str, word: str) -> None:
    """Every action matches, and the operation's models speak the language."""
    derived = derive(WORKSPACE, provider, Options(), lambda _: None)
    assert derived.document is not None
    overlay = derived.document.locales[locale]
    spoken, unmatched = apply_overlay(derived.document.openapi, overlay, path=locale)
    assert not unmatched
    told = [body["description"] for body in spoken["components"]["schemas"].values() if "description" in body]
    assert any(word in text for text in told)


OPEN_DECISIONS = [
    # The Claude page exists in two generations: the English one names Beta… schemas, the others do not.
    "ClaudeFable5Request/properties/container",
    "ClaudeFable5Request/properties/messages/items",
    "ClaudeFable5Request/properties/output_config",
    "ClaudeFable5Request/properties/system",
    "ClaudeFable5Request/properties/thinking",
    "ClaudeFable5Request/properties/tool_choice",
    "ClaudeFable5Request/properties/tools/items",
    # ko forgets `required: [type]`.
    "DoubaoSeedream50LiteRequest/properties/model_params/properties/tools/items",
    # number in en and cn, integer in ja and ko.
    "SunoPersonaRequest/properties/model_params/properties/vocal_end",
    "SunoPersonaRequest/properties/model_params/properties/vocal_start",
    # Usage on some pages, VideoUsage on others.
    "VideoGenerationResponse/properties/usage",
]


@pytest.mark.corpus
def test_a_later_state_of_the_site_leaves_these_decisions_open(corpus: Path, tmp_path: Path) -> None:
    """Each is named once, with pages and pointers; pasting the proposed actions settles all of them."""
    folder = corpus / "evolink@2026-08-21"
    derived = derive(WORKSPACE, "evolink", Options(pages=folder), lambda _: None)
    conflicts = [finding for finding in derived.findings if isinstance(finding, ConflictError)]
    assert len(conflicts) == len(derived.findings)
    assert sorted(str(one.problem).partition(":")[0] for one in conflicts) == [
        f"#/components/schemas/{name}" for name in OPEN_DECISIONS
    ]
    for one in conflicts:
        assert len({place.path for place in one.places}) > 1
        assert all(place.line and place.pointer for place in one.places)
    pasted = tmp_path / "decisions.yaml"
    pasted.write_text("".join(one.action for one in conflicts), encoding="utf-8")
    assert yaml.safe_load(pasted.read_text(encoding="utf-8"))
    settled = derive(WORKSPACE, "evolink", Options(pages=folder, overlays=(pasted,)), lambda _: None)
    assert settled.findings == ()
    assert settled.document is not None
    openapi_spec_validator.validate(settled.document.openapi)


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("folder", "provider", "settled"),
    [
        pytest.param("evolink-legacy@2025-11-23", "evolink", 1, id="EvoLink, older export"),
        pytest.param("evolink@2026-07-02", "evolink", 5, id="EvoLink in July"),
        pytest.param("evolink@2026-08-21", "evolink", 11, id="EvoLink in August"),
        pytest.param("apimart@2026-03-04", "apimart", 2, id="APIMart in March"),
        pytest.param("apimart@2026-09", "apimart", 0, id="APIMart in September"),
    ],
)
def test_precedence_settles_every_state_of_the_sites(folder: str, provider: str, settled: int, corpus: Path) -> None:
    """Nothing stays open, and each settled disagreement names who says what, with page and line."""
    options = Options(pages=corpus / folder, accept_precedence=True)
    derived = derive(WORKSPACE, provider, options, lambda _: None)
    assert derived.document is not None
    found = [one for one in derived.document.decisions if one.rule == "settled-by-precedence"]
    assert (len(found), derived.findings) == (settled, ())
    assert all(place.line for one in found for place in one.places)
    assert all(repair.place.line for repair in derived.document.repairs)
