"""The JSON Schemas that a credential names itself (VC JSON Schema 1.0; Open Badges 3.0, CredentialSchema).

Only schemas that are pinned in this package are read. Nothing is fetched for the others: a badge could otherwise
make us ask anywhere, and whoever serves a schema could change what it asks (CONFORMANCE Q4, V8).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from schemas import schema_kind
from verifier.checks.lines import line
from verifier.checks.rules import entries, is_typed
from verifier.policy import Policy
from verifier.report import Check
from verifier.texts import quoted

MAX_SCHEMAS = 8
TYPES = ("1EdTechJsonSchemaValidator2019", "JsonSchema")
_ID = "schema"
_SPEC = "VC JSON Schema 1.0, 4"
_FOLDER = "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/"
# The addresses of the pinned schemas, and the types of the credentials that they are for. Which branch of the
# schema of achievements is meant, says the document's own version.
_PINNED: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        _FOLDER + "ob_v3p0_achievementcredential_schema.json": frozenset({"achievement-2.0"}),
        _FOLDER + "ob_v3p0_anyachievementcredential_schema.json": frozenset(
            {"achievement-2.0", "achievement-1.1"}
        ),
        _FOLDER + "ob_v3p0_endorsementcredential_schema.json": frozenset({"endorsement"}),
    }
)


def check_named_schemas(document: Mapping[str, Any], *, policy: Policy) -> Iterator[Check]:
    """Yield a line for each schema that a credential names, but for the one that it was checked against anyway."""
    kind = schema_kind(document)
    for number, (where, entry) in enumerate(entries(document, "credentialSchema", "")):
        if number == MAX_SCHEMAS:
            reason = f"it names more than {MAX_SCHEMAS} forms of its own; the others were not looked at"
            yield _not_checked(reason, where)
            return
        url = entry.get("id") if isinstance(entry, Mapping) else None
        if not isinstance(url, str):
            continue  # the model check has said so
        meant = _PINNED.get(url) if any(is_typed(entry, name) for name in TYPES) else None
        if meant is None:
            yield _not_checked(f"it names a form that is not held here, {quoted(url)}; it was not compared", where)
        elif kind not in meant:
            reason = f"it says that it has the form {quoted(url)}, which is for another kind of credential"
            yield line(
                _ID,
                "warning" if policy.compatible else "fail",
                reason,
                "SCHEMA_ERROR",
                pointer=f"{where}/id",
                spec=_SPEC,
            )


def _not_checked(reason: str, where: str) -> Check:
    return line(_ID, "info", reason, "SCHEMA_NOT_CHECKED", pointer=where, spec=_SPEC)
