"""The package as its users meet it: nothing a server sends makes it raise, nothing unsaid goes on the wire."""

from __future__ import annotations

import asyncio
import copy
import json
import pickle
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from tools.model import Json, JsonObject

FILM: JsonObject = {
    "id": "f-1",
    "status": "done",
    "kind": "film",
    "made": "2026-01-01T00:00:00Z",
    "progress": 100,
    "owner": {"name": "Ann"},
    "files": [{"url": "https://example.com/a.mp4"}],
    "cover": {"url": "https://example.com/a.png", "role": "first"},
    "costs": {"usd": {"amount": 0.4}},
}


def changed(**members: Json) -> JsonObject:
    return {**FILM, **members}


def without(*names: str) -> JsonObject:
    return {name: value for name, value in FILM.items() if name not in names}


RESPONSES: list[Json] = [
    pytest.param(FILM, id="as-documented"),
    pytest.param({}, id="empty"),
    pytest.param(without("id", "status"), id="missing-fields"),
    pytest.param(changed(status="paused"), id="unknown-enum-value"),
    pytest.param(changed(status=None), id="null-enum"),
    pytest.param(changed(status=7), id="number-for-enum"),
    pytest.param(changed(kind="movie"), id="other-constant"),
    pytest.param(changed(made="yesterday"), id="no-date"),
    pytest.param(changed(owner=None), id="null-object"),
    pytest.param(changed(owner="Ann"), id="text-for-object"),
    pytest.param(changed(owner={}), id="object-without-its-field"),
    pytest.param(changed(owner={"name": "Ann", "age": 7}), id="extra-field-inside"),
    pytest.param(changed(files=None), id="null-array"),
    pytest.param(changed(files={}), id="object-for-array"),
    pytest.param(changed(files=[None, "x", {"url": None}]), id="odd-items"),
    pytest.param(changed(cover={"role": "middle"}), id="shared-schema-incomplete"),
    pytest.param(changed(costs={"usd": None, "eur": {}}), id="odd-values-of-a-map"),
    pytest.param(changed(rating=5, tags=["a"], nested={"a": {"b": None}}), id="extra-fields"),
]


@pytest.mark.parametrize("body", RESPONSES)
def test_responses_come_out_as_they_went_in(sample_api: ModuleType, body: JsonObject) -> None:
    """from_dict raises for nothing that a server may send, and to_dict loses nothing of it."""
    film = sample_api.models.Film.from_dict(copy.deepcopy(body))
    assert film.to_dict() == body
    assert pickle.loads(pickle.dumps(film)) == film
    assert copy.deepcopy(film) == film


def test_values_are_kept_as_sent(sample_api: ModuleType) -> None:
    """An unknown value stays itself, null is None, what is missing is UNSET, what is new is an additional property."""
    body = changed(status="paused", owner=None, rating=5)
    del body["progress"]
    film = sample_api.models.Film.from_dict(body)
    assert film.status == "paused"
    assert film.owner is None
    assert film.progress is sample_api.types.UNSET
    assert film.additional_properties == {"rating": 5}
    assert film["rating"] == 5
    assert film.cover.role == "first"
    assert film.files[0].url == "https://example.com/a.mp4"
    assert film.costs["usd"].amount == 0.4


REQUESTS: list[Json] = [
    pytest.param("AlphaRequest", {"model": "alpha-1", "prompt": "a cat"}, id="required-only"),
    pytest.param("AlphaRequest", {"model": "alpha-1", "prompt": "a", "duration": 6}, id="number"),
    pytest.param("AlphaRequest", {"model": "alpha-1", "prompt": "a", "duration": "auto"}, id="literal"),
    pytest.param("AlphaRequest", {"model": "alpha-1", "prompt": "a", "ratio": "16:9"}, id="time-like-text"),
    pytest.param("AlphaRequest", {"model": "alpha-1", "prompt": "a", "ratio": "1:1"}, id="value-out-of-enum"),
    pytest.param("AlphaRequest", {"model": "alpha-1", "prompt": "a", "style": "oil"}, id="open-value"),
    pytest.param("AlphaRequest", {"model": "alpha-1", "prompt": "a", "camera": {"path": "l"}}, id="nested"),
    pytest.param("AlphaRequest", {"model": "alpha-1", "prompt": "a", "images": [{"url": "u"}]}, id="list-of-objects"),
    pytest.param("AlphaRequest", {"model": "alpha-1", "prompt": "a", "images": []}, id="empty-list"),
    pytest.param("AlphaRequest", {"model": "alpha-1", "prompt": "a", "seed": None}, id="null"),
    pytest.param("AlphaRequest", {"model": "alpha-1", "prompt": "a", "extra": {"a": [1]}}, id="anything"),
    pytest.param("AlphaRequest", {"model": "alpha-1", "prompt": "a", "typo": 1}, id="unknown-keyword"),
    pytest.param(
        "BetaRequest",
        {"model": "beta-2", "class": "wide", "cls": 1, "self": True, "d": "x", "cast": "y", "field_dict": [1]},
        id="names-of-python",
    ),
    pytest.param("BetaRequest", {"model": "beta-2", "negative-prompt": "rain"}, id="no-identifier"),
    pytest.param("GammaRequest", {"model": "gamma-fast", "text": "la"}, id="one-of-two-models"),
]


