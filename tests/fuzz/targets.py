"""What is fuzzed: every reader of bytes from strangers, each as one function from bytes to nothing.

A target may refuse its input in the ways it says, and must never do anything else: no other exception, no hang, no
memory without bound. Seeds are what others made (tests/vectors) and what we make ourselves.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from keys import (
    KeysError,
    decode_base58btc,
    decode_base64url,
    decode_multibase,
    did_method,
    did_web,
    did_web_url,
    encode_base64url,
    parse_controller_document,
    parse_did_jwk,
    parse_did_key,
    parse_jwk,
    parse_multikey,
    parse_pem,
    to_jwk,
)
from schemas import (
    DocumentError,
    decode_bitstring,
    extract_png,
    extract_svg,
    parse_compact_jws,
    parse_date_time,
    parse_json,
    sniff,
    to_quads,
)
from schemas.ecdsa_sd.proof_value import parse_derived_proof_value
from tests.unit.verifier.world import (
    ACADEMY,
    DID_URL,
    EMAIL,
    FORGER,
    FORGER_DID,
    ISSUER,
    LIST_URL,
    NOW,
    FakeFetcher,
    a_badge,
    a_did_document,
    a_jws,
    a_status_list,
    as_jose,
    as_jwt,
    signed,
)
from verifier import Policy, SeenLists, parse_policy, read_badge, verify_badge, verify_presentation
from verifier.registries import parse_registry
from verifier.resolve import resolve_controller

VECTORS = Path(__file__).resolve().parents[1] / "vectors"
VERDICTS = frozenset({"valid", "invalid", "unknown"})
Run = Callable[[bytes], None]


@dataclass(frozen=True, slots=True)
class Target:
    """A reader, and bytes to begin with."""

    run: Run
    seeds: Callable[[], list[bytes]]


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _json(data: bytes) -> None:
    with suppress(DocumentError):
        value = parse_json(data)
        json.dumps(value).encode()  # nothing that cannot be written again gets through
        if isinstance(value, dict):
            to_quads(value)


def _badge(data: bytes) -> None:
    """The whole check of a badge, as the page and the command line do it."""
    web = FakeFetcher({DID_URL: a_did_document(), LIST_URL: _good_list()})
    for compatible in (False, True):
        report = verify_badge(
            read_badge(data), now=NOW, fetcher=web, policy=Policy(compatible=compatible), recipient=EMAIL
        )
        assert report.verdict in VERDICTS
        json.dumps(report.to_json())
        assert all(check.message.strip() for check in report.checks)


def _unaltered(data: bytes) -> None:
    """Whatever was done to a signed badge, where it is still valid it says what it said (CONFORMANCE T12)."""
    web = FakeFetcher({DID_URL: a_did_document(), LIST_URL: _good_list()})
    if verify_badge(read_badge(data), now=NOW, fetcher=web).verdict == "valid":
        assert _said(json.loads(data)) in [_said(json.loads(seed)) for seed in _signed_badges()]


def _said(value: Any) -> str:
    """Return what a document says: repeats, order and lists of one left aside, which RDF does not see either."""
    if isinstance(value, dict):
        members = {name: _said(member) for name, member in value.items() if name != "@context"}
        return json.dumps(members, sort_keys=True)
    if isinstance(value, list):
        items = sorted({_said(item) for item in value})
        return items[0] if len(items) == 1 else json.dumps(items)
    return json.dumps(value)


@cache
def _signed_badges() -> tuple[bytes, ...]:
    endorsement = signed(
        {
            "@context": a_badge()["@context"],
            "id": "urn:uuid:2ad0e5e4-5bd1-4d77-b7a8-11c7ac6a1a11",
            "type": ["VerifiableCredential", "EndorsementCredential"],
            "name": "Endorsement",
            "issuer": {"id": FORGER_DID, "type": ["Profile"]},
            "validFrom": "2026-05-01T00:00:00Z",
            "credentialSubject": {"id": a_badge()["id"], "type": ["EndorsementSubject"]},
        },
        signer=FORGER,
    )
    evidence = [{"id": "https://x.example/1", "type": ["Evidence"], "name": "n"}]
    more = a_badge(endorsement=[endorsement], evidence=evidence, validUntil="2027-01-01T00:00:00Z")
    return tuple(json.dumps(badge).encode() for badge in (signed(a_badge()), signed(more)))


def _jwt(data: bytes) -> None:
    with suppress(DocumentError):
        parse_compact_jws(_text(data))
    _badge(data)


def _presentation(data: bytes) -> None:
    value: Any = _text(data)
    with suppress(DocumentError):
        value = parse_json(data)
    web = FakeFetcher({DID_URL: a_did_document(), LIST_URL: _good_list()})
    report = verify_presentation(value, now=NOW, fetcher=web, domain="x", challenge="y")
    assert report.verdict in VERDICTS
    json.dumps(report.to_json())


def _png(data: bytes) -> None:
    with suppress(DocumentError):
        extract_png(data)
    sniff(data)
    read_badge(data)


def _svg(data: bytes) -> None:
    with suppress(DocumentError):
        extract_svg(data)
    read_badge(data)


def _multibase(data: bytes) -> None:
    text = _text(data)
    for read in (decode_multibase, decode_base58btc, decode_base64url, parse_multikey, parse_pem):
        with suppress(KeysError):
            read(text)
    with suppress(DocumentError):
        parse_derived_proof_value(text)
    with suppress(DocumentError):
        parse_date_time(text)


def _status(data: bytes) -> None:
    """The text of a bit list; and a whole list that stands at a badge's address."""
    for legacy in (False, True):
        with suppress(DocumentError):
            decode_bitstring(_text(data), legacy=legacy)
        with suppress(DocumentError):
            decode_bitstring("u" + encode_base64url(data), legacy=legacy)
    web = FakeFetcher({DID_URL: a_did_document(), LIST_URL: data})
    report = verify_badge(read_badge(_a_badge()), now=NOW, fetcher=web, seen=SeenLists())
    assert report.verdict in VERDICTS


