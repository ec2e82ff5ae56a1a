"""Badges on offer: the catalogue, a badge's page, and the decision that adopts badges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from issuer.errors import InvalidInputError, NotAllowedError, NotFoundError
from issuer.rules.achievements import (
    Badge,
    Definition,
    Version,
    check_definition,
    check_founding,
    definition_from_json,
)
from issuer.rules.applications import RUNNING, Application
from issuer.rules.circles import Circle
from issuer.rules.credentials import achievement
from issuer.rules.policy import PRESETS, Policy, Requirements, requirements_for
from issuer.rules.process import Process
from issuer.rules.rounds import prepare
from issuer.service.academy import Work, query, use_case
from issuer.service.cases import badge_case, circle_case, circle_of_kind, process_case, store_new_process
from issuer.service.circles import card_of
from issuer.service.facts import founders_now, holds, ordinary_holders
from issuer.service.inputs import name_faults, parse_text, text_faults
from issuer.service.models import BadgeCard, BadgePage, FounderDraft, Mode, Person
from issuer.service.notices import invite_deciders
from issuer.service.proposals import Proposal, write_proposal
from issuer.service.showing import shown_by
from issuer.store.cases import AnyRow
from schemas import multihash, parse_json

_MAX_AT_ONCE = 24


def academy_policy(work: Work) -> Policy:
    """Return the award policy that the Academy Circle decided on."""
    circle = circle_of_kind(work, "academy")
    return PRESETS[circle.policy] if circle else PRESETS["default"]


def definition_of(work: Work, version: Version) -> Definition:
    """Return a version's definition, exactly as it was adopted."""
    text = work.unit.texts.get(version.text)
    if text is None or multihash(text.encode("utf-8")) != version.digest:
        raise NotFoundError("This version cannot be read.")
    return definition_from_json(parse_json(text))


def definition_for(work: Work, application: Application) -> Definition:
    """Return the badge version that somebody applied for."""
    version = badge_case(work, application.badge).state.version(application.version)
    if version is None:
        raise NotFoundError("This badge is not on offer.")
    return definition_of(work, version)


def needs_of(work: Work, definition: Definition) -> Requirements:
    """Return what a decision about this badge needs under the policy in force."""
    return requirements_for(
        academy_policy(work),
        level=definition.level,
        min_peers=definition.min_peers,
        min_holders=definition.min_holders,
        min_witnesses=definition.min_witnesses,
    )


def badge_card(row: AnyRow) -> BadgeCard:
    """Return a badge's card."""
    return BadgeCard(
        slug=row.slug, name=row.name, skill=row.skill, level=row.level, bundle=row.bundle, version=row.version
    )


@query
def catalogue(work: Work) -> tuple[BadgeCard, ...]:
    """Return the badges on offer."""
    return tuple(badge_card(row) for row in work.unit.cases.all_badges())


@query
def badge_page(
    work: Work, *, slug: str, reader: str | None, version: str | None = None, people: bool = False
) -> BadgePage:
    """Return a badge's page, the version in force or an older one; with the `people` who show it, if asked for."""
    page = page_of(work, slug=slug, version=version, reader=reader)
    return replace(page, shown_by=shown_by(work, slug)) if people else page


def page_of(work: Work, *, slug: str, version: str | None, reader: str | None) -> BadgePage:
    """Return a badge as pages show it; raise NotFoundError."""
    badge = badge_case(work, slug).state
    found = badge.version(version) if version else badge.current
    if found is None:
        raise NotFoundError("There is no such badge.")
    definition = definition_of(work, found)
    needs = needs_of(work, definition)
    founders = founders_now(work, badge, today=work.now.date())
    required = work.unit.cases.badges_named(definition.requires)
    circles, why_not, mine = _may_apply(work, badge, reader) if reader else ((), None, None)
    return BadgePage(
        card=BadgeCard(
            slug=slug,
            name=definition.name,
            skill=definition.skill,
            level=definition.level,
            bundle=definition.bundle,
            version=definition.version,
        ),
        criteria=definition.criteria,
        show=definition.show,
        evidence_kinds=definition.evidence_kinds,
        requires=tuple(badge_card(required[name]) for name in definition.requires if name in required),
        min_peers=needs.min_peers,
        min_holders=needs.min_holders,
        min_witnesses=needs.min_witnesses,
        award_term_months=definition.award_term_months,
        review_on=found.review_on,
        adopted_on=found.adopted_on,
        decision_id=found.decision,
        achievement_url=work.academy.url(f"/achievements/{slug}-v{definition.version}"),
        founding=bool(founders),
        founding_until=badge.founding_until if founders else None,
        circles=tuple(card_of(work, row.id) for row in circles),
        why_not=why_not,
        my_application=mine,
    )


def _may_apply(work: Work, badge: Badge, reader: str) -> tuple[list[AnyRow], str | None, str | None]:
    """Return where somebody may apply, why not, and the application that is running already."""
    running = work.unit.cases.open_application(reader, badge.slug, RUNNING)
    if running is not None:
        return [], "You have an application for this badge already.", running
    if holds(work, reader, badge.slug, today=work.now.date()):
        return [], "You hold this badge.", None
    circles = work.unit.cases.circles_of(reader)
    if not circles:
        return [], "You apply in a circle that you are a member of; you are in none yet.", None
    return sorted(circles, key=lambda row: row.kind != "pod"), None, None


