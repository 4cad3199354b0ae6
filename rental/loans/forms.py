"""Posted words of the loan pages."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from rental.foundation.words import Sentence
from rental.loans.policy.acts import MAX_REASON, MIN_REASON
from rental.loans.policy.undoing import REASON_WORDS, UndoReason
from rental.web.forms import AtMost, Form, Needed, TextField


class RenewForm(Form):
    """Renewing asks nothing; at the desk whether the device was checked."""

    checked_up = BooleanField(_l("已当面检查过器具，可以继续用"))


class LostForm(Form):
    """Why the unit is given up."""

    reason = TextField(
        _l("怎么丢的"),
        [Needed(_l("请写清楚怎么丢的，至少 %(n)s 个字。", n=MIN_REASON)), AtMost(MAX_REASON)],
    )


class UndoReturnForm(Form):
    """Why the return is taken back; nothing is preselected."""

    reason = RadioField(
        _l("为什么撤销"),
        choices=[SelectChoice(each.value, Sentence(REASON_WORDS[each])) for each in UndoReason],
        validate_choice=False,
    )

    def validate_reason(self, field: Any) -> None:
        """Refuse a reason that isn't on the page."""
        if field.data not in set(UndoReason):
            raise ValidationError(str(_l("请选一个原因。")))


class UndoIssueForm(Form):
    """The clerk's word that the device never left the counter."""

    never_left = BooleanField(_l("我确认：器具一直在窗口，没有交到居民手里，也没有离开过"))
