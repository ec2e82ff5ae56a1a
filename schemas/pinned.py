"""The JSON-LD contexts that this project knows: files with their canonical URLs and digests, nothing fetched.

The Open Badges 3.0.3 and Credentials v2 contexts were changed in place under one URL; the older bytes are kept
as named variants, because old proofs were made with them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from schemas.errors import UnknownContextError
from schemas.work import Work

FOLDER = Path(__file__).resolve().parent / "contexts"
CREDENTIALS_V2 = "https://www.w3.org/ns/credentials/v2"
CREDENTIALS_V1 = "https://www.w3.org/2018/credentials/v1"
DATA_INTEGRITY_V2 = "https://w3id.org/security/data-integrity/v2"
ED25519_2020 = "https://w3id.org/security/suites/ed25519-2020/v1"
OB_PREFIX = "https://purl.imsglobal.org/spec/ob/v3p0/"
OB_CONTEXT = OB_PREFIX + "context-3.0.3.json"
OB_CONTEXTS = tuple(
    OB_PREFIX + name for name in ("context-3.0.3.json", "context-3.0.2.json", "context-3.0.1.json", "context.json")
)
OB_EXTENSIONS = OB_PREFIX + "extensions.json"
# Terms that later bytes of context-3.0.3.json gained: under older bytes they are dropped, so not signed.
VARIANT_TERMS = frozenset({"jti", "endorsementJwt"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedFile:
    """One pinned document and where it came from. `use` is pinned, examples (tests only) or variant:<name>."""

    file: str
    url: str
    use: str
    sha256: str
    source: str

    @property
    def path(self) -> Path:
        """The file in this package."""
        return FOLDER / self.file


@cache
def pinned_contexts() -> tuple[PinnedFile, ...]:
    """Return the table of all pinned contexts."""
    rows = (FOLDER / "index.tsv").read_text(encoding="utf-8").splitlines()[1:]
    return tuple(
        PinnedFile(file=file, url=url, use=use, sha256=sha256, source=source)
        for file, url, use, sha256, source in (row.split("\t") for row in rows)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextSet:
    """Which contexts may be used: the pinned ones, and for one run older bytes or the specifications' examples.

    With `inline`, a document may also bring definitions of its own, which could give its words any meaning: for
    the public test suites alone, never for a badge.
    """

    variant: str = ""
    examples: bool = False
    inline: bool = False
    work: Work | None = field(default=None, compare=False, repr=False)  # the budget of the check they are used in

    def counted(self, work: Work | None = None) -> ContextSet:
        """Return the same contexts for one check, which pays for its work and does nothing twice."""
        return replace(self, work=work or self.work or Work())

    def load(self, url: str) -> Mapping[str, Any]:
        """Return the document of a context's URL; raise UnknownContextError for every other URL."""
        table = _documents(self.variant, examples=self.examples)
        if url not in table:
            raise UnknownContextError(
                f"the context {url[:200]!r} is not known here, so nobody can say what the document means"
            )
        return _load(table[url])

    def knows(self, url: str) -> bool:
        """Say whether `load` would find it."""
        return url in _documents(self.variant, examples=self.examples)

    def document_loader(self, url: str, _options: object = None) -> dict[str, Any]:
        """Answer PyLD's request for a document."""
        return {
            "contextUrl": None,
            "documentUrl": url,
            "contentType": "application/ld+json",
            "document": self.load(url),
        }


PINNED = ContextSet()


@cache
def _documents(variant: str, *, examples: bool) -> dict[str, Path]:
    uses = {"pinned"} | ({"examples"} if examples else set())
    table = {entry.url: entry.path for entry in pinned_contexts() if entry.use in uses}
    return table | {entry.url: entry.path for entry in pinned_contexts() if entry.use == f"variant:{variant}"}


@cache
def _load(path: Path) -> Mapping[str, Any]:
    document: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


def without_later_terms(document: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return a document as the older bytes of context-3.0.3.json read it; None where they read it alike.

    They drop the terms that were added in place, so a signature made with them does not cover those members.
    """
    contexts = document.get("@context")
    if not isinstance(contexts, list) or OB_CONTEXT not in contexts:
        return None
    older = _without(document, VARIANT_TERMS)
    return older if older != document else None


def _without(value: Any, terms: frozenset[str]) -> Any:
    if isinstance(value, dict):
        return {name: _without(child, terms) for name, child in value.items() if name not in terms}
    return [_without(child, terms) for child in value] if isinstance(value, list) else value


def pinned_files() -> dict[str, Path]:
    """Return every pinned context and JSON Schema by its canonical URL, for programs that check beside us."""
    schemas = FOLDER.parent / "json_schemas"
    rows = (schemas / "index.tsv").read_text(encoding="utf-8").splitlines()[1:]
    files = {entry.url: entry.path for entry in pinned_contexts() if entry.use == "pinned"}
    return files | {url: schemas / file for file, url, _, _ in (row.split("\t") for row in rows)}
