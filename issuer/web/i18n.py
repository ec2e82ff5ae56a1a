"""Sentences in the reader's language (gettext). One catalogue for each language in `translations/`."""

from __future__ import annotations

from functools import cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import g, has_request_context, request
from flask.sansio.app import App

LANGUAGES = ("en",)
_CATALOGUES = Path(__file__).parent / "translations"


@cache
def _catalogue(language: str) -> GNUTranslations:
    """Return a language's catalogue, read from its text form so that no compiled file can be older than it."""
    compiled = BytesIO()
    with (_CATALOGUES / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)


def language() -> str:
    """Return the reader's language among those that there is a catalogue for."""
    if not has_request_context():
        return LANGUAGES[0]
    if "language" not in g:
        g.language = request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]
    chosen: str = g.language
    return chosen


def _(message: str) -> str:
    """Return a sentence in the reader's language."""
    return _catalogue(language()).gettext(message)


def ngettext(singular: str, plural: str, number: int) -> str:
    """Return the form of a sentence that fits a number."""
    return _catalogue(language()).ngettext(singular, plural, number)


def N_(message: str) -> str:  # noqa: N802 - the name that gettext tools look for
    """Mark a sentence for the catalogue; it is translated where it is shown."""
    return message


def install(app: App) -> None:
    """Let templates say `_("...")` and `ngettext`; what is put into a sentence is escaped."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # added by the extension
        _, ngettext, newstyle=True
    )
