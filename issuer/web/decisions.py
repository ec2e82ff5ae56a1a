"""The consent page, the screen in the room, and the sealed record of a decision (PAGES.md section 5)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256
from types import MappingProxyType
from typing import Any

from flask import Blueprint, Response, flash, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from issuer.errors import InvalidInputError, NotFoundError, RefusedError
from issuer.rules.handover import qr_svg
from issuer.service import processes, records
from issuer.service.models import DecisionPage, ProcessPage, RecordField
from issuer.service.statements.receipts import receipts
from issuer.web.badge_view import badge_view
from issuer.web.context import Routes, Web, me, reader
from issuer.web.errors import wants_json
from issuer.web.forms import Form, sent
from issuer.web.i18n import N_, _
from issuer.web.negotiation import JSON, attachment, json_response, problem_json, wants_html
from issuer.web.pictures import install as install_pictures
from issuer.web.planned_view import planned_view
from issuer.web.process_forms import perform
from issuer.web.signed_forms import to_sign_response

RECORD_VERSION = "academy-badges/record/v1"
ROOM_REFRESH_S = 4
LOOK_EVERY_S: Mapping[str, int] = MappingProxyType({"meeting": 4, "async": 60})
PHASES = (
    ("preparing", N_("Preparing")),
    ("clarifying", N_("Questions")),
    ("reacting", N_("Reactions")),
    ("consent_round", N_("Consent round")),
    ("integrating", N_("Working on an objection")),
    ("settling", N_("Settling")),
    ("closed", N_("Decided")),
)
MAX_KEPT = 4000
_NUMBER = re.compile("[1-9][0-9]{0,3}")


def add_routes(blueprint: Blueprint, web: Web) -> None:
    """Put the pages of decisions at their addresses."""
    blueprint.record_once(lambda state: install_pictures(state.app))
    routes = Routes(blueprint=blueprint, web=web)
    routes.page("/processes/<id_>", process, members=True)
    routes.page("/processes/<id_>/pulse", pulse, members=True)
    routes.page("/processes/<id_>/room", room, members=True)
    routes.page("/m/<code>", meeting, members=True)
    routes.page("/processes/<id_>/to-sign.json", process_to_sign, members=True)
    routes.page("/processes/<id_>/receipts.json", process_receipts, members=True)
    routes.action("/processes/<id_>/<action>", process_action)
    routes.page("/decisions/<id_>.json", decision_json)
    routes.page("/decisions/<id_>", decision)
    routes.page("/decisions/<id_>/proposals/<number>", proposal)


# The consent page.


def process(web: Web, *, id_: str) -> ResponseReturnValue:
    """Show a decision on its way."""
    page = processes.process_page(web.academy, id_=id_, reader=me().id)
    return _process_page(page, Form())


def process_action(web: Web, *, id_: str, action: str) -> ResponseReturnValue:
    """Do one step; when it is refused, show the page as it stands now with what was typed."""
    try:
        done = perform(web.academy, action, by=me().id, id_=id_)
    except (InvalidInputError, RefusedError) as error:
        if wants_json():
            raise
        try:
            page = processes.process_page(web.academy, id_=id_, reader=me().id)
        except (NotFoundError, RefusedError):
            raise error from None
        response = make_response(_process_page(page, sent(_form_name(action), error)))
        response.status_code = error.status
        return response
    flash(_(done.done))
    if action == "withdraw":  # what was about a badge is gone with it
        return redirect(url_for("academy.my_page"), 303)
    if request.form.get("back") == "room":
        return redirect(url_for("academy.room", id_=id_), 303)
    return redirect(url_for("academy.process", id_=id_, _anchor=done.place), 303)


def _form_name(action: str) -> str:
    """Return the name of the form that was sent: forms that stand several times carry what they are about."""
    answered = request.form.get("response") if action == "respond" else ""
    about = request.form.get("objection") or request.form.get("question") or answered
    return f"{action}-{about}" if about else action


def _process_page(page: ProcessPage, form: Form) -> str:
    return render_template(
        "decisions/process.html",
        page=page,
        form=form,
        badge=badge_view(page.proposal.preview) if page.kind == "award" and page.proposal.preview else None,
        planned=planned_view(page.proposal.preview if page.kind != "award" else None),
        kept=_kept(form) if form.refusal else (),
        phases=phases(page),
        mark=mark(page),
        every=LOOK_EVERY_S[page.mode],
        notes=seat_notes(page),
        open_objections=[one for one in page.objections if one.state in {"raised", "understood"}],
    )


def seat_notes(page: ProcessPage) -> dict[str, str]:
    """Return what stands beside people in place of whether they have spoken, by id."""
    notes: dict[str, str] = {}
    if page.phase in {"preparing", "paused"}:
        missing = {person.id for person in page.without_key}
        takes_part = {seat.person.id for seat in page.seats if seat.decides and page.phase == "preparing"}
        notes |= dict.fromkeys(takes_part - missing, _("takes part"))
        notes |= dict.fromkeys(missing, _("has still to say “I take part”"))
    said = {one.by.id for one in (*page.said, *((page.my_said,) if page.my_said else ()))}
    notes |= dict.fromkeys(said, _("has said it, and has still to confirm it"))
    closing = page.closing_said if page.phase == "settling" else frozenset()
    return notes | dict.fromkeys(closing, _("has nothing more to bring"))


def process_to_sign(web: Web, *, id_: str) -> ResponseReturnValue:
    """Hand out what a decider can sign now, for a command line."""
    page = processes.process_page(web.academy, id_=id_, reader=me().id)
    return to_sign_response(page.to_sign)


def process_receipts(web: Web, *, id_: str) -> ResponseReturnValue:
    """Hand out one's own receipts: with them anybody can see whether an answer was withheld from the log."""
    try:
        found = receipts(web.academy, id_=id_, reader=me().id)
    except NotFoundError as error:
        return problem_json(error)
    return attachment(_kept_by_nobody(json_response(found)), f"receipts-{id_}.json")