def _did(data: bytes) -> None:
    text = _text(data)
    for read in (did_method, parse_did_key, parse_did_jwk, did_web_url, did_web):
        with suppress(KeysError):
            read(text)
    resolve_controller(text, fetcher=FakeFetcher({}))
    with suppress(DocumentError, KeysError):
        value = parse_json(data)
        parse_controller_document(value, expected_id=ISSUER)
    with suppress(DocumentError, KeysError):
        parse_jwk(parse_json(data))
    web = FakeFetcher({DID_URL: data, "https://academy.example/.well-known/jwks.json": data})
    for badge in (_a_badge(), _with_key_in_header()):
        assert verify_badge(read_badge(badge), now=NOW, fetcher=web).verdict in VERDICTS


def _policy(data: bytes) -> None:
    with suppress(DocumentError):
        value = parse_json(data)
        with suppress(DocumentError):
            parse_policy(value, read=lambda _: data)
        parse_registry(value, file="x")


@cache
def _a_badge() -> bytes:
    return json.dumps(signed(a_badge())).encode()


@cache
def _with_key_in_header() -> bytes:
    """Return a JWT of an https issuer whose keys stand in its jwks.json."""
    issuer = {"id": "https://academy.example", "type": ["Profile"]}
    header = {"alg": "EdDSA", "typ": "vc+jwt", "jwk": to_jwk(ACADEMY.public_key)}
    return a_jws(header, a_badge(issuer=issuer, credentialStatus=None)).encode()


@cache
def _good_list() -> bytes:
    return json.dumps(signed(a_status_list())).encode()


def _rich() -> list[bytes]:
    """Return badges with what few samples have: results, alignments, dates, older kinds, keys in headers."""
    subject = a_badge()["credentialSubject"]
    level = {"id": "urn:x:l", "type": ["RubricCriterionLevel"], "name": "l", "points": "3"}
    description = {
        "id": "urn:x:r",
        "type": ["ResultDescription"],
        "name": "r",
        "resultType": "Status",
        "allowedValue": ["1", "2"],
        "valueMin": "1",
        "valueMax": "2",
        "requiredValue": "1",
        "requiredLevel": "urn:x:l",
        "rubricCriterionLevel": [level],
        "alignment": [{"type": ["Alignment"], "targetName": "a", "targetUrl": "https://x.example"}],
    }
    result = {"type": ["Result"], "resultDescription": "urn:x:r", "value": "1", "achievedLevel": "urn:x:l"}
    achievement = {
        **subject["achievement"],
        "resultDescription": [description],
        "alignment": description["alignment"],
        "related": [{"id": "urn:x:2", "type": ["Related"]}],
    }
    dates = {"activityStartDate": "2026-01-01T00:00:00Z", "activityEndDate": "2026-02-01T00:00:00Z"}
    rich = a_badge(
        credentialSubject={**subject, **dates, "achievement": achievement, "result": [result]},
        awardedDate="2026-03-01T00:00:00Z",
        endorsement=[{**signed(a_badge(id="urn:x:e")), "type": ["VerifiableCredential", "EndorsementCredential"]}],
    )
    entry = {
        **a_badge()["credentialStatus"],
        "statusPurpose": ["message", "revocation"],
        "statusSize": 2,
        "statusMessage": [{"status": "0x1", "message": "m"}],
    }
    profile = {"id": "https://o.example/i", "publicKey": {"id": "urn:x:k", "owner": "https://o.example/i"}}
    older = {
        "@context": "https://w3id.org/openbadges/v2",
        "type": "Assertion",
        "id": "https://o.example/1",
        "recipient": {"type": "email", "hashed": True, "identity": "sha256$00", "salt": "s"},
        "badge": {"name": "b", "issuer": {**profile, "revocationList": "https://o.example/r"}},
        "issuedOn": "2020-01-01T00:00:00Z",
        "verification": {"type": "HostedBadge"},
    }
    badges = [signed(rich), signed(a_badge(credentialStatus=[entry])), older]
    return [json.dumps(badge).encode() for badge in badges]


