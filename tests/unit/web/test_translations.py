"""Every sentence of the pages is in the catalogue, and the catalogue has nothing else."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from flask import Flask

from issuer.web import i18n

WEB = Path(i18n.__file__).parent
FOLDER = WEB / "translations"
HOW = "Run the two commands in issuer/web/translations/babel.cfg and commit what they write."
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]


def catalogue(path: Path) -> set[str | tuple[str, ...]]:
    with path.open("rb") as file:
        return {
            tuple(message.id) if isinstance(message.id, (list, tuple)) else message.id
            for message in read_po(file)
            if message.id
        }


def in_the_source() -> set[str | tuple[str, ...]]:
    found = extract_from_dir(WEB, METHODS, {"**/templates/**.html": {"trimmed": "true"}})
    return {tuple(message) if isinstance(message, (list, tuple)) else message for _f, _l, message, _c, _x in found}


def test_every_sentence_is_in_the_catalogue() -> None:
    assert catalogue(FOLDER / "messages.pot") == in_the_source(), HOW


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_each_language_has_every_sentence(language: str) -> None:
    assert catalogue(FOLDER / language / "LC_MESSAGES" / "messages.po") == catalogue(FOLDER / "messages.pot"), HOW


def test_the_extraction_follows_the_written_commands() -> None:
    config = configparser.ConfigParser()
    config.read(FOLDER / "babel.cfg")
    assert [section.split(": ") for section in config.sections()] == [
        ["python", "**.py"],
        ["jinja2", "**/templates/**.html"],
    ]


def test_templates_say_nothing_outside_the_catalogue() -> None:
    """Words between tags that no gettext call wraps would stay English in every language."""
    loose = []
    for file in sorted(WEB.glob("templates/**/*.html")):
        text = file.read_text(encoding="utf-8")
        text = re.sub(r"{% block (width|body_class) %}.*?{% endblock %}", "", text)
        text = re.sub(r"{%-?\s*trans.*?endtrans\s*-?%}|{#.*?#}|{%.*?%}|{{.*?}}", "", text, flags=re.DOTALL)
        text = re.sub(r"<(style|script|svg|code|pre)\b.*?</\1>|<[^>]*>", "\n", text, flags=re.DOTALL)
        text = re.sub(r'aria-[a-z]+="[^"]*"', "", text)
        loose += [(file.name, word) for word in re.findall(r"(?<![.\w])[A-Za-z]{3,}[^\n]*", text)]
    assert loose == []


def test_a_sentence_is_shown_in_the_readers_language() -> None:
    with Flask("test").test_request_context("/", headers={"Accept-Language": "de-AT, fr;q=0.5"}):
        assert i18n.language() == "en"
        assert i18n._("Badges") == "Badges"
        assert i18n.ngettext("%(num)s month", "%(num)s months", 2) == "%(num)s months"
