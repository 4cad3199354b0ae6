"""Saying things in the reader's language: sentences, names, dates, instants."""

from collections.abc import Callable
from datetime import date, datetime

from flask import Flask, g
from flask_babel import format_date, format_datetime, get_locale, gettext
from markupsafe import Markup

from rental.foundation.clock import SITE_ZONE
from rental.foundation.words import Named, Sentence


def say(thing: object) -> str:
    """Return the text of a sentence, a name, a date, an instant or plain text."""
    if isinstance(thing, Sentence):
        text = _translated(thing.msgid)
        return (
            text % {key: say(value) for key, value in thing.params.items()}
            if thing.params
            else text
        )
    if isinstance(thing, Named):
        return thing.en if in_english() and thing.en else thing.zh
    if isinstance(thing, datetime):
        return moment(thing)
    if isinstance(thing, date):
        return day(thing)
    return thing if isinstance(thing, str) else str(thing)  # markup stays markup


def in_english() -> bool:
    """Tell whether the reader asked for English; asked many times a page, so it is kept."""
    try:
        known: bool | None = g.get("in_english")
    except RuntimeError:  # no app's context: nobody reads
        return False
    if known is None:
        locale = get_locale()
        known = g.in_english = locale is not None and locale.language == "en"
    return known


def day(value: date) -> str:
    """Return e.g. 2026年12月1日 星期二."""
    pattern = "EEE d MMM y" if in_english() else "y年M月d日 EEEE"
    return str(format_date(value, pattern, rebase=False))


def day_short(value: date) -> str:
    """Return e.g. 12月1日 周二."""
    return str(format_date(value, "EEE d MMM" if in_english() else "M月d日 EEE", rebase=False))


def moment(value: datetime) -> str:
    """Return the instant in site time, e.g. 2026年12月1日 09:30."""
    local = value.astimezone(SITE_ZONE)
    pattern = "d MMM y, HH:mm" if in_english() else "y年M月d日 HH:mm"
    return str(format_datetime(local.replace(tzinfo=None), pattern, rebase=False))


FILTERS: dict[str, Callable[..., str]] = {
    "say": say,
    "day": day,
    "day_short": day_short,
    "moment": moment,
}


def register_words(app: Flask) -> None:
    """Give templates the filters, and a gettext that leaves Chinese sentences alone."""
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals["_"] = _in_page


def _in_page(text: str, **values: object) -> Markup:
    """Return a sentence of ours as markup; the values in it are escaped."""
    translated = Markup(_translated(text))  # ruff: ignore[unsafe-markup-use] - no sentence comes from outside
    return translated % values if values or "%" in text else translated


def _translated(text: str) -> str:
    """Return the text in the reader's language."""
    return str(gettext(text)) if in_english() else text
