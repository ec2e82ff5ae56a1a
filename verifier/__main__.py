"""`python -m verifier badge.json`: the same as `academy verify`; with `log`: the public monitor."""

import sys

from verifier.cli import run_verify


def main(arguments: list[str]) -> int:
    """Run the command; return its exit status."""
    if arguments[:1] == ["log"]:
        from verifier.log.cli import run

        return run(arguments[1:], program="python -m verifier log")
    return run_verify(arguments, program="python -m verifier")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
