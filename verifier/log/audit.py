"""The audit of a whole log, step by step (TRANSPARENCY.md, section 5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from schemas import format_date_time
from schemas.tlog import Policy, VerifierKey, format_vkey
from verifier.fetch import Fetcher
from verifier.log.decisions import missing_copies
from verifier.log.findings import Findings
from verifier.log.heads import Head, check_age, check_key_logged, check_witnesses, fetch_head
from verifier.log.openings import Openings
from verifier.log.receipts import Receipt, Receipts
from verifier.log.rules import look
from verifier.log.served import check_served
from verifier.log.source import LogSource
from verifier.log.split import compare_heads, compare_trees
from verifier.log.story import Story
from verifier.log.walk import Tell, Walk


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """What is asked beyond the log itself.

    `documents` gives what the Academy serves beside its log (keys, scripts, lists, policies), below `base_url`;
    None leaves that out. `lists` are the bytes of status lists kept from earlier audits.
    """

    documents: Fetcher | None = None
    base_url: str | None = None
    longest_age: timedelta | None = None
    openings: Openings = field(default_factory=Openings)
    receipts: tuple[Receipt, ...] = ()
    lists: tuple[bytes, ...] = ()


@dataclass(slots=True, kw_only=True)
class Audit:
    """What an audit found: `split` is the evidence of two histories, `new_head` says whether to store the head."""

    findings: Findings
    at: datetime
    head: Head | None = None
    stored: Head | None = None
    new_head: bool = False
    split: bytes | None = None
    seen_at: datetime | None = None
    leaves: int = 0
    decisions: int = 0
    badges: int = 0
    served_lists: list[bytes] = field(default_factory=list)

    def exit_status(self, *, new_only: bool = False) -> int:
        """Return 0 clean, 1 alarm, 2 could not read all, 3 proof of a split view."""
        if self.split is not None:
            return 3
        if self.findings.new_alarms or (self.findings.old_alarms and not new_only):
            return 1
        return 2 if self.findings.unread else 0

    def to_json(self) -> dict[str, Any]:
        """Return the audit for programs."""
        value: dict[str, Any] = {
            "at": format_date_time(self.at),
            "leaves": self.leaves,
            "decisions": self.decisions,
            "badges": self.badges,
            "findings": [finding.to_json() for finding in self.findings.kept],
            "findingsNotKept": self.findings.dropped,
        }
        if self.head is not None:
            checkpoint = self.head.verified.checkpoint
            value |= {
                "origin": checkpoint.origin,
                "size": checkpoint.size,
                "key": format_vkey(self.head.verified.log),
                "witnesses": dict(self.head.times),
                "checkpoint": self.head.note.decode(),
            }
        if self.stored is not None:
            value["since"] = self.stored.size
        if self.seen_at is not None:
            value["checkpointOf"] = format_date_time(self.seen_at)
        return value


def audit(
    source: LogSource,
    *,
    keys: Sequence[VerifierKey],
    policy: Policy,
    stored: Head | None,
    now: datetime,
    questions: Questions,
    tell: Tell = lambda _at, _of: None,
) -> Audit:
    """Read a log from its begin to the head that it publishes, and say what is wrong with it."""
    findings = Findings(since=stored.size if stored else 0)
    done = Audit(findings=findings, at=now, stored=stored)
    # 1. The head: signed by the log, confirmed by a quorum, and not against the one that was stored.
    head = done.head = fetch_head(source, keys=keys, policy=policy, findings=findings)
    if head is None:
        return done
    check_witnesses(head, policy=policy, now=now, findings=findings)
    done.split = compare_heads(stored, head, now=now, findings=findings)
    if done.split is not None:
        return done
    # 2. Every leaf, against the tiles and against the leaves before it.
    story, receipts = Story(), Receipts(questions.receipts)
    walk = Walk(source, head.size, stored.size if stored else 0, findings, tell)
    try:
        for entry in walk.entries():
            place, faults = look(entry.index, entry.data, entry.leaf_hash, story)
            for code, message in faults:
                findings.add(code, message, index=entry.index)
            if place is not None:
                questions.openings.look(place, findings)
                receipts.look(place)
        # 3. The roots.
        is_shown, done.split = compare_trees(stored, head, walk, now=now, findings=findings)
        done.new_head = is_shown and (stored is None or head.size >= stored.size)
        # 4. What only the end can show.
        if walk.root is not None:
            for index, code, message in missing_copies(story):
                findings.add(code, message, index=index)
            check_key_logged(head, log_key=story.log_key, findings=findings)
            questions.openings.finish(story, findings)
            receipts.finish(head, keys=keys, last_at=story.last_at, findings=findings)
        done.seen_at = check_age(
            head, last_leaf=story.last_at, now=now, longest=questions.longest_age, findings=findings
        )
        # 5. What the Academy serves beside its log.
        if walk.root is not None and done.split is None:
            done.served_lists = check_served(
                questions.documents,
                story,
                base_url=questions.base_url,
                kept=questions.lists,
                grown=lambda: _has_grown(source, keys=keys, policy=policy, than=head),
                findings=findings,
            )
        done.leaves, done.decisions, done.badges = story.leaves, story.closed, story.copies
    finally:
        story.shelf.close()
    return done


def _has_grown(source: LogSource, *, keys: Sequence[VerifierKey], policy: Policy, than: Head) -> bool:
    """Say whether the log has grown while we read it: then what is served now may be younger than our head."""
    now = fetch_head(source, keys=keys, policy=policy, findings=Findings())
    return now is not None and now.size > than.size
