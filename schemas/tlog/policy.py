"""Trust policies: which logs, which witnesses, and how many of them it takes (c2sp.org/tlog-policy).

The file is octets; those that are not UTF-8 are kept as they are, since "names must be handled as opaque octet
strings".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from schemas.tlog.errors import LIMIT, PolicyError, VerifierKeyError
from schemas.tlog.vkeys import COSIGNATURE_V1, ED25519, VerifierKey, format_vkey, parse_vkey

# "It is strongly recommended that an implementation supports at least up to 32 logs, 32 witnesses, and 32 groups."
MAX_OF_EACH = 64
MAX_POLICY_BYTES = 128 * 1024
NONE = "none"
_BLANK = re.compile(r"[ \t]+")
_STRAY = re.compile(rb"[^\t\n\x20-\x7e\x80-\xff]")
_ITEM = re.compile(r"[^\x00-\x20\x7f]+")
_NUMBER = re.compile(r"[1-9][0-9]{0,3}")
_LOG_ITEMS, _WITNESS_ITEMS, _GROUP_ITEMS, _QUORUM_ITEMS = (2, 3), (3, 4), 4, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyLog:
    """A log that is accepted: its key, named as its origin, and where it is."""

    key: VerifierKey
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyWitness:
    """A witness: its name in this file, its key, and where it is."""

    name: str
    key: VerifierKey
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Witnesses or other groups, of which at least `threshold` must have witnessed a checkpoint."""

    name: str
    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A whole policy; `quorum` is the name of a witness or group, or None where no cosignature is asked for.

    Raises PolicyError when it contradicts itself.
    """

    logs: tuple[PolicyLog, ...] = ()
    witnesses: tuple[PolicyWitness, ...] = ()
    groups: tuple[Group, ...] = ()
    quorum: str | None = None

    def __post_init__(self) -> None:
        if max(len(self.logs), len(self.witnesses), len(self.groups)) > MAX_OF_EACH:
            raise PolicyError(f"a policy has at most {MAX_OF_EACH} each of logs, witnesses and groups", code=LIMIT)
        for log in self.logs:
            if log.key.signature_type != ED25519:
                raise PolicyError(f"the log {log.key.name!r} signs with type 0x01 (Ed25519); its vkey has another")
        for witness in self.witnesses:
            if witness.key.signature_type != COSIGNATURE_V1:
                raise PolicyError(f"the witness {witness.name!r} signs with type 0x04; its vkey has another")
        # "Two vkeys are considered duplicate if they wrap the same underlying public key."
        for what, keys in (
            ("logs", [log.key for log in self.logs]),
            ("witnesses", [witness.key for witness in self.witnesses]),
        ):
            if len({key.public_key.raw for key in keys}) != len(keys):
                raise PolicyError(f"two {what} of the policy have the same public key")
        self._check_items()
        self._check_names()

    def _check_items(self) -> None:
        items = [name for witness in self.witnesses for name in (witness.name, witness.url)]
        items += [log.url for log in self.logs] + [group.name for group in self.groups]
        for item in items:
            if item is not None and not _ITEM.fullmatch(item):
                raise PolicyError(
                    f"names and addresses of a policy are without spaces and not empty: {item!r:.80}"
                )

    def _check_names(self) -> None:
        defined: set[str] = set()
        for name in (witness.name for witness in self.witnesses):
            _define(name, defined)
        listed: set[str] = set()
        for group in self.groups:
            for member in group.members:
                if member not in defined:
                    raise PolicyError(f"the group {group.name!r} lists {member!r}, which no earlier line defines")
                # "Each defined name can be listed as a group member at most once."
                if member in listed:
                    raise PolicyError(f"{member!r} is listed as a member twice, and would count twice")
                listed.add(member)
            if not 1 <= group.threshold <= len(group.members):
                raise PolicyError(
                    f"the group {group.name!r} needs {group.threshold} of {len(group.members)}: that cannot be"
                )
            _define(group.name, defined)
        if self.quorum is not None and self.quorum not in defined:
            raise PolicyError(f"the quorum names {self.quorum!r}, which no earlier line defines")

    def is_met(self, witnesses: Collection[str]) -> bool:
        """Say whether cosignatures of the witnesses with these names are the quorum."""
        if self.quorum is None:
            return True
        met = {witness.name for witness in self.witnesses if witness.name in witnesses}
        for group in self.groups:  # a group's members are defined before it
            if sum(member in met for member in group.members) >= group.threshold:
                met.add(group.name)
        return self.quorum in met

    def witness_time(self, times: Mapping[str, int]) -> int | None:
        """Return the first POSIX time by which the quorum had confirmed a checkpoint; None without one.

        `times` are cosignature timestamps by the witnesses' names: the only times that are not the log's word.
        """
        if self.quorum is None:
            return None
        for time in sorted(times.values()):
            if self.is_met({name for name, cosigned in times.items() if cosigned <= time}):
                return time
        return None


def _define(name: str, defined: set[str]) -> None:
    # Witnesses and groups share a single namespace, in which `none` is predefined.
    if name == NONE or name in defined:
        raise PolicyError(f"the name {name!r} is already taken")
    defined.add(name)


def parse_policy(data: bytes) -> Policy:
    """Return the policy that a file holds; raise PolicyError with the line."""
    if len(data) > MAX_POLICY_BYTES:
        raise PolicyError(f"a policy file has at most {MAX_POLICY_BYTES:,} bytes", code=LIMIT)
    if stray := _STRAY.search(data):
        raise PolicyError(f"the policy file holds the control character 0x{stray[0][0]:02x}")
    if data and not data.endswith(b"\n"):
        raise PolicyError("the policy file's last line does not end in a newline: something may be cut off")
    text = data.decode("utf-8", "surrogateescape")
    reader = _Reader()
    for number, line in enumerate(text.split("\n")[:-1], 1):
        items = [item for item in _BLANK.split(line) if item]
        if not items or items[0].startswith("#"):
            continue
        try:
            reader.line(items)
        except (PolicyError, VerifierKeyError) as error:
            raise PolicyError(f"line {number} of the policy: {error.message}", code=error.problem) from error
    return reader.policy()


def format_policy(policy: Policy) -> bytes:
    """Return the file of a policy, as the Academy publishes it."""
    lines = [["log", format_vkey(log.key), log.url or ""] for log in policy.logs]
    lines += [["witness", w.name, format_vkey(w.key), w.url or ""] for w in policy.witnesses]
    lines += [["group", group.name, str(group.threshold), *group.members] for group in policy.groups]
    lines.append(["quorum", policy.quorum or NONE])
    text = "".join(" ".join(filter(None, line)) + "\n" for line in lines)
    return text.encode("utf-8", "surrogateescape")


class _Reader:
    """Collects the lines of one file; each may only name what lines before it defined."""

    def __init__(self) -> None:
        self.logs: list[PolicyLog] = []
        self.witnesses: list[PolicyWitness] = []
        self.groups: list[Group] = []
        self.quorum: str | None = None  # the word of the quorum line
        self.defined: set[str] = set()

    def line(self, items: list[str]) -> None:
        """Take in one line."""
        keyword, count = items[0], len(items)
        if keyword == "log" and count in _LOG_ITEMS:
            self.logs.append(PolicyLog(key=parse_vkey(items[1]), url=_url(items, 2)))
        elif keyword == "witness" and count in _WITNESS_ITEMS:
            _define(items[1], self.defined)
            self.witnesses.append(PolicyWitness(name=items[1], key=parse_vkey(items[2]), url=_url(items, 3)))
        elif keyword == "group" and count >= _GROUP_ITEMS:
            self._group(items[1], items[2], tuple(items[3:]))
        elif keyword == "quorum" and count == _QUORUM_ITEMS:
            self._quorum(items[1])
        else:
            raise PolicyError(f"this is not a log, witness, group or quorum line: {' '.join(items)!r:.80}")

    def _group(self, name: str, rule: str, members: tuple[str, ...]) -> None:
        for member in members:
            if member not in self.defined:
                raise PolicyError(f"{member!r} is not defined on a line before")
        _define(name, self.defined)
        if rule not in ("all", "any") and not _NUMBER.fullmatch(rule):
            raise PolicyError(f"a group needs 'all', 'any' or a number of its members, got {rule!r:.40}")
        threshold = len(members) if rule == "all" else 1 if rule == "any" else int(rule)
        self.groups.append(Group(name=name, threshold=threshold, members=members))

    def _quorum(self, name: str) -> None:
        if self.quorum is not None:
            raise PolicyError("a policy has exactly one quorum line, this is the second")
        if name != NONE and name not in self.defined:
            raise PolicyError(f"{name!r} is not defined on a line before")
        self.quorum = name

    def policy(self) -> Policy:
        """Return the policy; raise PolicyError when a line is missing or two contradict each other."""
        if self.quorum is None:
            raise PolicyError("a policy has a quorum line; where no witness is needed, write: quorum none")
        return Policy(
            logs=tuple(self.logs),
            witnesses=tuple(self.witnesses),
            groups=tuple(self.groups),
            quorum=None if self.quorum == NONE else self.quorum,
        )


def _url(items: list[str], place: int) -> str | None:
    return items[place] if len(items) > place else None
