"""What a forger would try. Each attempt gets the verdict that it deserves, for its own reason."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from keys import (
    build_jwks,
    did_jwk,
    did_jwk_method,
    did_key,
    did_key_method,
    encode_base64url,
    generate_private_key,
    local_signer,
    public_key_of,
    to_jwk,
    to_multikey,
)
from keys.history import KeyRecord
from tests.unit.verifier.world import (
    ACADEMY,
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
    a_jws,
    a_key,
    a_signer,
    a_status_list,
    a_web,
    as_jwt,
    check,
    signed,
    told,
)

# --- the world itself -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("suite", ["eddsa-rdfc-2022", "eddsa-jcs-2022"])
def test_an_honest_badge_is_valid(suite: str) -> None:
    report = check(signed(a_badge(), cryptosuite=suite))
    assert report.verdict == "valid"
    assert told(report) == {}
    assert report.key_source == "fetched"


def test_an_honest_jwt_is_valid() -> None:
    report = check(as_jwt(a_badge()))
    assert report.verdict == "valid"
    assert told(report) == {}


def test_a_badge_of_a_did_key_needs_no_document() -> None:
    issuer = {"id": FORGER_DID, "type": ["Profile"], "name": "Somebody"}
    report = check(signed(a_badge(issuer=issuer, credentialStatus=None), signer=FORGER), web=FakeFetcher({}))
    assert report.verdict == "valid"
    assert report.key_source == "identifier"


# --- somebody else's key under the issuer's name --------------------------------------------------------------


def _fragment_signer() -> Any:
    return a_signer(2, method=f"{ISSUER}#{to_multikey(FORGER.public_key)}")


def test_a_key_in_the_fragment_of_the_issuers_url_is_not_the_issuers() -> None:
    report = check(signed(a_badge(), signer=_fragment_signer()))
    assert report.verdict == "invalid"
    assert told(report) == {"issuer_binding": ("fail", "INVALID_VERIFICATION_METHOD")}


def test_a_key_in_the_fragment_is_not_believed_while_the_issuer_cannot_be_asked() -> None:
    report = check(signed(a_badge(), signer=_fragment_signer()), web=a_web(did=None))
    assert report.verdict == "unknown"
    assert report.check("issuer_binding").code == "NOT_FOUND"


def test_the_fragment_of_an_https_issuer_is_not_believed_either() -> None:
    issuer = {"id": "https://academy.example/issuer", "type": ["Profile"]}
    signer = a_signer(2, method=f"https://academy.example/issuer#{to_multikey(FORGER.public_key)}")
    report = check(signed(a_badge(issuer=issuer, credentialStatus=None), signer=signer))
    assert report.verdict == "unknown"


def test_a_did_key_signs_for_itself_only() -> None:
    report = check(signed(a_badge(), signer=FORGER))
    assert report.verdict == "invalid"
    assert told(report) == {"issuer_binding": ("fail", "INVALID_VERIFICATION_METHOD")}
    assert "not of the issuer that it names" in report.sentence


@pytest.mark.parametrize("issuer", [ISSUER, "urn:uuid:6f2e33e5-7a29-4155-840a-59483ba10164", FORGER_DID])
def test_a_did_key_without_fragment_names_no_key(issuer: str) -> None:
    badge = a_badge(issuer={"id": issuer, "type": ["Profile"]}, credentialStatus=None)
    report = check(signed(badge, signer=a_signer(2, method=FORGER_DID)))
    assert report.verdict == "invalid"
    assert told(report) == {"issuer_binding": ("fail", "INVALID_VERIFICATION_METHOD_URL")}


def test_a_did_key_with_the_fragment_of_another_key_is_refused() -> None:
    method = f"{did_key(ACADEMY.public_key)}#{to_multikey(FORGER.public_key)}"
    badge = a_badge(issuer={"id": did_key(ACADEMY.public_key), "type": ["Profile"]}, credentialStatus=None)
    assert check(signed(badge, signer=a_signer(2, method=method))).verdict == "invalid"


def test_a_document_that_claims_the_issuers_key_is_its_own_gains_nothing() -> None:
    other = "did:web:forger.example"
    method = {**a_did_document()["verificationMethod"][0], "controller": ISSUER, "id": f"{other}#key-1"}
    document = {"id": other, "verificationMethod": [method], "assertionMethod": [f"{other}#key-1"]}
    web = a_web()
    web.documents["https://forger.example/.well-known/did.json"] = document
    report = check(signed(a_badge(), signer=a_signer(1, method=f"{other}#key-1")), web=web)
    assert told(report) == {"proof": ("fail", "INVALID_VERIFICATION_METHOD")}
    assert "says its controller is" in report.sentence


def test_a_key_of_the_issuer_for_another_purpose_does_not_make_claims() -> None:
    document = a_did_document(assertionMethod=[], authentication=[ACADEMY.verification_method])
    report = check(signed(a_badge(credentialStatus=None)), web=a_web(did=document))
    assert told(report) == {"proof": ("fail", "INVALID_RELATIONSHIP_FOR_VERIFICATION_METHOD")}


def test_a_proof_for_another_purpose_is_no_claim() -> None:
    document = a_did_document(authentication=[ACADEMY.verification_method])
    report = check(signed(a_badge(), proof_purpose="authentication"), web=a_web(did=document))
    assert told(report) == {"proof": ("fail", "PROOF_VERIFICATION_ERROR")}


def test_a_did_document_of_somebody_else_is_not_the_issuers() -> None:
    report = check(signed(a_badge()), web=a_web(did=a_did_document(id="did:web:forger.example")))
    assert report.verdict == "unknown"
    assert "not the issuer's key list" in report.sentence


def test_documents_handed_in_with_a_forgery_are_told() -> None:
    forged = a_did_document()
    forged["verificationMethod"][0]["publicKeyMultibase"] = to_multikey(FORGER.public_key)
    web = a_web(did=forged, list=signed(a_status_list(), signer=a_signer(2, method=ACADEMY.verification_method)))
    web.source = "supplied"
    badge = signed(a_badge(), signer=a_signer(2, method=ACADEMY.verification_method))
    report = check(badge, web=web)
    assert (report.verdict, report.key_source) == ("valid", "supplied")
    assert told(report) == {"issuer_binding": ("warning", "KEY_SUPPLIED")}
    assert report.check("issuer_binding").message == (
        "The issuer's key was read from files given to you, not from the issuer."
    )


def test_a_key_that_the_policy_pins_needs_no_warning_and_another_one_gets_it() -> None:
    method = f"{ISSUER}#{to_multikey(ACADEMY.public_key)}"
    record = KeyRecord(id=method, public_key=ACADEMY.public_key, added=NOW)
    document = a_did_document(
        verificationMethod=[
            {"id": method, "type": "Multikey", "controller": ISSUER, "publicKeyMultibase": method.split("#")[1]}
        ],
        assertionMethod=[record.id],
    )
    web = a_web(did=document, list=signed(a_status_list(), signer=a_signer(1, method=method)))
    web.source = "supplied"
    badge = signed(a_badge(), signer=a_signer(1, method=method))
    pinned = check(badge, web=web, issuers=frozenset({method}))
    assert (pinned.key_source, pinned.check("issuer_binding").result) == ("pinned", "pass")
    assert pinned.check("issuer_known").result == "pass"
    only_named = check(badge, web=web, issuers=frozenset({ISSUER}))
    assert only_named.check("issuer_binding").result == "warning"


# --- JWT headers ----------------------------------------------------------------------------------------------


def _jwt(header: dict[str, Any], payload: dict[str, Any], sign: Callable[[bytes], bytes] = ACADEMY.sign) -> str:
    parts = [encode_base64url(json.dumps(part).encode()) for part in (header, payload)]
    text = ".".join(parts)
    return f"{text}.{encode_base64url(sign(text.encode()))}"


def _payload(**changes: Any) -> dict[str, Any]:
    payload = json.loads(_decoded(as_jwt(a_badge()).split(".")[1]))
    return {name: value for name, value in {**payload, **changes}.items() if value is not None}


def _decoded(part: str) -> bytes:
    from keys import decode_base64url

    return decode_base64url(part)


HEADER = {"alg": "EdDSA", "kid": ACADEMY.verification_method, "typ": "JWT"}


def test_the_helpers_make_a_good_jwt() -> None:
    assert check(_jwt(HEADER, _payload())).verdict == "valid"


@pytest.mark.parametrize(
    ("header", "code", "words"),
    [
        ({"alg": "none"}, "MALFORMED_VALUE_ERROR", "no signature algorithm"),
        ({"alg": "NONE"}, "MALFORMED_VALUE_ERROR", "no signature algorithm"),
        ({"alg": None}, "MALFORMED_VALUE_ERROR", "no signature algorithm"),
        ({"alg": "HS256"}, "MALFORMED_VALUE_ERROR", "needs a secret"),
        ({"alg": "ES256"}, "PROOF_VERIFICATION_ERROR", "changed after it was signed"),
        ({"alg": "RS256"}, "PROOF_VERIFICATION_ERROR", "changed after it was signed"),
        ({"crit": ["exp"]}, "MALFORMED_VALUE_ERROR", "not understood"),
        ({"crit": []}, "MALFORMED_VALUE_ERROR", "not understood"),
        ({"b64": False}, "MALFORMED_VALUE_ERROR", "not allowed"),
        ({"jku": "https://forger.example/keys"}, "MALFORMED_VALUE_ERROR", "not allowed"),
        ({"x5c": []}, "MALFORMED_VALUE_ERROR", "not allowed"),
        ({"typ": "dpop+jwt"}, "MALFORMED_VALUE_ERROR", "of the type"),
        ({"typ": []}, "MALFORMED_VALUE_ERROR", "of the type"),
        ({"kid": None}, "INVALID_VERIFICATION_METHOD", "names no key"),
        ({"kid": "key-1"}, "INVALID_VERIFICATION_METHOD_URL", "not a URL"),
        ({"kid": 1}, "INVALID_VERIFICATION_METHOD_URL", "not a URL"),
        ({"kid": "../../etc/passwd"}, "INVALID_VERIFICATION_METHOD_URL", "not a URL"),
        ({"kid": ISSUER}, "INVALID_VERIFICATION_METHOD_URL", "no key in it"),
        ({"kid": f"{ISSUER}#key-9"}, "INVALID_VERIFICATION_METHOD", "has no key"),
        ({"kid": "did:web:%"}, "INVALID_DID", "not a DID"),
    ],
)
def test_a_jwt_with_that_header_is_invalid(header: dict[str, Any], code: str, words: str) -> None:
    whole = {name: value for name, value in {**HEADER, **header}.items() if value is not None}
    report = check(_jwt(whole, _payload()))
    assert report.verdict == "invalid"
    assert told(report) == {"proof": ("fail", code)}
    assert words in report.sentence


def test_an_unsigned_jwt_is_invalid_though_nobody_can_be_asked() -> None:
    report = check(_jwt({**HEADER, "alg": "none"}, _payload(), lambda _: b""), web=FakeFetcher({}))
    assert report.verdict == "invalid"
    assert report.check("proof").code == "MALFORMED_VALUE_ERROR"


def test_an_unknown_algorithm_is_not_known() -> None:
    report = check(_jwt({**HEADER, "alg": "ES512"}, _payload()))
    assert told(report) == {"proof": ("unknown", "UNSUPPORTED")}


@pytest.mark.parametrize("kid", ["http://academy.example/key", "file:///etc/passwd", "urn:key:1"])
def test_a_kid_that_is_no_https_url_is_not_asked_for(kid: str) -> None:
    report = check(_jwt({**HEADER, "kid": kid}, _payload()))
    assert report.verdict == "unknown"
    assert report.check("proof").code == "NOT_FOUND"


def test_a_public_key_in_the_header_proves_nothing_about_the_issuer() -> None:
    header = {"alg": "EdDSA", "jwk": to_jwk(FORGER.public_key), "typ": "JWT"}
    report = check(_jwt(header, _payload(), FORGER.sign))
    assert report.verdict == "invalid"
    assert told(report) == {"issuer_binding": ("fail", "INVALID_VERIFICATION_METHOD")}


def test_the_issuers_own_key_in_the_header_is_bound_by_its_document() -> None:
    header = {"alg": "EdDSA", "jwk": to_jwk(ACADEMY.public_key), "typ": "JWT"}
    assert check(_jwt(header, _payload())).verdict == "valid"


def test_a_private_key_in_the_header_is_refused() -> None:
    header = {"alg": "EdDSA", "jwk": {**to_jwk(ACADEMY.public_key), "d": "AAAA"}}
    report = check(_jwt(header, _payload()))
    assert told(report) == {"proof": ("fail", "INVALID_VERIFICATION_METHOD")}


def test_a_kid_at_the_forgers_own_address_is_not_the_issuers() -> None:
    web = a_web()
    web.documents["https://forger.example/key"] = to_jwk(FORGER.public_key)
    report = check(_jwt({**HEADER, "kid": "https://forger.example/key"}, _payload(), FORGER.sign), web=web)
    assert told(report) == {"issuer_binding": ("fail", "INVALID_VERIFICATION_METHOD")}


class TestAnHTTPSIssuer:
    """OB 3.0 implementation guide: the key must stand in the host's jwks.json."""

    issuer = "https://academy.example/issuer"
    jwks_url = "https://academy.example/.well-known/jwks.json"

    def _token(self, signer: Any = ACADEMY) -> str:
        badge = a_badge(issuer={"id": self.issuer, "type": ["Profile"]}, credentialStatus=None)
        payload = json.loads(_decoded(as_jwt(badge).split(".")[1]))
        return _jwt({"alg": "EdDSA", "jwk": to_jwk(signer.public_key)}, payload, signer.sign)

    def _web(self, **changes: Any) -> FakeFetcher:
        record = KeyRecord(id="key-1", public_key=ACADEMY.public_key, added=NOW)
        return FakeFetcher({self.jwks_url: {**build_jwks(self.issuer, keys=[record]), **changes}})

    def test_a_listed_key_is_its_own(self) -> None:
        assert check(self._token(), web=self._web()).verdict == "valid"

    def test_another_key_is_not(self) -> None:
        report = check(self._token(FORGER), web=self._web())
        assert told(report) == {"issuer_binding": ("fail", "INVALID_VERIFICATION_METHOD")}

    def test_a_key_set_of_another_issuer_on_the_host_does_not_count(self) -> None:
        assert check(self._token(), web=self._web(iss="https://academy.example/other")).verdict == "invalid"

    def test_a_key_set_from_files_is_told(self) -> None:
        web = self._web()
        web.source = "supplied"
        report = check(self._token(), web=web)
        assert (report.verdict, report.key_source) == ("valid", "supplied")
        assert report.check("issuer_binding").code == "KEY_SUPPLIED"

    def test_no_key_set_means_not_known_and_the_compatible_policy_warns(self) -> None:
        assert check(self._token(), web=FakeFetcher({})).verdict == "unknown"
        report = check(self._token(), web=FakeFetcher({}), compatible=True)
        assert report.verdict == "valid"
        assert "anybody could have signed" in report.check("issuer_binding").message

    @pytest.mark.parametrize("issuer", ["https://[academy", "https://", "http://academy.example", "urn:x:y"])
    def test_an_issuer_that_cannot_be_asked_is_not_known(self, issuer: str) -> None:
        badge = a_badge(issuer={"id": issuer, "type": ["Profile"]}, credentialStatus=None)
        token = _jwt({"alg": "EdDSA", "jwk": to_jwk(ACADEMY.public_key)}, {**badge, "iss": issuer})
        assert check(token, web=FakeFetcher({})).check("issuer_binding").code == "KEY_NOT_BOUND"


