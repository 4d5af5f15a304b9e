"""From vendored documentation pages to one contract and one client per provider: `python -m tools STAGE`."""
