"""The verifier's pages and HTTP interface, over a tiny app, a fake web and a clock that stands still."""

from __future__ import annotations

import base64
import io
import json
import re
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from issuer.rules.achievements import Definition
from issuer.rules.credentials import Issuer, build_draft, complete_draft
from keys import did_key, did_key_method, generate_private_key, local_signer, public_key_of
from schemas import (
    CREDENTIALS_V2,
    add_proof,
    bake_png,
    bake_svg,
    build_status_list_credential,
    dump_json,
    set_bit,
    sign_jose,
    sign_vc_jwt,
)
from verifier import Fetched, FetchError, Policy
from verifier.web import create_blueprint, verify_bytes
from verifier.web.given import FETCHES, badge_address, for_one_request
from verifier.web.identifiers import identifier_in
from verifier.web.results import plain

NOW = datetime(2026, 5, 3, 10, 30, tzinfo=UTC)
BASE = "https://academy.example"
STATUS = f"{BASE}/status/1"
REVOKED = 77
EMAIL = "asha@people.example"
ORIGIN = "https://good.example"


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


PNG = (
    b"\x89PNG\r\n\x1a\n"
    + _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    + _chunk(b"IDAT", zlib.compress(b"\0\0"))
    + _chunk(b"IEND", b"")
)
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle r="4"/></svg>'


@dataclass
class FakeWeb:
    """Answers from a table and remembers what was asked for."""

    pages: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def fetch(self, url: str) -> Fetched:
        self.asked.append(url)
        if url not in self.pages:
            raise FetchError(f"{url[:200]} cannot be reached now")
        return Fetched(body=self.pages[url], source="fetched")


# Fixed keys: their identifiers are in the names of tests, which every test process must agree on.
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
DID = did_key(public_key_of(KEY))
SIGNER = local_signer(KEY, verification_method=did_key_method(public_key_of(KEY)))
DEFINITION = Definition(
    slug="secretary",
    version="1",
    name="Secretary: Minutes and Backlog",
    skill="Keeps a circle's memory so that absent members and later readers can trust it.",
    level="practitioner",
    bundle="Feedback and accountability",
    criteria=("Every decision is findable.", "The backlog is up to date."),
    show=("Minutes of three meetings.",),
)


def a_badge(*, index: int = 5, name: str | None = "Asha Verma", **changes: Any) -> dict[str, Any]:
    """A good badge, signed and in force; `changes` replace members before it is signed."""
    draft = build_draft(
        credential_url=f"{BASE}/credentials/{index}",
        issuer=Issuer(did=DID, name="Academy of Circles", url=BASE, email="hello@academy.example"),
        definition=DEFINITION,
        circle={"id": f"{BASE}/circles/north", "name": "Pod North"},
        email=EMAIL,
        salt="sea salt",
        signed_name=name,
        decision_url=f"{BASE}/decisions/1",
        base_url=BASE,
        term_ends=None,
    )
    credential = complete_draft(draft, valid_from=NOW - timedelta(days=2), status_url=STATUS, status_index=index)
    return add_proof(
        credential | changes, signer=SIGNER, cryptosuite="eddsa-rdfc-2022", created=NOW - timedelta(days=2)
    )


def a_status_list() -> bytes:
    bits = bytearray(16_384)
    set_bit(bits, REVOKED)
    unsigned = build_status_list_credential(
        url=STATUS,
        issuer=DID,
        bits=bytes(bits),
        valid_from=NOW - timedelta(hours=1),
        valid_until=NOW + timedelta(days=1),
        ttl_ms=300_000,
    )
    signed = add_proof(unsigned, signer=SIGNER, cryptosuite="eddsa-rdfc-2022", created=NOW - timedelta(hours=1))
    return dump_json(signed).encode()


def as_json(document: Mapping[str, Any]) -> bytes:
    return dump_json(document).encode()


@pytest.fixture(scope="session")
def good() -> dict[str, Any]:
    return a_badge()


@pytest.fixture(scope="session")
def revoked() -> dict[str, Any]:
    return a_badge(index=REVOKED)


@pytest.fixture(scope="session")
def list_bytes() -> bytes:
    return a_status_list()


@pytest.fixture
def web(list_bytes: bytes, good: dict[str, Any]) -> FakeWeb:
    return FakeWeb(pages={STATUS: list_bytes, f"{ORIGIN}/badge": as_json(good)})


def an_app(web: FakeWeb, *, layout: str | None = None) -> Flask:
    app = Flask("a tiny app")
    app.register_blueprint(create_blueprint(fetcher=web, policy=Policy(), clock=lambda: NOW, layout=layout))
    return app


@pytest.fixture
def client(web: FakeWeb) -> FlaskClient:
    return an_app(web).test_client()


def paste(client: FlaskClient, badge: object, *, path: str = "/verify", **more: str) -> TestResponse:
    text = badge if isinstance(badge, str) else json.dumps(badge)
    return client.post(path, data={"badge": text, **more})


def upload(client: FlaskClient, *files: tuple[str, bytes], **more: str) -> TestResponse:
    data: dict[str, Any] = {"file": [(io.BytesIO(body), name) for name, body in files], **more}
    return client.post("/verify", data=data, content_type="multipart/form-data")


def size_of(client: FlaskClient, path: str) -> int:
    with client.get(path) as answer:
        assert answer.status_code == 200
        return len(answer.data)


def verdict_of(answer: TestResponse) -> str:
    match = re.search(r'class="v-verdict is-(\w+)"', answer.text)
    assert match, answer.text[:2000]
    return match[1]


# The page


def test_the_empty_page_says_how_to_begin_and_what_the_answer_can_be(client: FlaskClient) -> None:
    answer = client.get("/verify")
    assert answer.status_code == 200
    assert "Paste a badge or its link" in answer.text
    assert 'role="alert"' not in answer.text
    for word in ("Valid", "Not valid", "Not known"):
        assert f"<b>{word}</b>" in answer.text


