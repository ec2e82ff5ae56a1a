"""Keys and signatures in a real Chromium, on pages under the real policy for content."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, expect

from keys import decode_base64url
from schemas import canonicalize_json, hash_identity
from schemas.decision import multihash, read_signed_statement, verify_answer
from schemas.tlog import commit
from tests.statements.site import Site
from tests.statements.test_check_in_node import published
from tests.statements.test_signing_in_node import DECISION, SIGNING

pytestmark = pytest.mark.browser

KEY_FORM = f"""<form method="post" action="/send" data-statement-key="{DECISION}" {{more}}>
<input type="hidden" name="key" value=""><p data-key-note></p><button>I take part</button></form>"""
ANSWER_FORM = """<form method="post" action="/send" data-sign="answer" data-signing="{signing}" {more}>
<label><input type="radio" name="response" value="consent"> I consent</label>
<label><input type="radio" name="response" value="objection"> I have an objection</label>
<label>Concern <textarea name="concern"></textarea></label>
<label>Reason <textarea name="reason"></textarea></label>
<label>Comment <input name="comment"></label>
<label><input type="checkbox" name="show_name" value="yes"> My name</label>
<input type="hidden" name="signed"><div data-signed-words></div><p data-sign-note role="status"></p>
<button name="pressed" value="this one">Send</button></form>"""
OTHER_KEY = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"


def _is_slip(line: ConsoleMessage) -> bool:
    return (
        line.type == "error" and "Failed to load resource" not in line.text
    )  # what is not there, a test asked for


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page on which every slip of a script, and everything that the policy refuses, is an error of the test."""
    slips: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: slips.append(str(error)))
    page.on("console", lambda line: slips.append(line.text) if _is_slip(line) else None)
    yield page
    assert slips == []


def key_form(site: Site, more: str = "") -> str:
    return site.put("/key", KEY_FORM.format(more=more))


def answer_form(site: Site, more: str = "", **changes: Any) -> str:
    return site.put("/answer", ANSWER_FORM.format(signing=site.attribute({**SIGNING, **changes}), more=more))


def send(page: Page, button: str = "Send") -> None:
    page.get_by_role("button", name=button).click()
    expect(page.get_by_text("Thank you")).to_be_visible()


def signed(site: Site) -> Any:
    return json.loads(site.came[-1]["signed"])


# Keys


def test_a_key_is_made_when_it_is_sent_kept_over_a_reload_and_cannot_be_taken_out(site: Site, page: Page) -> None:
    page.goto(key_form(site))
    expect(page.locator("[data-key-note]")).to_have_text(
        "When you send this, this browser makes a key for this decision and keeps it."
    )
    send(page, "I take part")
    key = site.came[-1]["key"]
    assert key.startswith("did:key:z6Mk")
    page.goto(key_form(site))
    expect(page.locator("[data-key-note]")).to_have_text("This browser keeps the key for this decision.")
    assert page.locator("input[name=key]").input_value() == key
    kept = page.evaluate(
        """async (decision) => {
          const { keyFor } = await import("/assets/statements/keys.js");
          const { privateKey } = await keyFor(decision);
          const outcomes = await Promise.all(["raw", "pkcs8", "jwk"].map((form) =>
            crypto.subtle.exportKey(form, privateKey).then(() => "taken", (error) => error.name)));
          return [privateKey.extractable, privateKey.usages, ...outcomes];
        }""",
        DECISION,
    )
    assert kept == [False, ["sign"], "InvalidAccessError", "InvalidAccessError", "InvalidAccessError"]
    send(page, "I take part")
    assert site.came[-1]["key"] == key


def test_keys_are_one_for_each_decision_and_person_and_can_be_forgotten(site: Site, page: Page) -> None:
    page.goto(key_form(site))
    found = page.evaluate(
        """async () => {
          const { forget, keyFor, makeKey } = await import("/assets/statements/keys.js");
          const made = await Promise.all([makeKey("a"), makeKey("a"), makeKey("b"), makeKey("a", "eli")]);
          await forget("a");
          const after = [await keyFor("a"), await keyFor("b"), await keyFor("a", "eli")];
          return [made.map(({ did }) => did), after.map((key) => key?.did ?? null)];
        }"""
    )
    (one, again, other, elis), after = found
    assert one == again, "two tabs that make a key at the same time get the one that is kept"
    assert len({one, other, elis}) == 3
    assert after == [None, other, elis]


