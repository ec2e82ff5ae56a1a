"""Run one public suite against `academy conformance`: `python -m tests.conformance SUITE FOLDER [--url URL]`.

FOLDER is a checkout of the suite, ready to run as its own README says; nothing is fetched or installed here. The
suite's own tests run unchanged, against this machine only. Exit status 0 when all passed that can.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conformance.suites import KNOWN_GAPS, SUITES, local_config

ROOT = Path(__file__).resolve().parent.parent.parent
SUITE_S = 540


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a suite said, by the full titles of its tests (one title may stand for several tests)."""

    passed: list[str]
    failed: dict[str, str]
    pending: list[str]


@contextmanager
def own_program() -> Iterator[str]:
    """Run `academy conformance --tls` on a free port while a suite runs; yield its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    command = [sys.executable, "-m", "app", "conformance", "--port", str(port), "--tls"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            if not process.stdout.readline():
                raise SystemExit("academy conformance did not start")
            yield f"https://127.0.0.1:{port}"
        finally:
            process.terminate()


def read_manifest(url: str) -> dict[str, str]:
    """Return the DIDs of a running program; its certificate is one of the moment."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with urllib.request.urlopen(f"{url}/manifest", context=context, timeout=10) as answer:
        manifest: dict[str, str] = json.load(answer)
    return manifest


def run_suite(suite: str, folder: Path, *, url: str) -> Result:
    """Write the suite's localConfig.cjs and run its tests; raise SystemExit when it cannot be run."""
    config = local_config(suite, url=url, manifest=read_manifest(url))
    (folder / "localConfig.cjs").write_text(f"module.exports = {json.dumps(config, indent=2)};\n")
    mocha = folder / "node_modules" / "mocha" / "bin" / "mocha.js"
    if not mocha.exists():
        raise SystemExit(f"{folder} is not ready: install what the suite needs, as its README says")
    with tempfile.TemporaryDirectory() as outcome:
        output = Path(outcome) / "outcome.json"
        command = ["node", str(mocha), "tests/", "--timeout", "15000", "--preserve-symlinks"]
        command += ["--reporter", "json", "--reporter-option", f"output={output}"]
        environment = {**os.environ, "APP_ROOT_PATH": str(folder), "NODE_TLS_REJECT_UNAUTHORIZED": "0"}
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=SUITE_S, check=False
        )
        if not output.exists():
            raise SystemExit(f"the suite did not run:\n{done.stderr[-4000:]}")
        said: dict[str, Any] = json.loads(output.read_text())
    return Result(
        passed=[test["fullTitle"] for test in said["passes"]],
        failed={test["fullTitle"]: test["err"].get("message", "")[:300] for test in said["failures"]},
        pending=[test["fullTitle"] for test in said["pending"]],
    )


def main() -> int:
    """Run one suite and say what is not as it should be."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance", description=__doc__)
    parser.add_argument("suite", choices=sorted(SUITES))
    parser.add_argument("folder", type=Path, help="a checkout of the suite, ready to run")
    parser.add_argument("--url", help="a running `academy conformance`; without it, one is started")
    chosen = parser.parse_args()
    folder = chosen.folder.resolve()
    if chosen.url:
        result = run_suite(chosen.suite, folder, url=chosen.url.rstrip("/"))
    else:
        with own_program() as url:
            result = run_suite(chosen.suite, folder, url=url)
    gaps, maximum = KNOWN_GAPS.get(chosen.suite, {}), SUITES[chosen.suite].maximum
    unknown = {title: why for title, why in result.failed.items() if title not in gaps}
    closed = [title for title in gaps if title not in result.failed]
    counts = f"{len(result.failed)} failed, {len(result.pending)} pending"
    print(f"{chosen.suite}: {len(result.passed)} passed (the most possible: {maximum}), {counts}")
    for title, why in unknown.items():
        print(f"  failed: {title}\n          {why}")
    for title in closed:
        print(f"  no gap any more, strike it from the list: {title}")
    return 1 if unknown or closed or len(result.passed) + len(gaps) < maximum else 0


if __name__ == "__main__":
    sys.exit(main())