def _files(*suffixes: str, limit: int = 120_000) -> Iterator[bytes]:
    for folder in ("samples-valid", "samples-invalid"):
        for path in sorted((VECTORS / folder).rglob("*")):
            if path.suffix in suffixes and path.stat().st_size < limit:
                yield path.read_bytes()


def _tokens() -> list[bytes]:
    tokens = [as_jwt(a_badge()), as_jose(a_badge()), as_jose(a_badge(), exp=1, iss=ISSUER)]
    return [*_files(".jwt"), *(token.encode() for token in tokens)]


def _presentations() -> list[bytes]:
    value = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiablePresentation"],
        "holder": ISSUER,
        "verifiableCredential": [signed(a_badge())],
    }
    whole = signed(value, proof_purpose="authentication", domain="x", challenge="y")
    token = as_jose(value, kind="vp", nonce="y", aud="x")
    envelope = {
        "@context": "https://www.w3.org/ns/credentials/v2",
        "type": "EnvelopedVerifiablePresentation",
        "id": f"data:application/vp+jwt,{token}",
    }
    given = (VECTORS / "w3c" / "vcdm2" / "presentation.jwt").read_bytes().strip()
    return [json.dumps(whole).encode(), token.encode(), json.dumps(envelope).encode(), given]


def _texts() -> list[bytes]:
    proofs = [json.loads(data).get("proof") for data in _files(".json")]
    values = [p.get("proofValue") for p in (q[0] if isinstance(q, list) and q else q for q in proofs) if p]
    return [str(value).encode() for value in values] + [
        b"z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK",
        b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
        b"2026-05-03T12:00:00.123+05:30",
    ]


def _dids() -> list[bytes]:
    dids = ["did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK", "did:web:a.example%3A80:b", "did:jwk:e30"]
    jwk = {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "use": "sig", "key_ops": ["verify"]}
    documents = [a_did_document(), json.loads((VECTORS / "dids" / "dcc-oidf-did.json").read_bytes()), jwk]
    documents.append({"iss": "https://academy.example", "keys": [to_jwk(ACADEMY.public_key)]})
    return [did.encode() for did in dids] + [json.dumps(document).encode() for document in documents]


def _lists() -> list[bytes]:
    lists = [path.read_bytes() for path in sorted((VECTORS / "status-lists").iterdir())]
    texts = [json.loads(_good_list())["credentialSubject"]["encodedList"].encode(), gzip.compress(bytes(16_384))]
    plain = b'{"revokedCredential": [{"id": "urn:x:1", "revoked": true}]}'
    return [_good_list(), *lists, *texts, plain]


def _policies() -> list[bytes]:
    policy = {"issuers": [ISSUER], "registries": ["r.json"], "clock_skew_s": 5, "compatible": True}
    registry = {"meta": {}, "registry": {ISSUER: {"name": "x", "url": "https://x.example"}}}
    return [json.dumps(value).encode() for value in (policy, registry)]


TARGETS: Mapping[str, Target] = MappingProxyType(
    {
        "json": Target(_json, lambda: [_a_badge(), *_files(".json", limit=20_000)]),
        "badge": Target(_badge, lambda: [*_rich() * 8, _a_badge(), *_files(".json", limit=20_000)]),
        "unaltered": Target(_unaltered, lambda: [*_signed_badges()]),
        "jwt": Target(_jwt, _tokens),
        "presentation": Target(_presentation, _presentations),
        "png": Target(_png, lambda: [*_files(".png")]),
        "svg": Target(_svg, lambda: [*_files(".svg")]),
        "multibase": Target(_multibase, _texts),
        "status": Target(_status, _lists),
        "did": Target(_did, _dids),
        "policy": Target(_policy, _policies),
    }
)
