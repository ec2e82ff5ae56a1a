"""What the tests need from the machine, and what is said when it is not there."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest


def missing(what: str, need: str) -> NoReturn:
    """Skip with a reason that the summary prints; in .ci/run, where nothing may be missing, fail."""
    sentence = f"{what} cannot run: {need} is needed"
    if os.environ.get("ACADEMY_TESTS_COMPLETE"):
        pytest.fail(sentence)
    pytest.skip(sentence)


def chromium() -> str | None:
    """The Chromium to drive: $CHROMIUM, Debian's, or another one on the path; None means Playwright's own."""
    for candidate in (os.environ.get("CHROMIUM"), "/usr/bin/chromium", shutil.which("chromium")):
        if candidate and Path(candidate).exists():
            return candidate
    return None
