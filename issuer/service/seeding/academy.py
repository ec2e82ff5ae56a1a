"""The demo academy: an Academy Circle, a superpod, two pods, the starting catalogue, a few badges earned."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import MappingProxyType

from issuer.rules.credentials import add_months
from issuer.service.academy import Academy, Work, query
from issuer.service.badges import propose_badges
from issuer.service.catalogue import starting_catalogue
from issuer.service.circles import propose_circle, setup_code
from issuer.service.log import begin_log, flush, read_state
from issuer.service.models import CircleDraft, FounderDraft, MemberDraft
from issuer.service.seeding.pens import Pens
from issuer.service.seeding.people import Case, award_in_meeting, decide_in_meeting, member_ids

DOMAIN = "demo.example"
DEMO_PEOPLE = MappingProxyType(
    {
        "mira": "Mira Lindqvist",
        "jonas": "Jonas Abel",
        "sol": "Sol Okafor",
        "ida": "Ida Moreau",
        "asha": "Asha Verma",
        "ben": "Ben Castillo",
        "chiara": "Chiara Bianchi",
        "dev": "Dev Anand",
        "eli": "Eli Nguyen",
        "farah": "Farah Haddad",
        "gil": "Gil Peretz",
        "hana": "Hana Sato",
        "ivo": "Ivo Novák",
    }
)
_FOUNDERS = MappingProxyType(
    {
        "chiara": "She has kept the minutes of two circles for six years.",
        "dev": "He has facilitated since the first pod began.",
        "farah": "She trained consent decisions in three organisations.",
    }
)
Progress = Callable[[str], None]


@query
def is_empty(work: Work) -> bool:
    """Say whether nobody has an account yet."""
    return work.unit.people.count() == 0


def address(name: str) -> str:
    """Return a demo person's address."""
    return f"{name}@{DOMAIN}"


def _members(**roles: str) -> Callable[..., tuple[MemberDraft, ...]]:
    held: dict[str, tuple[str, ...]] = {}
    for role, name in roles.items():
        held[name] = (*held.get(name, ()), role)
    return lambda *names: tuple(
        MemberDraft(name=DEMO_PEOPLE[name], email=address(name), roles=held.get(name, ())) for name in names
    )


_CIRCLES = (
    CircleDraft(
        name="Academy Circle",
        kind="academy",
        aim="Learners can show what they are able to do, and others can rely on it.",
        domain="Badges on offer, award policy, circles of the Academy",
        parent=None,
        members=_members(facilitator="mira", secretary="jonas")("mira", "jonas", "sol", "ida"),
    ),
    CircleDraft(
        name="Superpod",
        kind="superpod",
        aim="Students shape what they learn and how they support each other.",
        domain="Pods, wishes for badges, help between pods",
        parent="academy-circle",
        members=_members(facilitator="ida", secretary="gil")("sol", "ida", "chiara", "dev", "farah", "gil"),
        leader=address("sol"),
        delegate=address("ida"),
    ),
    CircleDraft(
        name="Pod North",
        kind="pod",
        aim="We practise together and tell each other honestly what we see.",
        domain="Evaluating our members' badges",
        parent="superpod",
        members=_members(facilitator="dev", secretary="eli")("asha", "ben", "chiara", "dev", "eli"),
        leader=address("chiara"),
        delegate=address("dev"),
    ),
    CircleDraft(
        name="Pod South",
        kind="pod",
        aim="We learn sociocracy by doing it in our own organisations.",
        domain="Evaluating our members' badges",
        parent="superpod",
        members=_members(facilitator="hana", secretary="ivo")("farah", "gil", "hana", "ivo"),
        leader=address("farah"),
        delegate=address("gil"),
    ),
)
# Who earned what before today: applicant, badge, deciders, witnesses, published.
_NORTH = (
    ("chiara", "circle-member", ("dev", "eli", "asha"), ("ben", "asha"), True),
    ("asha", "circle-member", ("chiara", "dev", "eli"), ("ben", "chiara"), True),
    ("dev", "circle-member", ("chiara", "asha", "eli"), ("ben", "eli"), False),
    ("chiara", "secretary", ("dev", "eli", "asha"), ("ben", "dev"), True),
)


def seed_academy(academy: Academy, *, progress: Progress = lambda _: None) -> None:
    """Build the demo academy by decisions in meeting mode: its log, constituting, adopting, then awards."""
    if read_state(academy) is None:
        begin_log(academy)
        progress("The log has begun")
    pens = Pens(academy.random_bytes(32))
    for draft in _CIRCLES:
        first = draft.kind == "academy"
        process = propose_circle(
            academy,
            by=None if first else member_ids(academy)["mira"],
            draft=draft,
            mode="meeting",
            setup_code=setup_code(academy) if first else None,
        )
        decide_in_meeting(academy, process, pens=pens)
        progress(f"{draft.name} has begun")
    ids = member_ids(academy)
    process = propose_badges(
        academy,
        by=ids["mira"],
        drafts=starting_catalogue(),
        founders=tuple(FounderDraft(member=ids[name], reason=reason) for name, reason in _FOUNDERS.items()),
        founding_until=add_months(academy.clock().date() + timedelta(days=1), 12),
        mode="meeting",
    )
    decide_in_meeting(academy, process, pens=pens)
    progress(f"{len(starting_catalogue())} badges were adopted")
    emails = {id_: address(name) for name, id_ in ids.items()}
    for applicant, badge, deciders, witnesses, published in _NORTH:
        case = Case(
            applicant=ids[applicant],
            badge=badge,
            circle="pod-north",
            deciders=tuple(ids[name] for name in deciders),
            facilitator=ids["eli"] if applicant == "dev" else ids["dev"],
            secretary=ids["eli"],
            witnesses=tuple(ids[name] for name in witnesses),
            name=DEMO_PEOPLE[applicant],
        )
        award_in_meeting(academy, case, pens=pens, emails=emails, published=published)
        progress(f"{DEMO_PEOPLE[applicant]} earned a badge")
    flush(academy)
