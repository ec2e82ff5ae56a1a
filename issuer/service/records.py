"""Sealed decision records, as each reader may see them (DOMAIN.md section 7)."""

from __future__ import annotations

from issuer.errors import NotFoundError, TamperedError
from issuer.rules.applications import Application
from issuer.rules.process import Process
from issuer.service.academy import Work, query
from issuer.service.badges import definition_for
from issuer.service.cases import Case, application_case, circle_case, existing, process_case
from issuer.service.circles import card_of
from issuer.service.closing import leaf_stream
from issuer.service.models import BadgeCard, DecisionPage, LoggedEntry, RecordField
from issuer.service.processes.steps import has_part
from issuer.service.processes.story import story_of
from issuer.service.proposals import read_proposal
from keys import decode_base64url, encode_base64url
from schemas import DocumentError, Leaf, parse_json, record_from_json, record_root, record_slots, view_record
from schemas.tlog import DecisionClosed, LogGenesis, digest_text, parse_leaf

_MODES = {"async": "over some days", "meeting": "in a meeting"}


@query
def decision_page(work: Work, *, id_: str, reader: str | None) -> DecisionPage:
    """Return a sealed record to those who may see it: decisions about badges by their address, "not yet" never."""
    return page_of(work, id_=id_, reader=reader)


def page_of(work: Work, *, id_: str, reader: str | None) -> DecisionPage:
    """Return a sealed record as a reader may see it; raise NotFoundError where it is none of their business."""
    process = existing(process_case(work, id_)).state
    row = work.unit.awards.record(id_)
    groups = _groups(work, process, reader)
    if row is None or process.record is None or not (_is_public(work, process) or "circle" in groups):
        raise NotFoundError("There is no such decision.")
    try:
        leaves = record_from_json(parse_json(row.leaves))
        root = encode_base64url(record_root(leaves))
    except DocumentError as error:
        raise TamperedError(f"the record of the decision {id_} was changed in the database") from error
    if root != process.record:
        raise TamperedError(f"the record of the decision {id_} is not the one that was sealed")
    view = view_record(leaves, open_to=groups)
    assert process.closed_at is not None
    assert process.version is not None
    badge = _badge(work, process)
    return DecisionPage(
        id=id_,
        kind=process.kind,
        outcome=process.outcome or "",
        title=_title(work, process, badge),
        circle=card_of(work, process.circle),
        decided_on=process.closed_at.date(),
        review_on=process.version.review_on,
        facts=_facts(view),
        fields=_fields(view),
        root=row.root,
        signature=row.signature,
        record_key=row.record_key,
        story=story_of(work, process),
        badge=badge,
        entry=_entry(work, process),
    )


def _entry(work: Work, process: Process) -> LoggedEntry | None:
    """Return the decision's entry in the log; None where there is none, or it is about another record."""
    began = work.unit.awards.first_leaf()
    for hash_ in work.unit.texts.all_of(leaf_stream(process.id)) if began else ():
        text = work.unit.awards.leaf(hash_)
        leaf = parse_leaf(text.encode("utf-8")) if text is not None else None
        if isinstance(leaf, DecisionClosed) and leaf.record == digest_text(decode_base64url(process.record or "")):
            genesis = parse_leaf((began or "").encode("utf-8"))
            assert isinstance(genesis, LogGenesis)
            return LoggedEntry(leaf=text or "", index=work.unit.awards.place_of(hash_), vkey=genesis.keys.log)
    return None


def _groups(work: Work, process: Process, reader: str | None) -> frozenset[str]:
    groups = {"credential"}
    if reader is not None:
        groups.add("members")
        if has_part(process, reader) or reader in circle_case(work, process.circle).state.members:
            groups.add("circle")
    return frozenset(groups)


def _is_public(work: Work, process: Process) -> bool:
    """Say whether whoever has the address may see it: consented ones, and about a person once it was accepted."""
    if process.outcome != "consented":
        return False
    if process.kind != "award":
        return True
    return _application(work, process).state.award is not None


def _application(work: Work, process: Process) -> Case[Application]:
    return application_case(work, process.subject.removeprefix("application/"))


def _badge(work: Work, process: Process) -> BadgeCard | None:
    if process.kind != "award":
        return None
    definition = definition_for(work, _application(work, process).state)
    return BadgeCard(
        slug=definition.slug,
        name=definition.name,
        skill=definition.skill,
        level=definition.level,
        bundle=definition.bundle,
        version=definition.version,
    )


def _title(work: Work, process: Process, badge: BadgeCard | None) -> str:
    if badge is not None:
        return f"A decision about the badge {badge.name}"
    assert process.version is not None
    proposal = read_proposal(work, process.version.text)
    if proposal.circle is not None:
        return f"The circle {proposal.circle.name} begins"
    names = [definition.name for definition in proposal.badges]
    return f"The badge {names[0]} was adopted" if len(names) == 1 else f"{len(names)} badges were adopted"


def _facts(view: tuple[Leaf, ...]) -> tuple[tuple[str, str], ...]:
    """Return the open facts that people ask for first, in words."""
    values = {leaf.path: leaf.value for leaf in view if leaf.open}
    labels = {slot.path: slot.label for slot in record_slots()}
    wanted = (
        ("circle",),
        ("mode",),
        ("opened",),
        ("closed",),
        ("count", "deciders"),
        ("count", "holders"),
        ("count", "rounds"),
        ("count", "objections_met"),
        ("review",),
        ("term",),
    )
    facts = [
        (labels[path], _MODES.get(values[path], values[path]) if path == ("mode",) else str(values[path]))
        for path in wanted
        if values.get(path) is not None
    ]
    flags = {
        ("flag", "founding"): "Founding evaluators decided: this badge is new here",
        ("flag", "constituted"): "This decision constituted the circle",
        ("flag", "each_other"): "Members of this pod evaluate each other",
    }
    return (*facts, *(("Note", words) for path, words in flags.items() if values.get(path)))


def _fields(view: tuple[Leaf, ...]) -> tuple[RecordField, ...]:
    labels = {slot.path: slot.label for slot in record_slots()}
    return tuple(
        RecordField(
            path=leaf.path,
            label=labels[leaf.path],
            value=leaf.value,
            open=leaf.open,
            leaf=encode_base64url(leaf.hash),
            salt=encode_base64url(leaf.salt) if leaf.salt is not None else None,
        )
        for leaf in view
    )
