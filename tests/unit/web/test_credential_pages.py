"""The page of a badge: the verifier's verdict first, whose words are whose, and what its holder does with it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from html import unescape
from typing import Any

import pytest

from issuer.errors import NotFoundError, RefusedError
from issuer.service import credentials
from issuer.service.models import CredentialPage, EvidenceItem, Signed
from issuer.web.badge_view import badge_view
from tests.unit.web.decision_samples import (
    CRITERIA,
    a_credential,
    a_credential_page,
    a_decision,
    a_report,
    record_fields,
)
from tests.unit.web.served import Calls, a_client, everywhere

PATH = "/credentials/bdg7"
NASTY = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'"
MINE = frozenset({"publish", "send", "give_back"})
Check = Callable[[bytes], Mapping[str, Any]]


def open_page(
    monkeypatch: pytest.MonkeyPatch,
    page: CredentialPage,
    *,
    check: Check = lambda _badge: a_report(),
    signed_in: bool = False,
) -> Any:
    """Return the answer to a browser that opens a badge."""
    signed = Signed(json=json.dumps(page.credential), jwt="a.b.c", credential=page.credential)
    monkeypatch.setattr(credentials, "credential_page", lambda _academy, *, id_, reader: page)
    monkeypatch.setattr(credentials, "signed_credential", lambda _academy, *, id_: signed)
    return a_client(monkeypatch, signed_in=signed_in, check=check).get(PATH, headers={"Accept": "text/html"})


def html_of(monkeypatch: pytest.MonkeyPatch, page: CredentialPage, **options: Any) -> str:
    answer = open_page(monkeypatch, page, **options)
    assert answer.status_code == 200
    html: str = answer.get_data(as_text=True)
    return html


def words_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def headings(html: str) -> list[str]:
    return [words_of(found) for found in re.findall(r"<h[12][^>]*>.*?</h[12]>", html)]


@pytest.mark.parametrize("word", ["valid", "invalid", "unknown"])
def test_the_verdict_is_the_verifiers_own_and_stands_first(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []

    def check(badge: bytes) -> Mapping[str, Any]:
        asked.append(badge)
        return a_report(word)

    html = html_of(monkeypatch, a_credential_page(), check=check)
    assert asked == [json.dumps(a_credential()).encode()]
    main = html[html.index("<main") :]
    assert main.index(f"verdict-{word}") < main.index("<h1")
    assert a_report(word)["sentence"] in words_of(main)
    assert 'Checked <time datetime="2026-05-03T09:30:00Z">3 May 2026, 09:30 (UTC)</time>.' in main


def broken(_badge: bytes) -> Mapping[str, Any]:
    raise RuntimeError("the verifier is not there")


@pytest.mark.parametrize("check", [broken, lambda _badge: {}, lambda _badge: {"verdict": "splendid"}])
def test_without_a_report_nothing_is_called_good(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    html = html_of(monkeypatch, a_credential_page(), check=check)
    assert "verdict-unknown" in html
    assert "verdict-valid" not in html
    assert "It could not be checked just now." in words_of(html)
    assert "check-pass" not in html


def test_the_three_verdicts_differ_in_shape_not_only_in_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    shapes = set()
    for word in ("valid", "invalid", "unknown"):
        html = html_of(monkeypatch, a_credential_page(), check=lambda _badge, word=word: a_report(word))
        sign = html[html.index("<svg", html.index("verdict-")) :]
        shapes.add(re.sub(r' class="[^"]*"', "", sign[: sign.index("</svg>")]))
    assert len(shapes) == 3


@pytest.mark.parametrize("result", ["pass", "fail", "unknown", "warning", "info", "skipped"])
def test_each_check_says_its_result_in_a_word_and_what_it_means(
    result: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    html = html_of(monkeypatch, a_credential_page(), check=lambda _badge: a_report("unknown", status=result))
    words = {"pass": "good", "fail": "not good", "unknown": "could not be checked", "warning": "odd",
             "info": "for you to judge", "skipped": "not asked"}  # fmt: skip
    line = f"Status: {words[result]} It was not revoked. What this means: We asked the issuer's public list"
    assert line in words_of(html)
    assert f"check-{result}" in html


def test_a_check_that_we_have_no_words_for_is_shown_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    checks = [
        {"id": "tea_leaves", "result": "splendid", "message": "They say yes."},
        {"id": "endorsement/1", "result": "pass", "message": "Signed by a friend."},
    ]
    html = html_of(monkeypatch, a_credential_page(), check=lambda _badge: a_report() | {"checks": checks})
    assert "tea_leaves: could not be checked They say yes." in words_of(html)
    assert "Endorsement: good Signed by a friend." in words_of(html)


def test_the_page_keeps_its_order(monkeypatch: pytest.MonkeyPatch) -> None:
    evidence = (EvidenceItem(id="e", kind="minutes", title="Minutes of 12 March", note="", link="https://example.org/m",
                             file_name=None, size=None, about_others=False, data_permission=True),)  # fmt: skip
    html = html_of(monkeypatch, a_credential_page(published_evidence=evidence))
    assert headings(html) == [
        "Secretary: Minutes and Backlog",
        "What this person can do",
        "How peers decided",
        "What the circle saw",
        "Dates",
        "Take it with you",
        "Check it yourself",
    ]
    assert html.index("Check it yourself") < html.index("Technical details")
    assert html.count("<h1") == 1
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))


def test_the_issuers_own_words_are_marked_as_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    html = html_of(monkeypatch, a_credential_page())
    quoted = html[html.index('<div class="from-issuer"') :]
    quoted = quoted[: quoted.index("</div>")]
    assert all(criterion in unescape(quoted) for criterion in CRITERIA)


def test_peers_decision_is_told_in_sentences_with_what_is_the_academys_word(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = a_credential_page(
        decision=a_decision(fields=record_fields(**{"flag/founding": True, "flag/each_other": True}))
    )
    words = words_of(html_of(monkeypatch, page))
    assert (
        "Pod North decided by consent on 3 May 2026. 3 peers decided, and each of them spoke."
        " One of them holds this badge. It took 2 rounds. One objection was met." in words
    )
    assert "In the record: Chiara Bianchi, Peer 7QKX2MZA, Peer T4WCN3BY" in words
    assert "Founding decision: members who founded this badge decided." in words
    assert "Members of this pod evaluate each other." in words
    assert "is the Academy's word. Each of them signed their answer with a key of their own." in words


def test_a_badge_without_a_name_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    page = a_credential_page(credential=a_credential(name=None), person_name=None)
    words = words_of(html_of(monkeypatch, page))
    assert (
        "This badge does not say whose it is; ask the person to show it from their wallet or give their e-mail"
        " address to compare." in words
    )
    assert "Asha" not in words
    assert "What its holder can do" in words


def test_only_the_signed_name_is_ever_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    page = a_credential_page(credential=a_credential(name=None), person_name="Asha Rao")
    assert "Asha" not in words_of(html_of(monkeypatch, page))


def test_a_badge_that_was_given_back_says_when_and_never_why(monkeypatch: pytest.MonkeyPatch) -> None:
    page = a_credential_page(given_back=True, given_back_on=date(2026, 6, 1))
    words = words_of(html_of(monkeypatch, page, check=lambda _badge: a_report("invalid")))
    assert "Not in force since 1 June 2026. Reasons are never published." in words
    undated = words_of(html_of(monkeypatch, replace(page, given_back_on=None)))
    assert "Not in force any more." in undated


@pytest.mark.parametrize("published", [True, False])
def test_a_badge_that_is_not_published_is_not_for_search_engines(
    published: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = open_page(monkeypatch, a_credential_page(published=published))
    assert answer.status_code == 200
    assert ("X-Robots-Tag" in answer.headers) is not published
    assert ('name="robots"' in answer.get_data(as_text=True)) is not published


def test_a_stranger_is_offered_files_and_the_check_but_nothing_of_the_holders(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    html = html_of(monkeypatch, a_credential_page())
    for suffix in ("json", "jwt", "png", "svg", "pdf"):
        assert f'href="{PATH}.{suffix}"' in html
    assert "<form" not in html
    assert "linkedin" not in html
    assert "academy verify https://academy.example/credentials/bdg7" in words_of(html)
    assert 'href="/verify?url=https%3A//academy.example/credentials/bdg7"' in html
    assert "Trust the page at this address, not the paper." in words_of(html)


def test_without_a_jwt_none_is_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    assert f"{PATH}.jwt" not in html_of(monkeypatch, a_credential_page(jwt=None))


def test_the_holder_takes_it_along_by_mail_paper_and_linkedin_first(monkeypatch: pytest.MonkeyPatch) -> None:
    page = a_credential_page(is_mine=True, actions=MINE, published=False)
    html = html_of(monkeypatch, page, signed_in=True)
    first = html[html.index('class="take-first"') :]
    first = words_of(first[: first.index(".json")].partition(">")[2])
    assert first.startswith("Send to my e-mail Certificate (PDF) Add to LinkedIn")
    assert "https://www.linkedin.com/profile/add?startTask=CERTIFICATION_NAME&amp;name=Secretary" in html
    assert "What this opens" in words_of(html)


def test_giving_back_asks_once_before_it_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    html = html_of(monkeypatch, a_credential_page(is_mine=True, actions=MINE), signed_in=True)
    before, _form, _after = html.partition(f'action="{PATH}/give_back"')
    asked = before[before.rindex("<details") :]
    assert not asked.startswith("<details open")
    assert "It cannot be undone." in words_of(asked)


def test_only_what_is_offered_is_on_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    for action in sorted(MINE):
        html = html_of(monkeypatch, a_credential_page(is_mine=True, actions=frozenset({action})), signed_in=True)
        assert re.findall(rf'<form method="post" action="{PATH}/([a-z_]+)"', html) == [action]


@pytest.mark.parametrize(
    ("path", "data", "call", "values"),
    [
        ("give_back", {}, "give_back", {}),
        ("send", {}, "send_badge", {}),
        ("publish", {"published": "yes"}, "publish", {"published": True}),
        ("publish", {"published": "no"}, "publish", {"published": False}),
        ("publish", {}, "publish", {"published": False}),
    ],
)
def test_what_the_holder_does_reaches_its_use_case(
    *, path: str, data: dict[str, str], call: str, values: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = Calls()
    monkeypatch.setattr(credentials, call, calls.of(call))
    answer = a_client(monkeypatch).post(f"{PATH}/{path}", data=data)
    assert answer.status_code == 303
    assert answer.headers["Location"] == PATH
    assert calls.seen == [(call, {"by": "eli", "id_": "bdg7"} | values)]
    assert a_client(monkeypatch, signed_in=False).post(f"{PATH}/{path}", data=data).status_code == 303
    assert len(calls.seen) == 1


def test_a_refusal_is_said_on_the_page_with_its_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = Calls()
    page = a_credential_page(is_mine=True)
    signed = Signed(json=json.dumps(page.credential), jwt="a.b.c", credential=page.credential)
    monkeypatch.setattr(credentials, "credential_page", lambda _academy, *, id_, reader: page)
    monkeypatch.setattr(credentials, "signed_credential", lambda _academy, *, id_: signed)
    refusal = RefusedError("It was given back already.", rule="W6", remedy="")
    monkeypatch.setattr(credentials, "give_back", calls.of("give_back", raises=refusal))
    answer = a_client(monkeypatch).post(f"{PATH}/give_back")
    assert answer.status_code == 409
    assert "It was given back already. Nothing was changed." in words_of(answer.get_data(as_text=True))


def test_a_badge_of_nobody_cannot_be_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = Calls()
    monkeypatch.setattr(credentials, "give_back", calls.of("give_back", raises=NotFoundError("None.")))
    assert a_client(monkeypatch).post(f"{PATH}/give_back").status_code == 404


def test_nothing_in_a_badge_becomes_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    page = a_credential_page(is_mine=True, published=False)
    page = replace(
        page,
        credential=everywhere(a_credential(), lambda text: text if text in {"name", "emailAddress"} else NASTY),
        issuer_name=NASTY,
        badge=replace(page.badge, card=replace(page.badge.card, name=NASTY)),
        decision=everywhere(page.decision, lambda _text: NASTY),
        circle=everywhere(page.circle, lambda _text: NASTY),
    )
    report = everywhere(a_report(), lambda text: text if text in {"valid", "2026-05-03T09:30:00Z"} else NASTY)
    html = html_of(monkeypatch, page, check=lambda _badge: report)
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert " style=" not in html


@pytest.mark.parametrize(
    "credential",
    [
        {},
        {"credentialSubject": None, "issuer": "did:web:x"},
        {"credentialSubject": {"achievement": {"criteria": "x", "image": "https://e.example/i.png", "tag": "a"}}},
        {"credentialSubject": {"identifier": {"identityType": "name", "hashed": True, "identityHash": "x"}}},
        {"validUntil": 7, "name": ["x"]},
    ],
)
def test_an_odd_document_gives_empty_words_and_no_fault(credential: Mapping[str, Any]) -> None:
    view = badge_view(credential)
    assert view.person is None
    assert "e.example" not in view.image


def test_a_badge_is_read_from_its_own_document() -> None:
    view = badge_view(a_credential() | {"validUntil": "2028-05-03T23:59:59Z"})
    assert view.person == "Asha Rao"
    assert view.criteria == CRITERIA
    assert view.image == "/images/secretary.png"
    assert view.criteria_path == "/badges/secretary?version=1"
    assert view.last_day == date(2028, 5, 3)
