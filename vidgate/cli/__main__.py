"""`python -m vidgate.cli`."""

from __future__ import annotations

import sys

from vidgate.cli import main

sys.exit(main())