def _kept(form: Form) -> tuple[str, ...]:
    """Return the longer texts of a form that was refused, so that nobody has to write them twice."""
    texts = ("text", "reason", "concern", "words", "wording", "plan", "measures")
    kept = [form.value(name)[:MAX_KEPT] for name in texts]
    kept += [values[0][:MAX_KEPT] for name, values in form.typed.items() if name.startswith("met-") and values]
    return tuple(text for text in kept if text.strip())


def phases(page: ProcessPage) -> list[dict[str, Any]]:
    """Return the phases for the progress line: name, and whether it is over, now or to come.

    Working on an objection is a loop that most decisions never see: it is shown only while it is needed.
    """
    now = page.paused_from or page.phase
    shown = [(id_, name) for id_, name in PHASES if id_ != "integrating" or now == "integrating"]
    place = [id_ for id_, _name in shown].index(now)
    return [
        {"name": _(name), "state": "over" if number < place else "now" if number == place else "to come"}
        for number, (_id, name) in enumerate(shown)
    ]


def pulse(web: Web, *, id_: str) -> ResponseReturnValue:
    """Say in a few bytes whether a decision has moved on since a page was drawn."""
    page = processes.process_page(web.academy, id_=id_, reader=me().id)
    response = jsonify({"mark": mark(page), "phase": page.phase})
    response.headers["Cache-Control"] = "no-store"
    return response


def mark(page: ProcessPage) -> str:
    """Return a short digest of everything on the page that others can change."""
    seen = (
        page.phase,
        page.round,
        page.proposal.version,
        page.until,
        [(seat.person.id, seat.state, seat.decides) for seat in page.seats],
        page.answers,
        page.questions,
        page.reactions,
        page.objections,
        sorted(page.closing_said),
        page.without_key,
        page.said,
        page.my_said,
        sorted(page.actions),
    )
    return sha256(repr(seen).encode()).hexdigest()[:16]


