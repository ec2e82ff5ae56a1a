"""A decision's story, from its sealed events, in sentences without names."""

from __future__ import annotations

from issuer.rules.journal import Event
from issuer.rules.process import Process
from issuer.service.academy import Work
from issuer.service.models import StoryItem

_PHASES = {
    "reacting": ("reaction", "Quick reactions."),
    "settling": ("round", "All consented, and the decision settles."),
    "integrating": ("objection", "The round is complete; an objection is integrated."),
}
_OBJECTIONS = {
    "concern": ("met", "An objection became a concern."),
    "taken_back": ("met", "An objection was taken back."),
}
_PLAIN = {
    "question_asked": ("question", "A clarifying question."),
    "late_objection": ("objection", "Something new was brought while the decision settled."),
    "rewritten": ("pause", "The text was taken back to be rewritten."),
    "paused": ("pause", "Paused."),
    "resumed": ("pause", "Taken up again."),
}
_ENDS = {
    "consented": "The circle consented.",
    "not_yet": "The circle consented to “not yet”, with a plan.",
    "referred": "The question was referred to the broader circle.",
    "withdrawn": "The proposal was withdrawn.",
    "lapsed": "It ended, as nothing happened for long.",
}


def story_of(work: Work, process: Process) -> tuple[StoryItem, ...]:
    """Return the steps of a process for its timeline."""
    items: list[StoryItem] = []
    rounds = 0
    for event in work.unit.journal.read(f"process/{process.id}"):
        if event.type == "phase_entered" and event["phase"] == "consent_round":
            rounds += 1
            items.append(StoryItem(at=event.at, kind="round", sentence=f"Consent round {rounds}."))
        elif (told := _tell(event)) is not None:
            items.append(StoryItem(at=event.at, kind=told[0], sentence=told[1]))
    version = process.version
    if process.outcome == "consented" and version and version.review_on and process.closed_at:
        sentence = f"Review on {version.review_on:%-d %B %Y}."
        items.append(StoryItem(at=process.closed_at, kind="review", sentence=sentence))
    return tuple(items)


def _tell(event: Event) -> tuple[str, str] | None:
    """Return kind and sentence of one event, None for those that are nobody's news."""
    match event.type:
        case "opened":
            return "proposal", f"Version {event['version']} of the proposal was put before the circle."
        case "amended":
            return "met", f"Version {event['version']}: the proposal was changed; everybody answers again."
        case "phase_entered":
            return _PHASES.get(event["phase"])
        case "responded" if event["response"] == "objection":
            return "objection", "An objection was raised."
        case "objection_changed":
            return _OBJECTIONS.get(event.data.get("state", ""))
        case "closed":
            return "decision", _ENDS[event["outcome"]]
    return _PLAIN.get(event.type)
