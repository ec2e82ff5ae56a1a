"""Telling others about a badge: a short text, and LinkedIn's link "add to profile"."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from urllib.parse import quote, urlencode

LONGEST_TEXT = 280  # characters, what the strictest of the usual places takes
LINKEDIN = "https://www.linkedin.com/profile/add"
_SENTENCE = "I hold the badge “{badge}” of {issuer}. Peers decided on it by consent. Anyone can check it: {url}"


def share_text(*, badge: str, issuer: str, url: str, translate: Callable[[str], str] = str) -> str:
    """Return a text that says what is held, from whom, and where to check it.

    Long names are cut, the address never. `translate` takes the English sentence (with {badge} {issuer} {url}).
    """
    sentence = translate(_SENTENCE)
    room = LONGEST_TEXT - len(sentence.format(badge="", issuer="", url=url))
    badge, issuer = " ".join(badge.split()), " ".join(issuer.split())
    if len(badge) + len(issuer) > room:
        issuer = shorten(issuer, max(24, room // 3))
        badge = shorten(badge, max(24, room - len(issuer)))
    return sentence.format(badge=badge, issuer=issuer, url=url)


def linkedin_url(
    *, badge: str, issuer: str, url: str, credential_id: str, issued_on: date, valid_until: date | None = None
) -> str:
    """Return the address that opens LinkedIn's form for a certificate, filled in; nothing is sent yet."""
    values = {
        "startTask": "CERTIFICATION_NAME",
        "name": badge,
        "organizationName": issuer,
        "issueYear": str(issued_on.year),
        "issueMonth": str(issued_on.month),
    }
    if valid_until is not None:
        values |= {"expirationYear": str(valid_until.year), "expirationMonth": str(valid_until.month)}
    values |= {"certUrl": url, "certId": credential_id}
    return f"{LINKEDIN}?{urlencode(values, quote_via=quote)}"


def shorten(text: str, length: int) -> str:
    """Return a text of at most `length` characters, cut at a word where one ends in its second half."""
    if len(text) <= length:
        return text
    cut = text[: length - 1]
    word = cut.rpartition(" ")[0] if not text[length - 1].isspace() else cut
    return (word if len(word) > length // 2 else cut).rstrip(" ,;:.-") + "…"