@pytest.mark.parametrize("path", ["/verify", "/verify/print"])
def test_sending_nothing_is_said_beside_the_field(client: FlaskClient, path: str) -> None:
    answer = client.post(path, data={"badge": "  \n", "recipient": "typed before"})
    assert answer.status_code == 400
    assert "There is nothing to check yet" in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert 'value="typed before"' in answer.text


def test_a_good_badge_is_valid_with_what_somebody_in_a_hurry_needs(
    client: FlaskClient, good: dict[str, Any]
) -> None:
    answer = paste(client, good)
    assert answer.status_code == 200
    assert verdict_of(answer) == "valid"
    for words in (
        "This badge is good",
        "<q>Asha Verma</q>",
        "Secretary: Minutes and Backlog</q>",
        "absent members and later readers",
        "<q>Academy of Circles</q>",
        'href="https://academy.example" rel="noopener noreferrer nofollow"',
        "hello@academy.example",
        "1 May 2026",
        "Save this check as PDF",
        "3 May 2026, 10:30 UTC",
    ):
        assert words in answer.text


def test_nothing_stands_above_the_verdict(client: FlaskClient, good: dict[str, Any]) -> None:
    body = paste(client, good).text.partition("<body>")[2]
    before = body.partition('<section class="v-verdict')[0]
    assert not re.sub(r"<[^>]+>", "", before).strip()


def test_our_verdict_comes_before_the_badges_own_words(client: FlaskClient, good: dict[str, Any]) -> None:
    text = paste(client, good).text
    body = text[text.index("<body>") :]
    assert body.index("This badge is good") < body.index("What the badge says of itself") < body.index("<q>")


def test_every_check_is_a_row_in_reading_order(client: FlaskClient, good: dict[str, Any]) -> None:
    rows = re.findall(r"<h3>([^<]+?) <span class=\"v-word is-(\w+)", paste(client, good).text)
    assert [title for title, _ in rows[:6]] == [
        "Readable",
        "Signature",
        "The issuer is who it says",
        "Is the issuer known to you?",
        "Status",
        "Dates",
    ]
    assert dict(rows)["Signature"] == "pass"
    assert dict(rows)["Is the issuer known to you?"] == "info"
    assert "For whom" not in dict(rows)


def test_a_revoked_badge_is_invalid_and_the_first_sentence_says_so(
    client: FlaskClient, revoked: dict[str, Any]
) -> None:
    answer = paste(client, revoked)
    assert verdict_of(answer) == "invalid"
    assert re.search(r'class="v-reason">[^<]*revoked', answer.text)


def test_a_list_that_cannot_be_had_leaves_it_unknown(good: dict[str, Any]) -> None:
    answer = paste(an_app(FakeWeb()).test_client(), good)
    assert verdict_of(answer) == "unknown"
    assert "We could not find out" in answer.text


def test_a_changed_badge_is_invalid_and_nobody_is_named_as_signer(
    client: FlaskClient, good: dict[str, Any]
) -> None:
    answer = paste(client, good | {"name": "Another name"})
    assert verdict_of(answer) == "invalid"
    assert "Nobody can tell whether it is really theirs" in answer.text


def test_a_link_is_fetched_checked_and_shown(client: FlaskClient, web: FakeWeb) -> None:
    answer = client.get("/verify", query_string={"url": f"{ORIGIN}/badge"})
    assert answer.status_code == 200
    assert verdict_of(answer) == "valid"
    assert web.asked[0] == f"{ORIGIN}/badge"


def test_a_link_that_leads_nowhere_is_unknown_not_invalid(client: FlaskClient) -> None:
    answer = client.get("/verify", query_string={"url": f"{ORIGIN}/gone"})
    assert answer.status_code == 200
    assert verdict_of(answer) == "unknown"
    assert "could not be fetched" in answer.text


@pytest.mark.parametrize("link", ["javascript:alert(1)", "file:///etc/passwd", "no address", "https://a b"])
def test_what_is_no_web_address_is_not_fetched(client: FlaskClient, web: FakeWeb, link: str) -> None:
    answer = client.get("/verify", query_string={"url": link})
    assert answer.status_code == 400
    assert "This is not a web address" in answer.text
    assert not web.asked


def test_a_scanned_link_to_a_verify_page_leads_to_the_badge_it_names(client: FlaskClient, web: FakeWeb) -> None:
    answer = paste(client, f"https://other.example/verify?url={quote(f'{ORIGIN}/badge', safe='')}")
    assert verdict_of(answer) == "valid"
    assert web.asked[0] == f"{ORIGIN}/badge"
    assert badge_address("https://[broken/verify?url=x") == "https://[broken/verify?url=x"


@pytest.mark.parametrize("kind", ["json", "png", "svg", "jwt"])
def test_a_file_of_each_kind_is_read_by_what_it_is(client: FlaskClient, good: dict[str, Any], kind: str) -> None:
    text = dump_json(good)
    unsigned = {name: value for name, value in good.items() if name != "proof"}
    body = {
        "json": text.encode(),
        "png": bake_png(PNG, text),
        "svg": bake_svg(SVG, text).encode(),
        "jwt": sign_vc_jwt(unsigned, signer=SIGNER).encode(),
    }[kind]
    assert verdict_of(upload(client, ("picture of a badge", body))) == "valid"


def test_several_files_become_a_table_with_a_row_for_each(
    client: FlaskClient, good: dict[str, Any], revoked: dict[str, Any]
) -> None:
    answer = upload(client, ("a.json", as_json(good)), ("b.json", as_json(revoked)), ("<c>.txt", b"hello"))
    assert answer.status_code == 200
    assert "3 badges checked" in answer.text
    found = re.findall(r'<tr class="is-(\w+)">', answer.text)
    assert found == ["valid", "invalid", "invalid"]
    assert "&lt;c&gt;.txt" in answer.text