# --- JWT claims -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "did:web:other.example"},
        {"iss": None},
        {"sub": "did:example:somebody"},
        {"jti": "urn:uuid:other"},
        {"jti": None},
        {"nbf": 1},
        {"nbf": None},
        {"nbf": True},
        {"exp": 4_000_000_000},
    ],
)
def test_claims_that_disagree_with_the_credential_make_it_invalid(claims: dict[str, Any]) -> None:
    report = check(_jwt(HEADER, _payload(**claims)))
    assert told(report) == {"proof": ("fail", "CLAIM_MISMATCH")}
    assert report.check("proof").pointer == f"/{next(iter(claims))}"


def test_a_jwt_with_two_credentials_is_refused() -> None:
    report = check(_jwt(HEADER, _payload(vc=a_badge(name="Another"))))
    assert told(report) == {"readable": ("fail", "NOT_COMPACT_FORM")}


def test_a_credential_of_version_2_in_the_claim_of_version_1_is_odd() -> None:
    payload = _payload()
    claims = {name: payload.pop(name) for name in ("iss", "jti", "nbf")}
    report = check(_jwt(HEADER, {**claims, "vc": payload}))
    assert (report.verdict, told(report)) == ("valid", {"proof": ("warning", "JWT_LAYOUT")})


def test_a_jwt_whose_payload_was_swapped_is_invalid() -> None:
    header, _, signature = as_jwt(a_badge()).split(".")
    payload = encode_base64url(json.dumps(_payload(name="Professor")).encode())
    report = check(f"{header}.{payload}.{signature}")
    assert told(report) == {"proof": ("fail", "PROOF_VERIFICATION_ERROR")}


