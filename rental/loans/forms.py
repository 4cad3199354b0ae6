"""Posted words of the loan pages."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField

from rental.loans.policy.acts import MAX_REASON, MIN_REASON
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