def test_several_links_line_by_line_become_a_table(client: FlaskClient) -> None:
    answer = paste(client, f"{ORIGIN}/badge\n\n{ORIGIN}/gone\n")
    assert re.findall(r'<tr class="is-(\w+)">', answer.text) == ["valid", "unknown"]


def test_more_than_fifty_files_are_refused_with_a_sentence(client: FlaskClient) -> None:
    answer = upload(client, *[(f"{number}.json", b"{}") for number in range(51)])
    assert answer.status_code == 400
    assert "more than 50 badges" in answer.text


def test_the_recipient_is_compared_when_one_is_given(client: FlaskClient, good: dict[str, Any]) -> None:
    assert verdict_of(paste(client, good, recipient=EMAIL)) == "valid"
    answer = paste(client, good, recipient="ben@people.example")
    assert verdict_of(answer) == "invalid"
    assert "It is for somebody else" in answer.text
    assert 'value="ben@people.example"' in answer.text


def test_a_badge_without_a_name_says_so_and_how_to_compare(client: FlaskClient) -> None:
    nameless = a_badge(name=None)
    assert "It does not say whose it is." in paste(client, nameless).text
    assert "The person you asked about" in paste(client, nameless, recipient=EMAIL).text


HOSTILE = '"><script>alert(1)</script>{{7*7}}\u202egood'


def test_everything_from_a_badge_is_shown_as_text_only(client: FlaskClient, good: dict[str, Any]) -> None:
    issuer = dict(good["issuer"]) | {"name": HOSTILE, "url": "javascript:alert(1)", "email": HOSTILE}
    document = good | {"issuer": issuer, "name": HOSTILE, "id": HOSTILE}
    text = paste(client, document, recipient=HOSTILE).text + upload(client, (HOSTILE, as_json(document))).text
    assert "<script>alert" not in text
    assert 'href="javascript' not in text
    assert "49good" not in text
    visible = re.sub(r"(?s)<textarea.*?</textarea>|<pre.*?</pre>|value=\"[^\"]*\"", "", text)
    assert "\u202e" not in visible


@pytest.mark.parametrize(
    "url",
    [
        "http://academy.example",
        "https://user@academy.example",
        "//x",
        "https://\u0430cademy.example",
        7,
        "https://[",
    ],
)
def test_a_link_out_of_a_badge_is_led_to_only_over_plain_https(
    client: FlaskClient, good: dict[str, Any], url: object
) -> None:
    text = paste(client, good | {"issuer": dict(good["issuer"]) | {"url": url}}).text
    assert re.findall(r'<a [^>]*href="(?!/verify|#)[^"]*"', text) == []