# --- proofs ---------------------------------------------------------------------------------------------------


def test_an_unsigned_badge_is_invalid() -> None:
    report = check(a_badge())
    assert told(report) == {"proof": ("fail", "PROOF_VERIFICATION_ERROR")}
    assert report.sentence == "This badge is not good. It is not signed: anybody could have written it."


@pytest.mark.parametrize("proof", [[], None, "z", [None], [[]], 3])
def test_a_proof_that_is_none_is_invalid(proof: Any) -> None:
    report = check({**a_badge(), "proof": proof})
    assert report.verdict == "invalid"
    assert report.check("proof").code == "MALFORMED_VALUE_ERROR"


def test_a_bad_proof_beside_a_good_one_makes_it_invalid() -> None:
    good = signed(a_badge())
    bad = {**good["proof"], "proofValue": signed(a_badge(name="Other"))["proof"]["proofValue"]}
    for proofs in ([good["proof"], bad], [bad, good["proof"]]):
        report = check({**good, "proof": proofs})
        assert report.verdict == "invalid"
        assert report.deciding is not None
        assert report.deciding.pointer == f"/proof/{proofs.index(bad)}/proofValue"


def test_a_proof_of_an_unknown_kind_beside_a_good_one_is_odd() -> None:
    good = signed(a_badge())
    report = check({**good, "proof": [good["proof"], {**good["proof"], "cryptosuite": "bbs-2023"}]})
    assert (report.verdict, told(report)) == ("valid", {"proof": ("warning", "UNSUPPORTED")})


