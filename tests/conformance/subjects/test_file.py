"""The subject file: what a good one says, and every bad input with its place and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.requirements import load
from conformance.subjects import Budget, Callbacks, Ledger, Subject, SubjectFileError, Tasks, read_subject

GOOD = """
provider = "evolink"
base_url = "http://127.0.0.1:9000"
profile  = "simulator"
[tokens]
valid = "key-1"
other = "key-2"
no_quota = "key-3"
no_model = "key-4"
limited = "key-5"
broken = "key-6"
[tasks]
seconds = 0.6
fail_prompt = "POLICY_VIOLATION"
[callbacks]
public_url = "https://callbacks.example.com/hook"
listen     = "127.0.0.1:9911"
time_scale = 0.05
[ledger]
url   = "http://127.0.0.1:9000/__sim/ledger"
reset = "http://127.0.0.1:9000/__sim/reset"
[known_failing]
EVO-REQ-DURATION-MAX = "they take 11"
"""
LIVE = """
provider = "apimart"
base_url = "https://api.apimart.ai"
profile = "live"
[tokens]
valid = "key-1"
[budget]
max_paid_requests = 3
max_credits = 500
"""
MOCK = 'provider = "evolink"\nprofile = "mock"\n'
HEAD = 'provider = "evolink"\nbase_url = "http://127.0.0.1:9000"\nprofile = "simulator"\n'
VALID = '[tokens]\nvalid = "key-1"\n'
SMALL = HEAD + VALID


def read(tmp_path: Path, text: str | bytes) -> Subject:
    """Read a text as a subject file."""
    file = tmp_path / "subject.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_subject(file, load)


def test_a_whole_file(tmp_path: Path) -> None:
    """Everything that may be said is kept."""
    assert read(tmp_path, GOOD) == Subject(
        provider="evolink",
        base_url="http://127.0.0.1:9000",
        profile="simulator",
        name="subject.toml",
        tokens={f"{role}": f"key-{number}" for number, role in enumerate(ROLES, 1)},
        tasks=Tasks(seconds=0.6, fail_prompt="POLICY_VIOLATION"),
        callbacks=Callbacks(public_url="https://callbacks.example.com/hook", listen="127.0.0.1:9911", time_scale=0.05),
        ledger=Ledger(url="http://127.0.0.1:9000/__sim/ledger", reset="http://127.0.0.1:9000/__sim/reset"),
        known_failing={"EVO-REQ-DURATION-MAX": "they take 11"},
    )


ROLES = ("valid", "other", "no_quota", "no_model", "limited", "broken")


def test_what_may_be_left_out(tmp_path: Path) -> None:
    """A key and an address are enough; a byte order mark does no harm."""
    subject = read(tmp_path, b"\xef\xbb\xbf" + SMALL.encode())
    assert (subject.callbacks, subject.ledger, subject.budget, dict(subject.known_failing)) == (None, None, None, {})
    assert subject.tasks == Tasks(seconds=60.0, fail_prompt=None)


def test_live_and_mock(tmp_path: Path) -> None:
    """A live file has a budget; a mock file needs nothing but the provider."""
    assert read(tmp_path, LIVE).budget == Budget(max_paid_requests=3, max_credits=500.0)
    assert read(tmp_path, MOCK).profile == "mock"


def test_no_representation_shows_a_key(tmp_path: Path) -> None:
    """A subject may be printed."""
    assert "key-1" not in repr(read(tmp_path, GOOD))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("a = ", "it is no TOML: ", id="no TOML"),
        pytest.param('a = "1"; b = "2"', "Give each key a line of its own", id="two on a line"),
        pytest.param(b'a = "\xff"', "byte 5 is no UTF-8: save it as UTF-8", id="no UTF-8"),
        pytest.param("a = " + "[" * 100_000, "it is no TOML", id="deep"),
        pytest.param(b"#" * 2**21, "has 2097152 bytes", id="huge"),
        pytest.param("", "provider: missing; choose one of evolink, apimart", id="empty"),
        pytest.param(SMALL.replace("evolink", "evo"), "provider: 'evo' is unknown; choose one of", id="provider"),
        pytest.param(SMALL.replace("simulator", "fast"), "profile: 'fast' is unknown; choose one of", id="profile"),
        pytest.param(SMALL.replace('"simulator"', "1"), "profile: 1 is unknown", id="profile of another type"),
        pytest.param(SMALL.replace("base_url", "baseurl"), "baseurl: unknown; did you mean base_url?", id="misspelled"),
        pytest.param("x = 1\n" + SMALL, "x: unknown; known are provider, base_url", id="unknown"),
        pytest.param(HEAD + "tokens = 1", "tokens: is a number; write a line [tokens]", id="no table"),
        pytest.param(HEAD, '[tokens] valid: missing; add valid = "…"', id="no key"),
        pytest.param(HEAD + '[tokens]\nvalid = ""', "[tokens] valid: give the key as text", id="empty key"),
        pytest.param(HEAD + '[tokens]\nvalid = "a\\nb"', "[tokens] valid: a key is printable ASCII", id="line feed"),
        pytest.param(HEAD + '[tokens]\nvalid = "…"', "[tokens] valid: a key is printable ASCII", id="no ASCII"),
        pytest.param(HEAD + "[tokens]\nvalid = 1", "[tokens] valid: give the key as text", id="key of another type"),
        pytest.param(SMALL + 'other = "key-1"', "[tokens] other: the same key as valid", id="same key"),
        pytest.param(SMALL + 'othr = "key-2"', "[tokens] othr: unknown; did you mean other?", id="unknown role"),
        pytest.param(SMALL + "[tasks]\nseconds = 0", "[tasks] seconds: 0 is out of range", id="no seconds"),
        pytest.param(SMALL + "[tasks]\nseconds = true", "[tasks] seconds: is true or false; give a number", id="bool"),
        pytest.param(SMALL + "[tasks]\nseconds = nan", "[tasks] seconds: is a number; give a number", id="nan"),
        pytest.param(SMALL + '[tasks]\nfail_prompt = " "', "[tasks] fail_prompt: is text; give", id="blank marker"),
        pytest.param(
            SMALL.replace("http://127.0.0.1:9000", "127.0.0.1:9000"), "base_url: '127.0.0.1:9000' is no", id="no scheme"
        ),
        pytest.param(SMALL.replace(":9000", ":90000"), "is no URL; correct it", id="port"),
        pytest.param(SMALL.replace(":9000", ":9000/v1/"), "base_url: ends with /v1, which is part", id="v1"),
        pytest.param(SMALL.replace(":9000", ":9000?a=1"), "base_url: has ? in it", id="query"),
        pytest.param(SMALL.replace("http://", "http://a:b@"), "base_url: has a name or password", id="password"),
        pytest.param(SMALL.replace(":9000", ":9000/ü"), "has blanks or characters", id="no ASCII in the address"),
        pytest.param(SMALL + "[callbacks]", "[callbacks] public_url: missing; add public_url", id="no public_url"),
        pytest.param(
            SMALL + '[callbacks]\npublic_url = "https://a.example"\nlisten = "9911"',
            "[callbacks] listen: '9911' is no host:port",
            id="listen",
        ),
        pytest.param(
            SMALL + '[callbacks]\npublic_url = "https://a.example"',
            '[callbacks] listen: missing; add listen = "127.0.0.1:9911"',
            id="no listen",
        ),
        pytest.param(
            SMALL + '[callbacks]\npublic_url = "https://a.example"\nlisten = "127.0.0.1:1"\ntime_scale = -1',
            "[callbacks] time_scale: -1 is out of range",
            id="time_scale",
        ),
        pytest.param(SMALL + "[ledger]\nurl = 1", "[ledger] url: give it as text", id="ledger"),
        pytest.param(SMALL + '[ledger]\nreset = "x"', "[ledger] reset: 'x' is no address", id="reset"),
        pytest.param(SMALL + "[budget]\nmax_credits = 1", "[budget] max_paid_requests: missing", id="half a budget"),
        pytest.param(LIVE.replace("= 3", "= 0"), "[budget] max_paid_requests: give a whole number", id="no requests"),
        pytest.param(LIVE.replace("= 3", "= 1.5"), "[budget] max_paid_requests: give a whole number", id="fraction"),
        pytest.param(LIVE.replace("= 500", "= -1"), "[budget] max_credits: -1 is out of range", id="credits"),
        pytest.param(LIVE.partition("[budget]")[0], "[budget]: missing; a live run costs money", id="no budget"),
        pytest.param(
            LIVE.replace("https", "http"), "base_url: a live run sends a real key: use https", id="clear text"
        ),
        pytest.param(MOCK + VALID, 'tokens: profile "mock" judges the built-in simulator', id="mock with tokens"),
        pytest.param(
            SMALL + "[known_failing]\nEVO-REQ-DURATION-MAXI = 'x'",
            "[known_failing] EVO-REQ-DURATION-MAXI: there is no such requirement; did you mean EVO-REQ-DURATION-MAX?",
            id="unknown requirement",
        ),
        pytest.param(
            SMALL + "[known_failing]\nEVO-REQ-DURATION-MAX = ''",
            "[known_failing] EVO-REQ-DURATION-MAX: give the reason as text",
            id="no reason",
        ),
    ],
)
def test_every_mistake_is_told(tmp_path: Path, text: str | bytes, told: str) -> None:
    """With the file, the place in it, and what to do."""
    with pytest.raises(SubjectFileError) as caught:
        read(tmp_path, text)
    assert told in str(caught.value)
    assert str(caught.value).startswith("subject.toml is no subject file yet:\n  - ")


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    """Nobody corrects a file line by line."""
    with pytest.raises(SubjectFileError) as caught:
        read(tmp_path, 'profile = "x"\n[tasks]\nseconds = "1"\n[ledger]\n')
    assert [problem.partition(":")[0] for problem in caught.value.problems] == [
        "provider",
        "profile",
        "base_url",
        "[tokens] valid",
        "[tasks] seconds",
        "[ledger] url",
    ]


def test_a_file_that_is_not_there() -> None:
    """The path is told."""
    with pytest.raises(SubjectFileError, match=r"it cannot be read \(No such file or directory\): correct the path"):
        read_subject(Path("no-such.toml"), load)
