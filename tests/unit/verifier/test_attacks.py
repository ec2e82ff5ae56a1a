"""Forgeries that somebody tried on this verifier, each refused for its own reason."""

from __future__ import annotations

import copy
import json
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from keys import (
    decode_multibase,
    encode_base64url,
    encode_multibase,
    local_signer,
    public_key_of,
    to_jwk,
    to_multikey,
)
from schemas import (
    CREDENTIALS_V1,
    OB_CONTEXT,
    add_sd_base_proof,
    badge_mandatory_pointers,
    bake_png,
    derive_sd_proof,
    dump_json,
)
from tests.unit.verifier.world import (
    ACADEMY,
    BADGE_ID,
    FORGER,
    INDEX,
    ISSUER,
    NOW,
    a_badge,
    a_did_document,
    a_jws,
    a_status_list,
    a_web,
    as_jwt,
    check,
    signed,
    told,
)

GOOD = signed(a_badge())
TEXT = json.dumps(GOOD)
EXPIRED = signed(a_badge(validUntil="2026-05-02T00:00:00Z"))
IRI = "https://www.w3.org/2018/credentials#validUntil"
DATE = "http://www.w3.org/2001/XMLSchema#dateTime"
ORDER = 2**252 + 27742317777372353535851937790883648493
Change = Callable[[dict[str, Any]], Any]


def changed(change: Change, *, badge: dict[str, Any] = GOOD) -> dict[str, Any]:
    """Return a signed badge, changed after it was signed."""
    copied = copy.deepcopy(badge)
    change(copied)
    return copied


def _achievement(text: str) -> str:
    return TEXT.replace('"type": ["Achievement"]', f'"type": ["Achievement"], "creditsAvailable": {text}', 1)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (TEXT.replace('"name": "F', '"\\u006eame": "Master", "name": "F', 1), "PARSING_ERROR"),
        (TEXT.replace('"issuer":', '"\\u0069ssuer": "did:web:evil.example", "issuer":', 1), "PARSING_ERROR"),
        (TEXT + TEXT, "PARSING_ERROR"),
        (json.dumps([GOOD, GOOD]), "PARSING_ERROR"),
        (TEXT[:-1] + ",}", "PARSING_ERROR"),
        (TEXT.encode("utf-16"), "PARSING_ERROR"),
        (TEXT.encode() + b"\0", "PARSING_ERROR"),
        (_achievement("1e400"), "PARSING_ERROR"),
        (_achievement("-1e400"), "PARSING_ERROR"),
        (_achievement("9" * 5000), "PARSING_ERROR"),
        (_achievement("NaN"), "PARSING_ERROR"),
        ("[" * 100_000, "LIMIT_EXCEEDED"),
        ('{"a":' * 100_000, "LIMIT_EXCEEDED"),
    ],
    ids=lambda value: str(value)[:12],
)
def test_a_text_that_programs_read_differently_is_not_read(text: str | bytes, code: str) -> None:
    line = check(text).checks[0]
    assert (line.id, line.result, line.code) == ("readable", "fail", code)


@pytest.mark.parametrize(
    "name", ["val\u0456dUntil", "validUntil\u200b", "VALIDUNTIL", "\uff56alidUntil", "validUntil "]
)
def test_a_member_that_looks_like_another_is_no_member(name: str) -> None:
    report = check(changed(lambda badge: badge.__setitem__(name, "2020-01-01T00:00:00Z")))
    assert told(report)["context"] == ("fail", "DATA_LOSS_DETECTION_ERROR")


@pytest.mark.parametrize(
    "issuer",
    [
        "did:web:\u0430cademy.example",
        "did:web:academy.example.",
        "did:web:ACADEMY.example",
        "did:web:academy.example%00",
        "did:web:academy%2eexample",
        "did:web:academy.example#",
        "did:web:academy.example?x",
        "DID:WEB:academy.example",
        "https://academy.example",
    ],
)
@pytest.mark.parametrize("signer", [ACADEMY, FORGER], ids=["its own key", "the forger's"])
def test_an_issuer_that_looks_like_another_is_another(issuer: str, signer: Any) -> None:
    badge = a_badge()
    badge["issuer"]["id"] = issuer
    assert check(signed(badge, signer=signer, cryptosuite="eddsa-jcs-2022")).verdict == "invalid"


@pytest.mark.parametrize(
    "keyword", ["@graph", "@included", "@reverse", "@nest", "@index", "@set", "@list", "@json"]
)
@pytest.mark.parametrize("value", [{"validUntil": "2020-01-01T00:00:00Z"}, [], ""], ids=["object", "list", "text"])
def test_a_keyword_hides_nothing(keyword: str, value: object) -> None:
    for badge in (
        changed(lambda badge: badge.__setitem__(keyword, value)),
        changed(lambda badge: badge["credentialSubject"].__setitem__(keyword, value)),
    ):
        assert told(check(badge))["context"] == ("fail", "NOT_COMPACT_FORM")