def test_a_forgers_proof_beside_an_unreadable_one_does_not_bind() -> None:
    forged = signed(a_badge(), signer=FORGER)
    report = check({**forged, "proof": [forged["proof"], {**forged["proof"], "cryptosuite": "bbs-2023"}]})
    assert report.verdict == "invalid"


def test_a_cosigner_is_told_and_does_not_harm() -> None:
    report = check(signed(signed(a_badge()), signer=FORGER))
    assert (report.verdict, told(report)) == (
        "valid",
        {"issuer_binding": ("warning", "INVALID_VERIFICATION_METHOD")},
    )


def test_only_proofs_of_unknown_kinds_are_not_known() -> None:
    good = signed(a_badge())
    report = check({**good, "proof": {**good["proof"], "cryptosuite": "bbs-2023"}})
    assert told(report) == {"proof": ("unknown", "UNSUPPORTED")}


def test_too_many_proofs_are_not_read() -> None:
    good = signed(a_badge())
    assert check({**good, "proof": [good["proof"]] * 9}).check("proof").code == "MALFORMED_VALUE_ERROR"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"expires": "2026-05-01T00:00:00Z"}, "good until 1 May 2026 only"),
        ({"expires": "next year"}, "cannot be read"),
        ({"created": "2026-05-04T12:00:00Z"}, "made in the future"),
        ({"created": "2026-02-31T12:00:00Z"}, "cannot be read"),
    ],
)
def test_the_dates_of_a_proof_count(options: dict[str, str], words: str) -> None:
    good = signed(a_badge())
    report = check({**good, "proof": {**good["proof"], **options}})
    assert told(report)["proof"] == ("fail", "PROOF_VERIFICATION_ERROR")
    assert words in report.sentence


