"""Requests that cannot be answered, as RFC 9457 problem details, and a report's problems in the same shape."""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType
from typing import Any

from schemas import DocumentError, parse_json
from verifier.report import Check

CONTENT_TYPE = "application/problem+json"
# Where the specifications define our codes; a code that is ours alone has no page of its own.
_VCDM = "https://www.w3.org/TR/vc-data-model#"
_SECURITY = "https://w3id.org/security#"
_STATUS = "https://www.w3.org/ns/credentials/status-list#"
_TYPES = MappingProxyType(
    {
        **{name: _VCDM + name for name in ("PARSING_ERROR", "MALFORMED_VALUE_ERROR")},
        **{
            name: _SECURITY + name
            for name in (
                "PROOF_VERIFICATION_ERROR",
                "PROOF_TRANSFORMATION_ERROR",
                "DATA_LOSS_DETECTION_ERROR",
                "INVALID_DOMAIN_ERROR",
                "INVALID_CHALLENGE_ERROR",
                "INVALID_VERIFICATION_METHOD",
                "INVALID_VERIFICATION_METHOD_URL",
                "INVALID_RELATIONSHIP_FOR_VERIFICATION_METHOD",
            )
        },
        **{
            name: _STATUS + name
            for name in (
                "STATUS_RETRIEVAL_ERROR",
                "STATUS_VERIFICATION_ERROR",
                "STATUS_LIST_LENGTH_ERROR",
                "RANGE_ERROR",
            )
        },
    }
)
_TITLES = MappingProxyType(
    {
        400: "This request cannot be read",
        413: "This is too much at once",
        415: "This content type is not read here",
    }
)


class RequestError(Exception):
    """A request that cannot be answered: HTTP status, code, one sentence, and the place as a JSON pointer."""

    def __init__(
        self, message: str, *, code: str = "MALFORMED_REQUEST", pointer: str = "", status: int = 400
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.pointer = pointer
        self.status = status

    def to_json(self) -> dict[str, Any]:
        """Return the problem details."""
        return {
            "type": type_of(self.code),
            "title": _TITLES[self.status],
            "status": self.status,
            "code": self.code,
            "detail": self.message,
            "pointer": self.pointer,
        }


def type_of(code: str) -> str:
    """Return the URL that defines a code, or about:blank."""
    return _TYPES.get(code, "about:blank")


def problems_of(lines: Iterable[Check], *, prefix: str = "") -> list[dict[str, str]]:
    """Return the problem details of a report's lines that are not good (VCDM 2.0, section 7.1)."""
    titles = {"fail": "A check says no", "unknown": "A check could not be made"}
    return [
        {
            "type": type_of(line.code),
            "title": titles[line.result],
            "code": line.code,
            "detail": line.message,
            "pointer": prefix + line.pointer,
            "check": line.id,
        }
        for line in lines
        if line.result in titles
    ]


def read_body(data: bytes, *, content_type: str, max_bytes: int) -> dict[str, Any]:
    """Return the JSON object of a request; raise RequestError."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        raise RequestError(
            "Send the request as JSON, with the header Content-Type: application/json.",
            code="UNSUPPORTED_MEDIA_TYPE",
            status=415,
        )
    try:
        value = parse_json(data, max_bytes=max_bytes)
    except DocumentError as error:
        text = str(error)
        raise RequestError(f"{text[:1].upper()}{text[1:]}.", code=error.problem, pointer=error.pointer) from error
    if not isinstance(value, dict):
        raise RequestError("The request must be one JSON object.")
    return value


def take_options(body: dict[str, Any]) -> dict[str, Any]:
    """Return the member `options` of a request, {} where there is none; raise RequestError."""
    options = body.get("options")
    if options is None:
        return {}
    if not isinstance(options, dict):
        raise RequestError("The member options must be a JSON object.", pointer="/options")
    return options


def take_text(options: dict[str, Any], name: str) -> str | None:
    """Return an option that is a text; raise RequestError."""
    value = options.get(name)
    if value is not None and not isinstance(value, str):
        raise RequestError(f"The option {name} must be a text.", pointer=f"/options/{name}")
    return value


def take_flag(options: dict[str, Any], name: str) -> bool:
    """Return an option that is true or false, false where it is missing; raise RequestError."""
    value = options.get(name, False)
    if not isinstance(value, bool):
        raise RequestError(f"The option {name} must be true or false.", pointer=f"/options/{name}")
    return value