@pytest.mark.parametrize(("name", "body"), REQUESTS)
def test_requests_come_out_as_they_went_in(sample_api: ModuleType, name: str, body: JsonObject) -> None:
    """A request class carries the JSON unchanged and adds no defaults."""
    assert getattr(sample_api.models, name).from_dict(body).to_dict() == body


def test_the_model_needs_no_argument(sample_api: ModuleType) -> None:
    """The class knows its model and sends it; no other default goes on the wire."""
    request = sample_api.models.AlphaRequest(prompt="a cat")
    assert request.to_dict() == {"model": "alpha-1", "prompt": "a cat"}
    assert sample_api.models.AlphaRequest.from_dict({"prompt": "a cat"}) == request


def test_another_model_is_another_class(sample_api: ModuleType) -> None:
    """The constant tells the variants apart."""
    with pytest.raises(ValueError, match="model must be 'alpha-1'"):
        sample_api.models.AlphaRequest.from_dict({"model": "beta-2", "prompt": "a"})


def test_objects_may_be_given_as_models(sample_api: ModuleType) -> None:
    """Nested models, lists of models and plain objects give the same JSON."""
    models = sample_api.models
    request = models.AlphaRequest(
        prompt="a", camera=models.AlphaRequestCamera(path="left"), images=[models.Image(url="u"), {"url": "v"}]
    )
    assert request.to_dict()["camera"] == {"path": "left"}
    assert request.to_dict()["images"] == [{"url": "u"}, {"url": "v"}]


def test_request_class(sample_api: ModuleType) -> None:
    """Model ids lead to classes; unknown ones are a KeyError."""
    variants = sample_api.variants
    assert variants.request_class("createFilm", "beta-2") is sample_api.models.BetaRequest
    assert list(variants.MODELS["createSound"]) == ["gamma", "gamma-fast"]
    with pytest.raises(KeyError):
        variants.request_class("createFilm", "alpha-9")
    with pytest.raises(TypeError):
        variants.MODELS["createFilm"]["alpha-9"] = "X"


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])
def test_unset_is_one_object(sample_api: ModuleType, again: Any) -> None:
    """Copies and unpickled values are UNSET itself, so that they are still left out of the JSON."""
    unset = sample_api.types.UNSET
    assert again(unset) is unset
    assert sample_api.types.Unset() is unset
    assert not unset
    assert repr(unset) == "UNSET"
    request = sample_api.models.AlphaRequest(prompt="a")
    assert again(request).to_dict() == {"model": "alpha-1", "prompt": "a"}


def run(root: Path, code: str) -> str:
    command = [sys.executable, "-I", "-B", "-c", f"import sys; sys.path.insert(0, {str(root)!r})\n{code}"]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


def test_one_model_does_not_import_the_others(sample_root: Path) -> None:
    """A package of 500 models costs what one costs, and a model needs no httpx."""
    code = """
from sample_api.models import Cost
import sample_api, json
loaded = sorted(name for name in sys.modules if name.startswith("sample_api."))
print(json.dumps([loaded, "httpx" in sys.modules, "Film" in dir(sample_api.models)]))
"""
    loaded, httpx_loaded, listed = json.loads(run(sample_root, code))
    assert loaded == ["sample_api.models", "sample_api.models.cost", "sample_api.types"]
    assert not httpx_loaded
    assert listed


def test_the_call_table_imports_no_model(sample_root: Path) -> None:
    """Looking up model ids loads no request class."""
    code = "import sample_api.variants; print([n for n in sys.modules if n.startswith('sample_api.models')])"
    assert run(sample_root, code).strip() == "[]"


def test_unknown_names(sample_api: ModuleType) -> None:
    """A lazy module has only what it has."""
    with pytest.raises(AttributeError, match="no attribute 'Missing'"):
        _ = sample_api.models.Missing
    with pytest.raises(AttributeError, match="no attribute 'Missing'"):
        _ = sample_api.Missing
    assert "Client" in dir(sample_api)


