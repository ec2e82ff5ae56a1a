"""Every code that a report can have has words for people, and the page sets foreign words apart from ours."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask
from flask.testing import FlaskClient

import keys.errors
import schemas
from keys import local_signer, public_key_of, to_multikey
from schemas import add_sd_base_proof, badge_mandatory_pointers, derive_sd_proof
from tests.unit.verifier.world import (
    FORGER,
    FORGER_DID,
    INDEX,
    ISSUER,
    NOW,
    a_badge,
    a_did_document,
    a_status_list,
    a_web,
    as_jose,
    check,
    signed,
)
from verifier import Policy
from verifier.registries import Registry
from verifier.web import create_blueprint
from verifier.words import has_words, words_for

ROOT = Path(schemas.__file__).resolve().parent.parent
# Codes of requests and of making things: none of them reaches a report on a badge.
ELSEWHERE = {
    "FEATURE_NOT_SUPPORTED",
    "INVALID_DID_DOCUMENT",
    "INVALID_DID_URL",
    "INVALID_KEY_LENGTH",
    "INVALID_KEY_TYPE",
    "INVALID_OPTIONS",
    "KEYS_ERROR",
    "KEY_FILE_ERROR",
    "MALFORMED_REQUEST",
    "METHOD_NOT_SUPPORTED",
    "REPRESENTATION_NOT_SUPPORTED",
    "RETRIEVAL_ERROR",
    "UNSUPPORTED_KEY_TYPE",
    "UNSUPPORTED_MEDIA_TYPE",
    "ACADEMY_DEV",
    "RAW_URI",
    "REQUEST_URI",
}
# Packages whose codes share the words of their line.
OF_A_KIND = ("decision", "log")
A_CODE = re.compile(r"[A-Z]+(_[A-Z]+)+|CONTAINER|REARRANGED|UNSUPPORTED")


def _codes(file: Path) -> Iterator[str]:
    """Yield the texts of a module that look like codes, but for the names that it makes public."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    public = {
        id(node)
        for statement in tree.body
        if isinstance(statement, ast.Assign) and "__all__" in {getattr(t, "id", "") for t in statement.targets}
        for node in ast.walk(statement.value)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in public:
            yield from [node.value] if A_CODE.fullmatch(node.value) else []


def test_every_code_has_words_of_its_own() -> None:
    files = [
        *(file for file in (ROOT / "verifier").rglob("*.py") if not {"words.py", *OF_A_KIND} & {*file.parts}),
        *(ROOT / "schemas").glob("*.py"),
        *(ROOT / "schemas" / "baking").glob("*.py"),
        *(ROOT / "schemas" / "ecdsa_sd").glob("*.py"),
        Path(keys.errors.__file__),
    ]
    found = {code for file in files for code in _codes(file)} - ELSEWHERE
    assert "SEVERAL_BADGES" in found
    assert not sorted(code for code in found if not has_words(code))


@pytest.mark.parametrize("kind", [*OF_A_KIND, "witnesses"])
def test_what_is_said_of_the_peers_decision_shares_its_words(kind: str) -> None:
    words = words_for(kind, "fail", "ONE_OF_MANY")
    assert words.why
    assert words.remedy


def test_a_line_without_a_code_still_says_what_to_do() -> None:
    assert words_for("proof", "fail", "").remedy
    assert words_for("status", "unknown", "NEVER_HEARD_OF").remedy
    assert not words_for("status", "pass", "").remedy


# On the page


@pytest.fixture
def client() -> FlaskClient:
    return _client()


def _client(web: Any = None, **policy: Any) -> FlaskClient:
    app = Flask("words")
    app.register_blueprint(create_blueprint(fetcher=web or a_web(), policy=Policy(**policy), clock=lambda: NOW))
    return app.test_client()


def _page(client: FlaskClient, badge: object) -> str:
    text = badge if isinstance(badge, str) else json.dumps(badge)
    page: str = client.post("/verify", data={"badge": text}).text
    return page


