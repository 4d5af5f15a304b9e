"""Who may ask: keys, schemes, and tasks of other accounts."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from ..._bodies import shortest
from ..._checks import check
from ..._preflight import sample_id
from ._told import told

if TYPE_CHECKING:
    from ..._run import Run
    from ...observe import Exchange

UNAUTHORIZED = 401


@check("AUTH-KEY-MISSING")
def check_a_key_is_needed(run: Run) -> None:
    """Without a header, and with a scheme that no key follows, neither operation is open."""
    for name, value in (("no Authorization", ""), ("a scheme alone", "Bearer")):
        _refused(run, "AUTH-KEY-MISSING", name, {"authorization": value}, role="nobody")


@check("AUTH-KEY-MISSING")
def check_a_task_is_shown_to_nobody_without_a_key(run: Run) -> None:
    """A task that exists is looked up before the key in some gateways, and one that does not tells nothing of that."""
    one = run.lives["plain"]
    answer = run.client("nobody").poll(one.task_id, purpose="an existing task without a key")
    run.saw("AUTH-KEY-MISSING", 1, answer)
    if answer.ok:
        run.broken("AUTH-KEY-MISSING", f"a task is {told(answer)} without a key", one.submission, answer)


@check("AUTH-KEY-UNKNOWN")
def check_an_unknown_key_is_refused(run: Run) -> None:
    """A key that nobody has opens neither operation."""
    _refused(run, "AUTH-KEY-UNKNOWN", "an unknown key", {}, role="wrong")


@check("AUTH-KEY-EXACT")
def check_a_key_counts_only_as_it_is(run: Run) -> None:
    """Nothing that merely resembles a key is one."""
    key = run.role("valid")
    alike = {
        "a letter behind the key": f"{key}x",
        "the key without its last letter": key[:-1],
        "half of the key": key[: len(key) // 2],
        "the key in the other case": key.swapcase(),
    }
    for name, value in alike.items():
        if value and value not in run.subject.tokens.values():
            _refused(run, "AUTH-KEY-EXACT", name, {"authorization": f"Bearer {value}"})


@check("AUTH-SCHEME")
def check_the_scheme_is_bearer(run: Run) -> None:
    """The key does not count when it comes as something else."""
    key = run.role("valid")
    for name, value in (
        ("the key as a user of the scheme Basic", f"Basic {base64.b64encode(f'{key}:'.encode()).decode()}"),
        ("the key as a password of the scheme Basic", f"Basic {base64.b64encode(f':{key}'.encode()).decode()}"),
        ("the key with the scheme Basic", f"Basic {key}"),
        ("the key with the scheme Token", f"Token {key}"),
    ):
        _refused(run, "AUTH-SCHEME", name, {"authorization": value})


@check("AUTH-BARE-KEY")
def check_the_scheme_is_needed(run: Run) -> None:
    """Gateways often take a key without a scheme; the pages ask for one."""
    _refused(run, "AUTH-BARE-KEY", "the key without a scheme", {"authorization": run.role("valid")})


@check("OWN-READ")
def check_a_foreign_task_is_not_shown(run: Run) -> None:
    """Another account is not told how a task stands, and gets none of its links."""
    other = run.client("other")
    one = run.lives["plain"]
    answer = other.poll(one.task_id, purpose="a task of another account")
    run.saw("OWN-READ", 1, answer)
    if answer.ok:
        run.broken("OWN-READ", f"the task of another account is {told(answer)}", one.submission, answer)


def _refused(run: Run, name: str, what: str, headers: dict[str, str], role: str = "wrong") -> None:
    """Neither a submission nor a query is answered as if the key were good; another refusal breaks the status."""
    channel = run.client(role)
    answers = (
        channel.call(run.submitting, body=shortest(run), headers=headers, purpose=f"submission with {what}"),
        channel.call(run.reading, task_id=_some_task(run), headers=headers, purpose=f"query with {what}"),
    )
    for answer in answers:
        run.saw(name)
        run.saw("ERR-401")
        if answer.status == UNAUTHORIZED:
            continue
        broken = name if _is_open(run, answer) else "ERR-401"
        run.broken(broken, f"{answer.method} with {what}: {told(answer)} instead of 401", answer)


def _some_task(run: Run) -> str:
    """A task that exists where one does: a server may look at the id first."""
    known = next(iter(run.lives.lived.values()), None)
    return known.task_id if known is not None else sample_id(run)


def _is_open(run: Run, answer: Exchange) -> bool:
    """Whether the key was taken: an answer, or the refusal of an id that nobody but its owner is told about."""
    unknown = {status for status in (404, 400) if status in run.reading.statuses}
    return answer.ok or (answer.operation is run.reading and answer.status == max(unknown))
