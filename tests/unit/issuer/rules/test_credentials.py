"""From a decision to the credential: what peers see is what is signed, but for what is only known later."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuer.rules.achievements import Definition
from issuer.rules.credentials import Issuer, achievement, add_months, build_draft, circle_profile, complete_draft
from schemas import badge_for_consent, hash_identity

BASE = "https://academy.example"
DEFINITION = Definition(
    slug="secretary",
    version="1",
    name="Secretary",
    skill="Keeps the circle's memory.",
    level="practitioner",
    bundle="Circle basics",
    criteria=("Minutes can be found.", "Minutes are kind."),
    show=(),
)


def draft(**changes: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "credential_url": f"{BASE}/credentials/1",
        "issuer": Issuer(did="did:web:academy.example", name="Academy", url=BASE),
        "definition": DEFINITION,
        "circle": circle_profile(base_url=BASE, slug="north", name="North"),
        "email": "asha@example.org",
        "salt": "salt",
        "signed_name": None,
        "decision_url": f"{BASE}/decisions/1",
        "base_url": BASE,
        "term_ends": None,
    }
    return build_draft(**(usual | changes))


def test_a_badge_names_person_skill_circle_and_decision() -> None:
    found = draft()
    subject = found["credentialSubject"]
    assert subject["identifier"] == [
        {
            "type": "IdentityObject",
            "hashed": True,
            "identityHash": hash_identity("asha@example.org", salt="salt"),
            "identityType": "emailAddress",
            "salt": "salt",
        }
    ]
    assert subject["source"] == {"id": f"{BASE}/circles/north", "type": ["Profile"], "name": "North"}
    assert subject["achievement"] == achievement(DEFINITION, base_url=BASE)
    assert found["evidence"][0]["id"] == f"{BASE}/decisions/1"
    assert found["issuer"] == {
        "id": "did:web:academy.example",
        "type": ["Profile"],
        "name": "Academy",
        "url": BASE,
    }
    assert "asha" not in str(found)
    assert "validUntil" not in found


def test_an_achievement_numbers_its_criteria_and_has_its_version_in_its_address() -> None:
    found = achievement(DEFINITION, base_url=BASE)
    assert found["id"] == f"{BASE}/achievements/secretary-v1"
    assert found["criteria"] == {
        "id": f"{BASE}/badges/secretary?version=1",
        "narrative": "1. Minutes can be found.\n2. Minutes are kind.",
    }
    assert found["tag"] == ["practitioner", "Circle basics"]


def test_an_issuer_with_an_address_says_it() -> None:
    issuer = Issuer(did="did:web:academy.example", name="Academy", url=BASE, email="post@academy.example")
    assert issuer.profile()["email"] == "post@academy.example"


def test_a_name_is_signed_where_the_holder_chose_one() -> None:
    name = draft(signed_name="Asha R.")["credentialSubject"]["identifier"][1]
    assert name == {"type": "IdentityObject", "hashed": False, "identityHash": "Asha R.", "identityType": "name"}


@pytest.mark.parametrize("term_ends", [None, date(2026, 6, 2)])
def test_completing_adds_only_what_peers_did_not_decide_on(term_ends: date | None) -> None:
    before = draft(term_ends=term_ends)
    local = datetime(2026, 3, 2, 10, 0, tzinfo=ZoneInfo("Europe/Berlin"))
    credential = complete_draft(before, valid_from=local, status_url=f"{BASE}/status/1", status_index=7)
    assert badge_for_consent(credential) == badge_for_consent(before)
    assert credential["validFrom"] == "2026-03-02T09:00:00Z"
    assert credential["credentialStatus"] == {
        "id": f"{BASE}/status/1#7",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "7",
        "statusListCredential": f"{BASE}/status/1",
    }
    assert credential.get("validUntil") == ("2026-06-02T23:59:59Z" if term_ends else None)
    assert "credentialStatus" not in before


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 3, 2), 24, date(2028, 3, 2)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 8, 31), 1, date(2026, 9, 30)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 11, 30), 0, date(2026, 11, 30)),
    ],
)
def test_months_are_counted_by_the_calendar(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected


@given(day=st.dates(date(2000, 1, 1), date(2100, 1, 1)), months=st.integers(0, 600))
def test_some_months_later_is_the_same_day_or_the_last_one(day: date, months: int) -> None:
    later = add_months(day, months)
    assert (later.year - day.year) * 12 + later.month - day.month == months
    following = datetime(later.year, later.month, later.day, tzinfo=UTC).date().replace(day=28)
    assert later.day == day.day or (later.day < day.day and later.day >= following.day)
