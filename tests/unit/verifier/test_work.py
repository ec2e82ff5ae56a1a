"""What a check costs, by counters: nothing is worked out twice, and all that a badge brings counts together."""

from __future__ import annotations

import zlib
from dataclasses import replace
from typing import Any

import pytest

from keys import parse_controller_document
from keys.errors import ControllerDocumentError
from schemas import PINNED, BakingError, LimitError, Work, extract_png, extract_svg, to_quads
from schemas.work import CALL, MAX_NODES, MAX_STEPS
from tests.unit.verifier.world import (
    BADGE_ID,
    DID_URL,
    FORGER,
    FORGER_DID,
    LIST_URL,
    NOW,
    FakeFetcher,
    a_badge,
    a_did_document,
    a_status_list,
    signed,
    told,
)
from verifier import FetchError, LimitedFetcher, Report, read_document, verify_badge, verify_presentation

ISSUER = {"id": FORGER_DID, "type": ["Profile"], "name": "Somebody"}


def _spent(badge: dict[str, Any], *, web: FakeFetcher | None = None) -> tuple[Report, Work]:
    work = Work()
    report = verify_badge(
        read_document(badge),
        now=NOW,
        fetcher=web or FakeFetcher({}),
        contexts=replace(PINNED, work=work),
    )
    return report, work


def _nodes(work: Work) -> int:
    return MAX_NODES - work.nodes_left


def _a_badge(**changes: Any) -> dict[str, Any]:
    return a_badge(issuer=ISSUER, credentialStatus=None, **changes)


def _evidence(count: int) -> list[dict[str, Any]]:
    return [{"id": f"https://x.example/{n}", "type": ["Evidence"], "name": "x"} for n in range(count)]


def _signed_often(badge: dict[str, Any], times: int) -> dict[str, Any]:
    for number in range(times):
        badge = signed(badge, signer=FORGER, nonce=f"n{number}")
    return badge


def test_several_proofs_share_one_reading_of_the_document() -> None:
    once, work_once = _spent(_signed_often(_a_badge(evidence=_evidence(100)), 1))
    often, work_often = _spent(_signed_often(_a_badge(evidence=_evidence(100)), 8))
    assert (once.verdict, often.verdict) == ("valid", "valid")
    assert _nodes(work_once) > 500
    assert _nodes(work_often) - _nodes(work_once) < 7 * (CALL + 20)


def test_a_document_is_turned_into_statements_once_in_a_check() -> None:
    work = Work()
    contexts = replace(PINNED, work=work)
    first = to_quads(_a_badge(), contexts=contexts)
    spent = _nodes(work)
    assert to_quads(_a_badge(), contexts=contexts) is first
    assert _nodes(work) == spent
    assert to_quads(_a_badge(name="Other"), contexts=contexts) is not first
    assert _nodes(work) == 2 * spent


def test_a_refusal_is_found_once_in_a_check() -> None:
    work = Work()
    for _ in range(3):
        with pytest.raises(LimitError, match="lists are too long"):
            to_quads({"x": [1] * 2000}, contexts=replace(PINNED, work=work))
    assert _nodes(work) == 0  # counted before any work began


def _endorsement(number: int, **changes: Any) -> dict[str, Any]:
    document = {
        "@context": a_badge()["@context"],
        "id": f"urn:uuid:2ad0e5e4-5bd1-4d77-b7a8-11c7ac6a{number:04x}",
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "name": "Endorsement",
        "issuer": ISSUER,
        "validFrom": "2026-05-01T00:00:00Z",
        "credentialSubject": {"id": BADGE_ID, "type": ["EndorsementSubject"]},
        **changes,
    }
    return signed(document, signer=FORGER)


def test_what_a_badge_brings_counts_together() -> None:
    endorsements = [_endorsement(n, evidence=_evidence(24)) for n in range(30)]
    report, work = _spent(signed(_a_badge(endorsement=endorsements), signer=FORGER))
    assert work.nodes_left < 0
    assert "LIMIT_EXCEEDED" in {code for _, code in told(report).values()}


def test_a_badge_with_many_endorsements_stays_within_its_budget() -> None:
    endorsements = [_endorsement(n) for n in range(32)]
    report, work = _spent(signed(_a_badge(endorsement=endorsements), signer=FORGER))
    assert (report.verdict, told(report)) == ("valid", {})
    assert 2 * _nodes(work) < 2 * MAX_NODES
    assert work.nodes_left > 1000


def test_status_lists_count_with_the_badge() -> None:
    entries, documents = [], {DID_URL: a_did_document()}
    for number in range(8):
        url = f"{LIST_URL}{number}"
        many = [{"id": f"https://x.example/{n}", "type": "BitstringStatusListEntry"} for n in range(700)]
        documents[url] = signed(a_status_list(id=url, credentialStatus=many))
        entries.append({**a_badge()["credentialStatus"], "id": f"{url}#1", "statusListCredential": url})
    report, work = _spent(signed(a_badge(credentialStatus=entries)), web=FakeFetcher(documents))
    assert work.nodes_left < 0
    results = [line.result for line in report.checks if line.id == "status"]
    assert results[0] == "pass"
    assert results[-1] == "unknown"


