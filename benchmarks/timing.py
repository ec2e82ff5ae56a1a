"""How operations are timed: rounds of a fixed length, the median of their rates, one thread."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable

ROUNDS = 5
ROUND_S = 0.25


def measure(
    name: str, operation: Callable[[], object], *, rounds: int = ROUNDS, round_s: float = ROUND_S
) -> float:
    """Run an operation over several rounds, print one JSON line, and return how often it runs in a second."""
    operation()  # contexts and schemas are read once per process; that is not what is measured
    rates, total = [], 0
    for _ in range(rounds):
        count, start = 0, time.perf_counter()
        while (passed := time.perf_counter() - start) < round_s:
            operation()
            count += 1
        rates.append(count / passed)
        total += count
    rate = statistics.median(rates)
    print(json.dumps({"op": name, "per_s": round(rate, 1), "n": total}), flush=True)
    return rate