def test_a_proof_made_over_another_context_is_refused() -> None:
    good = signed(a_badge(), cryptosuite="eddsa-jcs-2022")
    swapped = {**good, "proof": {**good["proof"], "@context": ["https://www.w3.org/ns/did/v1"]}}
    report = check(swapped)
    assert report.verdict == "invalid"
    assert "another @context" in report.check("proof").message


def test_a_proof_may_not_be_moved_to_another_badge() -> None:
    report = check({**a_badge(id="https://academy.example/credentials/8"), "proof": signed(a_badge())["proof"]})
    assert told(report) == {"proof": ("fail", "PROOF_VERIFICATION_ERROR")}


@pytest.mark.parametrize("name", [[], {}, "urn:uuid:nobody", ["urn:uuid:nobody"]])
def test_a_chain_to_a_proof_that_is_not_there_is_refused(name: Any) -> None:
    good = signed(a_badge())
    second = {**good["proof"], "previousProof": name, "id": name}
    report = check({**good, "proof": [good["proof"], second]})
    assert report.verdict == "invalid"


# --- keys over time -------------------------------------------------------------------------------------------


def _aged(**dates: str) -> FakeFetcher:
    document = a_did_document()
    document["verificationMethod"][0].update(dates)
    return a_web(did=document, list=signed(a_status_list(), created=None))


def test_a_key_retired_after_the_signature_still_counts_with_a_word_about_it() -> None:
    report = check(signed(a_badge(credentialStatus=None)), web=_aged(expires="2026-05-03T00:00:00Z"))
    assert (report.verdict, told(report)) == ("valid", {"issuer_binding": ("warning", "KEY_RETIRED")})


def test_a_key_retired_before_the_signature_does_not_count() -> None:
    report = check(signed(a_badge(credentialStatus=None)), web=_aged(expires="2026-05-01T00:00:00Z"))
    assert told(report) == {"issuer_binding": ("fail", "KEY_RETIRED")}


def test_a_stolen_key_counts_for_nothing_whatever_the_date_says() -> None:
    report = check(signed(a_badge(credentialStatus=None)), web=_aged(revoked="2026-06-01T00:00:00Z"))
    assert told(report) == {"issuer_binding": ("fail", "KEY_COMPROMISED")}


