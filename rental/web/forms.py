"""Form kit: the base form, dates in three boxes, and text without control characters."""

import re
import unicodedata
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, StringField, TextAreaField
from wtforms.validators import StopValidation, ValidationError

_CONTROL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)


class Form(FlaskForm):
    """Base of every form. The CSRF token is checked for all posts in ``web.access``."""

    class Meta:
        """No second token: the access rules check it."""

        csrf = False

    def refuse(self, field: str, sentence: str) -> None:
        """Put a sentence beside a field after validation."""
        errors = self[field].errors
        self[field].errors = [*errors, sentence]


def clean(text: str | None) -> str | None:
    """Return the text without surrounding space and invisible control characters, in NFC."""
    return None if text is None else _CONTROL.sub("", unicodedata.normalize("NFC", text)).strip()


class TextField(StringField):
    """One line of text, cleaned."""

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        """Clean before anything else looks at the text."""
        super().__init__(label, validators, filters=[clean], **kwargs)


class LongTextField(TextAreaField):
    """Several lines of text, cleaned."""

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        """Clean before anything else looks at the text."""
        super().__init__(label, validators, filters=[clean], **kwargs)


class ThreePartDateField(Field):
    """A civil date typed into three boxes: ``<name>-year``, ``<name>-month``, ``<name>-day``.

    One-digit and full-width digits are accepted. ``data`` is a date or None. Optional unless
    ``required``.
    """

    def __init__(
        self,
        label: Any = None,
        validators: Any = None,
        *,
        required: bool = False,
        **kwargs: Any,
    ) -> None:
        """Start with empty boxes."""
        super().__init__(label, validators, **kwargs)
        self.required = required
        self.year_text = self.month_text = self.day_text = ""

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """Read the three boxes, or show the given date in them."""
        del extra_filters
        self.process_errors: list[Any] = []
        self.data = data if isinstance(data, date) else None
        if self.data is not None:
            self.year_text, self.month_text, self.day_text = (
                str(self.data.year),
                str(self.data.month),
                str(self.data.day),
            )
        if formdata is not None and any(f"{self.name}-{part}" in formdata for part in _PARTS):
            self.year_text, self.month_text, self.day_text = (
                _folded(formdata, f"{self.name}-{part}") for part in _PARTS
            )
            self.data = None
            self._read()

    def _read(self) -> None:
        texts = (self.year_text, self.month_text, self.day_text)
        if not any(texts):
            return
        if not all(re.fullmatch(r"[0-9]{1,4}", text) for text in texts):
            self.process_errors.append(_l("请把年、月、日都填成数字，例如 2026 年 3 月 5 日。"))
            return
        if len(self.year_text) < len("2026"):
            self.process_errors.append(_l("年份请写全 4 位，例如 2026。"))
            return
        try:
            self.data = date(*(int(text) for text in texts))
        except ValueError:
            self.process_errors.append(_l("没有这一天，请核对年、月、日。"))

    def pre_validate(self, form: Any) -> None:
        """Refuse empty boxes when the date is required."""
        del form
        if self.required and self.data is None and not self.process_errors:
            raise StopValidation(str(_l("请填写日期。")))


_PARTS = ("year", "month", "day")


def _folded(formdata: Any, name: str) -> str:
    return unicodedata.normalize("NFKC", formdata.get(name, "")).strip()[:8]


class AtMost:
    """Refuse text longer than what is kept."""

    def __init__(self, characters: int) -> None:
        """Set the limit."""
        self.characters = characters

    def __call__(self, form: Any, field: Any) -> None:
        """Check the field."""
        del form
        if field.data and len(field.data) > self.characters:
            raise ValidationError(
                str(_l("太长了，最多 %(n)s 个字，请写短一些。", n=self.characters))
            )


class Needed:
    """Refuse an empty field with a sentence of its own."""

    def __init__(self, sentence: Any) -> None:
        """Set the sentence."""
        self.sentence = sentence
        self.field_flags = {"required": True}

    def __call__(self, form: Any, field: Any) -> None:
        """Check the field."""
        del form
        if field.data is None or (isinstance(field.data, str | list) and not field.data):
            raise StopValidation(str(self.sentence))
