"""Judges the client that ships: requests within a bound and by chance, answers, faults of the wire, journeys.

Plain functions from a provider to findings (`_rules.PARTS`), and checks that report them (`check_client`). Nothing here
reaches a network.
"""

from __future__ import annotations
