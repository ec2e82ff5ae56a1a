"""What is measured: a badge as the demo issues it, and an academy that has issued it."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from issuer.cli.demo import BASE_URL, StoryClock
from issuer.service.academy import Academy
from issuer.service.credentials import signed_credential
from issuer.service.opening import AcademySettings, open_academy
from issuer.service.published import own_document
from issuer.service.seeding import seed_academy, tell_story
from verifier import Fetched, FetchError


@dataclass(frozen=True, slots=True)
class OwnDocuments:
    """A fetcher that answers the academy's own addresses from memory: a status list in the cache."""

    documents: Mapping[str, bytes]

    def fetch(self, url: str) -> Fetched:
        """Return a document; raise FetchError for any other address."""
        if url not in self.documents:
            raise FetchError(f"{url} is not asked for while measuring")
        return Fetched(body=self.documents[url], source="fetched")


@dataclass(frozen=True, slots=True, kw_only=True)
class Subjects:
    """An academy, one of its badges unsigned and signed, and the documents that a verifier needs for it."""

    academy: Academy
    clock: StoryClock
    unsigned: Mapping[str, Any]
    signed: str
    credential: str
    fetcher: OwnDocuments


@contextmanager
def subjects() -> Iterator[Subjects]:
    """Build an academy on SQLite in a scratch folder, and one badge by its people's own steps."""
    with tempfile.TemporaryDirectory() as scratch:
        clock = StoryClock()
        settings = AcademySettings(
            database_url=f"sqlite:///{scratch}/academy.sqlite",
            keys=Path(scratch) / "keys",
            base_url=BASE_URL,
            name="Academy",
        )
        academy = open_academy(settings, clock=clock)
        seed_academy(academy)
        told = tell_story(academy, pass_days=clock.pass_days)
        signed = signed_credential(academy, id_=told.credential).json
        paths = ("/.well-known/did.json", "/.well-known/jwks.json", "/status/1")
        documents = {BASE_URL + path: own_document(academy, path) or b"" for path in paths}
        unsigned = {name: value for name, value in json.loads(signed).items() if name != "proof"}
        yield Subjects(
            academy=academy,
            clock=clock,
            unsigned=unsigned,
            signed=signed,
            credential=told.credential,
            fetcher=OwnDocuments(documents),
        )
        academy.engine.dispose()
