"""Judges clients and servers against the contracts that ship with vidgate: `python -m conformance run --profile …`.

`checks/` holds the checks, one folder per profile; `requirements/` says what each of them demands.
Verdicts on the subject and faults of this suite are kept apart everywhere: see `_verdict`.
Needs the extra: `pip install "vidgate[conformance]"`.
"""

from __future__ import annotations