@pytest.mark.parametrize(
    ("given_", "words"),
    [
        ("<!doctype html><p>a page</p>", "web page"),
        ("{", "not JSON"),
        ("[]", "one JSON object"),
        ("eyJhbGciOiJub25lIn0.e30.", "JWT"),
        ("data:image/png;base64,%%%", "base64"),
        ("data:image/png;base64,iVBORw0KGgo=", ""),
        ("did:key:z6Mk", "neither JSON"),
        ('{"a":' * 90 + "1" + "}" * 90, "deep"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_sentence_and_kept(
    client: FlaskClient, given_: str, words: str
) -> None:
    answer = paste(client, given_)
    assert answer.status_code == 200
    assert verdict_of(answer) == "invalid"
    assert words in answer.text.partition("v-reason")[2].partition("</p>")[0]
    assert given_[:10].replace("<", "&lt;").replace('"', "&#34;") in answer.text


@pytest.mark.parametrize("path", ["/verify", "/verify/print"])
def test_more_than_ten_megabytes_are_refused_with_a_plain_page(client: FlaskClient, path: str) -> None:
    answer = client.post(path, data={"badge": "x" * 10_200_000})
    assert answer.status_code == 413
    assert answer.mimetype == "text/html"
    assert "larger than 10 MB" in answer.text


@pytest.mark.parametrize("path", ["/credentials/verify", "/presentations/verify", "/api/verify"])
def test_more_than_ten_megabytes_are_refused_with_problem_details(client: FlaskClient, path: str) -> None:
    answer = client.post(path, data=b" " * 10_200_000, content_type="application/json")
    assert answer.status_code == 413
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json()["code"] == "LIMIT_EXCEEDED"


def test_a_badge_of_a_megabyte_can_be_pasted(client: FlaskClient, good: dict[str, Any]) -> None:
    answer = paste(client, dump_json(good) + " " * 900_000)
    assert verdict_of(answer) == "valid"


def test_the_pages_may_load_and_run_only_what_is_ours(client: FlaskClient, good: dict[str, Any]) -> None:
    answer = paste(client, good)
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'; script-src 'self';")
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    for source in re.findall(r'<(?:script|link)[^>]+(?:src|href)="([^"]+)"', answer.text):
        assert source.startswith("/verify/static/")
        assert size_of(client, source)
    assert not re.search(r"<style|\sstyle=|\son\w+=", answer.text)


def test_pages_stay_under_a_hundred_kilobytes(client: FlaskClient, good: dict[str, Any]) -> None:
    page = paste(client, good)
    loaded = re.findall(r'"(/verify/static/[^"]+)"', page.text)
    assert len(page.data) + sum(size_of(client, path) for path in set(loaded)) < 100_000


def test_the_sheet_has_verdict_time_and_code_and_nothing_folded(client: FlaskClient, good: dict[str, Any]) -> None:
    answer = paste(client, good, path="/verify/print")
    assert verdict_of(answer) == "valid"
    assert re.search(r'class="v-code">[A-Z2-7]{4}-[A-Z2-7]{4}-[A-Z2-7]{4}<', answer.text)
    assert "3 May 2026, 10:30 UTC" in answer.text
    assert "<details" not in answer.text


def test_the_same_check_has_the_same_code_and_another_one_another(
    client: FlaskClient, good: dict[str, Any], revoked: dict[str, Any]
) -> None:
    codes = [
        re.findall(r"[A-Z2-7]{4}-[A-Z2-7]{4}-[A-Z2-7]{4}", paste(client, badge, path=path).text)[0]
        for badge, path in ((good, "/verify"), (good, "/verify/print"), (revoked, "/verify/print"))
    ]
    assert codes[0] == codes[1] != codes[2]


def test_the_sheet_of_an_uploaded_image_is_made_from_what_the_page_carries(
    client: FlaskClient, good: dict[str, Any]
) -> None:
    page = upload(client, ("badge.png", bake_png(PNG, dump_json(good)))).text
    match = re.search(r'<textarea name="badge" hidden>\n(data:[^<]+)<', page)
    assert match
    assert verdict_of(paste(client, match[1], path="/verify/print")) == "valid"


def test_a_large_badge_is_not_carried_in_the_page(client: FlaskClient, good: dict[str, Any]) -> None:
    page = paste(client, dump_json(good) + " " * 5 + "\n" * 3, path="/verify")
    assert "Save this check as PDF" in page.text
    large = bake_png(PNG, dump_json(good)) + b"\0"
    assert len(large) < 400_000
    filler = a_badge(description="many words " * 40_000)
    text = paste(client, filler).text
    assert "choose “Save as PDF”" in text
    assert "textarea name" not in text


def test_the_expert_command_is_safe_to_copy(client: FlaskClient) -> None:
    text = client.get("/verify", query_string={"url": f"{ORIGIN}/x?$(reboot)'"}).text
    assert "academy verify &#39;https://good.example/x?$(reboot)&#39;&#34;&#39;&#34;&#39;&#39; --json" in text


def test_an_apps_own_layout_and_words_are_used(web: FakeWeb, tmp_path: Path, good: dict[str, Any]) -> None:
    (tmp_path / "outer.html").write_text(
        "<title>{% block title %}{% endblock %}</title>{% block head %}{% endblock %}"
        "<nav>Academy</nav>{% block main %}{% endblock %}"
    )
    app = Flask("an app with words", template_folder=str(tmp_path))
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # the extension adds it
        lambda text: {"Check a badge": "Ein Abzeichen prüfen"}.get(text, text),
        lambda one, many, number: one if number == 1 else many,
        newstyle=True,
    )
    app.register_blueprint(create_blueprint(fetcher=web, policy=Policy(), clock=lambda: NOW, layout="outer.html"))
    text = app.test_client().get("/verify").text
    assert "<nav>Academy</nav>" in text
    assert "<h1>Ein Abzeichen prüfen</h1>" in text
    assert "<nav>" not in paste(app.test_client(), good).text  # nothing above a verdict


def test_other_methods_are_refused(client: FlaskClient) -> None:
    assert client.get("/credentials/verify").status_code == 405
    assert client.put("/verify").status_code == 405


# POST /credentials/verify


def verify(client: FlaskClient, value: object, **options: object) -> TestResponse:
    return client.post("/credentials/verify", json={"verifiableCredential": value, "options": options})


def test_a_good_credential_is_verified(client: FlaskClient, good: dict[str, Any]) -> None:
    answer = verify(client, good)
    assert answer.status_code == 200
    body = answer.get_json()
    assert body["verified"] is True
    assert body["problemDetails"] == []
    assert body["verdict"] == "valid"
    assert body["checkedAt"] == "2026-05-03T10:30:00Z"
    assert [check["id"] for check in body["checks"]][:2] == ["readable", "context"]


def test_a_jwt_is_verified_as_text_and_as_envelope(client: FlaskClient, good: dict[str, Any]) -> None:
    jwt = sign_vc_jwt({name: value for name, value in good.items() if name != "proof"}, signer=SIGNER)
    envelope = {
        "@context": [CREDENTIALS_V2],
        "type": "EnvelopedVerifiableCredential",
        "id": f"data:application/vc+jwt,{jwt}",
    }
    assert verify(client, jwt).status_code == 200
    assert verify(client, envelope).status_code == 200
    assert verify(client, envelope | {"id": jwt}).status_code == 400


def test_a_revoked_credential_is_not_verified_unless_only_the_proof_is_asked(
    client: FlaskClient, revoked: dict[str, Any]
) -> None:
    answer = verify(client, revoked)
    assert answer.status_code == 400
    assert [problem["check"] for problem in answer.get_json()["problemDetails"]] == ["status"]
    answer = verify(client, revoked, checks=["proof"])
    assert answer.status_code == 200
    assert answer.get_json()["verdict"] == "invalid"


def test_a_status_that_cannot_be_had_is_not_verified(good: dict[str, Any]) -> None:
    answer = verify(an_app(FakeWeb()).test_client(), good)
    assert answer.status_code == 400
    problem = answer.get_json()["problemDetails"][0]
    assert problem["type"] == "https://www.w3.org/ns/credentials/status-list#STATUS_RETRIEVAL_ERROR"


def test_the_issuers_binding_is_a_line_of_its_own_for_issuers_that_are_web_addresses(client: FlaskClient) -> None:
    profile = {"id": "https://vc.example/issuers/1", "type": ["Profile"], "name": "Somebody"}
    plain_one = {
        "@context": [CREDENTIALS_V2],
        "type": ["VerifiableCredential"],
        "issuer": profile["id"],
        "credentialSubject": {"id": "urn:uuid:0dd0c9a6-2f3b-4a4c-9b0e-7e4b9b7f4a10"},
    }
    signed = add_proof(plain_one, signer=SIGNER, cryptosuite="eddsa-rdfc-2022", created=NOW)
    answer = verify(client, signed)
    assert answer.status_code == 200
    body = answer.get_json()
    assert body["verified"] is True
    assert body["verdict"] != "valid"
    assert next(c for c in body["checks"] if c["id"] == "issuer_binding")["result"] in {"fail", "unknown"}


def test_somebody_elses_key_under_a_dids_name_is_never_verified(client: FlaskClient) -> None:
    other = did_key(public_key_of(generate_private_key("Ed25519")))
    forged = a_badge(issuer={"id": other, "type": ["Profile"], "name": "Academy of Circles"})
    answer = verify(client, forged, checks=["proof"])
    assert answer.status_code == 400
    assert "issuer_binding" in {problem["check"] for problem in answer.get_json()["problemDetails"]}


def test_domain_and_challenge_must_be_those_of_the_proof(client: FlaskClient, good: dict[str, Any]) -> None:
    unsigned = {name: value for name, value in good.items() if name != "proof"}
    signed = add_proof(
        unsigned,
        signer=SIGNER,
        cryptosuite="eddsa-rdfc-2022",
        created=NOW,
        domain="shop.example",
        challenge="123",
    )
    assert verify(client, signed, domain="shop.example", challenge="123").status_code == 200
    for options in ({"domain": "other.example"}, {"challenge": "124"}):
        answer = verify(client, signed, **options)
        assert answer.status_code == 400
        assert answer.get_json()["problemDetails"][0]["type"].startswith("https://w3id.org/security#INVALID_")
    assert verify(client, good, challenge="123").status_code == 400


BROKEN: list[tuple[str, object]] = [
    ("a text", "string"),
    ("a number", 7),
    ("a list", []),
    ("an empty object", {}),
    ("another document", {"type": ["NonconformingDocument"]}),
    ("nothing", None),
]


@pytest.mark.parametrize("value", [value for _, value in BROKEN], ids=[name for name, _ in BROKEN])
def test_what_is_no_credential_is_not_verified(client: FlaskClient, value: object) -> None:
    answer = verify(client, value)
    assert answer.status_code == 400
    assert answer.get_json()["verified"] is False


@pytest.mark.parametrize(
    "change",
    [
        {"proof": None},
        {"proof": "text"},
        {"proof": []},
        {"proof": 4},
        {"@context": "https://www.w3.org/ns/credentials/v2"},
        {"@context": [[]]},
        {"@context": ""},
        {"@context": [CREDENTIALS_V2, "relative"]},
        {"type": "VerifiableCredential!"},
        {"issuer": []},
        {"credentialSubject": []},
        {"unknownTerm": 1},
    ],
    ids=str,
)
def test_a_credential_that_does_not_conform_is_not_verified(
    client: FlaskClient, good: dict[str, Any], change: dict[str, Any]
) -> None:
    assert verify(client, good | change).status_code == 400


@pytest.mark.parametrize("member", ["type", "cryptosuite", "verificationMethod", "proofPurpose", "proofValue"])
@pytest.mark.parametrize("value", ["nonsense", None, 7, []], ids=repr)
def test_a_broken_proof_is_not_verified(
    client: FlaskClient, good: dict[str, Any], member: str, value: object
) -> None:
    assert verify(client, good | {"proof": good["proof"] | {member: value}}).status_code == 400


@pytest.mark.parametrize(
    ("options", "pointer"),
    [
        ([], "/options"),
        ({"checks": "proof"}, "/options/checks"),
        ({"checks": [1]}, "/options/checks"),
        ({"domain": 4}, "/options/domain"),
        ({"challenge": {}}, "/options/challenge"),
    ],
)
def test_options_that_cannot_be_read_are_named(
    client: FlaskClient, good: dict[str, Any], options: object, pointer: str
) -> None:
    for path, name in (
        ("/credentials/verify", "verifiableCredential"),
        ("/presentations/verify", "verifiablePresentation"),
    ):
        answer = client.post(path, json={name: good, "options": options})
        assert answer.status_code == 400
        assert answer.mimetype == "application/problem+json"
        assert answer.get_json()["pointer"] == pointer


# POST /presentations/verify

OTHER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
HOLDER = did_key(public_key_of(OTHER))
HOLDER_SIGNER = local_signer(OTHER, verification_method=did_key_method(public_key_of(OTHER)))


def a_presentation(
    *credentials: Mapping[str, Any], purpose: str = "authentication", **changes: Any
) -> dict[str, Any]:
    unsigned = {
        "@context": [CREDENTIALS_V2],
        "type": ["VerifiablePresentation"],
        "holder": HOLDER,
        "verifiableCredential": list(credentials),
    }
    return add_proof(
        {name: value for name, value in (unsigned | changes).items() if value is not None},
        signer=HOLDER_SIGNER,
        cryptosuite="eddsa-rdfc-2022",
        created=NOW,
        proof_purpose=purpose,
        domain="shop.example",
        challenge="n-0S6",
    )


def present(client: FlaskClient, value: object, **options: object) -> TestResponse:
    return client.post("/presentations/verify", json={"verifiablePresentation": value, "options": options})


def test_a_good_presentation_is_verified_with_each_credential_in_it(
    client: FlaskClient, good: dict[str, Any]
) -> None:
    answer = present(client, a_presentation(good), domain="shop.example", challenge="n-0S6")
    body = answer.get_json()
    assert answer.status_code == 200, body["problemDetails"]
    assert body["verified"] is True
    assert body["verdict"] == "valid"
    assert [one["verified"] for one in body["credentials"]] == [True]


def test_one_bad_credential_spoils_the_presentation_and_is_pointed_at(
    client: FlaskClient, good: dict[str, Any], revoked: dict[str, Any]
) -> None:
    answer = present(client, a_presentation(good, revoked))
    body = answer.get_json()
    assert answer.status_code == 400
    assert [one["verified"] for one in body["credentials"]] == [True, False]
    assert body["problemDetails"][0]["pointer"].startswith("/verifiableCredential/1/")


@pytest.mark.parametrize("options", [{"domain": "other.example"}, {"challenge": "other"}])
def test_a_presentation_for_somebody_else_is_not_verified(
    client: FlaskClient, good: dict[str, Any], options: dict[str, str]
) -> None:
    assert present(client, a_presentation(good), **options).status_code == 400


def test_an_unsigned_presentation_is_not_verified(client: FlaskClient, good: dict[str, Any]) -> None:
    shown = {name: value for name, value in a_presentation(good).items() if name != "proof"}
    answer = present(client, shown)
    assert answer.status_code == 400
    assert "is not signed" in answer.get_json()["problemDetails"][0]["detail"]


def test_a_changed_presentation_is_not_verified(client: FlaskClient, good: dict[str, Any]) -> None:
    answer = present(client, a_presentation() | {"verifiableCredential": [good]})
    assert answer.status_code == 400
    assert answer.get_json()["verdict"] == "invalid"


def test_a_presentation_made_for_stating_claims_is_not_verified(client: FlaskClient, good: dict[str, Any]) -> None:
    assert present(client, a_presentation(good, purpose="assertionMethod")).status_code == 400


def test_a_presentation_under_another_holders_name_is_not_verified(
    client: FlaskClient, good: dict[str, Any]
) -> None:
    assert present(client, a_presentation(good, holder=DID)).status_code == 400
    assert present(client, a_presentation(good, holder={"id": HOLDER})).status_code == 200
    assert present(client, a_presentation(good, holder=None)).status_code == 200


@pytest.mark.parametrize(
    "member", ["type", "cryptosuite", "verificationMethod", "proofPurpose", "proofValue", "created"]
)
@pytest.mark.parametrize("value", ["nonsense", None, 7, "did:web:gone.example#key"], ids=repr)
def test_a_broken_proof_of_a_presentation_is_not_verified(
    client: FlaskClient, good: dict[str, Any], member: str, value: object
) -> None:
    shown = a_presentation(good)
    assert present(client, shown | {"proof": shown["proof"] | {member: value}}).status_code == 400


def test_a_proof_of_another_time_is_not_verified(client: FlaskClient, good: dict[str, Any]) -> None:
    for dates in ({"created": "2026-06-01T00:00:00Z"}, {"expires": "2026-05-01T00:00:00Z"}):
        shown = a_presentation(good)
        shown["proof"] = shown["proof"] | dates
        assert present(client, shown).status_code == 400


@pytest.mark.parametrize(
    "value",
    [
        "eyJhbGciOiJFZERTQSJ9.e30.c2ln",
        {
            "@context": [CREDENTIALS_V2],
            "type": "EnvelopedVerifiablePresentation",
            "id": "data:application/vp+jwt,eyJ.e30.c2ln",
        },
    ],
    ids=["jwt", "envelope"],
)
def test_a_presentation_in_a_jwt_that_holds_none_is_not_verified(client: FlaskClient, value: object) -> None:
    answer = present(client, value)
    assert answer.status_code == 400
    body = answer.get_json()
    assert body["verified"] is False
    assert body["verdict"] == "invalid"
    assert body["problemDetails"][0]["check"] == "readable"


def test_a_presentation_in_a_jwt_is_verified(client: FlaskClient, good: dict[str, Any]) -> None:
    bare = {name: value for name, value in good.items() if name != "proof"}
    enveloped = {
        "@context": CREDENTIALS_V2,
        "type": "EnvelopedVerifiableCredential",
        "id": f"data:application/vc+jwt,{sign_jose(bare, signer=SIGNER)}",
    }
    shown = {
        "@context": [CREDENTIALS_V2],
        "type": ["VerifiablePresentation"],
        "verifiableCredential": [enveloped],
    }
    token = sign_jose(shown, signer=HOLDER_SIGNER, kind="vp", aud="verifier.example", nonce="n-1")
    answer = present(client, token, domain="verifier.example", challenge="n-1")
    assert answer.status_code == 200, answer.get_json()["problemDetails"]
    for options in ({"challenge": "n-2"}, {"domain": "other.example"}):
        assert present(client, token, **options).status_code == 400


@pytest.mark.parametrize("value", [None, 7, [], {}, {"type": "VerifiablePresentation"}], ids=repr)
def test_what_is_no_presentation_is_not_verified(client: FlaskClient, value: object) -> None:
    assert present(client, value).status_code == 400


def test_a_presentation_of_too_many_or_of_no_credentials_is_refused(
    client: FlaskClient, good: dict[str, Any]
) -> None:
    shown = a_presentation()
    answer = present(client, shown | {"verifiableCredential": [{}] * 101})
    assert answer.get_json()["problemDetails"][0]["code"] == "LIMIT_EXCEEDED"
    answer = present(client, shown | {"verifiableCredential": [good, 7]})
    assert answer.status_code == 400
    assert answer.get_json()["problemDetails"][0]["pointer"] == "/verifiableCredential/1"


# POST /api/verify


def test_many_badges_of_every_form_are_answered_in_their_order(
    client: FlaskClient, good: dict[str, Any], revoked: dict[str, Any]
) -> None:
    jwt = sign_vc_jwt({name: value for name, value in good.items() if name != "proof"}, signer=SIGNER)
    image = base64.b64encode(bake_png(PNG, dump_json(good))).decode()
    badges = [good, revoked, jwt, f"{ORIGIN}/badge", image, f"data:image/png;base64,{image}", "rubbish", {}]
    answer = client.post("/api/verify", json={"badges": badges, "options": {}})
    assert answer.status_code == 200
    verdicts = [report["verdict"] for report in answer.get_json()["reports"]]
    assert verdicts == ["valid", "invalid", "valid", "valid", "valid", "valid", "invalid", "invalid"]


def test_many_badges_can_be_compared_with_a_recipient(client: FlaskClient, good: dict[str, Any]) -> None:
    answer = client.post("/api/verify", json={"badges": [good], "options": {"recipient": "x@y.example"}})
    assert answer.get_json()["reports"][0]["verdict"] == "invalid"


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        ({}, "MALFORMED_REQUEST", "/badges"),
        ({"badges": []}, "MALFORMED_REQUEST", "/badges"),
        ({"badges": {}}, "MALFORMED_REQUEST", "/badges"),
        ({"badges": ["x"] * 101}, "LIMIT_EXCEEDED", "/badges"),
        ({"badges": ["x", 3]}, "MALFORMED_REQUEST", "/badges/1"),
        ({"badges": [["x"]]}, "MALFORMED_REQUEST", "/badges/0"),
        ({"badges": [None]}, "MALFORMED_REQUEST", "/badges/0"),
        ({"badges": ["x"], "option": {}}, "MALFORMED_REQUEST", "/option"),
        ({"badges": ["x"], "a/b~": {}}, "MALFORMED_REQUEST", "/a~1b~0"),
        ({"badges": ["x"], "options": 1}, "MALFORMED_REQUEST", "/options"),
        ({"badges": ["x"], "options": {"trust": True}}, "MALFORMED_REQUEST", "/options/trust"),
        ({"badges": ["x"], "options": {"recipient": 1}}, "MALFORMED_REQUEST", "/options/recipient"),
        ([], "MALFORMED_REQUEST", ""),
    ],
)
def test_a_bad_request_gets_code_sentence_and_place(
    client: FlaskClient, body: object, code: str, pointer: str
) -> None:
    answer = client.post("/api/verify", json=body)
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"
    told = answer.get_json()
    assert (told["code"], told["pointer"], told["status"]) == (code, pointer, 400)
    assert told["detail"].endswith(".")


