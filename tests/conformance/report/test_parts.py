"""Parts of the report: commands to repeat, bodies as text or base64, masked keys, coverage."""

from __future__ import annotations

import base64
import json
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from conformance._judge import judge
from conformance._secrets import redactor
from conformance.observe import Exchange
from conformance.report._coverage import coverage
from conformance.report._curl import curl
from conformance.report._document import LONGEST_BODY, body_of

if TYPE_CHECKING:
    from pathlib import Path

HARD = 'it\'s "quoted" $HOME `id` \\ 한국어'
PROBE = "import json, sys; print(json.dumps([sys.argv[1:], sys.stdin.buffer.read().hex()]))"


@pytest.mark.parametrize(
    ("body", "sent"),
    [
        pytest.param(json.dumps({"prompt": HARD}, ensure_ascii=False).encode(), b"", id="text"),
        pytest.param(b"\xff\x00{", b"\xff\x00{", id="bytes"),
    ],
)
def test_a_shell_understands_the_command(body: bytes, sent: bytes, tmp_path: Path) -> None:
    """Nothing in a body is taken by the shell, and bytes that are no text arrive as they are."""
    program = tmp_path / "curl"
    program.write_text(
        f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -c {shlex.quote(PROBE)} "$@"\n', encoding="utf-8"
    )
    program.chmod(0o755)
    exchange = Exchange(
        number=1,
        role="no_quota",
        method="POST",
        url="http://127.0.0.1:9/v1/videos/generations?a='b'",
        request_headers=(("authorization", "Bearer [key]"), ("content-type", "application/json"), ("host", "x")),
        request_body=body,
    )
    done = subprocess.run(
        ("sh", "-c", curl(exchange)),
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "NO_QUOTA_KEY": "secret", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        check=True,
        input=b"",
    )
    arguments, taken = json.loads(done.stdout)
    assert exchange.url in arguments
    assert "Authorization: Bearer secret" in arguments
    assert "content-type: application/json" in arguments
    assert bytes.fromhex(taken) == sent
    assert sent or body.decode() in arguments


def test_bodies() -> None:
    """Text stays text, even where it is cut inside a character; bytes become base64; keys are masked before."""
    redact = redactor(["sk-1"], {})
    assert body_of(b'{"a": "sk-1"}', redact) == {"body": '{"a": "[key]"}', "base64": None, "bytes": 13}
    assert body_of(b"", redact) == {"body": "", "base64": None, "bytes": 0}
    binary = body_of(b"\xffsk-1", redact)
    assert base64.b64decode(str(binary["base64"])) == b"\xff[key]"
    long = ("x" * (LONGEST_BODY - 1) + "한" * 9).encode()
    cut = body_of(long, redact)
    assert cut == {"body": "x" * (LONGEST_BODY - 1), "base64": None, "bytes": len(long)}


def test_every_spelling_of_a_key_is_masked() -> None:
    """A key with characters that URLs and JSON write otherwise is found in both."""
    key = 'a/b"c+d'
    redact = redactor([key], {"EVOLINK_API_KEY": "from-the-environment"})
    spellings = [key, "a%2Fb%22c%2Bd", json.dumps(key), "from-the-environment"]
    assert [redact(spelling).strip('"') for spelling in spellings] == ["[key]"] * 4
    assert redact.tree({key: [key, {"x": key}], "n": 1}) == {"[key]": ["[key]", {"x": "[key]"}], "n": 1}
    assert key not in repr(redact)


def test_coverage_counts_what_was_sent() -> None:
    """Every documented status that was seen, and every value that the contract names, are counted."""
    run = judge(None, "evolink").run
    submitting, reading = sorted(coverage(run)["operations"], key=lambda row: str(row["operation"]))
    statuses = {row["status"]: (row["documented"], row["seen"] > 0) for row in submitting["statuses"]}
    assert statuses == dict.fromkeys((200, 400, 401, 402, 403, 429, 500), (True, True))
    (model,) = [row for row in submitting["fields"] if row["field"] == "/model"]
    assert {row["value"] for row in model["values"]} == set(run.contract.variants(run.submitting))
    assert all(row["sent"] > 0 for field in submitting["fields"] for row in field["values"])
    assert (reading["operation"], reading["fields"]) == ("getTask", [])
