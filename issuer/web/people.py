"""Signing in by a link, what waits for me, my profile, and the local outbox."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from issuer.errors import InvalidInputError, NotFoundError, RefusedError
from issuer.service import people as people_service
from issuer.service import tasks
from issuer.service.passkeys.ceremonies import rp_id
from issuer.web.context import Routes, Web, me, reader
from issuer.web.forms import Form, Reading, local_path, sent
from issuer.web.i18n import _
from issuer.web.security import COOKIE, forget, from_this_machine, remember


def add_routes(blueprint: Blueprint, web: Web) -> None:
    """Put the pages about oneself at their addresses."""
    routes = Routes(blueprint=blueprint, web=web)
    routes.page("/sign-in", sign_in)
    routes.action("/sign-in", ask_for_link, members=False)
    routes.page("/sign-in/<token>", sign_in_link)
    routes.action("/sign-in/<token>", use_link, members=False)
    routes.action("/sign-out", sign_out)
    routes.page("/me", my_page, members=True)
    routes.page("/profile", profile, members=True)
    routes.action("/profile", change_profile)
    routes.page("/outbox", outbox)


def sign_in(web: Web) -> ResponseReturnValue:
    """Ask for the address that the link goes to."""
    wanted = local_path(request.args.get("next", "/me"))
    if reader() is not None:
        return redirect(wanted, 303)
    return _sign_in_page(web, Form(), wanted)


def ask_for_link(web: Web) -> ResponseReturnValue:
    """Send a link; the answer is the same whether or not the address is known."""
    reading = Reading()
    email = reading.line("email", needed=_("Write the e-mail address that your circle knows you by."))
    wanted = local_path(request.form.get("next", "/me"))
    try:
        reading.check()
        people_service.request_link(web.academy, email=email, next_path=wanted)
    except InvalidInputError as error:
        return _sign_in_page(web, sent("", error), wanted), error.status
    return render_template("people/link_sent.html", email=email)


def _sign_in_page(web: Web, form: Form, wanted: str) -> str:
    passkeys = rp_id(web.academy) is not None
    return render_template("people/sign_in.html", form=form, wanted=wanted, passkeys=passkeys)


def sign_in_link(web: Web, *, token: str) -> ResponseReturnValue:
    """Show one button. Opening the link uses nothing up, so that mail scanners do no harm.

    Who is signed in already goes on to what the mail was about, even where its link was used before.
    """
    person = reader()
    path = people_service.path_of_link(web.academy, token=token, me=person.id) if person else None
    if path is not None:
        return redirect(local_path(path), 303)
    owner = people_service.link_owner(web.academy, token=token)
    page = render_template("people/sign_in_link.html", owner=owner, token=token)
    return (page, 200) if owner else (page, 410)


def use_link(web: Web, *, token: str) -> ResponseReturnValue:
    """Sign in on this device, and go on to what the mail was about."""
    try:
        done = people_service.sign_in(web.academy, token=token)
    except RefusedError:
        return render_template("people/sign_in_link.html", owner=None, token=token), 410
    response = make_response(redirect(local_path(done.next_path), 303))
    remember(response, done.session, secure=web.secure_cookies)
    return response


def sign_out(web: Web) -> ResponseReturnValue:
    """End the session on this device."""
    people_service.sign_out(web.academy, token=request.cookies[COOKIE])
    response = make_response(redirect("/", 303))
    forget(response, secure=web.secure_cookies)
    return response


def my_page(web: Web) -> ResponseReturnValue:
    """Show what waits for me, and what is mine."""
    return render_template("people/me.html", page=tasks.my_page(web.academy, me=me().id))


def profile(_web: Web) -> ResponseReturnValue:
    """Show my name and time zone."""
    return render_template("people/profile.html", form=Form(), zones=_zones())


def change_profile(web: Web) -> ResponseReturnValue:
    """Change my name and time zone."""
    reading = Reading()
    name = reading.line("name", needed=_("Write the name that your circles know you by."), most=120)
    time_zone = reading.choice("time_zone", _zones(), needed=_("Choose a time zone from the list."))
    try:
        reading.check()
        people_service.change_profile(web.academy, by=me().id, name=name, time_zone=time_zone)
    except (InvalidInputError, RefusedError) as error:
        return render_template("people/profile.html", form=sent("", error), zones=_zones()), error.status
    flash(_("Your profile is saved."))
    return redirect(url_for("academy.my_page" if request.form.get("back") == "me" else "academy.profile"), 303)


def outbox(web: Web) -> ResponseReturnValue:
    """Show the mails of this machine (development only)."""
    if not (web.academy.dev and from_this_machine(web.academy.base_url)):
        raise NotFoundError("There is no outbox page here.")
    return render_template("people/outbox.html", mails=people_service.local_mails(web.academy))


@cache
def _zones() -> tuple[str, ...]:
    regions = (
        "Africa/",
        "America/",
        "Antarctica/",
        "Asia/",
        "Atlantic/",
        "Australia/",
        "Europe/",
        "Indian/",
        "Pacific/",
    )
    return ("UTC", *sorted(zone for zone in available_timezones() if zone.startswith(regions)))