@pytest.mark.parametrize("path", ["/credentials/verify", "/presentations/verify", "/api/verify"])
@pytest.mark.parametrize(
    "data", [b"", b"{", b"\xff\xfe", b'{"a":1,"a":2}', b"NaN", b"[" * 200, b'"\\ud800"'], ids=repr
)
def test_a_body_that_is_not_json_is_refused_with_its_place(client: FlaskClient, path: str, data: bytes) -> None:
    answer = client.post(path, data=data, content_type="application/json")
    assert answer.status_code == 400
    assert answer.get_json()["code"] in {"PARSING_ERROR", "LIMIT_EXCEEDED", "MALFORMED_REQUEST"}


@pytest.mark.parametrize("path", ["/credentials/verify", "/presentations/verify", "/api/verify"])
@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "", "multipart/form-data"])
def test_another_content_type_is_refused(client: FlaskClient, path: str, kind: str) -> None:
    answer = client.post(path, data=b"{}", content_type=kind)
    assert answer.status_code == 415
    assert answer.get_json()["code"] == "UNSUPPORTED_MEDIA_TYPE"


def test_json_under_a_more_exact_name_is_read(client: FlaskClient, good: dict[str, Any]) -> None:
    data = dump_json({"verifiableCredential": good})
    for kind in ("application/vc+ld+json", "Application/JSON; charset=utf-8"):
        assert client.post("/credentials/verify", data=data, content_type=kind).status_code == 200


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text()
            | st.sampled_from(
                ["@context", "type", "id", "proof", "issuer", "credentialSubject", "credentialStatus"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)
MEMBERS = st.sampled_from(["verifiableCredential", "verifiablePresentation", "badges", "options"])
NEAR = st.fixed_dictionaries(
    {
        "@context": st.just([CREDENTIALS_V2]) | JSON,
        "type": st.sampled_from([["VerifiableCredential"], ["VerifiablePresentation"]]) | JSON,
        "issuer": st.just(DID) | JSON,
        "credentialSubject": JSON,
        "verifiableCredential": JSON,
        "credentialStatus": JSON,
        "proof": st.fixed_dictionaries(
            {
                "type": st.just("DataIntegrityProof"),
                "cryptosuite": st.just("eddsa-jcs-2022") | JSON,
                "verificationMethod": st.just(SIGNER.verification_method) | JSON,
                "proofPurpose": st.sampled_from(["assertionMethod", "authentication"]) | JSON,
                "proofValue": JSON,
                "created": JSON,
            }
        )
        | JSON,
    }
)


@pytest.mark.parametrize("path", ["/credentials/verify", "/presentations/verify", "/api/verify"])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=JSON
    | st.dictionaries(MEMBERS, JSON | NEAR, max_size=4)
    | st.fixed_dictionaries({"badges": st.lists(JSON | NEAR | st.just("x"), max_size=3)})
)
def test_any_json_gets_an_answer_in_json_and_never_a_server_error(
    client: FlaskClient, path: str, body: object
) -> None:
    data = json.dumps(body).encode()
    answer = client.post(path, data=data, content_type="application/json")
    assert answer.status_code in {200, 400}, answer.text
    assert isinstance(answer.get_json(force=True), dict)


