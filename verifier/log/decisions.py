"""What must hold among the leaves of decisions and of the badges that come from them."""

from __future__ import annotations

from schemas.decision import same_decision, why_not_consented
from schemas.tlog import (
    AchievementPublished,
    CredentialIssued,
    CredentialStatusChanged,
    DecisionClosed,
    Leaf,
    PolicyChanged,
    parse_leaf,
)
from verifier.log.story import Faults, Place, Story

_RULES = {
    "K": "those who decided are not those who answered",
    "G2": "fewer people decided than its rule asks for",
    "G3": "fewer holders of the badge decided than its rule asks for",
}


def closed(leaf: Leaf, place: Place, story: Story) -> Faults:
    """A consent: the outcome recomputed, by its rule and policy, and closed once."""
    assert isinstance(leaf, DecisionClosed)
    shelf = story.shelf
    yield from _outcome(leaf, story)
    if leaf.closed_at > leaf.at:
        yield "CLOSED_BEFORE_CLOSING", f"The decision says it was closed at {leaf.closed_at}, after it was logged."
    # Keys are made for one decision, and its proposal closes with it: a second leaf with one is a later answer.
    if (before := shelf.add("proposal", leaf.proposal, place.index)) is not None:
        yield "AFTER_CLOSING", f"The proposal of this decision was closed before, in leaf {before.index}."
    for response in leaf.responses:
        if (before := shelf.add("decider", response.by, place.index)) is not None:
            yield (
                "AFTER_CLOSING",
                f"A key that answers here answered before, in the decision of leaf {before.index}.",
            )
            break
    for response in leaf.responses:
        if (before := shelf.add("statement", response.statement, place.index)) is not None:
            yield "ANSWER_COUNTED_TWICE", f"An answer that counts here was counted before, in leaf {before.index}."
            break
    shelf.add("decision", place.name, place.index, place.data)
    story.closed += 1


def _outcome(leaf: DecisionClosed, story: Story) -> Faults:
    rule = why_not_consented(leaf)
    if rule is None and leaf.rules.min_holders > len(leaf.deciders):
        rule = "G3"
    if rule is not None:
        reason = _RULES.get(rule, f"the rule {rule} is not met")
        yield "OUTCOME_NOT_CONSENT", f"The leaf says that a circle consented, but {reason}."
    counted = (leaf.assurance.passkey or 0) + (leaf.assurance.link or 0)
    if counted > len(leaf.responses):
        yield "ASSURANCE_COUNT", f"{counted} sign-ins are counted for {len(leaf.responses)} answers."
    if story.shelf.find("policy", leaf.policy) is None:
        yield "POLICY_NOT_LOGGED", "The decision names a policy that the log never said was in force."


def issued(leaf: Leaf, place: Place, story: Story) -> Faults:
    """A badge: of a decision that is there, with its content, one first copy, and a chain without forks."""
    assert isinstance(leaf, CredentialIssued)
    shelf = story.shelf
    decision = shelf.find("decision", leaf.decision)
    if decision is None:
        yield "DECISION_NOT_LOGGED", "The badge names a decision that no decision.closed leaf before it is."
    else:
        closed_leaf = parse_leaf(decision.value)
        assert isinstance(closed_leaf, DecisionClosed)
        if not same_decision(leaf, closed_leaf):
            yield "DECISION_DIFFERS", f"The badge says other things than its decision in leaf {decision.index}."
        elif leaf.at < leaf.closed_at:
            yield "CLOSED_BEFORE_CLOSING", f"The badge was logged at {leaf.at}, before its decision was closed."
    if leaf.reason == "first" and (before := shelf.add("first", leaf.decision, place.index)) is not None:
        yield "SECOND_FIRST", f"The decision had its first badge already, in leaf {before.index}."
    if leaf.replaces is not None:
        yield from _replaces(leaf, leaf.replaces, place, story)
    if (before := shelf.add("final", leaf.final, place.index, leaf.decision.encode())) is not None:
        yield "BADGE_LOGGED_TWICE", f"The very same badge was logged before, in leaf {before.index}."
    shelf.add("copy", place.name, place.index)
    story.copies += 1


def _replaces(leaf: CredentialIssued, former: str, place: Place, story: Story) -> Faults:
    known = story.shelf.find("final", former)
    if known is None:
        yield "REPLACES_UNKNOWN", "The badge replaces a copy that was never logged."
    elif known.value.decode() != leaf.decision:
        yield "REPLACES_OTHER_DECISION", f"The badge replaces the one of leaf {known.index}, of another decision."
    if (before := story.shelf.add("replaced", former, place.index)) is not None:
        yield "REPLACES_FORK", f"The copy that this badge replaces was replaced before, in leaf {before.index}."


def adopted(leaf: Leaf, place: Place, story: Story) -> Faults:
    """A policy or a badge on offer: adopted by a decision that is there."""
    assert isinstance(leaf, PolicyChanged | AchievementPublished)
    if story.shelf.find("decision", leaf.decision) is None:
        what = "policy" if isinstance(leaf, PolicyChanged) else "badge on offer"
        yield "NOT_ADOPTED", f"The {what} names no decision before it that adopted it."
    if isinstance(leaf, PolicyChanged):
        story.shelf.put("policy", leaf.policy, place.index)


def status_changed(leaf: Leaf, place: Place, story: Story) -> Faults:
    """A change of status: its decision is there; a replacing copy may be logged a little later."""
    assert isinstance(leaf, CredentialStatusChanged)
    if leaf.decision is not None and story.shelf.find("decision", leaf.decision) is None:
        yield "DECISION_NOT_LOGGED", "The change of status names a decision that no leaf before it is."
    if leaf.replaced_by is not None:
        story.shelf.add("replacing", leaf.replaced_by, place.index)
    story.changes += 1
    story.changed_at = max(story.changed_at, leaf.at)


def missing_copies(story: Story) -> list[tuple[int, str, str]]:
    """Return index, code and sentence for changes of status that name a copy which was never logged."""
    shelf = story.shelf
    return [
        (known.index, "REPLACES_UNKNOWN", "The change of status names a replacing copy that was never logged.")
        for name, known in shelf.all("replacing")
        if shelf.find("final", name) is None and shelf.find("copy", name) is None
    ]
