"""Open Badges of version 2: recognised, shown, checked as far as their documents are at hand; never valid."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization

from keys import LocalSigner, generate_private_key, local_signer
from keys.signer import PrivateKey
from tests.unit.verifier.world import NOW, FakeFetcher, a_jws, check, told
from verifier import CHECK_IDS, DocumentsFetcher, Report, read_badge, verify_badge

CONTEXT = "https://w3id.org/openbadges/v2"
ID = "https://old.example/assertions/1"
BADGE = "https://old.example/badges/1"
ISSUER = "https://old.example/issuer"
KEY = "https://old.example/key"
LIST = "https://old.example/revoked"
EMAIL, SALT = "asha@example.org", "deadsea"


@cache
def _private() -> PrivateKey:
    return generate_private_key("RSA")


def _pem(private: PrivateKey) -> str:
    form, kind = serialization.PublicFormat.SubjectPublicKeyInfo, serialization.Encoding.PEM
    return private.public_key().public_bytes(kind, form).decode()


def _signer() -> LocalSigner:
    return local_signer(_private(), verification_method=KEY)


def _assertion(**changes: Any) -> dict[str, Any]:
    value = {
        "@context": CONTEXT,
        "type": "Assertion",
        "id": ID,
        "recipient": {
            "type": "email",
            "hashed": True,
            "salt": SALT,
            "identity": "sha256$" + hashlib.sha256((EMAIL + SALT).encode()).hexdigest(),
        },
        "badge": BADGE,
        "issuedOn": "2020-05-01T00:00:00Z",
        "verification": {"type": "HostedBadge"},
    }
    return {name: member for name, member in {**value, **changes}.items() if member is not None}


def _signed(**changes: Any) -> str:
    verification = {"type": "SignedBadge", "creator": KEY}
    return a_jws({"alg": "RS256"}, _assertion(**{"verification": verification, **changes}), signer=_signer())


def _documents(**changes: Any) -> dict[str, Any]:
    documents: dict[str, Any] = {
        BADGE: {"id": BADGE, "type": "BadgeClass", "name": "Old badge", "description": "x", "issuer": ISSUER},
        ISSUER: {"id": ISSUER, "type": "Profile", "name": "Old issuer", "publicKey": KEY, "revocationList": LIST},
        KEY: {"id": KEY, "type": "CryptographicKey", "owner": ISSUER, "publicKeyPem": _pem(_private())},
        LIST: {"id": LIST, "type": "RevocationList", "revokedAssertions": [{"id": "https://old.example/other"}]},
    }
    names = {"badge": BADGE, "issuer": ISSUER, "key": KEY, "list": LIST, "kept": ID}
    for name, value in changes.items():
        documents[names[name]] = value
    return documents


@pytest.fixture
def report(tmp_path: Path) -> Any:
    def call(badge: Any, documents: dict[str, Any], *, recipient: str | None = None) -> Report:
        files = {}
        for number, (url, value) in enumerate(documents.items()):
            files[url] = tmp_path / f"{number}.json"
            files[url].write_bytes(value if isinstance(value, bytes) else json.dumps(value).encode())
        data = badge if isinstance(badge, str) else json.dumps(badge)
        fetcher = DocumentsFetcher(files)
        return verify_badge(read_badge(data.encode()), now=NOW, fetcher=fetcher, recipient=recipient)

    return call


def _lines(found: Report) -> dict[str, tuple[str, str]]:
    return {id_: value for id_, value in told(found).items() if id_ != "context"}


def test_it_is_recognised_and_shown_and_never_valid(report: Any) -> None:
    found = report(_signed(), _documents())
    assert (found.verdict, found.deciding.code) == ("unknown", "UNSUPPORTED")
    assert "an Open Badge of version 2" in found.sentence
    assert [line.id for line in found.checks] == list(CHECK_IDS)
    assert _lines(found) == {"issuer_binding": ("warning", "KEY_SUPPLIED")}
    assert found.credential == {
        "id": ID,
        "type": ["Assertion"],
        "name": "Old badge",
        "description": "x",
        "issuer": {"id": ISSUER, "name": "Old issuer"},
        "recipient": {},
        "validFrom": "2020-05-01T00:00:00Z",
        "isBadge": True,
        "version": 2,
    }


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"key": {"id": KEY, "owner": ISSUER, "publicKeyPem": _pem(generate_private_key("RSA"))}}, "proof"),
        ({"issuer": {"id": ISSUER, "publicKey": {"id": "urn:x:other", "owner": ISSUER}}}, "proof"),
        ({"key": {"id": KEY, "owner": ISSUER, "publicKeyPem": "x"}}, "proof"),
        (
            {"key": {"id": KEY, "owner": "https://evil.example", "publicKeyPem": _pem(_private())}},
            "issuer_binding",
        ),
        ({"list": {"id": LIST, "revokedAssertions": [[], {"id": []}, 5, None, ID]}}, "status"),
        ({"list": {"id": LIST, "revokedAssertions": [{"id": ID, "revocationReason": "x"}]}}, "status"),
    ],
)
def test_a_signed_one_that_is_known_to_be_bad_is_invalid(report: Any, changes: dict[str, Any], line: str) -> None:
    found = report(_signed(), _documents(**changes))
    assert found.verdict == "invalid"
    assert _lines(found)[line][0] == "fail"


def test_a_changed_one_is_invalid(report: Any) -> None:
    header, _, signature = _signed().split(".")
    other = _signed(issuedOn="2021-05-01T00:00:00Z").split(".")[1]
    found = report(f"{header}.{other}.{signature}", _documents())
    assert _lines(found) == {"proof": ("fail", "PROOF_VERIFICATION_ERROR")}


def test_a_document_that_is_somebody_elses_does_not_count(report: Any) -> None:
    found = report(_signed(), _documents(issuer={"id": "https://evil.example"}))
    assert _lines(found)["proof"] == ("unknown", "NOT_FOUND")


@pytest.mark.parametrize(
    ("badge", "code"),
    [
        (_assertion(verification={"type": "SignedBadge"}), "PROOF_VERIFICATION_ERROR"),
        (_assertion(verification=None), "MALFORMED_VALUE_ERROR"),
        (_assertion(verification="hosted"), "MALFORMED_VALUE_ERROR"),
        (_assertion(id="urn:uuid:1"), "MALFORMED_VALUE_ERROR"),
    ],
)
def test_one_that_cannot_be_checked_at_all_is_invalid(report: Any, badge: dict[str, Any], code: str) -> None:
    assert _lines(report(badge, _documents()))["proof"] == ("fail", code)


def test_a_jws_that_says_it_is_hosted_is_invalid(report: Any) -> None:
    found = report(_signed(verification={"type": "hosted"}), _documents())
    assert _lines(found)["proof"] == ("fail", "MALFORMED_VALUE_ERROR")
    for header, code in (({"alg": "none"}, "MALFORMED_VALUE_ERROR"), ({"alg": "HS256"}, "MALFORMED_VALUE_ERROR")):
        payload = _assertion(verification={"type": "SignedBadge", "creator": KEY})
        assert _lines(report(a_jws(header, payload, signer=_signer()), _documents()))["proof"] == ("fail", code)


def test_a_hosted_one_is_compared_with_the_copy_at_its_address(report: Any) -> None:
    badge = _assertion()
    same = report(badge, _documents(kept=badge))
    assert (same.verdict, _lines(same)) == ("unknown", {})
    other = report({**badge, "issuedOn": "2021-05-01T00:00:00Z"}, _documents(kept=badge))
    assert (other.verdict, _lines(other)) == ("invalid", {"proof": ("fail", "PROOF_VERIFICATION_ERROR")})
    unreadable = report(badge, _documents(kept=b"<html>"))
    assert unreadable.verdict == "invalid"
    absent = report(badge, _documents())
    assert _lines(absent) == {"proof": ("unknown", "NOT_FOUND")}
    assert ID in absent.check("proof").message


def test_a_hosted_one_at_another_host_than_its_issuers_is_invalid(report: Any) -> None:
    found = report(_assertion(id="https://evil.example/1"), _documents())
    assert _lines(found)["issuer_binding"] == ("fail", "INVALID_VERIFICATION_METHOD")
    for host in ("https://a\u2100b/1", "https://[x/1"):
        assert report(_assertion(id=host), _documents()).verdict == "invalid"


def test_without_its_documents_little_is_known(report: Any) -> None:
    found = report(_assertion(), {})
    assert found.verdict == "unknown"
    assert _lines(found) == {"proof": ("unknown", "NOT_FOUND"), "issuer_binding": ("unknown", "NOT_FOUND")}
    assert _lines(report(_signed(), {})) == {"proof": ("unknown", "NOT_FOUND")}


def test_what_stands_inside_it_needs_no_documents(report: Any) -> None:
    documents = _documents()
    issuer = {**documents[ISSUER], "publicKey": documents[KEY]}
    found = report(_signed(badge={**documents[BADGE], "issuer": issuer}), {})
    assert found.check("proof").result == "pass"
    assert _lines(found)["status"] == ("unknown", "STATUS_RETRIEVAL_ERROR")


def test_nothing_is_fetched_for_it() -> None:
    web = FakeFetcher(_documents())
    for badge in (_signed(), json.dumps(_assertion())):
        assert check(badge, web=web).verdict == "unknown"
    assert web.asked == []


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"expires": "2021-05-01T00:00:00Z"}, ("time", "fail", "VALIDITY_PERIOD")),
        ({"issuedOn": "2036-05-01T00:00:00Z"}, ("time", "fail", "VALIDITY_PERIOD")),
        ({"issuedOn": 1588291200}, ("time", "unknown", "MALFORMED_VALUE_ERROR")),
        ({"revoked": True, "revocationReason": "Left"}, ("status", "fail", "STATUS_SET")),
        ({"recipient": None}, ("model", "fail", "MALFORMED_VALUE_ERROR")),
        ({"recipient": {"identity": 5}}, ("model", "fail", "MALFORMED_VALUE_ERROR")),
        ({"id": None}, ("model", "fail", "MALFORMED_VALUE_ERROR")),
    ],
)
def test_what_it_says_itself_counts(report: Any, changes: dict[str, Any], line: tuple[str, str, str]) -> None:
    found = report(_assertion(**changes), _documents())
    assert _lines(found)[line[0]] == line[1:]


def test_its_recipient_can_be_compared(report: Any) -> None:
    assert report(_assertion(), _documents(), recipient=EMAIL).check("recipient").result == "pass"
    other = report(_assertion(), _documents(), recipient="ben@example.org")
    assert (other.verdict, other.check("recipient").code) == ("invalid", "RECIPIENT_MISMATCH")
    assert report(_assertion(recipient="x"), _documents(), recipient=EMAIL).check("recipient").result == "fail"


def test_an_assertion_of_version_1_is_recognised_by_its_members(report: Any) -> None:
    badge = _assertion(verify={"type": "hosted", "url": ID}, uid="1", verification=None, type=None)
    del badge["@context"]
    found = report(badge, {})
    assert (found.verdict, found.check("context").code) == ("unknown", "UNSUPPORTED")