@pytest.mark.parametrize(
    "hide",
    [
        lambda badge, day: badge.__setitem__(IRI, {"@value": day, "@type": DATE}),
        lambda badge, day: badge.__setitem__("cred:validUntil", day),
        lambda badge, day: badge.__setitem__("validUntil", [day]),
        lambda badge, day: badge.__setitem__("validUntil", {"@value": day, "@type": DATE}),
        lambda badge, day: badge["issuer"].__setitem__("validUntil", day),
        lambda badge, day: badge.__setitem__("expirationDate", day),
        lambda badge, day: badge.__setitem__(
            "evidence", [{"id": BADGE_ID, "type": ["Evidence"], "validUntil": day}]
        ),
        lambda badge, day: badge["proof"].__setitem__("validUntil", day),
        lambda badge, day: badge.__setitem__("validUntil", day.lower()),
        lambda badge, _day: badge.__setitem__("validUntil", "2026-05-02T12:00:00+12:00"),
        lambda badge, _day: badge.__setitem__("validUntil", "2026-05-03T12:00:00+12:00"),
        lambda _badge, _day: None,
    ],
)
def test_an_end_that_was_moved_is_not_forgotten(hide: Callable[[dict[str, Any], str], Any]) -> None:
    def move(badge: dict[str, Any]) -> None:
        hide(badge, badge.pop("validUntil"))

    assert check(changed(move, badge=EXPIRED)).verdict == "invalid"


def test_a_signature_written_in_its_second_form_is_none() -> None:
    signature = decode_multibase(GOOD["proof"]["proofValue"])
    larger = (int.from_bytes(signature[32:], "little") + ORDER).to_bytes(32, "little")
    badge = changed(lambda badge: badge["proof"].update(proofValue=encode_multibase(signature[:32] + larger)))
    assert told(check(badge)) == {"proof": ("fail", "PROOF_VERIFICATION_ERROR")}


def _jwt(header: dict[str, Any], signer: Any = FORGER, **claims: Any) -> str:
    usual = {"alg": "EdDSA", "kid": f"{ISSUER}#key-1", "typ": "JWT"}
    payload = {**a_badge(), "iss": ISSUER, "jti": BADGE_ID, "nbf": 1777626000, **claims}
    return a_jws({name: value for name, value in (usual | header).items() if value != ""}, payload, signer=signer)


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none"},
        {"alg": "HS256"},
        {"alg": "ES256"},
        {"alg": "RS256"},
        {"alg": ["EdDSA"]},
        {"crit": ["b64"], "b64": False},
        {"b64": False},
        {"crit": []},
        {"jku": "https://evil.example/jwks"},
        {"x5c": ["x"]},
        {"jwk": to_jwk(FORGER.public_key), "kid": ""},
        {"jwk": {**to_jwk(FORGER.public_key), "kid": f"{ISSUER}#key-1"}, "kid": ""},
        {"jwk": to_jwk(FORGER.public_key)},
        {"kid": FORGER.verification_method},
        {"kid": ISSUER},
        {"kid": f"{ISSUER}#key-1#key-2"},
        {"typ": "at+jwt"},
    ],
    ids="-".join,
)
def test_a_jwt_of_a_forger_is_not_the_issuers(header: dict[str, Any]) -> None:
    assert check(_jwt(header)).verdict == "invalid"


def test_a_jwt_that_is_a_presentation_as_well_has_two_readings() -> None:
    assert told(check(_jwt({}, ACADEMY, vp={}))) == {"proof": ("fail", "NOT_COMPACT_FORM")}


@pytest.mark.parametrize("name", ["issuer", "validUntil", "credentialStatus", "type", "proof"])
def test_a_member_beside_the_claim_vc_would_be_read_by_others(name: str) -> None:
    inner = a_badge(**{"@context": [CREDENTIALS_V1, OB_CONTEXT], "credentialStatus": None, "validFrom": None})
    inner["issuanceDate"] = "2026-05-01T09:00:00Z"
    claims = {"iss": ISSUER, "jti": BADGE_ID, "nbf": 1777626000, "vc": inner}
    header = {"alg": "EdDSA", "kid": f"{ISSUER}#key-1", "typ": "JWT"}
    assert check(a_jws(header, claims))
    line = check(a_jws(header, claims | {name: "2020-01-01T00:00:00Z"})).checks[0]
    assert (line.id, line.code, line.pointer) == ("readable", "NOT_COMPACT_FORM", f"/{name}")


def test_the_last_letter_of_a_signature_has_one_spelling() -> None:
    token = as_jwt(a_badge())
    assert check(token)
    assert check(token[:-1] + chr(ord(token[-1]) + 1)).verdict == "invalid"
    head, body, signature = token.split(".")
    other = encode_base64url(dump_json({**a_badge(), "name": "Master"}).encode())
    assert check(f"{head}.{other}.{signature}").verdict == "invalid"
    assert check(f"{head}=.{body}.{signature}").verdict == "invalid"


