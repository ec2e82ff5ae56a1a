"""The data model's rules, where both sides ask them."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from keys import encode_multibase
from schemas import CREDENTIALS_V1, CREDENTIALS_V2, OB_CONTEXT, credential_faults, pinned_contexts

USUAL: dict[str, Any] = {
    "@context": [CREDENTIALS_V2],
    "type": ["VerifiableCredential"],
    "issuer": "did:example:academy",
    "credentialSubject": {"id": "did:example:asha"},
}


def pointers(**changes: Any) -> list[str]:
    return [fault.pointer for fault in credential_faults(USUAL | changes)]


def test_a_credential_of_either_version_has_no_faults() -> None:
    assert pointers() == []
    old = {"@context": [CREDENTIALS_V1], "issuanceDate": "2026-05-01T00:00:00Z"}
    assert pointers(**old) == []
    assert pointers(**old, validFrom="2026-05-01T00:00:00Z") == ["/validFrom"]
    assert pointers(**(old | {"issuanceDate": "May"})) == ["/issuanceDate"]
    del old["issuanceDate"]
    assert pointers(**old) == ["/issuanceDate"]


def test_a_fault_says_where_what_and_by_which_section() -> None:
    [fault] = credential_faults(USUAL | {"evidence": [{"type": "A"}, {}]})
    assert (fault.pointer, fault.spec) == ("/evidence/1", "VCDM 2.0, 4")
    assert fault.message == "An entry of evidence does not say its type."


def test_every_fault_is_told_not_only_the_first() -> None:
    assert pointers(type=[], id="x", issuer=None, credentialSubject=[]) == [
        "/type",
        "/id",
        "/issuer",
        "/credentialSubject",
    ]


@pytest.mark.parametrize("url", [CREDENTIALS_V2, OB_CONTEXT])
@pytest.mark.parametrize("name", ["sha256", "sha384", "sha512"])
def test_a_digest_of_any_byte_version_of_a_pinned_context_is_right(url: str, name: str) -> None:
    codes = {"sha256": b"\x12\x20", "sha384": b"\x20\x30", "sha512": b"\x13\x40"}
    versions = [entry.path.read_bytes() for entry in pinned_contexts() if entry.url == url]
    assert len(versions) > 1
    for version in versions:
        digest = hashlib.new(name, version).digest()
        other = hashlib.new(name, version + b" ").digest()
        for text in (encode_multibase(digest, base="u"), encode_multibase(codes[name] + digest)):
            assert pointers(relatedResource={"id": url, "digestMultibase": text}) == []
        sri = f"{name}-{base64.b64encode(digest).decode()}"
        assert pointers(relatedResource={"id": url, "digestSRI": sri}) == []
        wrong = {"id": url, "digestSRI": sri, "digestMultibase": encode_multibase(codes[name] + other)}
        assert pointers(relatedResource=[wrong]) == ["/relatedResource/0/digestMultibase"]


def test_a_digest_of_what_is_not_pinned_says_nothing() -> None:
    digest = encode_multibase(hashlib.sha256(b"x").digest())
    assert pointers(relatedResource={"id": "https://example.org/x", "digestMultibase": digest}) == []
    assert pointers(relatedResource={"id": "https://example.org/x", "digestMultibase": "zz"}) != []