def test_people_who_share_a_browser_have_keys_of_their_own(site: Site, page: Page) -> None:
    for who in ("ben", "eli", "ben"):
        page.goto(key_form(site, f'data-who="{who}"'))
        send(page, "I take part")
    keys = [form["key"] for form in site.came]
    assert keys[0] == keys[2] != keys[1]


def test_a_passkey_is_asked_to_stand_behind_the_key_before_it_is_sent(site: Site, page: Page) -> None:
    page.goto(key_form(site, "data-passkey"))
    send(page, "I take part")
    assert site.asked == [{"decision": DECISION, "key": site.came[-1]["key"]}]


# Answers


def enrolled(site: Site, page: Page) -> str:
    page.goto(key_form(site))
    send(page, "I take part")
    return site.came.pop()["key"]


def test_an_answer_is_signed_with_the_key_that_stands_for_the_member(site: Site, page: Page) -> None:
    key = enrolled(site, page)
    page.goto(answer_form(site, f'data-key="{key}"'))
    words = page.locator("[data-signed-words] > p")
    expect(words).to_have_text("Choose your answer: here you will see what you sign.")
    page.get_by_label("I consent").check()
    expect(words).to_have_text(
        "You sign: I consent to version 2 of this proposal, in round 1. The badge, its terms and the list of "
        "3 people who decide are part of what you sign. Your name is not in it."
    )
    page.get_by_label("Concern").fill("Look at it \U0001f642\nin 6 months ")
    page.get_by_label("My name").check()
    expect(words).to_contain_text("We cannot take a name back from a file that the learner owns.")
    page.get_by_text("The exact text").click()
    expect(page.locator("[data-signed-words] pre")).to_contain_text('"name": "Chiara B."')
    send(page)
    [form] = site.came
    assert form["pressed"] == "this one", "the button that was pressed is sent, too"
    answer = verify_answer(signed(site)["answer"])
    assert (answer.key, answer.with_concern) == (key, True)
    assert answer.named is not None
    concern = read_signed_statement(signed(site)["concern"])
    assert concern.key == key
    text = signed(site)["text"]
    assert text == form["concern"].replace("\r\n", "\n").strip() == "Look at it \U0001f642\nin 6 months"
    assert concern.statement.text == commit(text, salt=decode_base64url(signed(site)["salt"]))


def test_an_objection_is_a_statement(site: Site, page: Page) -> None:
    page.goto(answer_form(site, f'data-key="{enrolled(site, page)}"'))
    page.get_by_label("I have an objection").check()
    page.get_by_label("Reason").fill("Criterion 2")
    expect(page.locator("[data-signed-words] > p")).to_contain_text("You sign: I have an objection to version 2")
    send(page)
    assert read_signed_statement(signed(site)["statement"]).statement.type == "objection"


def test_a_page_in_another_language_brings_its_own_words(site: Site, page: Page) -> None:
    words = {
        "Choose your answer: here you will see what you sign.": "Antworte erst",
        "You sign: I have an objection to version %(version)s of this proposal, in round %(round)s.": (
            "%(round)s/%(version)s"
        ),
    }
    form = ANSWER_FORM.format(signing=site.attribute(SIGNING), more="")
    page.goto(site.put("/answer", f'<div data-words="{site.attribute(words)}"></div>{form}'))
    expect(page.locator("[data-signed-words] > p")).to_have_text("Antworte erst")
    page.get_by_label("I have an objection").check()
    expect(page.locator("[data-signed-words] > p")).to_have_text("1/2 Your name is not in it.")


@pytest.mark.parametrize("how", ["two clicks", "enter"])
def test_a_form_is_sent_once_however_it_is_sent(site: Site, page: Page, how: str) -> None:
    page.goto(answer_form(site, f'data-key="{enrolled(site, page)}"'))
    page.get_by_label("I consent").check()
    if how == "enter":
        page.get_by_label("Comment").fill("Well done")
        page.get_by_label("Comment").press("Enter")
    else:
        page.get_by_role("button", name="Send").dblclick()
    expect(page.get_by_text("Thank you")).to_be_visible()
    assert len(site.came) == 1
    answer = verify_answer(signed(site)["answer"])
    assert answer.comment == ("Well done" if how == "enter" else None)


