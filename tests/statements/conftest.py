"""What the tests of the browser's scripts share."""

from __future__ import annotations

import pytest

from tests.statements.scripts import Node


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> Node:
    """The scripts in Node; says loudly when there is none."""
    return Node(tmp_path_factory.mktemp("scripts"))
