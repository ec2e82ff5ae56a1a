"""Re-keying (CONFORMANCE T12): the same RDF, the same signature, and something that plain readers no longer see.

Each attempt keeps the signed statements and hides a member. That the signature still holds is part of the test:
only the compact form stands between the attempt and a good verdict.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from keys import BadSignatureError
from schemas import DocumentError, verify_proof
from tests.unit.verifier.world import (
    ACADEMY,
    BADGE_ID,
    INDEX,
    a_badge,
    a_status_list,
    a_web,
    check,
    signed,
    told,
)

ENDED = "2026-05-02T00:00:00Z"
VALID_UNTIL = "https://www.w3.org/2018/credentials#validUntil"
STATUS = "https://www.w3.org/2018/credentials#credentialStatus"
DATE_TIME = "http://www.w3.org/2001/XMLSchema#dateTime"


def _ended() -> dict[str, Any]:
    return signed(a_badge(validUntil=ENDED))


def _revoked() -> dict[str, Any]:
    return signed(a_badge())


def _copy(document: dict[str, Any]) -> dict[str, Any]:
    copy: dict[str, Any] = json.loads(json.dumps(document))
    return copy


def _signature_holds(document: dict[str, Any]) -> bool:
    try:
        verify_proof(document, proof=document["proof"], public_key=ACADEMY.public_key)
    except (BadSignatureError, DocumentError):
        return False
    return True


def full_iri(badge: dict[str, Any]) -> None:
    badge[VALID_UNTIL] = {"@value": badge.pop("validUntil"), "@type": DATE_TIME}


def included(badge: dict[str, Any]) -> None:
    badge["@included"] = [{"id": badge["id"], "validUntil": badge.pop("validUntil")}]


def second_node(badge: dict[str, Any]) -> None:
    # The achievement's creator may be anything that has an id, so also the badge itself: one statement more.
    badge["credentialSubject"]["achievement"]["related"] = [
        {"id": badge["id"], "type": ["Related"], "validUntil": badge.pop("validUntil")}
    ]


def array(badge: dict[str, Any]) -> None:
    badge["validUntil"] = [badge["validUntil"]]


def nested_set(badge: dict[str, Any]) -> None:
    badge["validUntil"] = {"@set": [badge["validUntil"]]}


def typed_value(badge: dict[str, Any]) -> None:
    badge["validUntil"] = {"@value": badge["validUntil"], "@type": DATE_TIME}


def status_in_full(badge: dict[str, Any]) -> None:
    badge[STATUS] = badge.pop("credentialStatus")


def status_included(badge: dict[str, Any]) -> None:
    badge["@included"] = [{"id": badge["id"], "credentialStatus": badge.pop("credentialStatus")}]


def graph(badge: dict[str, Any]) -> None:
    proof = badge.pop("proof")
    inner = dict(badge)
    badge.clear()
    badge.update({"@context": inner.pop("@context"), "@graph": [inner], "proof": proof})


@pytest.mark.parametrize(
    "hide",
    [full_iri, included, second_node, array, nested_set, typed_value, status_in_full, status_included, graph],
)
def test_a_hidden_member_makes_the_badge_invalid(hide: Callable[[dict[str, Any]], None]) -> None:
    web = a_web(list=signed(a_status_list(INDEX)))
    badge = _ended() if "validUntil" in hide.__code__.co_consts else _revoked()
    honest = check(badge, web=web)
    assert honest.verdict == "invalid"
    hide(badge)
    report = check(badge, web=web)
    assert report.verdict == "invalid"
    assert any(line.result == "fail" and line.code == "NOT_COMPACT_FORM" for line in report.checks), (
        report.to_json()
    )


@pytest.mark.parametrize("hide", [full_iri, array, typed_value, status_in_full])
def test_the_signature_alone_would_not_have_noticed(hide: Callable[[dict[str, Any]], None]) -> None:
    badge = _ended() if "validUntil" in hide.__code__.co_consts else _revoked()
    hide(badge)
    assert _signature_holds(badge)


def test_one_id_on_two_nodes_is_refused_also_by_a_second_name_of_id() -> None:
    # ODRL's context, which is pinned, says "uid" for "@id".
    odrl = "https://www.w3.org/ns/odrl.jsonld"
    endorsed = {"id": BADGE_ID, "type": ["EndorsementSubject"]}
    badge = signed(
        a_badge(
            validUntil=ENDED,
            endorsement=[{"id": "urn:x:e", "type": ["VerifiableCredential"], "credentialSubject": endorsed}],
        )
    )
    hidden = _copy(badge)
    hidden["endorsement"][0]["@context"] = [*badge["@context"], odrl]
    subject = hidden["endorsement"][0]["credentialSubject"]
    subject["uid"] = subject.pop("id")
    subject["validUntil"] = hidden.pop("validUntil")
    report = check(hidden)
    assert report.verdict == "invalid"
    assert "second name" in report.check("context").message


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"@context": [{"title": "https://schema.org/name"}]}, "brings its own @context"),
        ({"@nest": {"validUntil": ENDED}}, "@nest"),
        ({"@reverse": {"credentialSubject": {"id": "urn:x:1"}}}, "@reverse"),
        ({"@id": BADGE_ID}, "@id"),
        ({"@type": "VerifiableCredential"}, "@type"),
        ({"@index": "1"}, "@index"),
        ({"https://schema.org/name": "x"}, "as an address"),
        ({"cred:validUntil": ENDED}, "as an address"),
        ({"Image": {"id": "https://x.example/i"}}, "second name"),
        ({"uid": "urn:x:2"}, "second name"),
        ({"issuer": ["did:web:academy.example"]}, "wrapped in an array"),
        ({"id": [BADGE_ID]}, "wrapped in an array"),
        ({"type": ["VerifiableCredential", "https://www.w3.org/2018/credentials#X"]}, "The type"),
    ],
)
def test_a_badge_that_can_be_read_in_two_ways_is_refused(change: dict[str, Any], words: str) -> None:
    badge = a_badge()
    extra = change.pop("@context", [])
    badge["@context"] = [*badge["@context"], *extra]
    report = check({**badge, **change})
    line = report.check("context")
    assert (line.result, line.code) == ("fail", "NOT_COMPACT_FORM")
    assert words in line.message


@pytest.mark.parametrize("where", ["issuer", "credentialSubject", "credentialStatus"])
def test_a_context_inside_the_badge_is_refused(where: str) -> None:
    badge = a_badge()
    badge[where]["@context"] = "https://www.w3.org/ns/odrl.jsonld"
    line = check(badge).check("context")
    assert (line.code, line.pointer) == ("NOT_COMPACT_FORM", f"/{where}/@context")


def test_two_nodes_of_one_id_are_refused_and_a_bare_reference_is_none() -> None:
    badge = a_badge()
    badge["credentialSubject"]["source"] = {"id": badge["issuer"]["id"], "type": ["Profile"], "name": "Other"}
    assert check(badge).check("context").code == "NOT_COMPACT_FORM"
    badge["credentialSubject"]["source"] = dict(badge["issuer"])
    assert check(badge).check("context").result == "pass"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"skillLevel": "high"}, "DATA_LOSS_DETECTION_ERROR"),
        ({"type": ["VerifiableCredential", "OpenBadgeCredential", "MadeUp"]}, "DATA_LOSS_DETECTION_ERROR"),
        ({"id": "credentials/7"}, "DATA_LOSS_DETECTION_ERROR"),
        ({"name": None}, "DATA_LOSS_DETECTION_ERROR"),
        ({"description": {"en": "x"}}, "DATA_LOSS_DETECTION_ERROR"),
        ({"@context": ["https://www.w3.org/ns/credentials/v2"]}, "DATA_LOSS_DETECTION_ERROR"),
        ({"@context": ["https://www.w3.org/ns/did/v1"]}, "MALFORMED_VALUE_ERROR"),
        ({"@context": []}, "MALFORMED_VALUE_ERROR"),
        ({"@context": "https://www.w3.org/ns/credentials/v2"}, "MALFORMED_VALUE_ERROR"),
    ],
)
def test_what_no_signature_covers_is_refused(change: dict[str, Any], code: str) -> None:
    report = check({**a_badge(), **change})
    assert (report.check("context").result, report.check("context").code) == ("fail", code)


def test_an_unknown_context_is_not_known_and_not_fetched() -> None:
    web = a_web()
    url = "https://forger.example/context.json"
    web.documents[url] = {"@context": {}}
    report = check({**signed(a_badge()), "@context": [*a_badge()["@context"], url]}, web=web)
    assert report.verdict == "unknown"
    assert report.check("context").code == "UNKNOWN_CONTEXT"
    assert url not in web.asked


def test_a_member_that_old_bytes_of_the_context_did_not_know_is_unsigned() -> None:
    badge = signed(a_badge())
    report = check({**badge, "endorsementJwt": ["eyJhbGciOiJub25lIn0.e30."]})
    assert report.verdict == "invalid"
    assert "not cover" in report.check("proof").message


def test_a_poisonous_badge_stops() -> None:
    names = range(12)
    people = [
        {
            "id": f"_:p{one}",
            "type": ["Profile"],
            "endorsement": [{"id": f"_:p{other}"} for other in names if other != one],
        }
        for one in names
    ]
    badge = {**a_badge(), "issuer": {**a_badge()["issuer"], "parentOrg": people[0]}}
    badge["evidence"] = people
    report = check({**badge, "proof": signed(a_badge())["proof"]})
    assert report.verdict == "invalid"
    assert report.check("proof").code == "LIMIT_EXCEEDED"


@pytest.mark.parametrize("space", ["\u00a0", "\u2003", "\u3000", "\u0085", "\u2028"])
def test_a_part_whose_id_holds_a_space_of_any_alphabet_is_not_left_unsigned(space: str) -> None:
    badge = signed(a_badge())
    parent = {"id": f"https://x.example/{space}", "type": ["Profile"], "name": "A famous university"}
    report = check({**badge, "issuer": {**badge["issuer"], "parentOrg": parent}})
    assert report.verdict == "invalid"
    assert told(report)["context"] == ("fail", "DATA_LOSS_DETECTION_ERROR")
