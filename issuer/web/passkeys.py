"""Passkeys: a member's own page, and what the script on it, on sign-in and on answering asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, jsonify, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from issuer.errors import InvalidInputError
from issuer.service import passkeys as service
from issuer.web.context import Routes, Web, me
from issuer.web.forms import local_path
from issuer.web.i18n import _
from issuer.web.security import remember
from schemas import DocumentError, parse_json

MAX_BYTES = 64_000  # what a device sends is far below


def add_routes(blueprint: Blueprint, web: Web) -> None:
    """Put passkeys at their addresses."""
    routes = Routes(blueprint=blueprint, web=web)
    routes.page("/passkeys", passkeys, members=True)
    routes.action("/passkeys/add/begin", begin_adding_passkey)
    routes.action("/passkeys/add/finish", finish_adding_passkey)
    routes.action("/passkeys/sign-in/begin", begin_passkey_sign_in, members=False)
    routes.action("/passkeys/sign-in/finish", finish_passkey_sign_in, members=False)
    routes.action("/passkeys/bind/begin", begin_binding)
    routes.action("/passkeys/bind/finish", finish_binding)
    routes.action("/passkeys/<passkey>/remove", remove_passkey)
    routes.action("/circles/<slug>/spoken", say_spoken)


def passkeys(web: Web) -> ResponseReturnValue:
    """Show my passkeys."""
    page = service.passkeys_page(web.academy, me=me().id)
    return render_template("people/passkeys.html", page=page)


def begin_adding_passkey(web: Web) -> ResponseReturnValue:
    """Hand out what a browser needs to make a passkey."""
    _sent()
    return jsonify(publicKey=service.begin_adding(web.academy, me=me().id))


def finish_adding_passkey(web: Web) -> ResponseReturnValue:
    """Add the passkey that the browser made."""
    body = _sent()
    person, name = me(), _line(body, "name")
    credential = body.get("credential")
    service.finish_adding(web.academy, me=person.id, session=person.passkey, name=name, credential=credential)
    flash(_("The passkey is added. You can sign in with it from now on."))
    return jsonify(next="/passkeys")


def remove_passkey(web: Web, *, passkey: str) -> ResponseReturnValue:
    """Remove one of my passkeys."""
    re_enrolled = service.remove_passkey(web.academy, me=me().id, passkey=passkey)
    if re_enrolled:
        flash(_("The passkey is removed. Your circles are told, and your answers count again in 48 hours."), "odd")
    else:
        flash(_("The passkey is removed, and whoever signed in with it is signed out."))
    return redirect("/passkeys", 303)


def begin_passkey_sign_in(web: Web) -> ResponseReturnValue:
    """Hand out what a browser needs to let somebody choose one of their passkeys."""
    _sent()
    return jsonify(publicKey=service.begin_signing_in(web.academy))


def finish_passkey_sign_in(web: Web) -> ResponseReturnValue:
    """Sign somebody in with a passkey."""
    body = _sent()
    wanted = local_path(_line(body, "next", otherwise="/me"))
    done = service.finish_signing_in(web.academy, credential=body.get("credential"), next_path=wanted)
    response = make_response(jsonify(next=done.next_path))
    remember(response, done.session, secure=web.secure_cookies)
    return response


def begin_binding(web: Web) -> ResponseReturnValue:
    """Hand out what a browser needs so that a passkey stands behind a statement key."""
    body = _sent()
    return jsonify(service.begin_binding(web.academy, me().id, _line(body, "decision"), _line(body, "key")))


def finish_binding(web: Web) -> ResponseReturnValue:
    """Keep that a passkey stands behind a statement key."""
    body = _sent()
    assurance = service.finish_binding(
        web.academy,
        me().id,
        _line(body, "decision"),
        _line(body, "key"),
        ticket=_line(body, "ticket"),
        credential=body.get("credential"),
    )
    return jsonify(assurance=assurance)


def say_spoken(web: Web, *, slug: str) -> ResponseReturnValue:
    """Say that I spoke to a member of my circle."""
    about = request.form.get("about", "")[:40]
    service.say_spoken(web.academy, by=me().id, slug=slug, about=about)
    flash(_("Thank you: it is kept that you spoke to this person."))
    return redirect(f"/circles/{slug}#known", 303)


def _sent() -> Mapping[str, Any]:
    """Return the JSON object of this request. Raises InvalidInputError."""
    try:
        value = parse_json(request.get_data(), max_bytes=MAX_BYTES)
    except DocumentError:
        value = None
    if not request.is_json or not isinstance(value, dict):
        raise InvalidInputError({"": _("This is not what the page's own script sends.")})
    return value


def _line(body: Mapping[str, Any], name: str, *, otherwise: str = "") -> str:
    value = body.get(name, otherwise)
    if not isinstance(value, str):
        raise InvalidInputError({name: _("This is not what the page's own script sends.")})
    return value
