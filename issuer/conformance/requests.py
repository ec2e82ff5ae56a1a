"""What comes in: one JSON object within limits, members of the right kind; else a refusal with one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas import DocumentError, parse_json

MAX_POINTERS = 256


class RequestError(Exception):
    """A request that is not answered with a credential: code, one sentence, and the place as a JSON pointer."""

    def __init__(self, message: str, *, code: str = "MALFORMED_REQUEST", pointer: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.pointer = pointer

    @classmethod
    def of(cls, error: DocumentError, *, prefix: str = "") -> RequestError:
        """Return the refusal for a document that cannot be used."""
        text = str(error)
        message = f"{text[:1].upper()}{text[1:].rstrip('.')}."
        return cls(message, code=error.problem, pointer=prefix + error.pointer)

    def to_json(self) -> dict[str, Any]:
        """Return the problem details (RFC 9457)."""
        return {
            "type": "about:blank",
            "title": "This request cannot be carried out",
            "status": 400,
            "code": self.code,
            "detail": self.message,
            "pointer": self.pointer,
        }


def read_body(data: bytes, *, max_bytes: int) -> dict[str, Any]:
    """Return the JSON object of a request; raise RequestError."""
    try:
        value = parse_json(data, max_bytes=max_bytes)
    except DocumentError as error:
        raise RequestError.of(error) from error
    if not isinstance(value, dict):
        raise RequestError("The request must be one JSON object.")
    return value


def take_object(body: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return a member that must be there and be an object; raise RequestError."""
    value = body.get(name)
    if not isinstance(value, dict):
        raise RequestError(f"The member {name} must be a JSON object.", pointer=f"/{name}")
    return value


def take_options(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the member `options`, {} where there is none; raise RequestError."""
    return take_object(body, "options") if body.get("options") is not None else {}


def take_pointers(options: Mapping[str, Any], name: str) -> list[str]:
    """Return an option that is a list of JSON pointers, [] where there is none; raise RequestError."""
    value = options.get(name, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise RequestError(f"The option {name} must be a list of JSON pointers.", pointer=f"/options/{name}")
    if len(value) > MAX_POINTERS:
        raise RequestError(f"The option {name} has more than {MAX_POINTERS} entries.", pointer=f"/options/{name}")
    return value