@query
def achievement_document(work: Work, *, name: str) -> Mapping[str, Any]:
    """Return the Achievement document of one version, named <slug>-v<version>."""
    slug, _, version = name.rpartition("-v")
    found = badge_case(work, slug).state.version(version) if slug else None
    if found is None:
        raise NotFoundError("There is no such badge.")
    return achievement(definition_of(work, found), base_url=work.academy.base_url)


@query
def issuer_document(work: Work) -> Mapping[str, Any]:
    """Return the Academy's Profile."""
    return work.academy.issuer.profile()


@query
def founder_candidates(work: Work, *, by: str) -> tuple[Person, ...]:
    """Return who may be named as founding evaluator: members of any circle."""
    members: set[str] = set()
    for row in work.unit.cases.all_circles():
        members |= circle_case(work, row.id).state.members
    people = sorted(work.unit.people.named(members).values(), key=lambda row: row.name)
    return tuple(Person(id=row.id, name=row.name, is_me=row.id == by) for row in people)


@use_case
def propose_badges(
    work: Work,
    *,
    by: str,
    drafts: tuple[Definition, ...],
    founders: tuple[FounderDraft, ...],
    founding_until: date | None,
    mode: Mode,
) -> str:
    """Put badges before the Academy Circle, with founding evaluators where nobody holds them yet."""
    circle = circle_of_kind(work, "academy")
    if circle is None or by not in circle.members:
        raise NotAllowedError(
            "Badges are proposed to the Academy Circle by one of its members.",
            rule="V1",
            remedy="Bring your idea to somebody from the Academy Circle.",
        )
    if not 1 <= len(drafts) <= _MAX_AT_ONCE:
        raise InvalidInputError({"badges": f"Propose 1 to {_MAX_AT_ONCE} badges at once."})
    definitions = check_drafts(work, drafts)
    reasons = {founder.member: parse_text(founder.reason, field="founders") for founder in founders}
    if strangers := reasons.keys() - work.unit.people.named(reasons).keys():
        raise InvalidInputError({"founders": f"{min(strangers)[:40]!r} is not somebody with an account."})
    check_founding(founders=reasons, until=founding_until, today=work.now.date(), min_peers=_MIN_PEERS)
    if not reasons:
        _refuse_undecidable(work, definitions)
    return _prepare(
        work,
        circle,
        by=by,
        mode=mode,
        proposal=Proposal(badges=definitions, founders=reasons, founding_until=founding_until),
    )


_MIN_PEERS = 2


def _refuse_undecidable(work: Work, definitions: tuple[Definition, ...]) -> None:
    """Refuse badges that nobody could ever decide about: no holder yet, and no founding evaluators named."""
    today = work.now.date()
    for definition in definitions:
        badge = badge_case(work, definition.slug).state
        somebody = (
            founders_now(work, badge, today=today)
            or ordinary_holders(work, badge, today=today)
            or any(holds(work, founder, badge.slug, today=today) for founder in badge.founders)
        )
        if needs_of(work, definition).min_holders and not somebody:
            sentence = (
                f"Nobody holds “{definition.name}” yet, so nobody could decide about it: name two to five"
                " founding evaluators, and until when."
            )
            raise InvalidInputError({"founders": sentence})


def check_drafts(work: Work, drafts: tuple[Definition, ...]) -> tuple[Definition, ...]:
    """Return definitions that can be adopted together; raise InvalidInputError with the faults of each."""
    slugs = [draft.slug for draft in drafts]
    if len(set(slugs)) < len(slugs):
        raise InvalidInputError({"badges": "Two badges have the same short name."})
    known = [row.slug for row in work.unit.cases.all_badges()] + slugs
    definitions: list[Definition] = []
    faults: dict[str, str] = {}
    for number, draft in enumerate(drafts):
        prefix = f"badges-{number}-" if len(drafts) > 1 else ""
        unreadable = name_faults(name=draft.name, bundle=draft.bundle) | text_faults(asdict(draft))
        if unreadable:
            faults |= {f"{prefix}{name}": text for name, text in unreadable.items()}
            continue
        try:
            existing = badge_case(work, draft.slug).state
            definitions.append(
                check_definition(draft, known=known, existing=existing if existing.versions else None)
            )
        except InvalidInputError as error:
            faults |= {f"{prefix}{name}": f"{draft.name}: {text}" for name, text in error.faults.items()}
    if faults:
        raise InvalidInputError(faults)
    return tuple(definitions)


def _prepare(work: Work, circle: Circle, *, by: str, mode: Mode, proposal: Proposal) -> str:
    today = work.now.date()
    process = Process(id=work.new_id())
    facilitator = next(iter(circle.holders_of("facilitator", today=today)), by)
    secretary = next(iter(circle.holders_of("secretary", today=today)), by)
    superpod = circle_of_kind(work, "superpod")
    delegates = set(superpod.holders_of("delegate", today=today)) if superpod else set()
    events = prepare(
        kind="adopt",
        circle=circle.id,
        subject=write_proposal(work, proposal, stream=f"process/{process.id}", author=by),
        proposer=by,
        concerned=None,
        facilitator=facilitator,
        secretary=secretary,
        deciders=circle.members | delegates,
        mode=mode,
        policy=PRESETS[circle.policy],
        needs=Requirements(min_peers=_MIN_PEERS, min_holders=0),
        now=work.now,
    )
    case = store_new_process(work, process_case(work, process.id), events)
    text = "Badges are proposed to the Academy Circle, and your voice is asked for."
    invite_deciders(work, case.state, path=f"/processes/{process.id}", text=text)
    return process.id