# GET /1.0/identifiers/<did>


def resolve(client: FlaskClient, did: str, accept: str = "application/did-resolution") -> TestResponse:
    return client.get(f"/1.0/identifiers/{did}", headers={"Accept": accept} if accept else {})


def test_a_did_key_is_resolved_raw_and_percent_encoded(client: FlaskClient) -> None:
    for text in (DID, quote(DID, safe="")):
        answer = resolve(client, text)
        assert answer.status_code == 200
        assert answer.content_type == "application/did-resolution"
        body = answer.get_json(force=True)
        assert body["didDocument"]["id"] == DID
        assert body["didDocumentMetadata"] == {}
        assert body["didResolutionMetadata"]["contentType"] == answer.content_type
        assert body["didDocument"]["assertionMethod"] == [SIGNER.verification_method]


@pytest.mark.parametrize("kind", ["application/did+json", "application/did+ld+json", "application/did"])
def test_a_bare_document_comes_when_one_is_asked_for(client: FlaskClient, kind: str) -> None:
    answer = resolve(client, DID, kind)
    assert answer.status_code == 200
    assert answer.content_type == kind
    assert answer.get_json(force=True)["id"] == DID


@pytest.mark.parametrize("accept", ["", "*/*", "application/json", "text/html,application/json;q=0.9"])
def test_without_a_wish_the_whole_result_comes(client: FlaskClient, accept: str) -> None:
    assert resolve(client, DID, accept).content_type == "application/did-resolution"


