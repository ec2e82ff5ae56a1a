"""Badges that were issued: their page, their files, and what their holder does with them."""

from __future__ import annotations

from datetime import timedelta

from issuer.errors import BeingSealedError, NotAllowedError, NotFoundError, RefusedError
from issuer.rules.awards import Award
from issuer.rules.journal import Event
from issuer.rules.transitions import move
from issuer.service.academy import Work, query, use_case
from issuer.service.badges import page_of as badge_page_of
from issuer.service.cases import Case, application_case, award_case, process_case, store
from issuer.service.circles import card_of
from issuer.service.models import CredentialPage, Signed
from issuer.service.notices import sign_in_link
from issuer.service.records import page_of as decision_page_of
from issuer.service.status import set_status
from schemas import parse_json

_MANY, _MANY_WITHIN = 3, timedelta(hours=1)


def _award(work: Work, credential: str) -> Case[Award]:
    row = work.unit.awards.award_of_credential(credential)
    case = award_case(work, row.id) if row is not None else None
    if case is None or case.state.credential != credential:
        raise NotFoundError("There is no badge at this address.")
    return case


def _signed(work: Work, credential: str) -> Signed:
    row = work.unit.awards.credential(credential)
    if row is None:
        award = work.unit.awards.award_of_credential(credential)
        if award is not None and award.state == "pending":
            raise BeingSealedError("This badge is being sealed in the public log. Ask again in a minute.")
        raise NotFoundError("There is no badge at this address.")
    return Signed(json=row.json, jwt=row.jwt, credential=parse_json(row.json))


@query
def signed_credential(work: Work, *, id_: str) -> Signed:
    """Return a signed badge; whoever has its address may have it."""
    return _signed(work, id_)


@query
def credential_page(work: Work, *, id_: str, reader: str | None) -> CredentialPage:
    """Return a badge's page. Whether the badge is good is the verifier's to say."""
    signed = _signed(work, id_)
    award = _award(work, id_).state
    application = application_case(work, award.application).state
    process = process_case(work, award.process).state
    is_mine = reader == award.holder
    actions = {"publish", "send", "give_back"} if is_mine and award.state == "issued" else set()
    assert award.issued_at is not None
    assert process.version is not None
    return CredentialPage(
        id=id_,
        path=f"/credentials/{id_}",
        credential=signed.credential,
        jwt=signed.jwt,
        badge=badge_page_of(work, slug=award.badge, version=award.version, reader=reader),
        circle=card_of(work, application.circle),
        issuer_name=work.academy.name,
        issuer_url=work.academy.base_url,
        person_name=_signed_name(signed),
        issued_on=(award.planned_at or award.issued_at).date(),
        valid_until=award.valid_until.date() if award.valid_until else None,
        review_on=process.version.review_on,
        decision=decision_page_of(work, id_=process.id, reader=reader),
        published_evidence=(),
        is_mine=is_mine,
        published=award.published,
        given_back=award.state == "revoked",
        given_back_on=award.revoked_at.date() if award.revoked_at else None,
        actions=frozenset(actions),
    )


def _signed_name(signed: Signed) -> str | None:
    """Return the name that stands in the badge itself; no other name is ever shown with it."""
    subject = signed.credential["credentialSubject"]
    assert isinstance(subject, dict)
    names = [i["identityHash"] for i in subject["identifier"] if i["identityType"] == "name" and not i["hashed"]]
    return names[0] if names else None


def _mine(work: Work, id_: str, by: str) -> Case[Award]:
    case = _award(work, id_)
    if case.state.holder != by:
        raise NotAllowedError(
            "Only the person whose badge it is can do this.",
            rule="W6",
            remedy="Ask the holder. A circle can look at a badge again if there is new information.",
        )
    return case


@use_case
def give_back(work: Work, *, by: str, id_: str) -> None:
    """W6: the holder gives the badge back. Its status says so for good; nobody else can do this alone."""
    case = _mine(work, id_, by)
    state = move("W6", case.state.state)
    case = store(work, case, (Event(type="given_back", at=work.now, actor=by),))
    work.unit.awards.put_award(case.state.id, state=state)
    wish = work.unit.texts.put(f"{by} gives back {id_}", stream=f"openings/{case.state.id}", author=by)
    set_status(
        work,
        number=case.state.status_list,
        index=case.state.status_index,
        credential=work.academy.url(f"/credentials/{id_}"),
        by_wish=wish,
    )


@use_case
def publish(work: Work, *, by: str, id_: str, published: bool) -> None:
    """Say whether others may find the badge. Whoever has its address sees it either way."""
    case = _mine(work, id_, by)
    if case.state.published == published:
        return
    store(work, case, (Event(type="published", at=work.now, actor=by, data={"published": published}),))


@use_case
def send_badge(work: Work, *, by: str, id_: str) -> None:
    """Send the badge's address to oneself."""
    _mine(work, id_, by)
    person = work.unit.people.by_id(by)
    if person is None:
        raise NotFoundError("There is no such account.")
    since = work.now - _MANY_WITHIN
    if work.unit.mails.count_since(topic=f"badge/{id_}", recipient=person.email, since=since) >= _MANY:
        raise RefusedError(
            "This badge was sent to you several times within the last hour.",
            rule="mails",
            remedy="Look for it among your mails, or save it from its page.",
        )
    page = work.academy.url(f"/credentials/{id_}")
    link = sign_in_link(work, member=by, next_path=f"/credentials/{id_}")
    body = (
        f"Hello {person.name},\n\nHere is your badge. Its page, for you and all you give it to:\n\n{page}\n\n"
        f"As a file that any wallet or verifier reads: {page}.json\n"
        f"As a picture with the badge inside: {page}.png\nTo print: {page}.pdf\n\n"
        f"To change what is open, sign in:\n\n{link}\n\n{work.academy.name}\n"
    )
    work.unit.mails.add(
        recipient=person.email,
        subject=f"{work.academy.name}: your badge",
        body=body,
        topic=f"badge/{id_}",
        at=work.now,
    )
