"""Every refusal says its class, the rule's name, and what happened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from issuer.errors import RefusedError


@contextmanager
def refused(rule: str, part: str, class_: type[RefusedError] = RefusedError) -> Iterator[None]:
    """Expect exactly this refusal."""
    with pytest.raises(RefusedError) as caught:
        yield
    error = caught.value
    assert (type(error), error.rule) == (class_, rule)
    assert part in error.message
    assert str(error) == error.message