def _row(page: str, title: str) -> str:
    row: str
    [row] = re.findall(rf'(?s)<li class="v-row[^>]*>(?:(?!</li>).)*<h3>{re.escape(title)} .*?</li>', page)
    return row


def test_what_is_not_good_says_why_and_what_the_reader_can_do(client: FlaskClient) -> None:
    row = _row(_page(client, {**signed(a_badge()), "name": "changed"}), "Signature")
    assert "What you can do:</b> Ask the person, or the issuer, for a new copy." in row
    assert "Why this matters" in row
    assert "A signature fits one text and one key only." in row


def test_what_is_good_gives_no_advice(client: FlaskClient) -> None:
    assert "What you can do" not in _row(_page(client, signed(a_badge())), "Signature")


def test_the_issuers_message_is_neutral_and_quoted_as_its_words() -> None:
    list_ = a_status_list(INDEX)
    list_["credentialSubject"]["statusPurpose"] = "message"
    badge = a_badge()
    badge["credentialStatus"] |= {
        "statusPurpose": "message",
        "statusMessage": [
            {"status": "0x1", "message": "It is good <b>"},
            {"status": "0x0", "message": "-"},
        ],
    }
    row = _row(_page(_client(a_web(list=signed(list_))), signed(badge)), "Status")
    assert "is-info" in row
    assert 'The issuer says about it: <q class="v-theirs">It is good &lt;b&gt;</q>' in row


def test_that_a_newer_copy_exists_is_neutral() -> None:
    list_ = a_status_list(INDEX)
    list_["credentialSubject"]["statusPurpose"] = "refresh"
    badge = a_badge()
    badge["credentialStatus"]["statusPurpose"] = "refresh"
    page = _page(_client(a_web(list=signed(list_))), signed(badge))
    assert 'v-verdict is-valid"' in page
    row = _row(page, "Status")
    assert "is-info" in row
    assert "has a newer copy of it" in row


def test_the_word_of_a_revocation_stands_in_quotation_marks_of_its_own() -> None:
    badge = a_badge()
    badge["credentialStatus"]["statusMessage"] = [{"status": "0x1", "message": "given by mistake"}]
    row = _row(_page(_client(a_web(list=signed(a_status_list(INDEX)))), signed(badge)), "Status")
    assert "It was revoked, says the issuer&#39;s list of 3 May 2026, 11:00 UTC." in row
    assert '<q class="v-theirs">given by mistake</q>' in row


def test_the_page_says_under_which_name_the_issuer_stands_on_which_list() -> None:
    registry = Registry(file="schools.json", names={ISSUER: "Academy, Main Street"})
    page = _page(_client(registries=(registry,)), signed(a_badge()))
    told = 'The issuer is on your list &#34;schools.json&#34; as <q class="v-theirs">Academy, Main Street</q>'
    assert told in _row(page, "Is the issuer known to you?")
    assert told in page.partition('class="v-facts"')[2].partition("</dl>")[0]


def test_an_older_kind_of_badge_is_shown_only(client: FlaskClient) -> None:
    assertion = {
        "@context": "https://w3id.org/openbadges/v2",
        "id": "https://old.example/1",
        "type": "Assertion",
        "recipient": {"type": "email", "hashed": False, "identity": "asha@example.org"},
        "issuedOn": "2020-01-01T00:00:00Z",
        "verification": {"type": "hosted"},
        "badge": {"id": "https://old.example/b", "name": "Old hand", "issuer": {"id": "https://old.example/i"}},
    }
    page = _page(client, assertion)
    assert '<h1 id="verdict">An older kind of badge, shown only</h1>' in page
    assert '<q class="v-name">Old hand</q>' in page
    page = _page(client, assertion | {"revoked": True})
    assert '<h1 id="verdict">This badge is not good</h1>' in page


def test_an_image_with_two_badges_is_a_bad_badge_and_not_no_badge(client: FlaskClient) -> None:
    one, other = (json.dumps(signed(a_badge(name=name))) for name in ("One", "Other"))
    element = "<openbadges:credential><![CDATA[{}]]></openbadges:credential>"
    image = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0">'
        f"{element.format(one)}{element.format(other)}</svg>"
    )
    page = _page(client, image)
    assert '<h1 id="verdict">This badge is not good</h1>' in page
    assert "Ask for a copy with one badge in it, and check that one." in page