def client(sample_api: ModuleType, **options: Any) -> Any:
    return sample_api.AuthenticatedClient(base_url="https://api.example.com", token="secret-token", **options)


def test_no_secret_in_a_repr(sample_api: ModuleType) -> None:
    """Neither token, nor headers, cookies or a password in the URL appear."""
    made = sample_api.AuthenticatedClient(
        base_url="https://user:secret-password@api.example.com/x",
        token="secret-token",
        headers={"X-Key": "secret-header"},
        cookies={"session": "secret-cookie"},
        httpx_args={"auth": ("user", "secret-auth")},
    )
    made.get_httpx_client()
    for shown in (repr(made), str(made), repr(made.with_headers({"Y": "secret-more"})), repr(made.get_httpx_client())):
        assert "secret" not in shown
    assert "api.example.com/x" in repr(made)


def test_requests_carry_the_token(sample_api: ModuleType) -> None:
    """The header goes out, and is not written into the caller's dictionary."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=FILM)

    headers = {"X-A": "1"}
    made = client(sample_api, headers=headers, httpx_args={"transport": httpx.MockTransport(answer)})
    operation = sample_api.api.films.create_film
    parsed = operation.sync(client=made, body=sample_api.models.AlphaRequest(prompt="a"))
    assert parsed.status == "done"
    assert seen[0].headers["authorization"] == "Bearer secret-token"
    assert json.loads(seen[0].content) == {"model": "alpha-1", "prompt": "a"}
    assert headers == {"X-A": "1"}


def test_asynchronous_calls(sample_api: ModuleType) -> None:
    """The asynchronous functions send and parse the same."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=FILM)

    async def call() -> Any:
        async with client(sample_api, httpx_args={"transport": httpx.MockTransport(answer)}) as made:
            return await sample_api.api.films.get_film.asyncio("f-1", client=made)

    assert asyncio.run(call()).to_dict() == FILM
    assert seen[0].headers["authorization"] == "Bearer secret-token"
    assert seen[0].url.path == "/v1/films/f-1"


def test_unions_take_the_first_that_fits(sample_api: ModuleType) -> None:
    """Constants tell variants apart; what fits none stays a plain object."""
    models, from_json = sample_api.models, sample_api.types.from_json
    variants = (models.AlphaRequest, models.BetaRequest)
    assert isinstance(from_json({"model": "beta-2"}, *variants), models.BetaRequest)
    assert isinstance(from_json({"model": "alpha-1", "prompt": "a"}, *variants), models.AlphaRequest)
    assert from_json({"model": "gamma"}, *variants) == {"model": "gamma"}


def test_copies_of_a_client_are_their_own(sample_api: ModuleType) -> None:
    """`with_…` changes the copy and leaves the original's connection alone."""
    made = client(sample_api)
    before = dict(made.get_httpx_client().headers)
    copied = made.with_headers({"X-B": "2"}).with_cookies({"c": "d"}).with_timeout(httpx.Timeout(1))
    assert dict(made.get_httpx_client().headers) == before
    assert copied.get_httpx_client().headers["x-b"] == "2"
    assert copied.get_httpx_client().timeout == httpx.Timeout(1)
    assert made.get_httpx_client().timeout == httpx.Timeout(60)


def parse(sample_api: ModuleType, response: httpx.Response, **options: Any) -> Any:
    operation = sample_api.api.films.create_film
    return operation.parse_response(client=client(sample_api, **options), response=response)


@pytest.mark.parametrize("status", [201, 299, 304, 401, 402, 404, 451, 500, 503, 520, 524, 599, 700, 999])
def test_undocumented_statuses(sample_api: ModuleType, status: int) -> None:
    """They parse to None, numbers that http.HTTPStatus does not know, too; raising is on demand."""
    response = httpx.Response(status, json={"error": {"code": 1}})
    assert parse(sample_api, response) is None
    with pytest.raises(sample_api.errors.UnexpectedStatus, match=str(status)) as caught:
        parse(sample_api, response, raise_on_unexpected_status=True)
    assert pickle.loads(pickle.dumps(caught.value)).status_code == status


@pytest.mark.parametrize(
    "content",
    [b"<html>502</html>", b"", b"\xff\xfe", b"[1]", b"null", b'"text"', b"[" * 100_000],
    ids=["html", "empty", "no-utf8", "array", "null", "text", "deep"],
)
@pytest.mark.parametrize("status", [200, 400])
def test_bodies_of_another_kind(sample_api: ModuleType, status: int, content: bytes) -> None:
    """What is no JSON object where one is documented parses to None."""
    assert parse(sample_api, httpx.Response(status, content=content)) is None