def test_coming_back_and_sending_again_signs_anew(site: Site, page: Page) -> None:
    page.goto(answer_form(site, f'data-key="{enrolled(site, page)}"'))
    page.get_by_label("I consent").check()
    send(page)
    page.go_back()
    page.get_by_label("I have an objection").check()
    page.get_by_label("Reason").fill("On second thought")
    send(page)
    assert [next(iter(json.loads(form["signed"]))) for form in site.came] == ["answer", "statement"]


def test_what_the_command_line_signed_and_somebody_pasted_stays(site: Site, page: Page) -> None:
    form = ANSWER_FORM.replace('<input type="hidden" name="signed">', "<textarea name=signed></textarea>")
    page.goto(site.put("/answer", form.format(signing=site.attribute(SIGNING), more=f'data-key="{OTHER_KEY}"')))
    page.get_by_label("I consent").check()
    page.locator("[name=signed]").fill('{"answer": "from the command line"}')
    send(page)
    assert site.came[-1]["signed"] == '{"answer": "from the command line"}'


@pytest.mark.parametrize(
    ("served", "words"),
    [
        (b"what is consented to", "This browser has computed the digest of that: it is the one that you sign."),
        (b"something else", "The digest of that is another one than you would sign."),
        (None, "It could not be fetched just now"),
    ],
)
def test_the_digest_is_compared_with_the_proposal_itself(
    site: Site, page: Page, served: bytes | None, words: str
) -> None:
    if served is not None:
        site.files["/decisions/x/proposals/2"] = served
    proposal = "https://academy.example/decisions/x/proposals/2"
    page.goto(answer_form(site, f'data-key="{enrolled(site, page)}"', proposal=proposal))
    page.get_by_label("I consent").check()
    page.get_by_text("The exact text").click()
    expect(page.locator("[data-signed-words] details")).to_contain_text(words)


# Where nothing can be signed


