"""`python -m verifier badge.json`: the same as `academy verify`."""

import sys

from verifier.cli import run_verify

if __name__ == "__main__":
    sys.exit(run_verify(sys.argv[1:], program="python -m verifier"))
