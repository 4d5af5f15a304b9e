"""Faults of a gateway of EvoLink around its answers: callbacks, billing, the wire."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.conformance.faults.manners import content, failures, header, late, moved, other_host, twice
from tests.conformance.faults.sheet import Sheet
from tests.conformance.faults.talk import ABSENT

if TYPE_CHECKING:
    from tests.conformance.faults.crooked import Fault

FAULTS: list[Fault] = []

# EvoLink: callbacks.
sheet = Sheet("evolink", "callback", FAULTS)
sheet.told("never", "T:213", sends=lambda job: False)
sheet.told("not of failures", "T:213", sends=lambda job: not job.fails)
sheet.told("not of successes", "T:213", sends=lambda job: job.fails)
sheet.told("at the start", "T:213", after=-1)
sheet.told("minutes late", "T:213", after=600)
sheet.told("no second try", "T:232", pauses=())
sheet.told("two tries more", "T:232", pauses=(1, 2))
sheet.told("five tries more", "T:232", pauses=(1, 2, 4, 8, 16))
sheet.told("the same pause", "T:232", pauses=(1, 1, 1))
sheet.told("pauses in minutes", "T:232", pauses=(60, 120, 240))
sheet.told("redirections are fine", "T:236", fine=lambda status: 200 <= status < 400)
sheet.told("only 200 is fine", "T:236", fine=lambda status: status == 200)
sheet.told("4xx are final", "T:236", fine=lambda status: status < 500)
sheet.told("30 seconds of patience", "T:230", patience=30)
sheet.told("5 seconds of patience", "T:230", patience=5)
sheet.told("an envelope", "T:234", edit=lambda body: {"event": "task", "data": body})
sheet.told(
    "without results", "T:234", edit=lambda body: {name: value for name, value in body.items() if name != "results"}
)
sheet.told("another status", "T:234", edit=lambda body: {**body, "status": "success"})
sheet.told("still processing", "T:213", edit=lambda body: {**body, "status": "processing", "progress": 99})
sheet.told("as a form", "T:234", kind="application/x-www-form-urlencoded")
sheet.told("by PUT", "T:208", method="PUT")
sheet.told("twice", "T:236", times=2)
sheet.told("to another path", "T:208", to=other_host)

# EvoLink: billing.
sheet = Sheet("evolink", "billing", FAULTS)
sheet.charged("failures are charged", "R:199", failures)
sheet.charged("charged twice", "R:199", twice)
sheet.charged("nothing is charged", "R:199", lambda charges, talk: charges.clear())
sheet.takes("another default length", "T:188", "duration", lambda value: value is ABSENT, 5)
sheet.charged("settled a minute after the callback", "T:215", late)

# EvoLink: on the wire.
sheet = Sheet("evolink", "wire", FAULTS)
sheet.wire("text/html", "T:74", header("content-type", "text/html; charset=utf-8"))
sheet.wire("no content type", "T:74", lambda talk: talk.answered.pop("content-type"), of="creating")
sheet.wire("a byte order mark", "T:74", content(lambda raw: b"\xef\xbb\xbf" + raw))
sheet.wire("NaN", "T:329", content(lambda raw: raw.replace(b'"usage": {', b'"usage": {"left": NaN, ')), of="creating")
sheet.wire("members twice", "T:74", content(lambda raw: raw.replace(b'"id":', b'"id": "task-unified-1-x", "id":')))
sheet.wire("cut off", "T:74", content(lambda raw: raw[:-9]), of="creating")
sheet.wire("something behind it", "T:74", content(lambda raw: raw + b"<!-- served by node 3 -->"))
sheet.wire("gzip that is none", "T:74", header("content-encoding", "gzip"))
sheet.fault(
    "Korean in its own encoding",
    "T:74",
    after=lambda talk: (
        setattr(talk, "content", json.dumps(json.loads(talk.content), ensure_ascii=False).encode("euc-kr"))
        if talk.status == 401
        else None
    ),
)
sheet.wire("UTF-16", "T:74", content(lambda raw: raw.decode().encode("utf-16")))
sheet.wire("reading is elsewhere", "ST 200", moved(307))
sheet.wire("creating is elsewhere", "T:71", moved(308), of="creating")
sheet.wire("nothing", "ST 200", content(lambda raw: b""))
sheet.wire("two answers", "T:74", content(lambda raw: raw + raw))
sheet.wire("an answer that breaks off", "T:74", lambda talk: talk.memory.update(short=talk.path))