# --- status lists ---------------------------------------------------------------------------------------------


def test_a_list_signed_by_somebody_else_says_nothing() -> None:
    for list_ in (
        signed(a_status_list(), signer=FORGER),
        signed(a_status_list(), signer=_fragment_signer()),
        a_status_list(),
    ):
        report = check(signed(a_badge()), web=a_web(list=list_))
        assert told(report) == {"status": ("unknown", "STATUS_VERIFICATION_ERROR")}


def test_a_good_list_of_another_issuer_says_nothing() -> None:
    other = signed(a_status_list(issuer=FORGER_DID), signer=FORGER)
    report = check(signed(a_badge()), web=a_web(list=other))
    assert told(report) == {"status": ("unknown", "STATUS_VERIFICATION_ERROR")}
    assert "another issuer" in report.sentence


def test_a_list_of_an_issuer_that_the_policy_names_counts() -> None:
    other = signed(a_status_list(issuer=FORGER_DID), signer=FORGER)
    report = check(signed(a_badge()), web=a_web(list=other), issuers=frozenset({FORGER_DID}))
    assert report.verdict == "valid"


def test_the_badge_cannot_be_sent_to_another_badges_list() -> None:
    badge = a_badge()
    badge["credentialStatus"]["statusListCredential"] = "https://forger.example/status"
    report = check({**badge, "proof": signed(a_badge())["proof"]})
    assert report.check("proof").result == "fail"


def test_a_second_list_served_at_the_address_of_the_first_says_nothing() -> None:
    served = signed(a_status_list(id="https://academy.example/status/2"))
    report = check(signed(a_badge()), web=a_web(list=served))
    assert told(report) == {"status": ("unknown", "STATUS_VERIFICATION_ERROR")}


# --- endorsements: told one by one, and never deciding --------------------------------------------------------


def _endorsement(about: str, *, signer: Any = FORGER, issuer: str = FORGER_DID) -> dict[str, Any]:
    document = {
        "@context": a_badge()["@context"],
        "id": "urn:uuid:3f2e33e5-7a29-4155-840a-59483ba10164",
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "name": "Endorsement",
        "issuer": {"id": issuer, "type": ["Profile"], "name": "A neighbour"},
        "validFrom": "2026-05-01T09:00:00Z",
        "credentialSubject": {"id": about, "type": ["EndorsementSubject"], "endorsementComment": "Well done"},
    }
    return signed(document, signer=signer)


def test_a_good_endorsement_is_told() -> None:
    report = check(signed(a_badge(endorsement=[_endorsement(BADGE_ID)])))
    assert report.verdict == "valid"
    line = report.check("endorsement/1")
    assert (line.result, line.decides) == ("pass", False)
    assert FORGER_DID in line.message


def test_a_good_endorsement_as_jwt_is_told() -> None:
    document = {k: v for k, v in _endorsement(BADGE_ID).items() if k != "proof"}
    token = as_jwt(document, signer=FORGER)
    report = check(as_jwt(a_badge(endorsementJwt=[token, "not a JWT", 3])))
    assert [c.result for c in report.checks if c.id.startswith("endorsement/")] == ["pass", "fail", "fail"]


@pytest.mark.parametrize(
    ("make", "result", "code"),
    [
        (lambda: {**_endorsement(BADGE_ID), "name": "Changed"}, "fail", "PROOF_VERIFICATION_ERROR"),
        (lambda: _endorsement("https://academy.example/credentials/8"), "fail", "ENDORSEMENT_SUBJECT"),
        (
            lambda: _endorsement(BADGE_ID, issuer="did:web:neighbour.example"),
            "fail",
            "INVALID_VERIFICATION_METHOD",
        ),
        (
            lambda: _endorsement(
                BADGE_ID,
                issuer="did:web:neighbour.example",
                signer=a_signer(3, method="did:web:neighbour.example#key-1"),
            ),
            "unknown",
            "NOT_FOUND",
        ),
        (lambda: a_badge(id="urn:x:other"), "fail", "MALFORMED_VALUE_ERROR"),
        (lambda: {"type": ["EndorsementCredential"]}, "fail", "ENDORSEMENT_SUBJECT"),
        (lambda: "text", "fail", "MALFORMED_VALUE_ERROR"),
    ],
)
def test_an_endorsement_that_is_not_good_does_not_harm_the_badge(
    make: Callable[[], Any], result: str, code: str
) -> None:
    # As JWT, so that the badge's own form has no say in what may stand among its endorsements.
    report = check(as_jwt(a_badge(endorsement=[make()])))
    line = report.check("endorsement/1")
    assert (line.result, line.code, line.decides) == (result, code, False)


