"""SVG: the badge stands in one element right after the <svg> tag (Open Badges 3.0, section 5.3.2).

Official samples carry a DOCTYPE with an external identifier, so that is read and never fetched; entities that a
document declares for itself are refused, as they can grow without bound.
"""

from __future__ import annotations

import re
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from schemas.baking.values import LONGEST_OWN_WORD, MAX_IMAGE_BYTES, MAX_TEXT_BYTES, Baked, BakingError

NAMESPACE = "https://purl.imsglobal.org/ob/v3p0"
OLD_NAMESPACE = "http://openbadges.org"
_SVG = "http://www.w3.org/2000/svg svg"
_START = re.compile(r"<svg(?=[\s>/])(?:[^>\"']|\"[^\"]*\"|'[^']*')*>")
_ELEMENT = re.compile(
    r"<openbadges:(credential|assertion)\b(?:[^>\"']|\"[^\"]*\"|'[^']*')*?(?:/>|>.*?</openbadges:\1\s*>)",
    re.DOTALL,
)
_MAX_DEPTH = 256
_MAX_ELEMENTS = 200_000
_MAX_BADGES = 100


class _Reader:
    """Collects the badge elements of one document."""

    def __init__(self) -> None:
        self.found: list[tuple[str, str | None, list[str]]] = []
        self.depth = 0
        self.elements = 0
        self.first_child_of_root: str | None = None
        self.title: list[str] = []
        self._inside = False
        self._in_title = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        self.elements += 1
        if self.depth > _MAX_DEPTH:
            raise BakingError("the SVG is nested too deeply", code="LIMIT_EXCEEDED")
        if self.elements > _MAX_ELEMENTS or len(self.found) > _MAX_BADGES:
            raise BakingError("the SVG has more parts than are read", code="LIMIT_EXCEEDED")
        if self.depth == 1 and name not in {_SVG, "svg"}:
            raise BakingError("this is not an SVG image")
        if self.depth == 2 and self.first_child_of_root is None:  # noqa: PLR2004 - a child of <svg>
            self.first_child_of_root = name
        self._in_title = self.depth == 2 and name.rpartition(" ")[2] == "title"  # noqa: PLR2004 - a child of <svg>
        self._inside = name in {f"{NAMESPACE} credential", f"{OLD_NAMESPACE} assertion"}
        if self._inside:
            self.found.append((name, attributes.get("verify"), []))

    def end(self, _name: str) -> None:
        self.depth -= 1
        self._inside = self._in_title = False

    def text(self, data: str) -> None:
        if self._inside:
            self.found[-1][2].append(data)
        elif self._in_title and len(self.title) < LONGEST_OWN_WORD:
            self.title.append(data[:LONGEST_OWN_WORD])


def _no_entities(name: str, *_rest: object) -> None:
    raise BakingError(f"the SVG declares the entity {name[:40]!r} for itself, which is refused")


def _read(image: bytes) -> _Reader:
    if len(image) > MAX_IMAGE_BYTES:
        raise BakingError(f"the image is larger than {MAX_IMAGE_BYTES:,} bytes", code="LIMIT_EXCEEDED")
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    reader = _Reader()
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.EntityDeclHandler = _no_entities
    parser.ExternalEntityRefHandler = lambda *_: 0
    try:
        parser.Parse(image, True)  # noqa: FBT003 - expat takes no names
    except expat.ExpatError as error:
        raise BakingError(f"the SVG cannot be read in line {error.lineno}, column {error.offset}") from error
    except (LookupError, ValueError) as error:  # what expat's Python side says of encodings it does not have
        raise BakingError("the SVG cannot be read: it names an encoding that is not read here") from error
    return reader


def extract_svg(image: bytes) -> Baked:
    """Return the badge in an SVG: the element's `verify` attribute (a JWS) or its text (JSON)."""
    reader = _read(image)
    if not reader.found:
        raise BakingError("the image carries no badge: it has no openbadges:credential element", code="NO_BADGE")
    current = [entry for entry in reader.found if entry[0].startswith(NAMESPACE)]
    name, verify, parts = (current or reader.found)[0]
    warnings = []
    if len(reader.found) > 1:
        warnings.append(f"the image carries {len(reader.found)} badges; the first one was read")
    if reader.first_child_of_root != name:
        warnings.append("the badge does not stand right after the image's start")
    content = "".join(parts).strip()
    text = verify or content
    if verify and content:
        warnings.append("the image carries the badge as text and as attribute; the attribute was read")
    if not text:
        raise BakingError("the openbadges:credential element of the image is empty", code="NO_BADGE")
    if len(text) > MAX_TEXT_BYTES:
        raise BakingError(f"the badge in the image is longer than {MAX_TEXT_BYTES:,} bytes", code="LIMIT_EXCEEDED")
    alike = [entry for entry in reader.found if entry[0] == name]
    title = "".join(reader.title).strip()[:LONGEST_OWN_WORD]
    return Baked(
        text=text,
        warnings=tuple(warnings),
        version=3 if name.startswith(NAMESPACE) else 2,
        several=bool(verify and content)
        or any((entry[1], "".join(entry[2]).strip()) != (verify, content) for entry in alike),
        own_words=(("title", title),) if title else (),
    )


def bake_svg(image: str, text: str) -> str:
    """Return an SVG that carries `text`, a compact JWS or JSON made by `json_for_baking`, and no other badge."""
    image = _ELEMENT.sub("", image)
    match = _START.search(image)
    if match is None or match[0].endswith("/>"):
        raise BakingError("the image has no <svg> start tag to put the badge behind")
    tag = re.sub(r"\sxmlns:openbadges=(\"[^\"]*\"|'[^']*')", "", match[0])
    tag = f'{tag[:-1]} xmlns:openbadges="{NAMESPACE}">'
    if text.startswith("{"):
        element = f"<openbadges:credential><![CDATA[{text}]]></openbadges:credential>"
    else:
        element = f"<openbadges:credential verify={quoteattr(text)}/>"
    return image[: match.start()] + tag + element + image[match.end() :]
