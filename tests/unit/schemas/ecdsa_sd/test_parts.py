"""Signing, deriving, verifying: what a holder may show, and that nothing else passes."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys import generate_private_key, local_signer
from schemas import (
    DocumentError,
    ProofError,
    UnsupportedProofError,
    add_proof,
    badge_mandatory_pointers,
    cryptosuite_of,
    derive_sd_proof,
    verify_proof,
)
from schemas.ecdsa_sd.proof_value import parse_base_proof_value, parse_derived_proof_value
from tests.unit.schemas.ecdsa_sd.material import BADGE, HMAC_KEY, ISSUER_KEY, MANDATORY, SIGNER, signed
from verifier import NoFetcher, Policy, read_badge, verify_badge

ACHIEVEMENT = "/credentialSubject/achievement"
PARTS = (
    "/credentialSubject/id",
    f"{ACHIEVEMENT}/criteria",
    f"{ACHIEVEMENT}/tag/0",
    f"{ACHIEVEMENT}/tag/2",
    f"{ACHIEVEMENT}/alignment/0/targetName",
    f"{ACHIEVEMENT}/alignment/1",
    f"{ACHIEVEMENT}/resultDescription/0/allowedValue",
    f"{ACHIEVEMENT}/resultDescription/0/name",
    f"{ACHIEVEMENT}/description",
)
BASE = signed()


def _verified(document: dict[str, Any]) -> dict[str, Any]:
    verify_proof(document, proof=document["proof"], public_key=ISSUER_KEY)
    return document


@settings(max_examples=25, deadline=None)
@given(st.sets(st.sampled_from(PARTS)))
def test_whatever_parts_the_holder_chooses_the_verifier_accepts(parts: set[str]) -> None:
    shown = _verified(derive_sd_proof(BASE, selective_pointers=sorted(parts)))
    assert shown["validUntil"] == BADGE["validUntil"]
    assert shown["issuer"] == BADGE["issuer"]
    achievement = shown["credentialSubject"]["achievement"]
    assert achievement["name"] == "Pruning"
    assert ("description" in achievement) == (f"{ACHIEVEMENT}/description" in parts)
    assert "winter" not in achievement.get("tag", [])


def test_what_is_not_shown_is_nowhere_in_what_is_handed_over() -> None:
    shown = derive_sd_proof(BASE, selective_pointers=[f"{ACHIEVEMENT}/tag/1"])
    text = repr(shown)
    assert "winter" in text
    for hidden in ("knife", "Prunes fruit trees", "frame.example", "Three trees"):
        assert hidden in repr(BADGE)
        assert hidden not in text


def test_the_same_choice_gives_the_same_bytes_whatever_its_order() -> None:
    parts = [f"{ACHIEVEMENT}/tag/2", f"{ACHIEVEMENT}/alignment/1", f"{ACHIEVEMENT}/tag/0"]
    first = derive_sd_proof(BASE, selective_pointers=parts)
    assert derive_sd_proof(BASE, selective_pointers=[*parts[::-1], parts[0]]) == first


def test_everything_can_be_shown_and_everything_can_be_mandatory() -> None:
    everything = _verified(derive_sd_proof(BASE, selective_pointers=[""]))
    assert {name: value for name, value in everything.items() if name != "proof"} == BADGE
    whole = _verified(derive_sd_proof(signed(mandatory=[""]), selective_pointers=[]))
    assert {name: value for name, value in whole.items() if name != "proof"} == BADGE


def test_without_mandatory_parts_the_holder_must_choose_one() -> None:
    base = signed(mandatory=[])
    _verified(derive_sd_proof(base, selective_pointers=["/validFrom"]))
    with pytest.raises(ProofError, match="nothing is selected") as caught:
        derive_sd_proof(base, selective_pointers=[])
    assert caught.value.problem == "PROOF_GENERATION_ERROR"


def test_two_shown_badges_cannot_be_mixed() -> None:
    one = derive_sd_proof(BASE, selective_pointers=[f"{ACHIEVEMENT}/tag/0"])
    other = derive_sd_proof(BASE, selective_pointers=[f"{ACHIEVEMENT}/tag/2"])
    mixed = {**one, "proof": other["proof"]}
    with pytest.raises(Exception, match="does not match") as caught:
        _verified(mixed)
    assert caught.value.code == "PROOF_VERIFICATION_ERROR"  # type: ignore[attr-defined] # ours have one


@pytest.mark.parametrize("pointer", [*MANDATORY])
def test_a_mandatory_part_cannot_be_taken_away(pointer: str) -> None:
    shown = derive_sd_proof(BASE, selective_pointers=[])
    place: Any = shown
    *way, last = pointer.split("/")[1:]
    for step in way:
        place = place[step]
    del place[last]
    with pytest.raises(DocumentError, match=r"unnamed parts|index|signatures for") as caught:
        _verified(shown)
    assert caught.value.problem == "PROOF_VERIFICATION_ERROR"


def _unnamed_twins() -> dict[str, Any]:
    document = copy.deepcopy(BADGE)
    document["credentialSubject"]["achievement"]["criteria"] = {"narrative": "Trees."}
    for alignment in document["credentialSubject"]["achievement"]["alignment"]:
        alignment["targetUrl"] = "https://frame.example/same"
    del document["id"], document["credentialSubject"]["id"], document["credentialSubject"]["achievement"]["id"]
    return document


def test_unnamed_parts_that_look_alike_are_kept_apart() -> None:
    base = signed(_unnamed_twins())
    for parts in combinations(
        [f"{ACHIEVEMENT}/alignment/{i}/{m}" for i in (0, 1) for m in ("targetName", "targetUrl")], 2
    ):
        _verified(derive_sd_proof(base, selective_pointers=parts))


def test_a_list_of_one_and_an_object_of_an_id_alone_are_found_as_they_are_written() -> None:
    document = copy.deepcopy(BADGE)
    document["credentialSubject"]["achievement"]["creator"] = {"id": "did:web:circle.example", "type": ["Profile"]}
    document["credentialSubject"]["achievement"]["image"] = {"id": "https://a.example/i.png", "type": "Image"}
    document["credentialSubject"]["achievement"]["tag"] = ["one"]
    document["issuer"] = {"id": BADGE["issuer"]["id"]}
    base = signed(document, mandatory=["/issuer/id", "/validFrom"])
    shown = _verified(
        derive_sd_proof(base, selective_pointers=[f"{ACHIEVEMENT}/tag/0", f"{ACHIEVEMENT}/image/id"])
    )
    assert shown["credentialSubject"]["achievement"]["tag"] == ["one"]
    assert shown["issuer"] == document["issuer"]


def _endorsement(name: str) -> dict[str, Any]:
    return add_proof(
        {
            "@context": BADGE["@context"],
            "id": f"urn:uuid:{name}",
            "type": ["VerifiableCredential", "EndorsementCredential"],
            "name": name,
            "issuer": {"id": "did:example:peer", "type": ["Profile"]},
            "validFrom": "2026-01-01T00:00:00Z",
            "credentialSubject": {
                "id": BADGE["credentialSubject"]["achievement"]["id"],
                "type": ["EndorsementSubject"],
                "endorsementComment": name,
            },
        },
        signer=SIGNER,
        cryptosuite="ecdsa-rdfc-2019",
        created=datetime(2026, 1, 1, tzinfo=UTC),
    )


def test_an_embedded_endorsement_comes_along_with_its_own_context_and_proof() -> None:
    document = {**BADGE, "endorsement": [_endorsement("first"), _endorsement("second")]}
    shown = _verified(derive_sd_proof(signed(document), selective_pointers=["/endorsement/1"]))
    [endorsement] = shown["endorsement"]
    assert endorsement == document["endorsement"][1]
    verify_proof(endorsement, proof=endorsement["proof"], public_key=ISSUER_KEY)
    part = _verified(derive_sd_proof(signed(document), selective_pointers=["/endorsement/0/name"]))
    assert part["endorsement"][0]["@context"] == BADGE["@context"]
    _verified(derive_sd_proof(signed(document), selective_pointers=["/endorsement/0/proof/created"]))


def test_two_proofs_in_one_embedded_part_cannot_be_told_apart_and_are_refused() -> None:
    endorsement = _endorsement("both")
    twice = {
        **endorsement,
        "proof": [endorsement["proof"], {**endorsement["proof"], "proofPurpose": "authentication"}],
    }
    with pytest.raises(ProofError, match="cannot be told from each other") as caught:
        signed({**BADGE, "endorsement": [twice]})
    assert caught.value.problem == "PROOF_GENERATION_ERROR"


def test_a_json_value_and_typed_texts_are_no_parts_with_names() -> None:
    document = {
        **BADGE,
        "name": {"@value": "Schnitt", "@language": "de"},
        "relatedResource": {"id": "https://a.example/r", "digestSRI": "sha384-abc"},
        "@context": [BADGE["@context"][0], BADGE["@context"][1], {"raw": {"@id": "urn:x:raw", "@type": "@json"}}],
        "raw": {"a": {"b": [1, {"c": 2}]}},
    }
    base = signed(document)
    shown = _verified(derive_sd_proof(base, selective_pointers=["/raw", "/name"]))
    assert shown["raw"] == document["raw"]
    with pytest.raises(ProofError, match="can only be shown whole"):
        derive_sd_proof(base, selective_pointers=["/raw/a/b/0"])


def test_an_ordered_list_is_shown_whole_or_not_at_all() -> None:
    where = f"{ACHIEVEMENT}/resultDescription/0/allowedValue"
    _verified(derive_sd_proof(BASE, selective_pointers=[where]))
    for pointer in (f"{where}/0", f"{where}/1", f"{where}/2"):
        with pytest.raises(ProofError, match="such as an ordered list") as caught:
            derive_sd_proof(BASE, selective_pointers=[pointer])
        assert caught.value.problem == "PROOF_GENERATION_ERROR"
    with pytest.raises(ProofError, match="such as an ordered list"):
        signed(mandatory=[f"{where}/1"])


def test_a_base_proof_stands_beside_others_and_only_it_is_derived_from() -> None:
    both = signed(add_proof(BADGE, signer=SIGNER, cryptosuite="ecdsa-rdfc-2019", created=None), id="urn:x:base")
    assert [proof["cryptosuite"] for proof in both["proof"]] == ["ecdsa-rdfc-2019", "ecdsa-sd-2023"]
    shown = _verified(derive_sd_proof(both, selective_pointers=[]))
    assert shown["proof"]["id"] == "urn:x:base"
    twice = signed(both, id="urn:x:another")
    with pytest.raises(ProofError, match="more than one such proof"):
        derive_sd_proof(twice, selective_pointers=[])
    chosen = _verified(derive_sd_proof(twice, selective_pointers=[], proof_id="urn:x:another"))
    assert chosen["proof"]["id"] == "urn:x:another"
    with pytest.raises(ProofError, match="none that could be asked for"):
        derive_sd_proof(twice, selective_pointers=[], proof_id="urn:x:nobody")
    with pytest.raises(ProofError, match="none that could be asked for"):
        derive_sd_proof(BADGE, selective_pointers=[])


def test_further_members_of_the_proof_are_signed() -> None:
    base = signed(domain="school.example", challenge=None, created=None)
    shown = derive_sd_proof(base, selective_pointers=[])
    assert shown["proof"]["domain"] == "school.example"
    assert shown["proof"].keys().isdisjoint({"challenge", "created"})
    _verified(shown)
    shown["proof"]["domain"] = "elsewhere.example"
    with pytest.raises(Exception, match="does not match"):
        _verified(shown)


def test_a_badge_that_was_changed_before_deriving_is_not_derived_from() -> None:
    for change in ({"name": "more"}, {"validUntil": "2099-01-01T00:00:00Z", "name": "more"}):
        with pytest.raises(ProofError, match="it was changed after it was signed"):
            derive_sd_proof({**BASE, **change}, selective_pointers=[])
    changed = copy.deepcopy(BASE)
    changed["credentialSubject"]["achievement"]["tag"][1] = "summer"
    with pytest.raises(ProofError, match="it was changed after it was signed"):
        derive_sd_proof(changed, selective_pointers=[f"{ACHIEVEMENT}/tag/1"])


def test_only_p256_keys_and_full_hmac_keys_make_base_proofs() -> None:
    p384 = generate_private_key("P-384")
    with pytest.raises(UnsupportedProofError, match="P-256 only"):
        signed(signer=local_signer(p384, verification_method="did:example:x#1"))
    with pytest.raises(UnsupportedProofError, match="P-256 only"):
        signed(ephemeral_key=p384)
    with pytest.raises(ProofError, match="must have 32 bytes") as caught:
        signed(hmac_key=HMAC_KEY[:31])
    assert caught.value.problem == "PROOF_GENERATION_ERROR"
    with pytest.raises(UnsupportedProofError, match="do not build on other proofs"):
        signed(previousProof="urn:x:before")


def test_the_suite_is_checked_but_not_made_by_the_common_function() -> None:
    assert cryptosuite_of(BASE["proof"]).name == "ecdsa-sd-2023"
    with pytest.raises(UnsupportedProofError, match="no 'ecdsa-sd-2023' proof can be made"):
        add_proof(BADGE, signer=SIGNER, cryptosuite="ecdsa-sd-2023", created=None)


def test_the_same_keys_give_the_same_base_proof_and_other_hmac_keys_other_names() -> None:
    assert signed() == BASE
    shown, other = (derive_sd_proof(base, selective_pointers=[]) for base in (BASE, signed(hmac_key=bytes(32))))
    ours, theirs = (parse_derived_proof_value(one["proof"]["proofValue"]) for one in (shown, other))
    assert ours.label_map.keys() == theirs.label_map.keys()
    assert set(ours.label_map.values()).isdisjoint(theirs.label_map.values())


def test_the_hmac_key_stays_out_of_what_is_printed() -> None:
    printed = repr(parse_base_proof_value(BASE["proof"]["proofValue"]))
    assert "hmac_key" not in printed
    assert repr(HMAC_KEY) not in printed


def test_the_report_accepts_the_shown_badge_and_warns_of_a_base_proof() -> None:
    whole = derive_sd_proof(
        signed(mandatory=badge_mandatory_pointers(BADGE)), selective_pointers=[f"{ACHIEVEMENT}/tag/1"]
    )
    reports = [
        verify_badge(
            read_badge(json.dumps(document).encode()),
            now=datetime(2026, 6, 1, tzinfo=UTC),
            fetcher=NoFetcher(),
            policy=Policy(),
        )
        for document in (whole, BASE)
    ]
    assert [report.verdict for report in reports] == ["valid", "invalid"]
    reason = reports[1].deciding
    assert reason is not None
    assert reason.code == "PROOF_VERIFICATION_ERROR"
    assert reason.pointer == "/proof/proofValue"
    assert "for the holder alone" in reason.message
