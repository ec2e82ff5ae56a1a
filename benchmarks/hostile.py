"""`python -m benchmarks.hostile`: what the dearest inputs that we know of cost to check, in seconds of CPU.

Each is as large, or as knotted, as the limits allow. No number here is a test: the bounds are counters
(tests/unit/verifier/test_work.py), and these numbers say what the counters are worth on a machine.
"""

from __future__ import annotations

import json
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from typing import Any

from keys import generate_private_key, public_key_of, to_jwk, to_multikey
from tests.unit.verifier.world import (
    BADGE_ID,
    DID_URL,
    FORGER,
    FORGER_DID,
    ISSUER,
    LIST_URL,
    NOW,
    FakeFetcher,
    a_badge,
    a_did_document,
    a_status_list,
    as_jwt,
    signed,
)
from verifier import read_badge, verify_badge, verify_presentation

PROFILE = {"id": FORGER_DID, "type": ["Profile"], "name": "x"}
PROOF = signed(a_badge(), signer=FORGER)["proof"]
Case = tuple[str, Any, dict[str, Any]]


def _badge(**changes: Any) -> dict[str, Any]:
    """Return a badge with eight proofs that are not its own."""
    return {**a_badge(issuer=PROFILE, credentialStatus=None, **changes), "proof": [PROOF] * 8}


def _subject(**achievement: Any) -> dict[str, Any]:
    subject: dict[str, Any] = a_badge()["credentialSubject"]
    return {**subject, "achievement": {**subject["achievement"], **achievement}}


def _evidence(count: int, *, same: bool = False) -> list[dict[str, Any]]:
    return [
        {"id": f"https://x.example/{0 if same else n}", "type": ["Evidence"], "name": f"n{n}", "genre": "g"}
        for n in range(count)
    ]


def _endorsement(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "@context": a_badge()["@context"],
        "id": f"urn:uuid:2ad0e5e4-5bd1-4d77-b7a8-11c7ac6a{number:04x}",
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "issuer": PROFILE,
        "validFrom": "2026-05-01T00:00:00Z",
        "credentialSubject": {"id": BADGE_ID, "type": ["EndorsementSubject"]},
        "proof": [PROOF] * 8,
        **changes,
    }


def _nested(depth: int, inner: dict[str, Any]) -> dict[str, Any]:
    for number in range(depth):
        inner = {"id": f"urn:x:{number}", "type": ["Profile"], "parentOrg": inner}
    return inner


def _documents() -> Iterator[Case]:
    yield "1,000 tags, eight proofs", _badge(credentialSubject=_subject(tag=[f"t{n}" for n in range(990)])), {}
    yield "950 pieces of evidence", _badge(evidence=_evidence(950)), {}
    yield "800 parts of one id", _badge(evidence=_evidence(800, same=True)), {}
    names = [{"type": "IdentifierEntry", "identifier": str(n), "identifierType": "name"} for n in range(950)]
    deep = _nested(55, {"id": "urn:x:0", "type": ["Profile"], "otherIdentifier": names})
    yield "950 identifiers, 55 levels down", {**_badge(), "issuer": deep}, {}
    yield "32 endorsements with eight proofs", _badge(endorsement=[_endorsement(n) for n in range(32)]), {}
    ring = [{"id": f"_:b{n}", "type": ["Profile"], "parentOrg": {"id": f"_:b{(n + 1) % 800}"}} for n in range(800)]
    yield "a ring of 800 unnamed parts", {**_badge(), "issuer": {**PROFILE, "endorsement": ring}}, {}
    yield "900 unnamed parts alike", _badge(evidence=[{"type": ["Evidence"], "name": "x"}] * 900), {}
    yield "45,000 texts for objects", _badge(evidence=["x"] * 45_000), {}
    yield "45,000 tags in a JWT", as_jwt(a_badge(credentialSubject=_subject(tag=["x"] * 45_000))).encode(), {}


