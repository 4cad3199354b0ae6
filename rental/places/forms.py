"""Forms of the manager's pages about sites and calendars."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import time
from itertools import starmap
from typing import Any, Self

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectChoice, SelectMultipleField
from wtforms.validators import ValidationError

from rental.places.policy import AFTERNOON_STARTS, Hours, SpansOverlap, in_order
from rental.web.forms import AtMost, Form, Needed, TextField, ThreePartDateField
from rental.web.say import say

_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_PHONE = re.compile(r"\+?[0-9][0-9 ()-]{4,30}")


class TimeField(TextField):
    """A time of day, 24 hours: 8:30, 08：30. ``moment`` is a time, or None when empty or wrong."""

    @property
    def moment(self) -> time | None:
        """The time that was typed."""
        found = _TIME.fullmatch(self._folded)
        return time(int(found[1]), int(found[2])) if found else None

    @property
    def _folded(self) -> str:
        return unicodedata.normalize("NFKC", self.data or "").replace(" ", "")

    def pre_validate(self, form: Any) -> None:
        """Refuse what is no time of day."""
        del form
        if self._folded and self.moment is None:
            raise ValidationError(_("请填成 24 小时制的时间，例如 08:30。"))


class HoursForm(Form):
    """Opening hours of some weekdays."""

    morning_opens = TimeField(_l("上午几点开门"))
    morning_closes = TimeField(_l("上午几点关门"))
    afternoon_opens = TimeField(_l("下午几点开门"))
    afternoon_closes = TimeField(_l("下午几点关门"))
    weekdays = SelectMultipleField(
        _l("用在哪几天"),
        [Needed(_l("请至少选一天。"))],
        coerce=int,
        choices=[],
    )
    sure = BooleanField()

    def offer(self, names: Iterable[str]) -> Self:
        """Offer the weekdays by name, Monday first."""
        self.weekdays.choices = list(starmap(SelectChoice, enumerate(names)))
        return self

    @property
    def hours(self) -> Hours:
        """The hours that were typed; only once the form is valid."""
        return in_order(self._spans)

    @property
    def _spans(self) -> list[tuple[time, time]]:
        """The spans that were typed in full."""
        pairs = (
            (self.morning_opens.moment, self.morning_closes.moment),
            (self.afternoon_opens.moment, self.afternoon_closes.moment),
        )
        return [(opens, closes) for opens, closes in pairs if opens and closes]

    def validate(self, extra_validators: Any = None) -> bool:
        """Also refuse half a span, and a morning that lasts into the afternoon."""
        fine = bool(super().validate(extra_validators))
        for opens, closes in (
            (self.morning_opens, self.morning_closes),
            (self.afternoon_opens, self.afternoon_closes),
        ):
            fine = self._is_whole(opens, closes) and fine
        late = self.afternoon_opens.moment
        if late is not None and late < AFTERNOON_STARTS:
            self.refuse("afternoon_opens", _("下午从 13:00 以后开始，请重新填写。"))
            fine = False
        return fine and self._is_in_order()

    def _is_in_order(self) -> bool:
        try:
            in_order(self._spans)
        except SpansOverlap as refused:
            self.refuse("morning_opens", say(refused.said))
            return False
        return True

    def _is_whole(self, opens: TimeField, closes: TimeField) -> bool:
        """Tell whether both ends are there, or neither."""
        if bool(opens.data) == bool(closes.data):
            return True
        empty = closes if opens.data else opens
        self.refuse(empty.name, _("开门和关门时间要一起填；不开门就都空着。"))
        return False


class CloseDayForm(Form):
    """A closed day of the site's own."""

    on = ThreePartDateField(_l("哪一天休息"), required=True)
    reason = TextField(
        _l("原因"), [Needed(_l("请写上原因，居民会看到，例如：设备检修。")), AtMost(40)]
    )
    sure = BooleanField()


class SiteForm(Form):
    """A site's names, addresses and telephone."""

    zh = TextField(_l("中文名称"), [Needed(_l("请填写租赁点的名称。")), AtMost(80)])
    en = TextField(_l("英文名称"), [Needed(_l("请填写英文名称；没有就填拼音。")), AtMost(80)])
    address_zh = TextField(_l("地址"), [Needed(_l("请填写地址，居民要照着找过来。")), AtMost(200)])
    address_en = TextField(
        _l("英文地址"), [Needed(_l("请填写英文地址；没有就填拼音。")), AtMost(200)]
    )
    phone = TextField(_l("咨询电话"), [Needed(_l("请填写咨询电话。")), AtMost(32)])

    def validate_phone(self, field: Any) -> None:
        """Refuse what can't be dialled."""
        if not _PHONE.fullmatch(unicodedata.normalize("NFKC", field.data or "")):
            raise ValidationError(_("电话只能有数字、空格和连字符，例如 0632-0000000。"))