@pytest.mark.parametrize(
    ("did", "accept", "status", "code"),
    [
        ("not-a-did", "application/did-resolution", 400, "INVALID_DID"),
        ("did:example", "application/did-resolution", 400, "INVALID_DID"),
        ("did:key:z0OIl", "application/did-resolution", 400, "INVALID_DID"),
        (f"{DID}%23key", "application/did-resolution", 400, "INVALID_DID"),
        ("did:web:127.0.0.1", "application/did-resolution", 400, "INVALID_DID"),
        ("did:web:gone.example", "application/did-resolution", 404, "NOT_FOUND"),
        ("did:web:wrong.example", "application/did-resolution", 500, "INVALID_DID_DOCUMENT"),
        ("did:web:broken.example", "application/did-resolution", 500, "INVALID_DID_DOCUMENT"),
        (DID, "application/x-other", 406, "REPRESENTATION_NOT_SUPPORTED"),
        ("did:unsupported:1234", "application/did-resolution", 501, "METHOD_NOT_SUPPORTED"),
        ("did:unsupported:1234", "application/did+json", 501, "METHOD_NOT_SUPPORTED"),
        (
            "did:key:z6LSbysY2xFMRpGMhb7tFTLMpeuPRaqaWM1yECx2AtzE3KCc",
            "application/did-resolution",
            501,
            "FEATURE_NOT_SUPPORTED",
        ),
    ],
)
def test_what_cannot_be_resolved_has_the_error_of_the_specification(
    web: FakeWeb, did: str, accept: str, status: int, code: str
) -> None:
    web.pages["https://wrong.example/.well-known/did.json"] = b'{"id": "did:web:other.example"}'
    web.pages["https://broken.example/.well-known/did.json"] = b"<html>"
    answer = resolve(an_app(web).test_client(), did, accept)
    assert answer.status_code == status
    body = answer.get_json(force=True)
    assert body["didDocument"] is None
    assert body["didResolutionMetadata"]["error"]["type"] == f"https://www.w3.org/ns/did#{code}"


