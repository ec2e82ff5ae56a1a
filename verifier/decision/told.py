"""What a report says of a decision: in sentences for people, and as data for programs.

What is proven and what is only the Academy's word stand apart, in every report (TRANSPARENCY.md, "Limits").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from schemas import format_date_time, parse_date_time
from schemas.tlog import CredentialIssued
from verifier.checks.rules import listed
from verifier.decision.answers import Counted
from verifier.decision.logged import NOT_WITNESSED, Logged, said
from verifier.texts import plain, quoted

NOBODY_TO_ASK = "No peer can be asked; this is worth what the Academy's signature is worth."
_WORD = (
    (
        "That each key is a different person, a member and not the applicant; who of them holds the badge; "
        "conflicts of interest; that people do not only approve each other: for all of this you trust the Academy."
    ),
    "An Academy that invents people passes this check; what helps is a named peer whom you can ask.",
)
_MAX_NAMES = 20


def named_in(counted: Sequence[Counted]) -> list[str]:
    """Return the names of the peers who agreed to be shown, as the log committed to them."""
    return [one.answer.named.name for one in counted if one.is_named and one.answer.named is not None]


def names_text(names: Sequence[str]) -> str:
    """Return names in one pair of quotation marks, fit for a sentence of ours; "" for none."""
    shown = [quoted(name.replace(";", ","))[1:-1] for name in names[:_MAX_NAMES]]
    more = "; …" if len(names) > _MAX_NAMES else ""
    return f'"{"; ".join(shown)}{more}"' if shown else ""


def consent_sentence(leaf: CredentialIssued, names: Sequence[str], *, is_witnessed: bool) -> str:
    """Return how many consented, who is named, and what the reader has to trust."""
    count = len(leaf.deciders)
    keys = f"{count} key{'s' if count > 1 else ''} consented"
    logged = "" if is_witnessed else f", {NOT_WITNESSED}"
    rest = count - len(names)
    trust = f"you trust the Academy that they are {'members' if rest > 1 else 'a member'}"
    if not names:
        return f"{keys}{logged}. None is named: {trust}."
    others = f" {rest} not named: {trust}." if rest else ""
    return f"{keys}{logged}. Named: {names_text(names)}, says the Academy: ask them.{others}"


def proven(leaf: CredentialIssued, counted: Sequence[Counted], logged: Logged) -> list[str]:
    """Return what anybody can check, as sentences."""
    count = len(leaf.deciders)
    sentences = []
    if counted:
        which = f"{len(counted)} of the {count}" if len(counted) < count else f"all {count}"
        is_one = len(counted) == 1
        sentences.append(
            f"{which[:1].upper()}{which[1:]} answers {'is' if is_one else 'are'} in this file: "
            f"{'that key' if is_one else 'these keys'} signed this very badge, and with it the complete list of "
            "those who decided."
        )
    sentences.append(
        f"By the entry in the log, all on that list consented, and their number meets the rule that it names: "
        f"at least {leaf.rules.min_peers}."
    )
    when = f" by {said(logged.witnessed)}, as witnesses confirm" if logged.witnessed else ""
    sentences.append(
        f"This very copy of the badge was entered in the public log {plain(logged.found.origin)}{when}."
    )
    return sentences


def on_its_word(document: Mapping[str, Any], leaf: CredentialIssued, counted: Sequence[Counted]) -> list[str]:
    """Return what only the Academy says, as sentences."""
    sentences = list(_WORD)
    if not counted:
        sentences.insert(0, "None of the answers is in this file; what they said, the log says for the Academy.")
    if any(isinstance(subject, Mapping) and "id" in subject for subject in listed(document, "credentialSubject")):
        when = parse_date_time(leaf.at)
        sentences.append(
            f"The Academy linked this badge to the wallet that showed it on {when:%-d %B %Y}; the peers decided "
            "about the person with the salted e-mail."
        )
    return sentences


def as_data(
    document: Mapping[str, Any],
    leaf: CredentialIssued,
    *,
    page: str,
    counted: Sequence[Counted],
    logged: Logged,
) -> dict[str, Any]:
    """Return the member `decision` of a report."""
    names = named_in(counted)
    first = counted[0].answer if counted else None
    return {
        "keys": len(leaf.deciders),
        "named": [quoted(name)[1:-1] for name in names],
        "notNamed": len(leaf.deciders) - len(names),
        "answersInFile": len(counted),
        "page": page[:500],
        **({"version": first.version, "round": first.round} if first else {}),
        "closedAt": leaf.closed_at,
        "reason": leaf.reason,
        "log": {
            "origin": plain(logged.found.origin),
            "index": logged.found.index,
            "size": logged.found.size,
        },
        "witnesses": sorted(plain(name) for name in logged.found.cosignatures),
        "witnessTime": format_date_time(logged.witnessed) if logged.witnessed else None,
        "proven": proven(leaf, counted, logged),
        "onItsWord": on_its_word(document, leaf, counted),
    }
