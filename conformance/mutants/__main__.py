"""`python -m conformance.mutants`: judges every mutant in process and says which of them got away."""

from __future__ import annotations

import sys

from ._runner import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
