"""What is posted about units."""

import unicodedata
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, SelectField, StringField
from wtforms.validators import ValidationError

from rental.web.forms import AtMost, Form, LongTextField, Needed, TextField, ThreePartDateField


class NumberField(StringField):
    """A whole number within a range; full-width digits count; ``number`` is None if empty."""

    def __init__(self, label: Any, *, lowest: int, highest: int, **kwargs: Any) -> None:
        """Set the range, both ends included."""
        super().__init__(label, **kwargs)
        self.lowest, self.highest = lowest, highest
        self.number: int | None = None

    def pre_validate(self, form: Any) -> None:
        """Read the number."""
        del form
        text = unicodedata.normalize("NFKC", str(self.data or "")).strip()
        if not text:
            return
        short = text.isascii() and text.isdigit() and len(text) <= len(str(self.highest))
        if not short or not self.lowest <= int(text) <= self.highest:
            raise ValidationError(
                str(
                    _l(
                        "请填 %(lowest)s 到 %(highest)s 之间的整数。",
                        lowest=self.lowest,
                        highest=self.highest,
                    )
                )
            )
        self.number = int(text)


class PapersForm(Form):
    """What is written on a unit and in its papers."""

    maker = TextField(_l("厂家"), [AtMost(80)])
    load_limit_kg = NumberField(_l("承重上限（公斤）"), lowest=1, highest=1000)
    registration_number = TextField(_l("医疗器械注册证号"), [AtMost(60)])
    udi = TextField(_l("唯一标识（UDI）"), [AtMost(60)])
    bought_on = ThreePartDateField(_l("购买日期"))
    expires_on = ThreePartDateField(_l("有效期到"))
    electrical_test_due_on = ThreePartDateField(_l("电气安全检测有效到"))

    def validate_bought_on(self, field: Field) -> None:
        """Refuse years that are typing errors."""
        _ensure_year(field)

    def validate_expires_on(self, field: Field) -> None:
        """Refuse years that are typing errors."""
        _ensure_year(field)

    def validate_electrical_test_due_on(self, field: Field) -> None:
        """Refuse years that are typing errors."""
        _ensure_year(field)


class NewUnitsForm(PapersForm):
    """A delivery: one or many units of a kind."""

    kind = SelectField(_l("品种"), validate_choice=False)
    count = NumberField(_l("几件"), lowest=1, highest=200, default="1")
    serial_numbers = LongTextField(_l("出厂编号（每行一个，可以不填）"), [AtMost(200 * 61)])
    note = TextField(_l("备注"), [AtMost(200)])
    intake_passed = BooleanField(_l("已经验收合格，可以马上借出"))

    def validate_kind(self, field: Field) -> None:
        """Refuse a kind that the list does not hold."""
        if field.data not in {value for value, _ in field.choices} or not field.data:
            raise ValidationError(str(_l("请选一个品种。")))

    def validate_count(self, field: Field) -> None:
        """Refuse an empty count."""
        if field.number is None and not field.errors:
            raise ValidationError(str(_l("请填件数。")))

    def validate_serial_numbers(self, field: Field) -> None:
        """Refuse serial numbers longer than what is kept."""
        del field
        if any(len(line) > 60 for line in self.lines):  # ruff: ignore[magic-value-comparison] - as in the message
            raise ValidationError(str(_l("出厂编号每个最多 60 个字，请核对。")))

    @property
    def lines(self) -> list[str]:
        """The serial numbers, without empty lines."""
        text = self.serial_numbers.data or ""
        return [line.strip() for line in text.splitlines() if line.strip()]


class EditUnitForm(PapersForm):
    """Corrections of one unit."""

    serial_number = TextField(_l("出厂编号"), [AtMost(60)])
    note = TextField(_l("备注"), [AtMost(200)])


class ZoneForm(Form):
    """Where the unit stands now."""

    zone = TextField(_l("区域"), [Needed(_l("请选一个区域。")), AtMost(16)])


def _ensure_year(field: Field) -> None:
    first, last = 1990, 2100
    if field.data is not None and not first <= field.data.year <= last:
        raise ValidationError(str(_l("年份不对，请核对。")))
