"""Pictures: shapes that tell states apart, texts for those who do not see them, nothing the policy forbids."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Literal, get_args
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring
from flask import Flask

from issuer.service.models import CircleCard, Person, Seat, Spoken, StoryItem
from issuer.web.pictures import circle_map, consent_round, initials, seat_mark, seat_words, story, story_mark
from tests.unit.web.decision_samples import CHIARA, ELI, NOW, a_seat, seats

SVG = "{http://www.w3.org/2000/svg}"
NASTY = "<script>alert(1)</script>\"'&"
STATES = get_args(Spoken)


@pytest.fixture(autouse=True)
def visitor() -> Iterator[None]:
    """Somebody who is not signed in reads: times are in UTC."""
    with Flask("pictures").app_context():
        yield


def a_card(slug: str, parent: str | None = None, name: str = "Pod North", kind: str = "pod") -> CircleCard:
    return CircleCard(slug=slug, name=name, kind=kind, aim="Learn", parent=parent)


def shape_of(seat: Seat) -> str:
    """Return what a seat looks like in black on white, without its class."""
    return re.sub(r' class="[^"]*"', "", str(seat_mark(seat)))


def many(count: int) -> tuple[Seat, ...]:
    return tuple(a_seat(Person(id=f"p{number}", name=f"Person {number}")) for number in range(count))


def read(picture: str) -> Element:
    return fromstring(picture)


def test_each_state_has_its_own_shape() -> None:
    looks = {state: shape_of(a_seat(CHIARA, state)) for state in STATES}
    looks["voice"] = shape_of(a_seat(CHIARA, decides=False))
    assert len(set(looks.values())) == 5, looks


def test_each_state_has_its_own_words() -> None:
    words = {seat_words(a_seat(CHIARA, state)) for state in STATES} | {seat_words(a_seat(CHIARA, decides=False))}
    assert len(words) == 5


def test_a_round_is_one_picture_with_a_title_and_a_description() -> None:
    drawn = read(consent_round(seats(chiara="spoken", dev="objection"), id_="here"))
    assert drawn.get("role") == "img"
    texts = {drawn.find(f"{SVG}{name}").get("id"): drawn.find(f"{SVG}{name}").text for name in ("title", "desc")}  # type: ignore[union-attr]  # both are always there
    assert drawn.get("aria-labelledby") == " ".join(str(id_) for id_ in texts)
    description = str(texts["here-desc"])
    assert "Chiara Bianchi: has spoken." in description
    assert "Dev Patel: objection open." in description
    assert "Eli Stone: has not spoken yet." in description
    assert "Ben Ortiz, Asha Rao: has a voice here and does not decide." in description


def test_my_own_seat_has_a_ring_of_its_own() -> None:
    assert consent_round((a_seat(ELI),)).count("seat-me") == 1
    assert "seat-me" not in consent_round((a_seat(CHIARA),))


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 12, 15])
def test_seats_stay_inside_the_picture_and_do_not_cover_each_other(count: int) -> None:
    drawn = read(consent_round(many(count)))
    spots = [
        (float(c.get("cx", 0)), float(c.get("cy", 0)), float(c.get("r", 0)))
        for group in drawn.iter(f"{SVG}g")
        for c in group.findall(f"{SVG}circle")
    ]
    assert len(spots) == count
    for x, y, r in spots:
        assert r <= x <= 320 - r
        assert r <= y <= 320 - r
    for number, (x, y, r) in enumerate(spots):
        for other_x, other_y, other_r in spots[number + 1 :]:
            assert math.hypot(x - other_x, y - other_y) > r + other_r


def test_a_screen_for_many_writes_the_names_into_the_picture() -> None:
    long = a_seat(Person(id="a", name="Anastasia Featherstonehaugh-Montgomery"))
    drawn = read(consent_round((long, a_seat(CHIARA)), names=True))
    shown = [text.text for text in drawn.iter(f"{SVG}text") if text.get("class") == "seat-name"]
    assert shown == ["Anastasia", "Chiara Bianchi"]


def test_a_circle_without_people_is_still_a_picture() -> None:
    assert read(consent_round(())).get("role") == "img"


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Chiara Bianchi", "CB"),
        ("Eli", "E"),
        ("Ana Maria da Silva", "AS"),
        ("élodie ångström", "ÉÅ"),
        ("Peer 7QKX2MZA", "P7"),
        ("(Ben)", ""),
        ("", ""),
        ("👩‍🦰", ""),
        ("王 小明", "王小"),
    ],
)
def test_initials_come_from_the_first_and_the_last_word(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_each_circle_is_linked_to_its_parent_by_two_lines_that_differ() -> None:
    cards = (
        a_card("top", name="Academy Circle", kind="academy"),
        a_card("green", "top"),
        a_card("north", "green"),
    )
    drawn = read(circle_map(cards))
    lines = list(drawn.iter(f"{SVG}line"))
    assert len(lines) == 4
    assert sum(line.get("stroke-dasharray") is not None for line in lines) == 2
    assert [line.get("class") for line in lines[:2]] == ["link link-leader", "link link-delegate"]


def test_the_map_says_its_links_in_words_and_leads_to_each_circle() -> None:
    cards = (a_card("top", name="Academy Circle", kind="academy"), a_card("north", "top"))
    drawn = read(circle_map(cards))
    assert drawn.find(f"{SVG}desc").text == "Pod North is linked to Academy Circle by a leader and a delegate."  # type: ignore[union-attr]  # always there
    assert [link.get("href") for link in drawn.iter(f"{SVG}a")] == ["/circles/top", "/circles/north"]


def test_a_long_name_is_cut_in_the_circle_and_whole_in_its_title() -> None:
    name = "The Circle for Extraordinarilylongwords and Much More Besides"
    drawn = read(circle_map((a_card("long", name=name),)))
    link = next(drawn.iter(f"{SVG}a"))
    assert link.find(f"{SVG}title").text == name  # type: ignore[union-attr]  # always there
    lines = [str(line.text) for line in link.iter(f"{SVG}tspan")]
    assert len(lines) <= 3
    assert all(len(line) <= 12 for line in lines)
    assert lines[-1].endswith("…")


def test_many_circles_of_one_level_stand_in_several_rows_and_none_on_another() -> None:
    cards = (a_card("top"), *(a_card(f"pod-{number}", "top") for number in range(8)))
    drawn = read(circle_map(cards))
    circles = [(float(c.get("cx", 0)), float(c.get("cy", 0))) for c in drawn.iter(f"{SVG}circle")]
    assert len(circles) == 9
    assert len(set(circles)) == 9
    for number, (x, y) in enumerate(circles):
        assert all(math.hypot(x - a, y - b) >= 104 for a, b in circles[number + 1 :])


@pytest.mark.parametrize(
    "cards",
    [
        (),
        (a_card("alone", "somewhere-else"),),
        (a_card("hen", "egg"), a_card("egg", "hen")),
        (a_card("self", "self"),),
    ],
)
def test_a_map_of_odd_circles_is_drawn_all_the_same(cards: tuple[CircleCard, ...]) -> None:
    assert len(list(read(circle_map(cards)).iter(f"{SVG}a"))) == len(cards)


def test_a_story_tells_each_step_with_its_time() -> None:
    kinds = (
        "proposal",
        "question",
        "reaction",
        "round",
        "objection",
        "met",
        "decision",
        "review",
        "badge",
        "pause",
    )
    steps = tuple(StoryItem(at=NOW, kind=kind, sentence=f"Step {kind}.") for kind in kinds)
    told = str(story(steps))
    assert told.count("<li>") == len(kinds)
    assert told.count('<time datetime="2026-05-03T09:30:00Z">3 May 2026, 09:30 (UTC)</time>') == len(kinds)
    assert len({str(story_mark(kind)) for kind in kinds}) == len(kinds)


def test_a_step_of_an_unknown_kind_gets_a_sign_too() -> None:
    read(story_mark('"><script>'))


def drawings(text: str) -> list[str]:
    """Return every picture there is, with a text in all the places that people can fill."""
    who = Person(id=text, name=text)
    states: tuple[Literal["spoken", "not_yet", "objection", "passed"], ...] = STATES
    around = tuple(a_seat(who, state) for state in states)
    card = replace(a_card("top"), name=text, slug=text, kind=text)
    return [
        str(consent_round(around, middle=text)),
        str(consent_round(around, middle=text, names=True)),
        str(circle_map((card, replace(card, slug="below", parent=text)))),
        str(story((StoryItem(at=NOW, kind="round", sentence=text),))),
    ]


def test_what_people_type_never_becomes_markup() -> None:
    for drawn in drawings(NASTY):
        assert "<script" not in drawn
        read(drawn)


def test_no_picture_needs_a_style_or_a_script() -> None:
    for drawn in [*drawings("Anna"), str(seat_mark(a_seat(ELI))), str(story_mark("met"))]:
        assert " style=" not in drawn
        assert "<style" not in drawn
        assert not re.search(r" on[a-z]+=", drawn)
