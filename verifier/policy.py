"""What this verifier asks for beyond the specifications, read from a JSON file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import timedelta
from pathlib import Path
from typing import Any

from schemas import DocumentError, MalformedValueError, parse_json
from schemas.tlog import Policy as LogPolicy
from schemas.tlog import parse_policy as parse_log_policy
from verifier.registries import Registry, parse_registry

MAX_SKEW_S = 86_400
MAX_REGISTRIES = 20
_MAX_REGISTRY_BYTES = 10_000_000
ReadFile = Callable[[str], bytes]
NO_WITNESSES = LogPolicy()


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The verifier's own choices. The defaults are for somebody who trusts nobody in particular.

    `log_policy` (in the file: the name of a C2SP tlog-policy beside it) names witnesses and how many of them it
    takes, and the logs that may prove badges of issuers who name no log; `logs`, of these, the origins that may.
    """

    issuers: frozenset[str] = frozenset()
    require_known_issuer: bool = False
    require_decision: bool = False
    require_decision_of: frozenset[str] = frozenset()  # of these issuers alone: of our own academy
    require_witnesses: bool = False
    require_named: int = 0
    compatible: bool = False
    trust_documents: bool = False
    refresh: bool = False  # ask for a newer copy where a badge says that there may be one
    clock_skew_s: int = 300
    logs: tuple[str, ...] = ()
    log_policy: LogPolicy = NO_WITNESSES
    registries: tuple[Registry, ...] = ()

    @property
    def skew(self) -> timedelta:
        """Return how far clocks may be apart."""
        return timedelta(seconds=self.clock_skew_s)


def load_policy(path: Path) -> Policy:
    """Read a policy file and the files that it names, relative to it; raise OSError or DocumentError."""
    return parse_policy(parse_json(path.read_bytes()), read=lambda name: (path.parent / name).read_bytes())


def parse_policy(value: object, *, read: ReadFile | None = None) -> Policy:
    """Read a policy; raise MalformedValueError, with its pointer, for a name or a value that it cannot have.

    `read` returns the bytes of another file, or raises OSError; without it none can be named.
    """
    if not isinstance(value, dict):
        raise MalformedValueError("a policy is a JSON object")
    defaults = {field.name: field.default for field in fields(Policy)}
    if stray := value.keys() - defaults.keys():
        raise MalformedValueError(f"a policy has no member {min(stray)!r:.80}", pointer=f"/{_escaped(min(stray))}")
    chosen: dict[str, Any] = {}
    for name, given in value.items():
        default = defaults[name]
        if name == "log_policy":
            chosen[name] = _log_policy(given, read)
        elif isinstance(default, (frozenset, tuple)):
            chosen[name] = type(default)(_texts(given, name))
        elif type(given) is not type(default):
            raise MalformedValueError(f"{name} is {_KINDS[type(default)]}", pointer=f"/{name}")
        else:
            chosen[name] = given
    if not 0 <= chosen.get("clock_skew_s", 0) <= MAX_SKEW_S:
        raise MalformedValueError(f"clock_skew_s is between 0 and {MAX_SKEW_S}", pointer="/clock_skew_s")
    if chosen.get("require_named", 0) < 0:
        raise MalformedValueError("require_named is a number from 0 on", pointer="/require_named")
    if "registries" in chosen:
        chosen["registries"] = _registries(chosen["registries"], read)
    return Policy(**chosen)


_KINDS = {bool: "true or false", int: "a whole number"}


def _texts(given: object, name: str) -> list[str]:
    if not isinstance(given, list):
        raise MalformedValueError(f"{name} is a list of texts", pointer=f"/{name}")
    for index, item in enumerate(given):
        if not isinstance(item, str) or not item:
            raise MalformedValueError(f"{name} is a list of texts", pointer=f"/{name}/{index}")
    return given


def _log_policy(name: object, read: ReadFile | None) -> LogPolicy:
    where = "/log_policy"
    if read is None or not isinstance(name, str) or "://" in name:
        raise MalformedValueError("log_policy is the name of a file beside the policy's own", pointer=where)
    try:
        return parse_log_policy(read(name))
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = getattr(error, "strerror", None) or "it has no such name"
        raise MalformedValueError(f"the file {name[:200]!r} cannot be read: {reason}", pointer=where) from error
    except DocumentError as error:
        raise MalformedValueError(f"the file {name[:200]!r}: {error}", pointer=where) from error


def _registries(names: tuple[str, ...], read: ReadFile | None) -> tuple[Registry, ...]:
    if len(names) > MAX_REGISTRIES:
        raise MalformedValueError(f"at most {MAX_REGISTRIES} registries are read", pointer="/registries")
    return tuple(_registry(name, read, where=f"/registries/{index}") for index, name in enumerate(names))


def _registry(name: str, read: ReadFile | None, *, where: str) -> Registry:
    if read is None or "://" in name:
        raise MalformedValueError(
            "a registry is a file beside the policy's own; nothing is fetched", pointer=where
        )
    try:
        data = read(name)
        return parse_registry(parse_json(data, max_bytes=_MAX_REGISTRY_BYTES), file=Path(name).name)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = getattr(error, "strerror", None) or "it has no such name"
        raise MalformedValueError(
            f"the registry {name[:200]!r} cannot be read: {reason}", pointer=where
        ) from error
    except DocumentError as error:
        place = f" at {error.pointer}" if error.pointer else ""
        raise MalformedValueError(f"the registry {name[:200]!r}{place}: {error}", pointer=where) from error


def _escaped(name: object) -> str:
    return str(name)[:200].replace("~", "~0").replace("/", "~1")
