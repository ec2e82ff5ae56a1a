"""The certificate on paper."""

from __future__ import annotations

import io
import re
from datetime import date
from hashlib import sha256
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from issuer.rules.handover import Certificate, certificate_pdf
from issuer.rules.handover.certificate import SENTENCES, english_date
from issuer.rules.handover.paper import HEIGHT, WIDTH, Paper
from tests.unit.issuer.handover.samples import URL, a_certificate, text_of

LONG = {
    "person": "Maximiliane von und zu Langenname " * 6,
    "badge": "A very long badge name that goes on " * 6,
    "skill": "Does a thing that takes many words to say. " * 8,
    "criteria": tuple(f"Criterion {n} has many words, and here they are again. " * 6 for n in range(1, 7)),
    "circle": "The circle with a long name " * 7,
    "issuer": "Institute for everything " * 8,
    "issuer_url": "https://" + "sub." * 40 + "academy.example",
    "url": URL + "W" * (213 - len(URL)),
}
UNBROKEN = {
    "person": "W" * 200,
    "badge": "M" * 200,
    "skill": "x" * 300,
    "criteria": ("y" * 300,) * 6,
    "circle": "z" * 200,
    "issuer": "I" * 200,
}


def test_everything_that_matters_is_printed() -> None:
    text = text_of(certificate_pdf(a_certificate(valid_until=date(2028, 5, 3))))
    for words in (
        "Łukasz Ökoğlu",
        "holds the badge",
        "Secretary: Minutes and Backlog",
        "Every decision is findable.",
        "Notes are as short as possible.",
        "Decided by consent",
        "Facilitation Circle",
        "3 May 2026",
        "3 May 2028",
        "Demo Academy",
        "https://academy.example",
        URL,
        "Trust the page at this address, not the paper.",
    ):
        assert words in text


def test_a_badge_without_a_name_says_so_and_names_nobody() -> None:
    text = text_of(certificate_pdf(a_certificate(person=None)))
    assert SENTENCES["nameless"] in text
    assert "holds the badge" not in text


def test_a_badge_without_an_end_says_so() -> None:
    assert "no end date" in text_of(certificate_pdf(a_certificate()))


@pytest.mark.parametrize(
    "name", ["Łukasz Ökoğlu", "Привет", "Ελλάδα", "Nguyễn Thị Minh", "Հայկ ქეთი", "Zoë O'Neill"]
)
def test_names_in_many_scripts_are_printed(name: str) -> None:
    assert name in text_of(certificate_pdf(a_certificate(person=name)))


@pytest.mark.parametrize("name", ["山田太郎", "שלום", "مريم", "नमस्ते"])
def test_a_name_that_cannot_be_printed_well_is_not_printed_wrongly(name: str) -> None:
    text = text_of(certificate_pdf(a_certificate(person=name, criteria=(name, "Seen."))))
    assert SENTENCES["unprintable"] in text
    assert SENTENCES["unprintable_text"] in text
    assert "holds the badge" in text


def test_emoji_and_controls_are_left_out() -> None:
    text = text_of(certificate_pdf(a_certificate(skill="Keeps \U0001f389 minutes\u202e\x07\nwell")))
    assert "Keeps minutes well" in text


def test_the_same_certificate_gives_the_same_bytes() -> None:
    assert certificate_pdf(a_certificate()) == certificate_pdf(a_certificate())
    assert b"/CreationDate (D:20260503000000Z" in certificate_pdf(a_certificate())


def test_it_is_one_page_with_title_language_pictures_in_words_and_a_link() -> None:
    pdf = certificate_pdf(a_certificate(lang="en-GB"))
    assert len(re.findall(rb"/Type /Page\b(?!s)", pdf)) == 1
    assert b"/Lang (en-GB)" in pdf
    assert b"/DisplayDocTitle true" in pdf
    assert pdf.count(f"/URI ({URL})".encode()) == 2
    for words in ("Picture of the badge Secretary: Minutes and Backlog", f"QR code that opens {URL}"):
        assert words.encode() in pdf or words.encode("utf-16-be").replace(b"(", b"\\(") in pdf
    assert b"/JavaScript" not in pdf


def test_sentences_and_dates_can_be_in_another_language() -> None:
    pdf = certificate_pdf(
        a_certificate(lang="de"),
        translate=lambda text: {"holds the badge": "trägt das Abzeichen"}.get(text, text),
        write_date=lambda day: f"{day:%d.%m.%Y}",
    )
    assert "trägt das Abzeichen" in text_of(pdf)
    assert "03.05.2026" in text_of(pdf)


def test_dates_do_not_depend_on_the_machine() -> None:
    assert english_date(date(2026, 12, 1)) == "1 December 2026"


def _rectangles(
    certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> list[tuple[float, float, float, float]]:
    """Return left, top, right and bottom of everything that is written on the page."""
    found = []
    write = Paper.write

    def spy(self: Paper, text: str, **where: Any) -> float:
        high = write(self, text, **where)
        if high:
            found.append((where["x"], where["y"], where["x"] + where["width"], where["y"] + high))
        return high

    monkeypatch.setattr(Paper, "write", spy)
    certificate_pdf(certificate)
    return found


@pytest.mark.parametrize("changes", [{}, LONG, LONG | {"person": None}, UNBROKEN, {"criteria": ()}])
def test_nothing_leaves_the_page_and_nothing_overlaps(
    changes: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    places = _rectangles(a_certificate(**changes), monkeypatch)
    assert len(places) >= 14
    for number, (left, top, right, bottom) in enumerate(places):
        assert left >= 0
        assert top >= 0
        assert right <= WIDTH
        assert bottom <= HEIGHT
        for other_left, other_top, other_right, other_bottom in places[:number]:
            apart = (
                left >= other_right
                or right <= other_left
                or top >= other_bottom - 0.02
                or bottom <= other_top + 0.02
            )
            assert apart


def test_what_is_too_long_is_cut_at_a_word_and_the_address_never() -> None:
    text = text_of(certificate_pdf(a_certificate(**LONG | {"issuer_url": "https://academy.example"})))
    whole = {word for value in LONG.values() for word in re.findall(r"\w+", str(value))}
    cut = re.findall(r"(\w+)…", text)
    assert cut
    assert set(cut) <= whole
    assert str(LONG["url"]) in text.replace(" ", "")


@settings(max_examples=15, deadline=None)
@given(st.text(max_size=80), st.text(max_size=200), st.lists(st.text(max_size=120), max_size=6))
def test_any_words_give_a_page(person: str, skill: str, criteria: list[str]) -> None:
    pdf = certificate_pdf(a_certificate(person=person, skill=skill, criteria=tuple(criteria), badge=person or "B"))
    assert pdf.startswith(b"%PDF-")


def test_a_long_address_is_refused_in_a_sentence() -> None:
    with pytest.raises(ValueError, match="at most 213 characters"):
        certificate_pdf(a_certificate(url=URL + "x" * 213))


@pytest.mark.parametrize("name", ["GentiumPlus-Regular.ttf", "DejaVuSans.ttf"])
def test_the_fonts_are_the_files_that_sources_txt_names(name: str) -> None:
    folder = files("issuer.rules.handover.fonts")
    digest = sha256(io.BytesIO((folder / name).read_bytes()).getvalue()).hexdigest()
    assert digest in (folder / "SOURCES.txt").read_text(encoding="utf-8")
