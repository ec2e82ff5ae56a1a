"""A badge as the service issues it, with every document that it needs, as files."""

from __future__ import annotations

from pathlib import Path

import pytest

from issuer.cli.demo import run_demo


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that `academy demo` writes: badge.json with its peers' answers and log proof, documents.json ...

    The story ends now, as the other programs read the real clock.
    """
    folder = tmp_path_factory.mktemp("demo")
    run_demo(folder, report_on=lambda _badge, _documents: {"sentence": ""}, say=lambda _sentence: None)
    return folder