# --- what is fetched ------------------------------------------------------------------------------------------


def test_each_document_is_asked_for_once_and_only_what_the_badge_needs() -> None:
    web = a_web()
    badge = signed(signed(a_badge()))
    check(badge, web=web)
    assert sorted(web.asked) == [DID_URL, LIST_URL]


def test_a_badge_cannot_make_us_ask_without_end() -> None:
    endorsements = [
        _endorsement(
            BADGE_ID, issuer=f"did:web:host{n}.example", signer=a_signer(3, method=f"did:web:host{n}.example#k")
        )
        | {"id": f"urn:x:{n}"}
        for n in range(40)
    ]
    web = a_web()
    report = check(as_jwt(a_badge(endorsement=endorsements)), web=web)
    assert len(web.asked) <= 32
    assert report.check("endorsement/more").code == "LIMIT_EXCEEDED"


def test_a_badge_with_many_endorsements_is_read() -> None:
    endorsements = [
        signed(
            {**{k: v for k, v in _endorsement(BADGE_ID).items() if k != "proof"}, "id": f"urn:x:{n}"},
            signer=FORGER,
        )
        for n in range(16)
    ]
    report = check(signed(a_badge(endorsement=endorsements)))
    assert report.verdict == "valid"
    assert report.check("endorsement/16").result == "pass"


@pytest.mark.parametrize("count", [1_001, 19_000])
def test_a_badge_with_too_many_tags_is_refused_before_any_work(count: int) -> None:
    badge = a_badge(endorsement=[_endorsement(BADGE_ID)])
    badge["credentialSubject"]["achievement"]["tag"] = [f"tag {n}" for n in range(count)]
    report = check({**badge, "proof": signed(a_badge())["proof"]})
    assert report.verdict == "invalid"
    assert told(report)["context"] == ("fail", "LIMIT_EXCEEDED")
    assert not any(line.id.startswith("endorsement") for line in report.checks), "what is too much stays unread"


def test_a_p256_key_signs_with_its_own_suite() -> None:
    key = generate_private_key("P-256")
    signer = local_signer(key, verification_method=did_key_method(public_key_of(key)))
    issuer = {"id": did_key(signer.public_key), "type": ["Profile"]}
    badge = signed(a_badge(issuer=issuer, credentialStatus=None), signer=signer, cryptosuite="ecdsa-rdfc-2019")
    assert check(badge).verdict == "valid"
    other = {**badge, "proof": {**badge["proof"], "cryptosuite": "eddsa-rdfc-2022"}}
    assert told(check(other)) == {"proof": ("fail", "PROOF_VERIFICATION_ERROR")}


def test_the_forgers_key_is_not_the_academys() -> None:
    assert public_key_of(a_key(1)) != FORGER.public_key
    assert LIST_URL in a_web().documents


# --- other identifiers than did:web ---------------------------------------------------------------------------

HTTPS_ISSUER = "https://academy.example/people/asha"


def _issuer(name: str) -> dict[str, Any]:
    return {"id": name, "type": ["Profile"], "name": "Somebody"}


@pytest.mark.parametrize("kind", ["Ed25519", "P-256", "P-384"])
@pytest.mark.parametrize("method", ["key", "jwk"])
def test_a_badge_of_a_key_that_is_its_own_identifier_is_valid(method: str, kind: Any) -> None:
    private = generate_private_key(kind)
    key = public_key_of(private)
    did = did_key(key) if method == "key" else did_jwk(key)
    name = did_key_method(key) if method == "key" else did_jwk_method(did)
    signer = local_signer(private, verification_method=name)
    suite = "eddsa-rdfc-2022" if kind == "Ed25519" else "ecdsa-rdfc-2019"
    badge = a_badge(issuer=_issuer(did), credentialStatus=None)
    for form in (signed(badge, signer=signer, cryptosuite=suite), as_jwt(badge, signer=signer)):
        report = check(form, web=FakeFetcher({}))
        assert (report.verdict, report.key_source) == ("valid", "identifier")
    stolen = a_badge(issuer=_issuer(ISSUER), credentialStatus=None)
    report = check(signed(stolen, signer=signer, cryptosuite=suite))
    assert told(report) == {"issuer_binding": ("fail", "INVALID_VERIFICATION_METHOD")}


def test_a_did_jwk_that_holds_no_good_key_is_refused_for_that() -> None:
    signer = a_signer(2, method="did:jwk:e30#0")
    report = check(signed(a_badge(issuer=_issuer("did:jwk:e30"), credentialStatus=None), signer=signer))
    assert report.verdict == "unknown"
    assert told(report) == {"proof": ("unknown", "UNSUPPORTED")}


