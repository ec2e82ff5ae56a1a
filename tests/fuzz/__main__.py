"""`make fuzz SECONDS=60`: each reader under Hypothesis, and under atheris where that is installed.

Each run is a child of its own with a bound on its memory; it ends with the time, or with the input that broke it.
Such an input is kept in tests/fuzz/findings, where the test suite runs it ever after.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import importlib.util
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings

FINDINGS = Path(__file__).parent / "findings"
ROOT = Path(__file__).resolve().parents[2]
MEMORY_MB = 300
CPU_S = 1.0
ENGINES = ("hypothesis", "atheris")
_EXAMPLES = 300


def _keep(target: str, data: bytes) -> Path:
    FINDINGS.mkdir(exist_ok=True)
    path = FINDINGS / f"{target}-{hashlib.sha256(data).hexdigest()[:16]}"
    path.write_bytes(data)
    return path


def _guarded(target: str, data: bytes) -> None:
    """Run one input; keep it when it breaks the reader or takes more than a second of its time."""
    from tests.fuzz.targets import TARGETS

    begun = time.process_time()
    try:
        TARGETS[target].run(data)
    except BaseException:
        print(f"{target}: broken by {_keep(target, data)}", flush=True)
        raise
    spent = time.process_time() - begun
    if spent > CPU_S:
        print(f"{target}: {spent:.1f} s of CPU for {_keep(target, data)}", flush=True)
        sys.exit(3)


def _hypothesis(target: str, seconds: float) -> None:
    from tests.fuzz.mutations import inputs
    from tests.fuzz.targets import TARGETS

    strategy = inputs(TARGETS[target].seeds())
    ends = time.monotonic() + seconds
    count = 0
    while time.monotonic() < ends:

        @seed(int.from_bytes(os.urandom(4), "big"))
        @settings(
            max_examples=_EXAMPLES,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        )
        @given(strategy)
        def one_round(data: bytes) -> None:
            nonlocal count
            count += 1
            if time.monotonic() < ends:
                _guarded(target, data)

        one_round()
    print(f"{target}: {count:,} inputs", flush=True)


def _atheris(target: str, seconds: float) -> None:
    atheris = importlib.import_module("atheris")  # not in every environment, and without types
    with atheris.instrument_imports(include=["schemas", "keys", "verifier"]):
        from tests.fuzz.targets import TARGETS
    with tempfile.TemporaryDirectory() as folder:
        for number, data in enumerate(TARGETS[target].seeds()):
            Path(folder, str(number)).write_bytes(data)
        options = [f"-max_total_time={seconds:.0f}", "-timeout=5", f"-rss_limit_mb={MEMORY_MB}", "-verbosity=0"]
        options += [f"-artifact_prefix={FINDINGS}/{target}-", "-print_final_stats=1", "-max_len=60000"]
        atheris.Setup([target, *options, folder], lambda data: _guarded(target, data))
        atheris.Fuzz()


def _child(engine: str, target: str, seconds: float) -> None:
    sys.path.insert(0, str(ROOT))
    FINDINGS.mkdir(exist_ok=True)
    (_hypothesis if engine == "hypothesis" else _atheris)(target, seconds)
    _check_memory(target)


def _check_memory(target: str) -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{target}: at most {peak} MB", flush=True)
    if peak > MEMORY_MB:
        sys.exit(f"{target} took {peak} MB; {MEMORY_MB} MB are the most it may")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600, help="for each reader and engine")
    parser.add_argument("--target", metavar="READER", action="append", help="only this reader")
    parser.add_argument("--engine", choices=ENGINES, action="append", help="only this engine")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    return parser


def main() -> int:
    chosen = _parser().parse_args()
    if chosen.child:  # before anything of ours is imported, so that atheris can follow it
        _child(chosen.engine[0], chosen.target[0], chosen.seconds)
        return 0
    from tests.fuzz.targets import TARGETS

    if unheard := set(chosen.target or ()) - TARGETS.keys():
        _parser().error(f"there is no reader {min(unheard)}; there are {', '.join(TARGETS)}")
    engines = chosen.engine or list(ENGINES)
    if importlib.util.find_spec("atheris") is None and "atheris" in engines:
        print("atheris is not installed here, so Hypothesis fuzzes alone")
        engines.remove("atheris")
    failed = []
    for target in chosen.target or TARGETS:
        for engine in engines:
            print(f"--- {target} under {engine}", flush=True)
            command = [sys.executable, "-m", "tests.fuzz", "--child", "--engine", engine, "--target", target]
            command += ["--seconds", str(chosen.seconds)]
            done = subprocess.run(command, cwd=ROOT, check=False)
            if done.returncode:
                failed.append(f"{target} under {engine}")
    print(f"broken: {', '.join(failed)}" if failed else "nothing was found")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