# The meeting.


def room(web: Web, *, id_: str) -> ResponseReturnValue:
    """Show the one screen in the room or call. It draws itself again when somebody has spoken.

    Where there is no script it does so every few seconds.
    """
    page = processes.process_page(web.academy, id_=id_, reader=me().id)
    address = f"{web.academy.base_url}/m/{page.meeting_code}" if page.meeting_code else None
    return render_template(
        "decisions/room.html",
        page=page,
        form=Form(),
        phases=phases(page),
        mark=mark(page),
        refresh=None if page.phase == "closed" else ROOM_REFRESH_S,
        address=address,
        qr=Markup(qr_svg(address)) if address else None,  # noqa: S704 - drawn by ourselves from an address
        waiting=[seat for seat in page.seats if seat.decides and seat.state == "not_yet"],
    )


def meeting(web: Web, *, code: str) -> ResponseReturnValue:
    """Lead from the code on the screen to the decision."""
    id_ = processes.process_of_code(web.academy, code=code.strip()[:20])
    return redirect(url_for("academy.process", id_=id_), 303)


# The record.


def decision(web: Web, *, id_: str) -> ResponseReturnValue:
    """Show a sealed record, as a page or as JSON."""
    try:
        page = records.decision_page(web.academy, id_=id_, reader=_reader_id())
    except NotFoundError as error:
        if wants_html():
            raise
        return _vary(problem_json(error))
    if not wants_html():
        return _vary(_kept_by_nobody(json_response(record_json(page))))
    opened = [one for one in page.fields if one.open and one.value is not None]
    return _vary(
        make_response(
            render_template(
                "decisions/record.html",
                page=page,
                open_fields=opened,
                closed_count=len(page.fields) - len(opened),
                facts=opened_values(page.fields),
            )
        )
    )


def proposal(web: Web, *, id_: str, number: str) -> ResponseReturnValue:
    """Serve exactly the bytes that people consented to, to those who take part: never a page."""
    person = reader()
    if person is None or not _NUMBER.fullmatch(number):
        return problem_json(NotFoundError("There is nothing here."))
    try:
        body = processes.proposal_bytes(web.academy, id_=id_, version=int(number), reader=person.id)
    except NotFoundError as error:
        return problem_json(error)
    response = Response(body, content_type=JSON)
    response.headers["Cache-Control"] = "no-store"
    return response


def decision_json(web: Web, *, id_: str) -> ResponseReturnValue:
    """Serve a sealed record as a file."""
    try:
        page = records.decision_page(web.academy, id_=id_, reader=_reader_id())
    except NotFoundError as error:
        return problem_json(error)
    return attachment(_kept_by_nobody(json_response(record_json(page))), f"decision-{page.id}.json")


def _kept_by_nobody(response: Response) -> Response:
    """Say that no cache keeps what a member sees: more fields are open to the circle than to strangers."""
    if reader() is not None:
        response.headers["Cache-Control"] = "no-store"
    return response


def record_json(page: DecisionPage) -> dict[str, Any]:
    """Return the record in the form that anybody can recompute (DOMAIN.md section 11)."""
    return {
        "version": RECORD_VERSION,
        "leaves": [_leaf_json(one) for one in page.fields],
        "root": page.root,
        "signature": page.signature,
        "recordKey": page.record_key,
    }


def _leaf_json(one: RecordField) -> dict[str, Any]:
    opening = {"salt": one.salt, "value": one.value} if one.open and one.salt is not None else {}
    return {"path": list(one.path), "hash": one.leaf} | opening


def opened_values(fields: tuple[RecordField, ...]) -> dict[str, Any]:
    """Return the open values by their path, for the sentences on top of the page."""
    return {"/".join(one.path): one.value for one in fields if one.open and one.value is not None}


def _reader_id() -> str | None:
    person = reader()
    return person.id if person else None


def _vary(response: Response) -> Response:
    response.vary.add("Accept")
    return response
