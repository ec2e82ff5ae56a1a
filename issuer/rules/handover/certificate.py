"""The certificate on paper: one calm page, and the address of the badge, which is what counts.

Left, the badge and where to check it; right, who can do what, how it was seen and who decided. Paper can be forged
by anybody with a printer, so the page says itself that the address is to be trusted and not the paper.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from issuer.rules.handover.artwork import badge_svg, design
from issuer.rules.handover.paper import HEIGHT, WIDTH, Paper, line_height
from issuer.rules.handover.qr import qr_svg

Translate = Callable[[str], str]

# Every English sentence of the page, so that a catalogue can be made of them.
SENTENCES = MappingProxyType(
    {
        "title": "Badge: {badge}",
        "holds": "holds the badge",
        "nameless": (
            "This badge does not say whose it is; ask the person to show it from their wallet or give their "
            "e-mail address to compare."
        ),
        "unprintable": "The name is in a script that this paper cannot print; read it at the address.",
        "unprintable_text": "This text is in a script that this paper cannot print; read it at the address.",
        "criteria": "What the circle saw",
        "circle": "Decided by consent",
        "issued": "Issued",
        "until": "Valid until",
        "no_end": "no end date",
        "issuer": "Issuer",
        "check": "Check this badge",
        "trust": "Trust the page at this address, not the paper.",
        "qr": "QR code that opens {url}",
        "picture": "Picture of the badge {badge}",
    }
)

_PANEL = 94.0  # width of the left side
_LEFT = _PANEL + 16
_COLUMN = WIDTH - _LEFT - 18
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_INK, _QUIET = "#22252b", "#5a606b"
_CRITERION_SIZES = (12.5, 12.0, 11.5, 11.0, 10.5, 10.0, 9.5, 9.0, 8.5, 8.0, 7.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What is printed. `person` is the signed name or None; `valid_until` is the last day, if there is one."""

    slug: str
    level: str
    badge: str
    skill: str
    criteria: tuple[str, ...]
    circle: str
    issuer: str
    issuer_url: str
    url: str
    issued_on: date
    valid_until: date | None = None
    person: str | None = None
    lang: str = "en"


