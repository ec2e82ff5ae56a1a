"""Reading forms, files, times and words at the edge."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask, g

from issuer.errors import InvalidInputError, RefusedError
from issuer.web import filters
from issuer.web.forms import LINE, TEXT, Form, Reading, local_path, sent
from issuer.web.terms import TERMS, term
from issuer.web.uploads import fits_its_name
from tests.unit.web.page_samples import a_me

APP = Flask("test", static_folder=None)


@pytest.fixture
def request_with() -> Iterator[Any]:
    contexts = []

    def begin(**data: Any) -> Reading:
        context = APP.test_request_context("/", method="POST", data=data)
        context.push()
        contexts.append(context)
        return Reading()

    yield begin
    for context in reversed(contexts):
        context.pop()


def test_a_line_is_one_line(request_with: Any) -> None:
    assert request_with(name="  Asha\n\t Rao\x00 ").line("name") == "Asha Rao"


def test_a_text_keeps_its_paragraphs(request_with: Any) -> None:
    assert request_with(text=" one\r\n\r\ntwo ").text("text") == "one\n\ntwo"


def test_what_is_too_long_is_said_with_both_numbers(request_with: Any) -> None:
    reading = request_with(text="a" * (TEXT + 1), name="b" * (LINE + 1))
    reading.text("text")
    reading.line("name")
    with pytest.raises(InvalidInputError) as caught:
        reading.check()
    assert caught.value.faults["text"].startswith("This is 8001 characters long; there is room for 8000.")
    assert "room for 200" in caught.value.faults["name"]


def test_the_longest_text_is_taken(request_with: Any) -> None:
    reading = request_with(text="a" * TEXT)
    assert len(reading.text("text")) == TEXT
    reading.check()


@pytest.mark.parametrize("typed", ["2027-13-01", "3 May", "20270503x", "\uff12027-05-03", "2027-5-3"])
def test_what_is_no_day_is_said(request_with: Any, typed: str) -> None:
    reading = request_with(day=typed)
    assert reading.day("day") is None
    assert "year-month-day" in reading.faults["day"]


def test_days_are_read_and_asked_for(request_with: Any) -> None:
    reading = request_with(day="2027-05-03")
    assert reading.day("day") == date(2027, 5, 3)
    assert reading.day("other") is None
    assert reading.faults == {}
    reading.day("third", needed="Say when.")
    assert reading.faults == {"third": "Say when."}


@pytest.mark.parametrize("typed", ["1", "13", "-3", "3.5", "²", "٣", "1e1", "9" * 5000])
def test_what_is_no_number_within_bounds_is_said(request_with: Any, typed: str) -> None:
    reading = request_with(number=typed)
    assert reading.number("number", least=2, most=12) is None
    assert reading.faults["number"] == "Write a whole number from 2 to 12."


def test_numbers_choices_and_ticks_are_read(request_with: Any) -> None:
    reading = request_with(number="12", kind="pod", many=["a", "a", "", "b"], on="yes", off="no")
    assert reading.number("number", least=2, most=12) == 12
    assert reading.number("none", least=2, most=12) is None
    assert reading.choice("kind", ("pod",), needed="Choose.") == "pod"
    assert reading.choice("other", ("pod",), needed="Choose.") == ""
    assert reading.choices("many") == ("a", "b")
    assert (reading.ticked("on"), reading.ticked("off")) == (True, False)
    assert reading.faults == {"other": "Choose."}


def test_a_form_shows_faults_only_where_they_belong(request_with: Any) -> None:
    request_with(kind="pod", many=["a", "b"])
    form = sent("one", InvalidInputError({"kind": "Not that."}))
    assert form.of("one").fault("kind") == "Not that."
    assert form.of("two").fault("kind") is None
    assert form.value("kind", "old") == "pod"
    assert form.of("two").value("kind", "old") == "old"
    assert (form.ticked("many", "b"), form.ticked("many", "c", otherwise=True)) == (True, False)
    assert Form().ticked("many", "c", otherwise=True)
    assert sent("one", RefusedError("No.", rule="G1", remedy="")).refusal is not None


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "me",
        "",
        "/a\r\nSet-Cookie: x",
        "/" + "a" * 600,
        "/a\\b",
    ],
)
def test_nobody_is_sent_elsewhere(path: str) -> None:
    assert local_path(path) == "/me"


def test_a_path_of_ours_is_kept() -> None:
    assert local_path("/applications/a?b=c#evidence") == "/applications/a?b=c#evidence"


# Files.


def a_zip(*names: str, stored_first: bytes = b"") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        if stored_first:
            archive.writestr("mimetype", stored_first)
        for name in names:
            archive.writestr(name, "x")
    return buffer.getvalue()


ODT = a_zip("content.xml", stored_first=b"application/vnd.oasis.opendocument.text")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", b"%PDF-1.7"),
        ("a.PNG", b"\x89PNG\r\n\x1a\n"),
        ("a.jpeg", b"\xff\xd8\xff\xe0"),
        ("a.webp", b"RIFF\x00\x00\x00\x00WEBP"),
        ("a.b.md", "# Übung".encode()),
        ("a.csv", b"a,b"),
        ("a.mp3", b"ID3\x04"),
        ("a.mp3", b"\xff\xfb\x90"),
        ("a.mp4", b"\x00\x00\x00\x20ftypisom"),
        ("a.docx", a_zip("[Content_Types].xml", "word/document.xml")),
        ("a.odt", ODT),
    ],
)
def test_a_file_of_a_known_kind_is_taken(name: str, content: bytes) -> None:
    assert fits_its_name(content, name)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.exe", b"MZ"),
        ("a.html", b"<script>"),
        ("a.svg", b"<svg/>"),
        ("pdf", b"%PDF-1.7"),
        ("a.pdf", b"<html>"),
        ("a.png", b"\xff\xd8\xff"),
        ("a.txt", b"\xff\xfe"),
        ("a.md", b"a\x00b"),
        ("a.docx", b"PK\x03\x04 broken"),
        ("a.docx", a_zip("evil.js")),
        ("a.odt", a_zip("word/document.xml")),
        ("a.webp", b"RIFF"),
        ("a.mp3", b"\xff"),
        ("a.mp4", b""),
    ],
)
def test_a_file_that_is_not_what_it_says_is_not_taken(name: str, content: bytes) -> None:
    assert not fits_its_name(content, name)


# Times and words.


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("UTC", "3 May 2026, 09:30 (UTC)"),
        ("Europe/Berlin", "3 May 2026, 11:30 (Berlin time)"),
        ("Asia/Kolkata", "3 May 2026, 15:00 (Kolkata time)"),
        ("Mars/Olympus", "3 May 2026, 09:30 (UTC)"),
        ("../etc/passwd", "3 May 2026, 09:30 (UTC)"),
    ],
)
def test_times_are_in_the_readers_zone_with_its_name(zone: str, shown: str) -> None:
    with APP.test_request_context("/"):
        g.me = a_me(time_zone=zone)
        moment = datetime(2026, 5, 3, 9, 30, tzinfo=UTC)
        assert filters.moment(moment) == shown
        assert 'datetime="2026-05-03T09:30:00Z"' in filters.time_tag(moment)


def test_days_have_no_zone() -> None:
    with APP.test_request_context("/"):
        assert filters.time_tag(date(2027, 5, 3)) == '<time datetime="2027-05-03">3 May 2027</time>'


def test_sizes_are_for_people() -> None:
    with APP.test_request_context("/"):
        assert [filters.size(number) for number in (12, 43_210, 2_540_000)] == ["1 kB", "43 kB", "2.5 MB"]


@pytest.mark.parametrize(
    ("typed", "absent"),
    [
        ("<script>alert(1)</script>", "<script"),
        ("[a](javascript:alert(1))", "href"),
        ("[a](data:text/html,x)", "href"),
        ("[a](/sign-out)", "href"),
        ("![a](https://example.org/pixel.png)", "<img"),
        ("<img src=x onerror=y>", "<img"),
        ("# Loud", "<h1"),
        ('<https://example.org/"onclick="x>', 'onclick="x"'),
    ],
)
def test_markdown_brings_nothing_dangerous(typed: str, absent: str) -> None:
    assert absent not in filters.markdown(typed)


def test_markdown_keeps_emphasis_lists_and_safe_links() -> None:
    html = filters.markdown("*so*\n\n- a\n\n[b](https://example.org) <mail@example.org>\n\n## C")
    assert "<em>so</em>" in html
    assert "<li>a</li>" in html
    assert '<a href="https://example.org" rel="nofollow noopener noreferrer">' in html
    assert 'href="mailto:mail@example.org"' in html
    assert "<h4>C</h4>" in html


def test_each_term_of_art_is_one_sentence_or_two_and_opens_by_a_button() -> None:
    with APP.test_request_context("/"):
        for name, (_label, explanation) in TERMS.items():
            assert explanation.endswith(".")
            assert len(explanation) < 130, name
        first, second = term("consent"), term("consent", "Consents <b>")
        assert 'popovertarget="term-1"' in first
        assert 'popovertarget="term-2"' in second
        assert "Consents &lt;b&gt;" in second
