"""What must hold among the leaves about keys, releases and status lists."""

from __future__ import annotations

import json
from datetime import timedelta

from schemas import parse_date_time
from schemas.tlog import (
    AppReleased,
    IssuerKeyAdded,
    IssuerKeyCompromised,
    IssuerKeyRetired,
    Leaf,
    LogGenesis,
    LogKeyChanged,
    StatusListPublished,
)
from verifier.log.story import Faults, Place, Story

# The Academy promises to log within this time, so a list may be a little older than the leaf of a change.
PROMISED = timedelta(seconds=60)
MAX_LISTS = 256
ADDED, RETIRED, COMPROMISED = b"added", b"retired", b"compromised"


def genesis(leaf: Leaf, place: Place, story: Story) -> Faults:
    """The begin: once, and first."""
    assert isinstance(leaf, LogGenesis)
    if place.index:
        yield "GENESIS_NOT_FIRST", "The log begins a second time here."
        return
    story.began = True
    story.log_key = leaf.keys.log
    story.shelf.add("log key", leaf.keys.log, place.index)
    story.shelf.put("policy", leaf.policy, place.index)
    for key in leaf.keys.issuer:
        story.shelf.put("key", key, place.index, ADDED)


def log_key_changed(leaf: Leaf, place: Place, story: Story) -> Faults:
    """Another log key: it follows the one before."""
    assert isinstance(leaf, LogKeyChanged)
    if story.log_key and leaf.former != story.log_key:
        yield "LOG_KEY_CHAIN", "The key that this one follows is not the one that the log signed with before."
    if story.shelf.add("log key", leaf.key, place.index) is not None:
        yield "LOG_KEY_CHAIN", "The log goes back to a key that it gave up before."
    story.log_key = leaf.key


def issuer_key(leaf: Leaf, place: Place, story: Story) -> Faults:
    """An issuer key: added once, retired or compromised after that."""
    assert isinstance(leaf, IssuerKeyAdded | IssuerKeyRetired | IssuerKeyCompromised)
    known = story.shelf.find("key", leaf.key)
    if isinstance(leaf, IssuerKeyAdded):
        if known is not None:
            yield "ISSUER_KEY_ORDER", f"The issuer's key was added before, in leaf {known.index}."
        else:
            story.shelf.put("key", leaf.key, place.index, ADDED)
        return
    if known is None:
        yield "ISSUER_KEY_ORDER", "The issuer gives up a key that was never added."
    elif known.value == RETIRED and isinstance(leaf, IssuerKeyRetired):
        yield "ISSUER_KEY_ORDER", f"The issuer's key was retired before, in leaf {known.index}."
    elif known.value == COMPROMISED:
        yield "ISSUER_KEY_ORDER", f"The issuer's key was given up as compromised before, in leaf {known.index}."
    kind = RETIRED if isinstance(leaf, IssuerKeyRetired) else COMPROMISED
    if known is None or known.value != COMPROMISED:
        story.shelf.put("key", leaf.key, place.index, kind)


def released(leaf: Leaf, place: Place, story: Story) -> Faults:
    """A release: its scripts are those in force."""
    assert isinstance(leaf, AppReleased)
    story.shelf.clear("file")
    for file in leaf.files:
        story.shelf.put("file", file.name, place.index, file.digest.encode())
    story.release = leaf.version
    return ()


def list_published(leaf: Leaf, place: Place, story: Story) -> Faults:
    """A status list: no bit falls, and the bits that rose are those whose change was logged.

    The leaf of a change does not say which list it is in, so the bits of all lists are counted against all
    changes. Bits may be fewer only until each list was published once more, since lists are made one by one.
    """
    assert isinstance(leaf, StatusListPublished)
    known = story.shelf.find("list", leaf.address)
    before = json.loads(known.value) if known else {"set": 0, "seen": 0}
    if leaf.bits_set < before["set"]:
        yield "STATUS_BIT_FELL", f"The list shows {leaf.bits_set} set bits after {before['set']}: a bit fell to 0."
    story.bits += leaf.bits_set - before["set"]
    if known is None and not story.copies:
        # A log that begins when there are badges already begins with their bits.
        story.bits_before += max(story.bits - story.bits_before - story.changes, 0)
    shown = story.bits - story.bits_before
    if shown > story.changes:
        yield "STATUS_CHANGE_NOT_LOGGED", f"The lists show {shown} changes; only {story.changes} were logged."
    # Changes of the last minute may come with the next list.
    late = story.changed_at and parse_date_time(story.changed_at) + PROMISED > parse_date_time(leaf.at)
    state = {
        "set": leaf.bits_set,
        "digest": leaf.digest,
        "due": before["seen"] if late else story.changes,
        "seen": story.changes,
    }
    story.shelf.put("list", leaf.address, place.index, json.dumps(state).encode())
    story.shelf.add("listed", f"{leaf.address} {leaf.digest}", place.index)
    story.lists += known is None
    if story.lists > MAX_LISTS:
        return  # the Academy has few; looking through very many each time would keep a monitor busy for days
    due = min(json.loads(one.value)["due"] for _, one in story.shelf.all("list"))
    if shown < due and leaf.bits_set >= before["set"]:
        yield "STATUS_CHANGE_NOT_SHOWN", f"{due} changes were logged, but the lists show {shown} of them."