def _fetched() -> Iterator[Case]:
    key = to_multikey(public_key_of(generate_private_key("P-384")))
    web, endorsements = {}, []
    for number in range(31):
        did = f"did:web:e{number}.example"
        method = {"type": "Multikey", "controller": did, "publicKeyMultibase": key}
        methods = [{**method, "id": f"{did}#{n}"} for n in range(100)]
        document = {"id": did, "verificationMethod": methods, "assertionMethod": [m["id"] for m in methods]}
        web[f"https://e{number}.example/.well-known/did.json"] = json.dumps(document).encode()
        proof = {**PROOF, "verificationMethod": f"{did}#0"}
        endorsements.append(_endorsement(number, issuer={"id": did, "type": ["Profile"]}, proof=proof))
    yield "31 DID documents of 100 keys", _badge(endorsement=endorsements), web
    big = {url: json.dumps({"id": "x", "y": [{"a": 1}] * 23_000}).encode() for url in web}
    yield "31 large JSON documents", _badge(endorsement=endorsements), big
    entries, lists = [], {DID_URL: json.dumps(a_did_document()).encode()}
    for number in range(8):
        url = f"{LIST_URL}{number}"
        lists[url] = json.dumps(signed(a_status_list(id=url, entries=60_000_000))).encode()
        entries.append({**a_badge()["credentialStatus"], "id": f"{url}#1", "statusListCredential": url})
    yield "8 status lists of 7 MB", signed(a_badge(credentialStatus=entries)), lists
    jwk = to_jwk(public_key_of(generate_private_key("RSA")))
    rsa = [
        {"id": f"{ISSUER}#{n}", "type": "JsonWebKey", "controller": ISSUER, "publicKeyJwk": jwk}
        for n in range(100)
    ]
    document = {"id": ISSUER, "verificationMethod": rsa, "assertionMethod": rsa}
    yield "100 RSA keys", signed(a_badge()), {DID_URL: json.dumps(document).encode()}


def _chunk(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")


def _images() -> Iterator[Case]:
    start = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", (1).to_bytes(4, "big") * 2 + b"\x08\0\0\0\0")
    badge = _chunk(b"iTXt", b"openbadgecredential\0\0\0\0\0{}")
    bomb = _chunk(b"zTXt", b"Title\0\0" + zlib.compress(b"x" * 400_000))
    yield "a PNG of 19,000 packed titles", start + bomb * 19_000 + badge + _chunk(b"IEND", b""), {}
    yield "a PNG of 19,000 badges", start + badge * 19_000 + _chunk(b"IEND", b""), {}
    packed = _chunk(b"zTXt", b"openbadgecredential\0\0" + zlib.compress(b"{" * 50_000_000))
    yield "a PNG with 50 MB packed", start + packed + _chunk(b"IEND", b""), {}
    svg = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0">'
    yield "an SVG of 2.4 million parts", f"{svg}{'<a/>' * 2_400_000}</svg>".encode(), {}
    attributes = " ".join(f'a{n}="x"' for n in range(500_000))
    yield "an SVG of 500,000 attributes", f"{svg}<a {attributes}/></svg>".encode(), {}


def _texts() -> Iterator[Case]:
    yield "10 MB of brackets", b"[" * 9_900_000, {}
    yield "10 MB of letters", b"eyJ" + b"A" * 9_900_000, {}
    yield "1 MB of floats", b"[" + b"1e-300," * 140_000 + b"1]", {}
    yield "60,000 names", json.dumps({str(n): n for n in range(60_000)}).encode(), {}


def _spent(run: Callable[[], object]) -> float:
    begun = time.process_time()
    run()
    return time.process_time() - begun


def _check(given: Any, web: dict[str, Any]) -> str:
    data = given if isinstance(given, bytes) else json.dumps(given).encode()
    return verify_badge(read_badge(data), now=NOW, fetcher=FakeFetcher(web)).verdict


def main() -> None:
    """Print one JSON line for each input, and the dearest at the end."""
    _check(signed(a_badge()), {})  # what is loaded once is not theirs to pay
    spent: dict[str, float] = {}
    for cases in (_documents, _fetched, _images, _texts):
        for name, given, web in cases():
            spent[name] = _spent(lambda given=given, web=web: _check(given, web))  # type: ignore[misc]  # defaults
    many = [signed(a_badge(id=f"urn:x:{n}", credentialSubject=_subject(tag=[f"t{i}" for i in range(600)])))
            for n in range(60)]  # fmt: skip
    presentation = {"@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiablePresentation"]}
    whole = {**presentation, "verifiableCredential": many, "proof": {**PROOF, "proofPurpose": "authentication"}}
    spent["a presentation of 60 large badges"] = _spent(
        lambda: verify_presentation(whole, now=NOW, fetcher=FakeFetcher({}))
    )
    for name, seconds in spent.items():
        sys.stdout.write(json.dumps({"input": name, "cpu_s": round(seconds, 3)}) + "\n")
    dearest = max(spent, key=lambda name: spent[name])
    sys.stdout.write(json.dumps({"dearest": dearest, "cpu_s": round(spent[dearest], 3)}) + "\n")


if __name__ == "__main__":
    main()