def test_the_steps_of_canonicalisation_count_together() -> None:
    _, calm = _spent(signed(_a_badge(), signer=FORGER))
    assert calm.steps_left > MAX_STEPS - 10
    alike = [{"type": ["Profile"], "parentOrg": {"type": ["Profile"]}} for _ in range(6)]
    badge = {**_a_badge(), "endorsement": [{**_endorsement(n), "endorsement": alike} for n in range(8)]}
    _, work = _spent(signed_anyhow(badge))
    assert work.steps_left < calm.steps_left - 8


def signed_anyhow(badge: dict[str, Any]) -> dict[str, Any]:
    """Return a badge with the proof of another, so that whatever is in it gets looked at."""
    return {**badge, "proof": signed(_a_badge(), signer=FORGER)["proof"]}


def test_a_presentation_has_one_budget_for_all_its_credentials() -> None:
    credentials = [signed(_a_badge(id=f"urn:x:{n}", evidence=_evidence(90)), signer=FORGER) for n in range(30)]
    presentation = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiablePresentation"],
        "verifiableCredential": credentials,
    }
    report = verify_presentation(presentation, now=NOW, fetcher=FakeFetcher({}))
    refused = [r for r in report.credentials if any(c.code == "LIMIT_EXCEEDED" for c in r.checks)]
    assert 0 < len(refused) < 30
    assert all(r.verdict != "valid" for r in refused)


def test_parts_of_one_id_count_as_comparisons() -> None:
    merged = [{"id": "https://x.example", "type": ["Evidence"], "name": f"n{n}"} for n in range(900)]
    with pytest.raises(LimitError, match="too long"):
        to_quads(_a_badge(evidence=merged))
    assert to_quads(_a_badge(evidence=merged[:100]))


def test_a_long_chain_of_unnamed_parts_ends_with_a_refusal() -> None:
    chain = [
        {"id": f"_:b{n}", "type": ["Profile"], "parentOrg": {"id": f"_:b{(n + 1) % 800}"}} for n in range(800)
    ]
    report, _ = _spent(signed_anyhow(_a_badge() | {"issuer": {**ISSUER, "endorsement": chain}}))
    assert report.verdict == "invalid"
    assert "LIMIT_EXCEEDED" in {code for _, code in told(report).values()}


# --- before canonicalisation ----------------------------------------------------------------------------------


def test_the_documents_of_one_badge_are_read_up_to_a_size_in_all() -> None:
    fetcher = LimitedFetcher(FakeFetcher({f"https://x.example/{n}": b"x" * 400 for n in range(9)}), max_bytes=1000)
    assert [len(fetcher.fetch(f"https://x.example/{number}").body) for number in range(2)] == [400, 400]
    for number in (2, 3, 2):
        with pytest.raises(FetchError, match="larger than is read at once"):
            fetcher.fetch(f"https://x.example/{number}")


def test_a_controller_document_holds_a_bounded_number_of_keys_wherever_they_stand() -> None:
    def method(name: str) -> dict[str, Any]:
        return {"id": f"{FORGER_DID}#{name}", "type": "Unheard", "controller": FORGER_DID}

    document = {
        "id": FORGER_DID,
        "verificationMethod": [method(f"v{n}") for n in range(100)],
        "assertionMethod": [method(f"a{n}") for n in range(100)],
    }
    assert len(parse_controller_document(document, expected_id=FORGER_DID).unusable) == 200
    document["authentication"] = [method("one more")]
    with pytest.raises(ControllerDocumentError, match="more than 200 keys"):
        parse_controller_document(document, expected_id=FORGER_DID)


def test_a_drawing_has_a_bounded_number_of_parts() -> None:
    start = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0">'
    for inside in ("<a/>" * 200_001, '<openbadges:credential verify="a"/>' * 200):
        with pytest.raises(BakingError, match="more parts than are read") as caught:
            extract_svg(f"{start}{inside}</svg>".encode())
        assert caught.value.problem == "LIMIT_EXCEEDED"


def test_few_of_an_images_own_words_are_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    bomb = chunk(b"zTXt", b"Title\0\0" + zlib.compress(b"x" * 2_000_000))
    badge = chunk(b"iTXt", b"openbadgecredential\0\0\0\0\0{}")
    header = chunk(b"IHDR", (1).to_bytes(4, "big") * 2 + b"\x08\0\0\0\0")
    image = b"\x89PNG\r\n\x1a\n" + header + bomb * 1000 + badge + chunk(b"IEND", b"")
    calls = []
    real = zlib.decompressobj

    def counting() -> Any:
        calls.append(1)
        return real()

    monkeypatch.setattr(zlib, "decompressobj", counting)
    assert extract_png(image).own_words == ()
    assert len(calls) == 8
