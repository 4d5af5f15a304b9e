"""Judges servers and clients of video generation tasks by the pages that document them.

`requirements/` says what is demanded, frozen for a revision of the pages, and where it is written down. `checks/` look:
`server` at whatever a subject file names, `client` at the client that ships here. `subjects/` reach a subject,
`observe/` records and watches what goes over the wire, `report/` tells. A broken requirement and a broken suite never
look alike: see `_verdict`.

`python -m conformance run --profile mock`, or `vidgate-conformance run --subject FILE`.
Needs the extra: `pip install "vidgate[conformance]"`.
"""

from __future__ import annotations