def test_a_part_that_its_holder_shows_is_said_to_be_a_part() -> None:
    key = ec.derive_private_key(7, ec.SECP256R1())
    signer = local_signer(key, verification_method=f"{ISSUER}#{to_multikey(public_key_of(key))}")
    document = a_did_document()
    method = signer.verification_method
    document["verificationMethod"].append(
        {"id": method, "type": "Multikey", "controller": ISSUER, "publicKeyMultibase": method.partition("#")[2]}
    )
    document["assertionMethod"].append(method)
    pointers = badge_mandatory_pointers(a_badge())
    base = add_sd_base_proof(
        a_badge(),
        signer=signer,
        created=NOW,
        mandatory_pointers=pointers,
        hmac_key=bytes(32),
        ephemeral_key=ec.derive_private_key(8, ec.SECP256R1()),
    )
    report = check(derive_sd_proof(base, selective_pointers=[]), web=a_web(did=document))
    line = report.check("proof")
    assert line.message == "What is shown was not changed since it was signed; the holder may have left parts out."


# Presentations on the page


def _shown(badge: dict[str, Any], *, by: Any = FORGER, holder: str = FORGER_DID, **options: Any) -> dict[str, Any]:
    presentation = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiablePresentation"],
        "holder": holder,
        "verifiableCredential": [badge],
    }
    return signed(presentation, signer=by, proof_purpose="authentication", **options)


def _badge_for(id_: str | None) -> dict[str, Any]:
    badge = a_badge()
    badge["credentialSubject"] |= {"id": id_} if id_ else {}
    return signed(badge)


def test_a_badge_shown_by_the_one_it_is_for_says_so(client: FlaskClient) -> None:
    page = _page(client, _shown(_badge_for(FORGER_DID)))
    assert 'v-verdict is-valid"' in page
    row = _row(page, "Who shows it")
    assert "is-pass" in row
    assert "whom it is for" in row


@pytest.mark.parametrize(("subject", "result"), [("did:web:asha.example", "warning"), (None, "info")])
def test_a_badge_shown_by_somebody_else_says_that(client: FlaskClient, subject: str | None, result: str) -> None:
    row = _row(_page(client, _shown(_badge_for(subject))), "Who shows it")
    assert f"is-{result}" in row
    assert "Compare the badge with the person" in row


def test_a_badge_in_a_presentation_that_was_changed_is_not_good(client: FlaskClient) -> None:
    page = _page(client, _shown(_badge_for(FORGER_DID)) | {"id": "urn:x:1"})
    assert 'v-verdict is-invalid"' in page
    assert "is-fail" in _row(page, "Who shows it")


def test_a_presentation_under_another_holders_name_is_not_good(client: FlaskClient) -> None:
    page = _page(client, _shown(_badge_for(ISSUER), holder=ISSUER))
    assert 'v-verdict is-invalid"' in page


def test_a_presentation_without_a_badge_holds_none(client: FlaskClient) -> None:
    empty = _shown(_badge_for(None)) | {"verifiableCredential": []}
    del empty["proof"]
    page = _page(client, signed(empty, signer=FORGER, proof_purpose="authentication"))
    assert "No badge was found in this" in page


def test_several_badges_in_a_presentation_become_a_table(client: FlaskClient) -> None:
    shown = _shown(_badge_for(FORGER_DID))
    del shown["proof"]
    shown["verifiableCredential"] *= 2
    page = _page(client, signed(shown, signer=FORGER, proof_purpose="authentication"))
    assert re.findall(r'<tr class="is-(\w+)">', page) == ["valid", "valid"]


def test_a_presentation_as_jwt_is_found_in_a_text(client: FlaskClient) -> None:
    shown = {k: v for k, v in _shown(_badge_for(FORGER_DID)).items() if k != "proof"}
    assert "is-pass" in _row(_page(client, as_jose(shown, signer=FORGER, kind="vp")), "Who shows it")
