"""One leaf after another: its form, its id, and the rules for its type (TRANSPARENCY.md, sections 3 and 5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from schemas.tlog import (
    AchievementPublished,
    AppReleased,
    CredentialIssued,
    CredentialStatusChanged,
    DecisionClosed,
    DecisionEvent,
    IssuerKeyAdded,
    IssuerKeyCompromised,
    IssuerKeyRetired,
    Leaf,
    LeafError,
    LogGenesis,
    LogKeyChanged,
    PolicyChanged,
    StatusListPublished,
    digest_text,
    parse_leaf,
)
from verifier.log import changes, decisions
from verifier.log.story import Faults, Place, Story

Rule = Callable[[Leaf, Place, Story], Faults]

# The other types (members, events, redactions) hold commitments only: without openings nothing is to be compared.
RULES: Mapping[type[Leaf], Rule] = MappingProxyType(
    {
        LogGenesis: changes.genesis,
        LogKeyChanged: changes.log_key_changed,
        IssuerKeyAdded: changes.issuer_key,
        IssuerKeyRetired: changes.issuer_key,
        IssuerKeyCompromised: changes.issuer_key,
        AppReleased: changes.released,
        StatusListPublished: changes.list_published,
        DecisionClosed: decisions.closed,
        CredentialIssued: decisions.issued,
        CredentialStatusChanged: decisions.status_changed,
        PolicyChanged: decisions.adopted,
        AchievementPublished: decisions.adopted,
    }
)


def look(index: int, data: bytes, leaf_hash: bytes, story: Story) -> tuple[Place | None, list[tuple[str, str]]]:
    """Return a leaf, when it is one, and what is wrong with it after all leaves before it."""
    story.leaves += 1
    try:
        leaf = parse_leaf(data)
    except LeafError as error:
        code = error.code  # LEAF_TYPE_UNKNOWN or LEAF_MALFORMED, whatever the reader below it said
        return None, [(code, f"{error.message[:1].upper()}{error.message[1:]}.")]
    place = Place(index=index, data=data, name=digest_text(leaf_hash), leaf=leaf)
    found = []
    if index == 0 and not isinstance(leaf, LogGenesis):
        found.append(("GENESIS_MISSING", "The log does not begin with log.genesis."))
    if (before := story.shelf.add("event", leaf.id, index)) is not None:
        found.append(("EVENT_LOGGED_TWICE", f"An event with this id was logged before, in leaf {before.index}."))
    rule = RULES.get(type(leaf))
    if rule is not None:
        found += rule(leaf, place, story)
    if not isinstance(leaf, DecisionEvent):
        story.last_at = max(story.last_at, leaf.at)
    return place, found
