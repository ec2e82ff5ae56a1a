"""Runs the browser's scripts in Node, many cases in one process."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy

from issuer.web.security import STATIC
from tests.tools import missing

HERE = Path(__file__).resolve().parent
SCRIPTS = STATIC / "statements"


class Node:
    """A folder with the scripts as modules, and Node to call their functions."""

    def __init__(self, folder: Path) -> None:
        found = shutil.which("node")
        if found is None:
            missing("the browser's scripts", "Node 20 or newer")
        self._node = found
        self._folder = folder
        shutil.copytree(SCRIPTS, folder, dirs_exist_ok=True)
        shutil.copy(HERE / "calls.js", folder)
        (folder / "package.json").write_text('{"type": "module"}')  # a browser learns that from the page

    def results(self, calls: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
        """Call functions, each with its arguments; return what they give, {"error": sentence} where they throw."""
        done = subprocess.run(
            [self._node, "calls.js"],
            cwd=self._folder,
            input=json.dumps(calls),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        results: list[Any] = json.loads(done.stdout)
        return results

    def each(self, function: str, arguments: Sequence[Any]) -> list[Any]:
        """Call one function with each of these single arguments."""
        return self.results([(function, [argument]) for argument in arguments])


def many(strategy: SearchStrategy[Any], count: int) -> list[Any]:
    """Return so many examples of a strategy, to look at all of them in one process. The same ones every time."""
    found: list[Any] = []

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(value: Any) -> None:
        found.append(value)

    collect()
    return found
