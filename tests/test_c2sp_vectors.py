"""Signature vectors of the C2SP projects Wycheproof and CCTV, unchanged (tests/vectors/INDEX.tsv says from where).

Wycheproof says what each signature is; where we differ, the table below says why. CCTV says only what is unusual
about a point of an Ed25519 signature, so the rules are ours: as strict as ed25519-dalek's `verify_strict`, and a
key must be of prime order.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from keys import (
    BadSignatureError,
    InvalidKeyError,
    KeysError,
    PublicKey,
    decode_base64url,
    encode_base64url,
    parse_jwk,
    verify_signature,
)
from schemas import CompactJWS, DocumentError, ParsingError, parse_compact_jws, verify_jws

FOLDER = Path(__file__).parent / "vectors" / "c2sp"
# Groups of the JWS vectors with algorithms that we do not have: nothing of theirs verifies here.
NOT_OURS = frozenset({"HS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES521"})


def _groups(name: str) -> list[dict[str, Any]]:
    groups: list[dict[str, Any]] = json.loads((FOLDER / name).read_text(encoding="utf-8"))["testGroups"]
    return groups


def _holds(key: PublicKey, test: dict[str, Any]) -> bool:
    try:
        verify_signature(public_key=key, message=bytes.fromhex(test["msg"]), signature=bytes.fromhex(test["sig"]))
    except BadSignatureError:
        return False
    return True


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("wycheproof-ed25519_test.json", 151),
        ("wycheproof-ecdsa_secp256r1_sha256_p1363_test.json", 262),
        ("wycheproof-ecdsa_secp384r1_sha384_p1363_test.json", 280),
    ],
)
def test_every_signature_of_wycheproof_is_as_expected(name: str, number: int) -> None:
    counted = 0
    for group in _groups(name):
        key = _key_of(group)
        for test in group["tests"]:
            assert _holds(key, test) == (test["result"] == "valid"), (test["tcId"], test["comment"])
            counted += 1
    assert counted == number


def _key_of(group: dict[str, Any]) -> PublicKey:
    if "publicKeyJwk" in group:
        return parse_jwk(group["publicKeyJwk"])
    public = group["publicKey"]
    if public["type"] == "EDDSAPublicKey":
        return PublicKey(kind="Ed25519", raw=bytes.fromhex(public["pk"]))
    kind, size = {"secp256r1": ("P-256", 64), "secp384r1": ("P-384", 96)}[public["curve"]]
    point = public["uncompressed"].removeprefix("04")
    prefix = "03" if int(point[-1], 16) % 2 else "02"
    return PublicKey(kind=kind, raw=bytes.fromhex(prefix + point[:size]))  # type: ignore[arg-type]  # from the table


def test_a_point_that_is_low_or_not_canonical_is_no_key_and_no_half_of_a_signature() -> None:
    vectors = json.loads((FOLDER / "cctv-ed25519vectors.json").read_text(encoding="utf-8"))
    outcomes: Counter[str] = Counter()
    for vector in vectors:
        flags = set(vector["flags"] or [])
        raw = bytes.fromhex(vector["key"])
        try:
            key = PublicKey(kind="Ed25519", raw=raw)
        except InvalidKeyError:
            outcomes["no key"] += 1
            assert flags & {"low_order_A", "non_canonical_A", "low_order_component_A"}, vector
            continue
        assert not flags & {"low_order_A", "non_canonical_A", "low_order_component_A"}, vector
        holds = _holds(key, {"msg": vector["msg"].encode().hex(), "sig": vector["sig"]})
        outcomes["holds" if holds else "fails"] += 1
        assert holds == (not flags & {"low_order_R", "non_canonical_R", "low_order_residue", "reencoded_k"}), (
            vector
        )
    assert outcomes.total() == len(vectors) == 914
    assert outcomes["no key"] > 0
    assert outcomes["fails"] > 0
    assert outcomes["holds"] > 0


def _taken_apart(text: str) -> CompactJWS:
    """Take a JWS apart as `parse_compact_jws` does, but for the payload, which is "foo" in most of these."""
    header, payload, _ = text.split(".") if text.count(".") == 2 else ("", "", "")
    empty = encode_base64url(b"{}")
    try:
        decode_base64url(payload)
    except InvalidKeyError as error:
        raise ParsingError(str(error)) from error
    jws = parse_compact_jws(f"{header}.{empty}.{text.rpartition('.')[2]}")
    return replace(jws, signing_input=f"{header}.{payload}".encode())


def _refusal(jwk: object, text: str) -> str:
    """Return "" for a JWS that verifies, or the code of its refusal."""
    try:
        verify_jws(_taken_apart(text), public_key=parse_jwk(jwk))
    except KeysError as error:
        return error.code
    except DocumentError as error:
        return error.problem
    return ""


def test_every_jws_of_wycheproof_is_as_expected_or_its_algorithm_is_not_ours() -> None:
    counted: Counter[str] = Counter()
    for group in _groups("wycheproof-json_web_signature_test.json"):
        jwk = group.get("public") or group["private"]
        foreign = jwk.get("alg") in NOT_OURS or jwk["kty"] == "oct"
        for test in group["tests"]:
            code = _refusal(jwk, test["jws"])
            if foreign:
                assert code, test
            else:
                assert (code == "") == (test["result"] == "valid"), (test, code)
            counted["not ours" if foreign else "as expected"] += 1
    assert counted == {"as expected": 276, "not ours": 125}


def test_the_vectors_point_out_keys_that_are_not_for_signatures() -> None:
    groups = [g for g in _groups("wycheproof-json_web_signature_test.json") if "encryption" in g["comment"]]
    assert len(groups) == 4
    for group in groups:
        with pytest.raises(InvalidKeyError, match="not for verifying signatures"):
            parse_jwk(group["public"])
