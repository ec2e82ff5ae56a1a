"""Reading a command's arguments: wrong use is one sentence and its own exit status."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import NoReturn

Say = Callable[[str], None]


class UsageError(Exception):
    """The command cannot be run as it was written."""


class Parser(argparse.ArgumentParser):
    """A parser that raises UsageError instead of ending the process."""

    def error(self, message: str) -> NoReturn:
        """Raise UsageError with the message and how the command is written."""
        raise UsageError(f"{message}\n{self.format_usage().strip()}")