def english_date(day: date) -> str:
    """Return a day as "3 May 2026"."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def certificate_pdf(
    certificate: Certificate, *, translate: Translate = str, write_date: Callable[[date], str] = english_date
) -> bytes:
    """Return the certificate as a PDF of one page, A4 landscape; the same certificate gives the same bytes.

    `translate` takes a sentence of SENTENCES. Raises ValueError when the address does not fit a QR code.
    """
    says = {name: translate(sentence) for name, sentence in SENTENCES.items()}
    blank = Paper(
        title=says["title"].format(badge=certificate.badge),
        author=certificate.issuer,
        subject=certificate.url,
        lang=certificate.lang,
        day=certificate.issued_on,
    )
    with closing(blank) as paper:
        page = _Page(certificate=certificate, paper=paper, says=says, write_date=write_date)
        page.panel()
        page.story()
        page.facts()
        page.check()
        return paper.finish()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """The parts of the page, in reading order."""

    certificate: Certificate
    paper: Paper
    says: dict[str, str]
    write_date: Callable[[date], str]

    def panel(self) -> None:
        """The left side with the badge's picture."""
        badge = self.certificate
        colours = design(badge.slug).palette
        self.paper.area(0, 0, _PANEL, HEIGHT, colours.tint)
        self.paper.area(_PANEL, 0, 0.8, HEIGHT, colours.soft)
        art = badge_svg(badge.slug, name=badge.badge, level=badge.level)
        self.paper.picture(art, 12, 15, 70, text=self.says["picture"].format(badge=badge.badge))

    def story(self) -> None:
        """Who, which badge, what for: each part takes the room it needs, the criteria what is left."""
        badge, y = self.certificate, 20.0
        colours = design(badge.slug).palette
        y += self._say(badge.issuer, y, height=10, sizes=(12, 10.5), colour=_QUIET, instead="unprintable") + 9
        if badge.person:
            y += self._say(badge.person, y, height=25, sizes=(36, 32, 28, 24, 20, 16), instead="unprintable") + 2
            y += self._say(self.says["holds"], y, height=7, sizes=(12,), colour=_QUIET) + 2
        size_down = (28, 25, 22, 19, 17, 15)
        y += self._say(badge.badge, y, height=24, sizes=size_down, colour=colours.deep, instead="unprintable") + 2
        y += self._say(badge.skill, y, height=20, sizes=(14, 13, 12, 11, 10, 9), instead="unprintable_text") + 3
        if not badge.person:
            y += self._say(self.says["nameless"], y, height=12, sizes=(10.5, 9.5, 8.5), colour=_QUIET) + 2
        y += 3
        self.paper.line(_LEFT, y, 24, colours.mid)
        y += 4
        y += self._say(self.says["criteria"], y, height=6, sizes=(10.5, 9), colour=_QUIET) + 2
        self._criteria(y, bottom=HEIGHT - 42)

    def _criteria(self, top: float, *, bottom: float) -> None:
        """The criteria as a list, in one size; the longest are cut where even the smallest is too large."""
        texts = [self._readable(text, instead="unprintable_text") for text in self.certificate.criteria]
        indent, gap, colour = 7.0, 1.6, design(self.certificate.slug).palette.mid
        room = bottom - top - gap * max(0, len(texts) - 1)
        size, heights = self._common_size(texts, width=_COLUMN - indent, room=room)
        y = top
        for number, (text, high) in enumerate(zip(texts, heights, strict=True), start=1):
            line = line_height(size)
            self.paper.write(f"{number}", x=_LEFT, y=y, width=indent, height=line, sizes=(size,), colour=colour)
            y += self.paper.write(
                text, x=_LEFT + indent, y=y, width=_COLUMN - indent, height=high, sizes=(size,), colour=_INK
            )
            y += gap

    def _common_size(self, texts: Sequence[str], *, width: float, room: float) -> tuple[float, list[float]]:
        """Return the largest size in which all texts fit the room together, and the height for each."""
        for size in _CRITERION_SIZES:
            heights = [self.paper.height(text, width=width, size=size) for text in texts]
            if sum(heights) <= room:
                return size, heights
        least = _CRITERION_SIZES[-1]
        lines = [round(self.paper.height(text, width=width, size=least) / line_height(least)) for text in texts]
        # Too much for the page: the longest texts give up lines, one after the other, until it fits.
        while sum(lines) * line_height(least) > room and max(lines) > 1:
            lines[lines.index(max(lines))] -= 1
        return least, [count * line_height(least) + 0.01 for count in lines]

    def facts(self) -> None:
        """Who decided, since when, until when, by whom."""
        badge = self.certificate
        until = self.write_date(badge.valid_until) if badge.valid_until else self.says["no_end"]
        facts = (
            (self.says["circle"], self._readable(badge.circle, instead="unprintable"), 0.32),
            (self.says["issued"], self.write_date(badge.issued_on), 0.19),
            (self.says["until"], until, 0.19),
            (self.says["issuer"], badge.issuer_url, 0.30),
        )
        y, x = HEIGHT - 34, _LEFT
        self.paper.line(_LEFT, y - 4, _COLUMN, design(badge.slug).palette.soft)
        for label, value, share in facts:
            width = _COLUMN * share - 4
            self.paper.write(label, x=x, y=y, width=width, height=5, sizes=(9, 8, 7), colour=_QUIET)
            self.paper.write(
                value, x=x, y=y + 5, width=width, height=13, sizes=(11.5, 10.5, 9.5, 8.5, 7.5), colour=_INK
            )
            x += _COLUMN * share

    def check(self) -> None:
        """The QR code, the address in letters, and what to trust."""
        url, side, top = self.certificate.url, 46.0, 111.0
        x, width = (_PANEL - side) / 2, _PANEL - 20
        colours = design(self.certificate.slug).palette
        write = self.paper.write
        write(
            self.says["check"],
            x=10,
            y=top - 7,
            width=width,
            height=6,
            sizes=(11, 9),
            colour=colours.deep,
            align="C",
        )
        self.paper.picture(qr_svg(url), x, top, side, text=self.says["qr"].format(url=url))
        y = top + side + 3
        sizes = (11, 10.5, 10, 9.5, 9, 8.5, 7.5, 6.5)
        high = write(url, x=10, y=y, width=width, height=26, sizes=sizes, colour=_INK, align="C", one_line=True)
        self.paper.link(x, top, side, side, url=url, text=self.says["check"])
        self.paper.link(10, y, width, high, url=url, text=self.says["check"])
        write(
            self.says["trust"],
            x=10,
            y=y + high + 3,
            width=width,
            height=12,
            sizes=(12, 11.5, 11, 10.5, 10),
            colour=colours.deep,
            align="C",
            one_line=True,
        )

    def _say(
        self,
        text: str,
        y: float,
        *,
        height: float,
        sizes: Sequence[float],
        colour: str = _INK,
        instead: str = "",
    ) -> float:
        """Print a text in the right column, or the sentence `instead` when its script cannot be printed."""
        if instead and text.strip():
            readable = self._readable(text, instead=instead)
            if readable != text:
                sizes = sizes[-2:]
            text = readable
        return self.paper.write(text, x=_LEFT, y=y, width=_COLUMN, height=height, sizes=sizes, colour=colour)

    def _readable(self, text: str, *, instead: str) -> str:
        return text if self.paper.printable(text) else self.says[instead]
