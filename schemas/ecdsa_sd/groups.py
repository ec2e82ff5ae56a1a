"""Canonical statements under secret names, sorted into groups.

VC-DI ECDSA 1.0, sections 3.4.1 to 3.4.4 and 3.4.14 to 3.4.17. Labels stand here without their "_:", as there.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from keys import encode_base64url
from schemas.ecdsa_sd.pointers import select_json_ld
from schemas.ecdsa_sd.skolem import skolemize_compact_json_ld, to_deskolemized_nquads
from schemas.errors import ProofError
from schemas.pinned import ContextSet
from schemas.rdfc import Quad, issued_identifiers
from schemas.work import Work

# From a document's own labels to canonical ones (c14n0) in, from its own labels to those to be signed out.
LabelMapFactory: TypeAlias = Callable[[Mapping[str, str]], Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The statements that a group's pointers select, by their index among all, and those that they do not."""

    matching: Mapping[int, str]
    non_matching: Mapping[int, str]
    deskolemized: tuple[Quad, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouped:
    """A document's statements, the map from its own labels to those in them, and the groups."""

    nquads: tuple[str, ...]
    label_map: Mapping[str, str]
    groups: Mapping[str, Group]


def create_label_map_function(label_map: Mapping[str, str]) -> LabelMapFactory:
    """Section 3.4.3, createLabelMapFunction. A label that the map does not know, or knows in vain, is refused."""

    def factory(canonical_id_map: Mapping[str, str]) -> Mapping[str, str]:
        if set(canonical_id_map.values()) != label_map.keys():
            raise ProofError(
                f"the proof names {len(label_map)} unnamed parts, and the document has "
                f"{len(canonical_id_map)}, or others",
                pointer="/proof/proofValue",
            )
        return {label: label_map[canonical] for label, canonical in canonical_id_map.items()}

    return factory


def create_hmac_id_label_map_function(hmac_key: bytes) -> LabelMapFactory:
    """Section 3.4.4, createHmacIdLabelMapFunction, with SHA-256."""

    def factory(canonical_id_map: Mapping[str, str]) -> Mapping[str, str]:
        return {
            label: "u" + encode_base64url(hmac.digest(hmac_key, canonical.encode("ascii"), "sha256"))
            for label, canonical in canonical_id_map.items()
        }

    return factory


def label_replacement_canonicalize(
    quads: Sequence[Quad], label_map_factory: LabelMapFactory, *, work: Work | None = None
) -> tuple[list[str], Mapping[str, str]]:
    """Section 3.4.1, labelReplacementCanonicalizeNQuads: the sorted lines, and the map of labels."""
    # 1. The canonical names of the blank nodes.
    canonical_id_map = canonical_identifiers(quads, work=work)
    # 2. The names to write instead.
    label_map = label_map_factory(canonical_id_map)
    # 3. The lines with them, in order.
    return sorted(set(relabel_blank_nodes(quads, label_map))), label_map


def canonical_identifiers(quads: Iterable[Quad], *, work: Work | None = None) -> dict[str, str]:
    """Return the map from a dataset's labels to canonical ones, all without "_:"."""
    return {label[2:]: canonical[2:] for label, canonical in issued_identifiers(quads, work=work).items()}


def relabel_blank_nodes(quads: Iterable[Quad], label_map: Mapping[str, str]) -> list[str]:
    """Section 3.4.14, relabelBlankNodes; a label without another keeps its own."""

    def renamed(term: str) -> str:
        return f"_:{label_map.get(term[2:], term[2:])}" if term.startswith("_:") else term

    return [Quad(*(renamed(term) for term in quad)).line() for quad in quads]


def canonicalize_and_group(
    document: Mapping[str, Any],
    *,
    label_map_factory: LabelMapFactory,
    group_definitions: Mapping[str, Sequence[str]],
    contexts: ContextSet,
) -> Grouped:
    """Section 3.4.16, canonicalizeAndGroup.

    Raises ProofError (PROOF_GENERATION_ERROR) when pointers select something that is not a part of what the
    whole document says, and the DocumentErrors of skolemisation.
    """
    # 1. and 2. Names for the unnamed, and the statements.
    skolemized = skolemize_compact_json_ld(document, contexts=contexts)
    # 3. Their canonical lines under the names to sign.
    nquads, label_map = label_replacement_canonicalize(skolemized.quads, label_map_factory)
    groups = {}
    for name, pointers in group_definitions.items():
        # 4. to 5. What the pointers select (section 3.4.15, selectCanonicalNQuads).
        selection = select_json_ld(skolemized.compact, pointers)
        deskolemized = to_deskolemized_nquads(selection, contexts=contexts)
        selected = set(relabel_blank_nodes(deskolemized, label_map))
        # An ordered list that is cut says something else than the whole list, and would go unsigned.
        if not selected.issubset(nquads):
            raise ProofError(
                "the JSON pointers cut something that can only be shown whole, such as an ordered list",
                code="PROOF_GENERATION_ERROR",
            )
        # 6. and 7. Which lines those are.
        groups[name] = Group(
            matching={index: line for index, line in enumerate(nquads) if line in selected},
            non_matching={index: line for index, line in enumerate(nquads) if line not in selected},
            deskolemized=tuple(deskolemized),
        )
    # 8. The groups, the names and the lines.
    return Grouped(nquads=tuple(nquads), label_map=label_map, groups=groups)


def hash_mandatory_nquads(mandatory: Iterable[str]) -> bytes:
    """Section 3.4.17, hashMandatoryNQuads, with SHA-256."""
    return hashlib.sha256("".join(mandatory).encode("utf-8")).digest()
