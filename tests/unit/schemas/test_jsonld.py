"""JSON-LD in safe mode: what would be dropped is refused, what is kept comes out as elsewhere."""

from __future__ import annotations

from typing import Any

import pytest

from schemas import (
    CREDENTIALS_V2,
    OB_CONTEXT,
    OB_EXTENSIONS,
    DataLossError,
    DocumentError,
    LimitError,
    MalformedValueError,
    UnknownContextError,
    canonicalize,
    to_quads,
)
from schemas.jsonld import MAX_CONTEXTS

BASE: dict[str, Any] = {
    "@context": [CREDENTIALS_V2, OB_CONTEXT],
    "id": "urn:x:1",
    "type": ["VerifiableCredential", "OpenBadgeCredential"],
    "issuer": {"id": "did:web:academy.example", "type": ["Profile"]},
}


def _lines(**changes: Any) -> list[str]:
    return canonicalize(to_quads({**BASE, **changes})).splitlines()


@pytest.mark.parametrize(
    ("change", "pointer", "words"),
    [
        ({"skillLevel": "high"}, "/skillLevel", "'skillLevel'"),
        ({"issuer": {"id": "urn:x:2", "type": ["Profile"], "motto": "x"}}, "/issuer/motto", "'motto'"),
        ({"type": ["VerifiableCredential", "MadeUp"]}, "/type/1", "the type 'MadeUp'"),
        ({"issuer": {"id": "urn:x:2", "type": ["Profil"]}}, "/issuer/type/0", "the type 'Profil'"),
        ({"evidence": [{"id": "urn:x:3", "type": ["Proof of work"]}]}, "/evidence/0/type/0", "the type"),
        ({"id": "credentials/7"}, "/id", "not an absolute URL"),
        ({"id": "#7"}, "/id", "not an absolute URL"),
        ({"id": "//host/7"}, "/id", "not an absolute URL"),
        ({"id": ""}, "/id", "not an absolute URL"),
        ({"id": "urn:x:a b"}, "/id", "not an absolute URL"),
        ({"id": "urn:x:a\u00a0b"}, "/id", "not an absolute URL"),
        (
            {
                "issuer": {
                    "id": "urn:x:2",
                    "type": ["Profile"],
                    "parentOrg": {"id": "urn:x:\u3000", "type": ["Profile"]},
                }
            },
            "",
            "not an absolute URL",
        ),
        ({"issuer": "academy"}, "/issuer", "not an absolute URL"),
        ({"description": {"en": "x"}}, "/description/en", "'en'"),
        ({"credentialSchema": [{"id": "urn:x:4", "type": "1EdTechJsonSchemaValidator2019"}]}, "", "the type"),
        ({"name": None}, "/name", "null"),
        ({"evidence": [None]}, "/evidence/0", "null"),
    ],
)
def test_what_json_ld_would_drop_is_refused_with_its_place(
    change: dict[str, Any], pointer: str, words: str
) -> None:
    with pytest.raises(DataLossError, match=words) as caught:
        to_quads({**BASE, **change})
    assert caught.value.pointer == pointer or not pointer


def test_a_type_of_the_extensions_is_defined_once_their_context_is_there() -> None:
    schema = [{"id": "urn:x:4", "type": "1EdTechJsonSchemaValidator2019"}]
    assert to_quads({**BASE, "@context": [*BASE["@context"], OB_EXTENSIONS], "credentialSchema": schema})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (36, '"36.0"'),
        (0.1, '"0.1"'),
        (2.5, '"2.5"'),
    ],
)
def test_numbers_are_written_as_other_implementations_write_them(value: float, text: str) -> None:
    # CONFORMANCE T1: PyLD 2 wrote "3.6E1" and "1.000000000000000E-01" here.
    subject = {"id": "urn:x:5", "type": ["AchievementSubject"], "creditsEarned": value}
    [line] = [line for line in _lines(credentialSubject=subject) if "creditsEarned" in line]
    lexical = line.split(" ")[2].split("^^")[0].strip('"')
    assert float(lexical) == value
    assert "000000" not in lexical


def test_a_statement_comes_out_once_and_in_order() -> None:
    lines = _lines(name="x")
    assert lines == sorted(set(lines))
    assert '<urn:x:1> <https://schema.org/name> "x" .' in lines


def test_control_characters_are_escaped_as_canonical_n_quads_has_them() -> None:
    [line] = [line for line in _lines(name='\b\f\x7f"\\\n\x01é') if "schema.org/name" in line]
    assert r'"\b\f\u007F\"\\\n\u0001é"' in line


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"@context": ["https://forger.example/"]}, UnknownContextError),
        ({"@context": ["did:web:x"]}, UnknownContextError),
        ({"@context": [CREDENTIALS_V2] * (MAX_CONTEXTS + 1)}, LimitError),
        ({"@context": [CREDENTIALS_V2, {f"t{n}": f"https://x.example/{n}" for n in range(201)}]}, LimitError),
        ({"@context": [*[{"a": {"@id": "urn:a", "@context": [{"b": {"@id": "urn:b"}}]}}] * 41]}, LimitError),
        ({"evidence": [{}] * 1_001}, LimitError),
        ({"evidence": [{"tag": [{}] * 900} for _ in range(2)]}, LimitError),
        ({f"member{number}": number for number in range(8_001)}, LimitError),
        ({"@context": [CREDENTIALS_V2, {"name": "https://x.example/other"}]}, MalformedValueError),
        ({"@context": [CREDENTIALS_V2, {"@version": 3}]}, MalformedValueError),
        ({"type": [1]}, DocumentError),
        ({"id": 3}, DocumentError),
        ({"@graph": []}, DocumentError),
        ({"@reverse": {"x": 1}}, DocumentError),
        ({"@value": "x"}, DocumentError),
    ],
)
def test_what_cannot_be_read_is_refused(change: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        to_quads({**BASE, **change})


def test_a_document_that_says_nothing_is_refused() -> None:
    for document in (
        {"@context": [CREDENTIALS_V2]},
        {"@context": [CREDENTIALS_V2], "@graph": [{"id": "urn:x:1"}]},
    ):
        with pytest.raises(DocumentError):
            to_quads(document)


def test_many_tags_are_read_without_harm() -> None:
    tags = [f"tag {number}" for number in range(900)]
    subject = {
        "id": "urn:x:5",
        "type": ["AchievementSubject"],
        "achievement": {"id": "urn:x:6", "type": ["Achievement"], "tag": tags},
    }
    assert sum('"tag ' in line for line in _lines(credentialSubject=subject)) == 900


@pytest.mark.parametrize("shown", ["urn:x:9", {"id": "urn:x:9"}, {}, {"@value": "x"}, 7])
def test_what_would_make_no_statement_in_a_graph_of_its_own_is_refused(shown: Any) -> None:
    endorsement = {**BASE, "id": "urn:x:8", "proof": shown}
    for document in ({**BASE, "endorsement": [endorsement]}, {**BASE, "proof": shown}):
        with pytest.raises(DataLossError, match="object with members"):
            to_quads(document)