def test_documented_statuses(sample_api: ModuleType) -> None:
    """Each has its model; codes may be numbers or texts."""
    assert parse(sample_api, httpx.Response(200, json=FILM)).to_dict() == FILM
    for code in (400, "invalid", None):
        error = parse(sample_api, httpx.Response(400, json={"error": {"code": code}}))
        assert error.error.code == code


def test_ranges_defaults_and_arrays(sample_api: ModuleType) -> None:
    """5XX, default and bodies that are arrays are parsed, too."""
    import importlib

    made = client(sample_api)
    sound = importlib.import_module("sample_api.api.sounds.create_sound")
    assert sound.parse_response(client=made, response=httpx.Response(200, json=["a"])) == ["a"]
    assert sound.parse_response(client=made, response=httpx.Response(200, json={})) is None
    assert sound.parse_response(client=made, response=httpx.Response(599, json={"title": "t"})).title == "t"
    film = sample_api.api.films.get_film
    assert film.parse_response(client=made, response=httpx.Response(418, json={"detail": "d"})).detail == "d"


def test_detailed_calls_know_every_status(sample_api: ModuleType) -> None:
    """`status_code` is the number that came, whatever it is."""
    made = client(sample_api, httpx_args={"transport": httpx.MockTransport(lambda _: httpx.Response(520))})
    detailed = sample_api.api.films.create_film.sync_detailed(
        client=made, body=sample_api.models.BetaRequest(prompt="a")
    )
    assert (detailed.status_code, detailed.parsed) == (520, None)


@pytest.mark.parametrize(
    ("film_id", "url"),
    [
        ("a/b", "/v1/films/a%2Fb"),
        ("a?b#c", "/v1/films/a%3Fb%23c"),
        ("ä é", "/v1/films/%C3%A4%20%C3%A9"),
        ("...", "/v1/films/..."),
        ("{x}", "/v1/films/%7Bx%7D"),
        ("%2e%2e", "/v1/films/%252e%252e"),
    ],
)
def test_path_parameters_stay_one_segment(sample_api: ModuleType, film_id: str, url: str) -> None:
    """What is given as an id cannot leave its place in the path."""
    arguments = sample_api.api.films.get_film.request_arguments(film_id)
    assert arguments["url"] == url
    made = client(sample_api).get_httpx_client().build_request(**arguments)
    assert made.url.raw_path.decode().partition("?")[0] == url


@pytest.mark.parametrize("film_id", ["", ".", ".."])
def test_path_parameters_that_name_another_path(sample_api: ModuleType, film_id: str) -> None:
    """They are refused: quoting leaves them as they are."""
    with pytest.raises(ValueError, match="cannot stand in a path"):
        sample_api.api.films.get_film.request_arguments(film_id)


def test_parameters_without_value_are_not_sent(sample_api: ModuleType) -> None:
    """A default of the server is left to the server."""
    film = sample_api.api.films.get_film
    assert film.request_arguments("f")["params"] == {}
    arguments = film.request_arguments("f", language="ko", x_trace="t")
    assert (arguments["params"], arguments["headers"]) == ({"language": "ko"}, {"X-Trace": "t"})


def test_docstrings_explain_every_parameter(sample_api: ModuleType) -> None:
    """Description, values and the server's default stand in the docstring of the class."""
    text = " ".join(str(sample_api.models.AlphaRequest.__doc__).split())
    assert "prompt (str): What the film shows." in text
    assert "Length in seconds. Default at the server: 10." in text
    assert 'Two are possible. One of "16:9", "9:16". Default at the server: "16:9".' in text
    text = " ".join(str(sample_api.api.films.get_film.sync_detailed.__doc__).split())
    assert 'Language of messages. One of "en", "ko". Default at the server: "en".' in text


def test_the_contract_ships_whole(sample_files: dict[str, bytes], sample: JsonObject) -> None:
    """contract.json is the contract, compact and in its own order."""
    text = sample_files["contract.json"].decode("utf-8")
    assert json.loads(text) == sample
    assert list(json.loads(text)["components"]["schemas"]) == list(sample["components"]["schemas"])
    assert text.endswith("}\n")
    assert text.count("\n") == 1


def test_every_file_says_where_it_comes_from(sample_files: dict[str, bytes]) -> None:
    """No Python file lacks the header; no README, no project file, no bytecode is there."""
    for path, content in sample_files.items():
        if path.endswith(".py"):
            assert content.startswith(b"# Generated by `python -m tools generate`; do not edit.\n"), path
    others = {path for path in sample_files if not path.endswith(".py")}
    assert others == {"contract.json", "py.typed"}
