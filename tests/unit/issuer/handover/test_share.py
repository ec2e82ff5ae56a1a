"""Words and links to share."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qs, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from issuer.rules.handover import linkedin_url, share_text
from issuer.rules.handover.share import LONGEST_TEXT, shorten
from tests.unit.issuer.handover.samples import URL


def test_the_text_says_what_from_whom_and_where_to_check() -> None:
    text = share_text(badge="Secretary", issuer="Demo Academy", url=URL)
    assert text == (
        f"I hold the badge “Secretary” of Demo Academy. Peers decided on it by consent. Anyone can check it: {URL}"
    )


@given(st.text(max_size=400), st.text(max_size=400))
def test_the_text_is_short_and_its_address_whole(badge: str, issuer: str) -> None:
    text = share_text(badge=badge, issuer=issuer, url=URL)
    assert len(text) <= LONGEST_TEXT
    assert text.endswith(URL)


def test_the_text_can_be_in_another_language() -> None:
    german = "Abzeichen {badge} von {issuer}, prüfbar: {url}"
    assert share_text(badge="A", issuer="B", url=URL, translate=lambda _: german).startswith("Abzeichen A von B")


def test_names_are_cut_at_a_word() -> None:
    assert shorten("one two three", 13) == "one two three"
    assert shorten("one two three", 12) == "one two…"
    assert shorten("onetwothree", 6) == "onetw…"


def test_linkedin_gets_every_field() -> None:
    url = linkedin_url(
        badge="Leader & Delegate",
        issuer="Academy #1",
        url=URL,
        credential_id=URL,
        issued_on=date(2026, 5, 3),
        valid_until=date(2028, 12, 31),
    )
    parts = urlsplit(url)
    assert (parts.scheme, parts.netloc, parts.path) == ("https", "www.linkedin.com", "/profile/add")
    assert parse_qs(parts.query, strict_parsing=True) == {
        "startTask": ["CERTIFICATION_NAME"],
        "name": ["Leader & Delegate"],
        "organizationName": ["Academy #1"],
        "issueYear": ["2026"],
        "issueMonth": ["5"],
        "expirationYear": ["2028"],
        "expirationMonth": ["12"],
        "certUrl": [URL],
        "certId": [URL],
    }


def test_linkedin_hears_of_no_end_where_there_is_none() -> None:
    url = linkedin_url(badge="A", issuer="B", url=URL, credential_id="1", issued_on=date(2026, 5, 3))
    assert "expiration" not in url
