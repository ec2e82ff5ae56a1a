"""Who shows a badge in public: said by the awards' own streams, with the name that was accepted to be signed."""

from __future__ import annotations

from issuer.rules.awards import Award
from issuer.service.academy import Work
from issuer.service.cases import award_case
from issuer.service.models import CaseRow
from issuer.store.cases import AnyRow
from schemas import multihash, parse_json

_SHOWN = 50
_LOOKED_AT = 200  # the newest; those that are not public are passed over


def shown_by(work: Work, badge: str) -> tuple[CaseRow, ...]:
    """Return the newest awards of a badge that their holders made public and that are in force."""
    found: list[CaseRow] = []
    for row in work.unit.awards.newest_of(badge, limit=_LOOKED_AT):
        award = award_case(work, row.id).state
        if award.badge != badge or not award.published or not award.held(today=work.now.date()):
            continue
        name = _signed_name(award, row)
        found.append(CaseRow(path=f"/credentials/{award.credential}", title=name, sentence=""))
        if len(found) == _SHOWN:
            break
    return tuple(found)


def _signed_name(award: Award, row: AnyRow) -> str:
    """Return the name in what was accepted, by its digest in the award's stream; empty where none is signed."""
    if multihash(row.intent.encode("utf-8")) != award.intent:
        return ""
    subject = parse_json(row.intent)["credentialSubject"]
    names = [i["identityHash"] for i in subject["identifier"] if i["identityType"] == "name" and not i["hashed"]]
    return str(names[0]) if names else ""
