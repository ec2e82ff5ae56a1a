"""The pinned contexts and schemas: their bytes, their addresses, and that nothing else is ever loaded."""

from __future__ import annotations

import hashlib
import json
import socket
from collections import defaultdict
from typing import Any

import pytest

from schemas import (
    OB_CONTEXT,
    PINNED,
    ContextSet,
    DocumentError,
    UnknownContextError,
    pinned_contexts,
    pinned_files,
    to_quads,
    without_later_terms,
)
from schemas.json_schema import FOLDER as SCHEMAS
from schemas.pinned import FOLDER
from schemas.reading import SECOND_NAMES

# The digests that the Recommendations print, or that two independent sources share (CONFORMANCE.md, section 5.1).
PUBLISHED = {
    "https://www.w3.org/ns/credentials/v2": "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734",
    "https://www.w3.org/2018/credentials/v1": "ab4ddd9a531758807a79a5b450510d61ae8d147eab966cc9a200c07095b0cdcc",
    OB_CONTEXT: "3d34f4d4ef1bce691106e63798beb5e7b862ba841423f5ee1e53ab7ddf3bca84",
}
PREFIXES = {
    "https://w3id.org/security/data-integrity/v2": "67f21e6e",
    "https://w3id.org/security/multikey/v1": "ba2c182d",
    "https://w3id.org/security/jwk/v1": "0f14b62f",
    "https://www.w3.org/ns/cid/v1": "ea216ecc",
    "https://www.w3.org/ns/credentials/status/v1": "fda5add3",
    "https://purl.imsglobal.org/spec/ob/v3p0/context.json": "b077fa13",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.1.json": "5f3d9dd6",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.2.json": "00666ad0",
    "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json": "87c06c81",
}


@pytest.mark.parametrize("entry", pinned_contexts(), ids=lambda entry: entry.file)
def test_each_context_is_unchanged_and_says_where_it_is_from(entry: Any) -> None:
    assert hashlib.sha256(entry.path.read_bytes()).hexdigest() == entry.sha256
    assert entry.source
    assert entry.url.startswith("https://")
    assert "@context" in json.loads(entry.path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("row", (SCHEMAS / "index.tsv").read_text(encoding="utf-8").splitlines()[1:])
def test_each_schema_is_unchanged_and_says_where_it_is_from(row: str) -> None:
    file, url, sha256, source = row.split("\t")
    assert hashlib.sha256((SCHEMAS / file).read_bytes()).hexdigest() == sha256
    assert url.startswith("https://")
    assert source


def test_every_file_is_in_its_table() -> None:
    assert {entry.file for entry in pinned_contexts()} == {f.name for f in FOLDER.iterdir()} - {"index.tsv"}
    rows = (SCHEMAS / "index.tsv").read_text(encoding="utf-8").splitlines()[1:]
    assert {row.split("\t")[0] for row in rows} == {f.name for f in SCHEMAS.iterdir()} - {"index.tsv"}


def test_the_digests_are_the_published_ones() -> None:
    current = {entry.url: entry.sha256 for entry in pinned_contexts() if entry.use == "pinned"}
    for url, sha256 in PUBLISHED.items():
        assert current[url] == sha256
    for url, prefix in PREFIXES.items():
        assert current[url].startswith(prefix), url


def test_no_address_is_pinned_twice() -> None:
    urls = [entry.url for entry in pinned_contexts() if entry.use == "pinned"]
    assert len(urls) == len(set(urls))
    assert set(urls) <= pinned_files().keys()


@pytest.mark.parametrize(
    "url",
    [
        "https://forger.example/context.json",
        "http://www.w3.org/ns/credentials/v2",
        "https://www.w3.org/ns/credentials/v2/",
        "https://www.w3.org/ns/credentials/v2#",
        "https://www.w3.org/ns/credentials/V2",
        "file:///etc/passwd",
        "",
    ],
)
def test_every_other_address_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("the network is not asked")

    monkeypatch.setattr(socket, "create_connection", never)
    monkeypatch.setattr(socket, "getaddrinfo", never)
    assert not PINNED.knows(url)
    with pytest.raises(UnknownContextError, match="not known here"):
        PINNED.document_loader(url)
    with pytest.raises(DocumentError):
        to_quads({"@context": [url], "id": "urn:x:1", "name": "x"})


def test_the_examples_contexts_are_for_tests_only() -> None:
    url = "https://www.w3.org/ns/credentials/examples/v2"
    assert ContextSet(examples=True).knows(url)
    assert not PINNED.knows(url)


def test_older_bytes_of_one_address_are_kept_as_variants() -> None:
    names = [e.use.removeprefix("variant:") for e in pinned_contexts() if e.use.startswith("variant:")]
    assert names
    for name in names:
        [url] = {e.url for e in pinned_contexts() if e.use == f"variant:{name}"}
        assert ContextSet(variant=name).load(url) != PINNED.load(url)


def test_a_document_without_the_later_terms_reads_as_under_the_older_bytes() -> None:
    document = {"@context": [OB_CONTEXT], "a": {"jti": 1, "b": [{"endorsementJwt": []}]}}
    assert without_later_terms(document) == {"@context": [OB_CONTEXT], "a": {"b": [{}]}}
    assert without_later_terms({"@context": [OB_CONTEXT], "a": 1}) is None
    assert without_later_terms({"@context": ["https://x.example"], "jti": 1}) is None
    assert without_later_terms({"jti": 1}) is None


def test_every_second_name_that_a_pinned_context_offers_is_known_as_one() -> None:
    names: dict[str, set[str]] = defaultdict(set)
    for entry in pinned_contexts():
        if entry.use == "pinned":
            _collect(json.loads(entry.path.read_text(encoding="utf-8"))["@context"], {}, names)
    for iri, same in names.items():
        if len(same) > 1:
            assert len(same - SECOND_NAMES) <= 1, (iri, same)


def _collect(context: Any, prefixes: dict[str, str], names: dict[str, set[str]]) -> None:
    if isinstance(context, list):
        for one in context:
            _collect(one, prefixes, names)
    if not isinstance(context, dict):
        return
    terms = {
        term: value if isinstance(value, str) else value.get("@id", term)
        for term, value in context.items()
        if not term.startswith("@") and isinstance(value, (str, dict))
    }
    prefixes = {**prefixes, **{term: iri for term, iri in terms.items() if isinstance(iri, str)}}
    for term, iri in terms.items():
        if isinstance(iri, str):
            names[_expanded(iri, prefixes)].add(term)
        value = context[term]
        if isinstance(value, dict) and "@context" in value:
            _collect(value["@context"], prefixes, names)


def _expanded(iri: str, prefixes: dict[str, str]) -> str:
    for _ in range(5):
        prefix, colon, rest = iri.partition(":")
        if not colon or rest.startswith("//") or prefix not in prefixes or prefixes[prefix] == iri:
            break
        iri = prefixes[prefix] + rest
    return iri