MEANS = "You can still send it. It is not signed then"
BROKEN = {
    "an address that is not trusted": "This page came over an address that browsers do not trust",
    "no storage": "This browser keeps nothing for this site",
    "storage that refuses": "This browser keeps nothing for this site",
    "no such keys": "This browser cannot make the keys",
}
SCRIPTS = {
    "no storage": "Object.defineProperty(window, 'indexedDB', { value: undefined })",
    "storage that refuses": "IDBFactory.prototype.open = () => { throw new DOMException('no', 'SecurityError') }",
    "no such keys": "SubtleCrypto.prototype.generateKey = async () => { throw new Error('NotSupportedError') }",
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_cannot_be_signed_is_said_and_sent_unsigned(site: Site, page: Page, what: str) -> None:
    if script := SCRIPTS.get(what):
        page.add_init_script(script)
    base = site.base if script else f"http://academy.example:{site.port}"
    for address, button in ((key_form(site), "I take part"), (answer_form(site), "Send")):
        page.goto(address.replace(site.base, base))
        expect(page.locator("[data-sign-note]")).to_contain_text(BROKEN[what])
        expect(page.locator("[data-sign-note]")).to_contain_text(MEANS)
        if button == "Send":
            page.get_by_label("I consent").check()
            expect(page.locator("[data-signed-words]")).to_be_hidden()
        send(page, button)
    assert [form.get("key", form.get("signed")) for form in site.came] == ["", ""]
    assert site.came[-1]["response"] == "consent"


def test_a_key_that_does_not_stand_for_the_member_signs_nothing(site: Site, page: Page) -> None:
    enrolled(site, page)
    page.goto(answer_form(site, f'data-key="{OTHER_KEY}" data-unsigned="Then the facilitator asks you again."'))
    expect(page.locator("[data-sign-note]")).to_have_text(
        "Another browser or device keeps the key that stands for you in this decision, so you cannot sign here. "
        "You can still send it. Then the facilitator asks you again."
    )
    page.get_by_label("I consent").check()
    send(page)
    assert site.came[-1]["signed"] == ""


def test_a_signature_that_fails_loses_nothing_and_the_next_press_sends_without(site: Site, page: Page) -> None:
    key = enrolled(site, page)
    page.add_init_script(
        "SubtleCrypto.prototype.sign = async () => { throw new DOMException('', 'OperationError') }"
    )
    page.goto(answer_form(site, f'data-key="{key}"'))
    page.get_by_label("I have an objection").check()
    page.get_by_role("button", name="Send").click()
    expect(page.locator("[data-sign-note]")).to_contain_text("Press again to send it without a signature.")
    assert site.came == []
    assert page.get_by_label("I have an objection").is_checked()
    send(page)
    assert (site.came[-1]["signed"], site.came[-1]["response"]) == ("", "objection")


def test_without_scripts_the_form_is_sent_as_it_is(site: Site, context: BrowserContext) -> None:
    browser = context.browser
    assert browser is not None
    with browser.new_context(java_script_enabled=False) as plain:
        page = plain.new_page()
        page.goto(answer_form(site))
        page.get_by_label("I consent").check()
        send(page)
    assert (site.came[-1]["response"], site.came[-1]["signed"]) == ("consent", "")


# Statements


IDENTITY = {
    "type": "IdentityObject",
    "hashed": True,
    "identityHash": hash_identity("asha@pod.example", salt="s4lt"),
    "identityType": "emailAddress",
    "salt": "s4lt",
}


def about_me(site: Site, email: str) -> str:
    signing = {**SIGNING, "digest": multihash(canonicalize_json(IDENTITY))}
    return site.put(
        "/about",
        f"""<form method="post" action="/send" data-sign="statement" data-type="about-me"
        data-signing="{site.attribute(signing)}" data-identity="{site.attribute({"email": email, **IDENTITY})}">
        <input type="hidden" name="signed"><div data-signed-words></div><button>This is me</button></form>""",
    )


def test_the_applicant_signs_a_draft_that_is_about_their_address(site: Site, page: Page) -> None:
    page.goto(about_me(site, "asha@pod.example"))
    expect(page.locator("[data-signed-words] > p")).to_have_text(
        "You sign: the draft of this badge is for the address asha@pod.example, and that is mine."
    )
    send(page, "This is me")
    statement = read_signed_statement(signed(site)["statement"]).statement
    assert (statement.type, statement.digest) == ("about-me", multihash(canonicalize_json(IDENTITY)))


def test_a_draft_about_another_address_is_not_signed(site: Site, page: Page) -> None:
    page.goto(about_me(site, "other@pod.example"))
    expect(page.locator("[data-sign-note]")).to_contain_text("The address in this draft is not the one")
    page.get_by_role("button", name="This is me").click()
    expect(page.locator("[data-sign-note]")).to_be_visible()
    assert site.came == []


def test_a_statement_commits_to_the_words_of_its_field(site: Site, page: Page) -> None:
    page.goto(
        site.put(
            "/confirm",
            f"""<form method="post" action="/send" data-sign="statement" data-type="confirm" data-text="words"
            data-signing="{site.attribute(SIGNING)}"><input name="words" value="I said so">
            <button>That is what I said</button></form>""",
        )
    )
    send(page, "That is what I said")
    statement = read_signed_statement(signed(site)["statement"]).statement
    assert statement.type == "confirm"
    assert statement.text == commit("I said so", salt=decode_base64url(signed(site)["salt"]))


# Check it yourself


def test_the_log_is_checked_in_the_browser_and_a_changed_file_is_named(site: Site, page: Page) -> None:
    case = published()
    site.files = {path: bytes.fromhex(data) for path, data in case.files.items()}
    data = " ".join(f'data-{name}="{site.attribute(str(value))}"' for name, value in case.page.items())
    page.goto(
        site.put("/check", f'<button data-check hidden aria-controls="c" {data}>Check</button><ul id="c"></ul>')
    )
    page.get_by_role("button", name="Check").click()
    rows = page.locator("#c li")
    expect(rows).to_have_count(5)
    assert {row.get_attribute("class") for row in rows.all()} == {"check-good"}
    expect(rows.first).to_contain_text("Signature of the log: holds.")
    site.files["/log/checkpoint"] = site.files["/log/checkpoint"].replace(b"\n600\n", b"\n601\n")
    page.get_by_role("button", name="Check").click()
    expect(rows.first).to_contain_text("Signature of the log: does not hold.")
    expect(rows.nth(1)).to_contain_text("could not be checked")