def test_a_did_web_with_a_port_is_looked_up_where_it_says(client: FlaskClient, web: FakeWeb) -> None:
    did = "did:web:pod.example%3A8443"
    web.pages["https://pod.example:8443/.well-known/did.json"] = dump_json({"id": did}).encode()
    for text in (did, quote(did, safe="")):
        assert resolve(client, text).get_json(force=True)["didDocument"] == {"id": did}


def test_the_old_style_answers_with_context_key_nodes_and_old_error_names(client: FlaskClient) -> None:
    old = 'application/ld+json;profile="https://w3id.org/did-resolution"'
    body = resolve(client, DID, old).get_json(force=True)
    assert body["@context"] == "https://w3id.org/did-resolution/v1"
    node = resolve(client, quote(SIGNER.verification_method, safe=""), old).get_json(force=True)["didDocument"]
    assert node["controller"] == DID
    assert resolve(client, "did:key:@", old).get_json(force=True)["didDocument"] == {}
    answer = resolve(client, f"{DID}/path", old).get_json(force=True)
    assert answer["didDereferencingMetadata"]["error"] == "invalidDidUrl"
    assert resolve(client, f"{quote(DID)}%23gone", old).status_code == 404


def test_without_the_servers_raw_address_the_decoded_path_is_used() -> None:
    assert identifier_in("", "did:key:z6Mk") == "did:key:z6Mk"


# Around it


def test_documents_that_come_with_an_upload_are_never_used(client: FlaskClient, web: FakeWeb) -> None:
    own_list = json.loads(a_status_list())
    other = a_badge(index=REVOKED)
    web.pages.clear()
    answer = upload(client, ("badge.json", as_json(other)), ("status-1.json", as_json(own_list)))
    assert re.findall(r'<tr class="is-(\w+)">', answer.text)[0] == "unknown"


def test_one_request_can_make_us_ask_only_so_often_and_so_long() -> None:
    ticks: Iterator[float] = iter([0.0, 13.0, 13.0, 26.0])
    web = FakeWeb(pages={f"https://a.example/{number}": b"{}" for number in range(FETCHES + 1)})
    slow = for_one_request(web)
    slow.clock = lambda: next(ticks)
    slow.fetch("https://a.example/0")
    slow.fetch("https://a.example/1")
    with pytest.raises(FetchError, match="what was sent needs took more than 20 seconds"):
        slow.fetch("https://a.example/2")
    many = for_one_request(web)
    for number in range(FETCHES):
        many.fetch(f"https://a.example/{number}")
    with pytest.raises(FetchError, match="more than 400 other documents"):
        many.fetch(f"https://a.example/{FETCHES}")


def test_the_app_gets_a_whole_report_on_a_badges_bytes(web: FakeWeb, good: dict[str, Any]) -> None:
    report = verify_bytes(as_json(good), fetcher=web, policy=Policy(), now=NOW)
    assert report.verdict == "valid"
    assert report.check("issuer_known").result == "info"


def test_what_hides_or_turns_writing_round_is_made_visible() -> None:
    assert plain("a\u202eb\u0007c\nd") == "a\ufffdb\ufffdc\nd"


def test_a_certificate_on_paper_is_no_bad_badge(client: FlaskClient) -> None:
    page = client.post("/verify", data={"file": (BytesIO(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), "certificate.pdf")})
    assert "No badge was found in this" in page.text
    assert "give the web address that is printed on it" in page.text
    assert "This badge is not good" not in page.text