def _chunk(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")


IMAGE = (
    b"\x89PNG\r\n\x1a\n"
    + _chunk(b"IHDR", b"\0\0\0\1\0\0\0\1\x08\0\0\0\0")
    + _chunk(b"IDAT", zlib.compress(b"\0\0"))
    + _chunk(b"IEND", b"")
)
BAKED = bake_png(IMAGE, TEXT)
MASTER = json.dumps(signed(a_badge(name="Master"), signer=FORGER)).encode()
KEYWORD = b"openbadgecredential"


@pytest.mark.parametrize(
    "chunk",
    [
        _chunk(b"iTXt", KEYWORD + b"\0\0\0\0\0" + MASTER),
        _chunk(b"tEXt", KEYWORD + b"\0" + MASTER),
        _chunk(b"zTXt", KEYWORD + b"\0\0" + zlib.compress(MASTER)),
        _chunk(b"iTXt", KEYWORD + b"\0\0\0de\0\0" + TEXT.encode()),
    ],
    ids=["text", "old text", "packed", "another language"],
)
@pytest.mark.parametrize("first", [True, False])
def test_a_second_badge_in_an_image_is_never_passed_over(chunk: bytes, first: bool) -> None:
    place = BAKED.index(b"iTXt") - 4 if first else BAKED.index(b"IDAT") - 4
    line = check(BAKED[:place] + chunk + BAKED[place:]).deciding
    assert line is not None
    assert line.code in {"SEVERAL_BADGES", "INVALID_VERIFICATION_METHOD"}


def test_a_bomb_in_an_image_is_unpacked_to_a_limit() -> None:
    bomb = _chunk(b"iTXt", KEYWORD + b"\0\1\0\0\0" + zlib.compress(b" " * 20_000_000))
    assert check(IMAGE[:33] + bomb + IMAGE[33:]).checks[0].code == "LIMIT_EXCEEDED"


_SVG = (
    '{before}<svg xmlns="http://www.w3.org/2000/svg" xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0"'
    ' xmlns:ob="https://purl.imsglobal.org/ob/v3p0">{inside}</svg>'
)
_ONE, _OTHER = (f"<openbadges:credential><![CDATA[{t}]]></openbadges:credential>" for t in (TEXT, MASTER.decode()))


@pytest.mark.parametrize(
    ("before", "inside"),
    [
        ("", _ONE + _OTHER),
        ("", _OTHER + _ONE),
        ("", _OTHER.replace("openbadges:", "ob:") + _ONE),
        (
            "",
            _OTHER.replace(">", f' verify="{as_jwt(a_badge())}">', 1),
        ),
        ("", f"<openbadges:credential>{_OTHER}<![CDATA[{TEXT}]]></openbadges:credential>"),
        ('<!DOCTYPE svg [<!ENTITY a "x">]>', _ONE),
        ('<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>', _ONE),
        ('<!DOCTYPE svg [<!ENTITY % a SYSTEM "https://evil.example"> %a;]>', _ONE),
    ],
    ids=["two", "two reversed", "another prefix", "attribute and text", "nested", "entity", "file", "parameter"],
)
def test_a_drawing_with_a_second_reading_is_not_valid(before: str, inside: str) -> None:
    assert check(_SVG.format(before="", inside=_ONE))
    assert check(_SVG.format(before=before, inside=inside)).verdict == "invalid"


# Parts of a badge


def _derived(left_out: str) -> tuple[dict[str, Any], Any]:
    """Return a badge shown without a part that the issuer forgot to bind, and the web with the issuer's key."""
    key = ec.derive_private_key(7, ec.SECP256R1())
    method = f"{ISSUER}#{to_multikey(public_key_of(key))}"
    document = a_did_document()
    text = method.partition("#")[2]
    document["verificationMethod"].append(
        {"id": method, "type": "Multikey", "controller": ISSUER, "publicKeyMultibase": text}
    )
    document["assertionMethod"].append(method)
    badge = a_badge(validUntil="2026-05-02T00:00:00Z")
    pointers = [p for p in badge_mandatory_pointers(badge) if not p.startswith(f"/{left_out}")]
    base = add_sd_base_proof(
        badge,
        signer=local_signer(key, verification_method=method),
        created=NOW,
        mandatory_pointers=pointers,
        hmac_key=bytes(32),
        ephemeral_key=ec.derive_private_key(8, ec.SECP256R1()),
    )
    shown = derive_sd_proof(base, selective_pointers=[])
    return shown, a_web(did=document, list=signed(a_status_list(INDEX)))


def test_a_badge_without_the_status_that_its_holder_left_out_says_so() -> None:
    shown, web = _derived("credentialStatus")
    assert "credentialStatus" not in shown
    line = check(shown, web=web).check("status")
    assert (line.result, line.code) == ("warning", "PART_SHOWN")
    assert line.message == (
        "What is shown says nothing of a way to revoke it; if there is one, the holder has left it out."
    )


def test_a_badge_without_the_end_that_its_holder_left_out_does_not_say_it_has_none() -> None:
    shown, web = _derived("validUntil")
    assert "validUntil" not in shown
    line = check(shown, web=web).check("time")
    assert line.message == "In force since 1 May 2026, and what is shown has no end date."