def _https_world(**changes: Any) -> FakeFetcher:
    """An https issuer's own controlled identifier document (Controlled Identifiers 1.0)."""
    name = f"{HTTPS_ISSUER}#key-1"
    document = {
        "@context": "https://www.w3.org/ns/cid/v1",
        "id": HTTPS_ISSUER,
        "verificationMethod": [
            {
                "id": name,
                "type": "Multikey",
                "controller": HTTPS_ISSUER,
                "publicKeyMultibase": to_multikey(ACADEMY.public_key),
            }
        ],
        "assertionMethod": [name],
    }
    return FakeFetcher({HTTPS_ISSUER: {**document, **changes}})


def _https_badge() -> dict[str, Any]:
    badge = a_badge(issuer=_issuer(HTTPS_ISSUER), credentialStatus=None)
    return signed(badge, signer=a_signer(method=f"{HTTPS_ISSUER}#key-1"))


def test_an_https_issuer_lists_its_keys_at_its_own_address() -> None:
    web = _https_world()
    report = check(_https_badge(), web=web)
    assert (report.verdict, told(report), web.asked) == ("valid", {}, [HTTPS_ISSUER])


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"id": "https://academy.example/people/ben"}, ("unknown", "NOT_FOUND")),
        ({"assertionMethod": []}, ("fail", "INVALID_RELATIONSHIP_FOR_VERIFICATION_METHOD")),
        ({"verificationMethod": []}, ("fail", "INVALID_VERIFICATION_METHOD")),
    ],
)
def test_an_https_issuers_document_that_does_not_list_the_key_binds_nothing(
    changes: dict[str, Any], line: tuple[str, str]
) -> None:
    report = check(_https_badge(), web=_https_world(**changes))
    assert report.verdict != "valid"
    assert line in told(report).values()


# --- a proof inside a JWT -------------------------------------------------------------------------------------


def test_a_jwt_may_hold_a_badge_that_has_a_good_proof_of_its_own() -> None:
    report = check(as_jwt(signed(a_badge())))
    assert (report.verdict, told(report)) == ("valid", {})


def test_a_broken_proof_inside_a_jwt_is_not_passed_over() -> None:
    for proof, code in (
        ({**signed(a_badge())["proof"], "created": "2026-05-01T00:00:00Z"}, "PROOF_VERIFICATION_ERROR"),
        ([], "MALFORMED_VALUE_ERROR"),
        ("x", "MALFORMED_VALUE_ERROR"),
    ):
        report = check(as_jwt({**a_badge(), "proof": proof}))
        assert report.verdict == "invalid"
        assert told(report)["proof"] == ("fail", code)


def test_a_proof_of_an_unknown_kind_inside_a_jwt_is_odd() -> None:
    report = check(as_jwt({**a_badge(), "proof": {"type": "Unheard2030"}}))
    assert (report.verdict, told(report)) == ("valid", {"proof": ("warning", "UNSUPPORTED")})


@pytest.mark.parametrize("host", ["https://a\u2100b", "https://[", "https://[::1", "https://"])
def test_an_issuer_at_an_impossible_address_has_no_keys(host: str) -> None:
    header = {"alg": "EdDSA", "typ": "vc+jwt", "jwk": to_jwk(ACADEMY.public_key)}
    report = check(a_jws(header, a_badge(issuer={"id": host, "type": ["Profile"]}, credentialStatus=None)))
    assert report.verdict != "valid"
    assert told(report)["issuer_binding"] == ("unknown", "KEY_NOT_BOUND")


@pytest.mark.parametrize("owner", [[], {}, ["https://academy.example"], 5])
def test_a_key_list_of_an_odd_owner_binds_nothing(owner: object) -> None:
    issuer = "https://academy.example"
    header = {"alg": "EdDSA", "typ": "vc+jwt", "jwk": to_jwk(ACADEMY.public_key)}
    badge = a_jws(header, a_badge(issuer={"id": issuer, "type": ["Profile"]}, credentialStatus=None))
    keys = [to_jwk(ACADEMY.public_key)]
    good = FakeFetcher({f"{issuer}/.well-known/jwks.json": {"keys": keys}})
    assert check(badge, web=good).verdict == "valid"
    odd = FakeFetcher({f"{issuer}/.well-known/jwks.json": {"keys": keys, "iss": owner}})
    assert told(check(badge, web=odd)) == {"issuer_binding": ("fail", "INVALID_VERIFICATION_METHOD")}
