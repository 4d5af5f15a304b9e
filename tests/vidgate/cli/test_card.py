"""What `vidgate models MODEL` knows: every example works, and the words are those of the generated classes."""

from __future__ import annotations

import json
import shlex
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import respx

from vidgate import _engine, apimart
from vidgate._contract import Contract, load
from vidgate._providers import PROVIDERS
from vidgate.cli import _card, _request
from vidgate.cli._connect import CLIENTS
from vidgate.simulator import ManualClock, Simulator

if TYPE_CHECKING:
    from vidgate._contract import ModelInfo
    from vidgate._providers import Provider

ROOT = Path(__file__).parents[3]
MODELS = [pytest.param(row, info, id=info.id) for row, info in _request.models()]


@pytest.mark.parametrize(("provider", "info"), MODELS)
def test_the_example_is_valid(provider: Provider, info: ModelInfo) -> None:
    """Nothing is wrong with it, not even advice, and it shows all that is required."""
    card = _card.card_of(provider, info)
    report = CLIENTS[provider.name]("offline").check(card.example)
    assert (report.errors, report.warnings) == ((), ())
    assert {one.name for one in card.parameters if one.required} < set(card.example)


@pytest.mark.parametrize(("provider", "info"), MODELS)
def test_the_python_example_makes_a_video(
    provider: Provider, info: ModelInfo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It runs as it stands, and the simulator takes exactly the request that is shown."""
    card = _card.card_of(provider, info)
    clock = ManualClock()
    simulator = Simulator(provider.name, clock=clock)  # type: ignore[arg-type]
    monkeypatch.setattr(_engine, "SystemClock", lambda: clock)
    monkeypatch.setenv(provider.key_variable, "sim-key")
    monkeypatch.delenv(provider.base_url_variable, raising=False)
    monkeypatch.chdir(tmp_path)
    with respx.mock(assert_all_called=False) as router:
        simulator.mount(router)
        exec(compile(card.python(), "example", "exec"), {})
        (sent,) = [json.loads(call.request.content) for call in router.calls if call.request.method == "POST"]
    assert sent == card.example
    assert b"ftyp" in (tmp_path / "video.mp4").read_bytes()[:12]


@pytest.mark.parametrize(("provider", "info"), MODELS)
def test_the_command_makes_a_video(provider: Provider, info: ModelInfo, terminal: Any, tmp_path: Path) -> None:
    """A shell reads it as the same request."""
    card = json.loads(terminal("models", info.id, "--json").out)
    program, command, *words = shlex.split(card["example"]["command"])
    assert (program, command, words[0]) == ("vidgate", "run", info.id)
    assert json.loads(terminal("run", "--dry-run", *words).out) == card["example"]["request"]
    assert terminal("run", *words).code == 0
    assert (tmp_path / "video.mp4").exists()
    shown = terminal("models", info.id, "--provider", provider.name).out
    assert card["example"]["command"] in shown
    assert card["example"]["python"].splitlines()[-1] in shown


@pytest.mark.parametrize(("provider", "info"), MODELS)
def test_a_narrow_terminal_gets_lines_that_a_shell_joins(
    provider: Provider, info: ModelInfo, terminal: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command is broken where a shell goes on reading."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")
    _, _, command = terminal("models", info.id).out.partition("vidgate run")
    whole = _card.card_of(provider, info).words()
    assert "\\\n" in command
    assert shlex.split(command.replace("\\\n", " ")) == shlex.split(" ".join(whole))


@pytest.mark.parametrize("provider", PROVIDERS.values(), ids=PROVIDERS)
def test_pages_are_those_of_the_site(provider: Provider) -> None:
    """An address is that of the site the pages came from, with a page that is vendored."""
    sources = tomllib.loads((ROOT / "specs" / provider.name / "sources.toml").read_text(encoding="utf-8"))
    pages = [page for info in load(provider.package).models for page in _card.card_of(provider, info).pages]
    assert _card.DOCS[provider.name] == sources["docs"]
    assert pages
    for page in pages:
        if page.url is not None:
            assert page.url == f"{sources['docs']}/{page.name}"
            assert (ROOT / "specs" / provider.name / "pages" / page.name).is_file()


KOREAN = """비디오를 만듭니다. 작업은 비동기입니다.

Attributes:
    model (Literal['m']): 모델 이름입니다.
    prompt (str): 비디오 내용 설명입니다.

        예: `"a girl"`
    duration (int | Unset): 비디오 길이입니다. 단위는 초입니다. 서버 기본값: 6.
"""


def test_words_are_those_of_the_generated_language(monkeypatch: pytest.MonkeyPatch) -> None:
    """Classes that were generated in another language explain themselves in it; where they are silent, the contract."""
    row, info = _request.find_model("Omni-Flash-Ext")
    english = _card.card_of(row, info)
    monkeypatch.setattr(apimart, info.request_class, type("Request", (), {"__doc__": KOREAN}))
    card = _card.card_of(row, info)
    summaries = {one.name: one.summary for one in card.parameters}
    assert (card.summary, summaries["prompt"]) == ("비디오를 만듭니다.", "비디오 내용 설명입니다.")
    assert summaries["duration"] == "비디오 길이입니다."
    assert card.parameters[0].description == '비디오 내용 설명입니다.\n\n예: `"a girl"`'
    assert summaries["size"] == next(one.summary for one in english.parameters if one.name == "size")
    assert english.parameters[0].summary.startswith("What the video shows")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("One. Two.", "One."),
        ("As in e.g. this. Two.", "As in e.g. this."),
        ("Four, 4.5 or `auto`. Two", "Four, 4.5 or auto."),
        ("after billing. https only", "after billing."),
        ("- first\n- second", "first"),
        ("모델 이름입니다. 고정됩니다.", "모델 이름입니다."),
        ("模型名称。固定。", "模型名称。"),
        ("wrapped\nline\n\nnext", "wrapped line"),
        ("", ""),
    ],
)
def test_the_first_sentence(text: str, sentence: str) -> None:
    """One line says what a thing is."""
    assert _card.first_sentence(text) == sentence


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string", "enum": ["a", "b"]}, "a"),
        ({"const": 7}, 7),
        ({"oneOf": [{"type": "integer", "minimum": 3}, {"type": "string"}]}, 3),
        ({"type": "number"}, 1),
        ({"type": "boolean"}, True),
        ({"type": "array", "minItems": 2, "items": {"type": "integer", "default": 5}}, [5, 5]),
    ],
)
def test_a_value_for_what_must_be_given(schema: Any, value: Any) -> None:
    """A new required parameter gets a value from its schema."""
    assert _card._value("steps", schema) == value


def test_defaults_that_exclude_each_other_are_left_out() -> None:
    """An example has to work before it has to show everything."""
    row, info = _request.find_model("Omni-Flash-Ext")
    document = json.loads(json.dumps(load(row.package).document))
    schema = document["components"]["schemas"][info.request_class]
    schema["required"].append("video_urls")
    changed = Contract(document, {"video": {"operation": "createVideo"}})
    (wanted,) = changed.models
    example = _card._example(row, wanted, changed.fields(wanted.id))
    assert set(example) == {"model", "prompt", "video_urls"}
