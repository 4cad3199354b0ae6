"""Forms of this slice: posted words in, typed values or sentences beside fields out."""

from collections.abc import Iterable
from datetime import date
from itertools import starmap
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    HiddenField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from rental.foundation.actor import STAFF, Role
from rental.foundation.errors import Invalid
from rental.people.policy import (
    MAX_NAME,
    MAX_PASSWORD,
    REGISTER_NAMES,
    RELATION_NAMES,
    ROLE_NAMES,
    SECRET_NAMES,
    SHOWN_FOR_A_REASON,
    CitizenNumber,
    PersonalData,
    Purpose,
    Register,
    Relation,
    Secret,
    ensure_password,
    read_citizen_number,
    read_login,
    read_phone,
)
from rental.web.forms import AtMost, Form, LongTextField, Needed, TextField
from rental.web.say import say

_MAX_ADDRESS = 200
_MAX_REASON = 200


class Readable:
    """Refuse text that a reader of policy can't read, with the reader's own sentence."""

    def __init__(self, read: Any) -> None:
        """Set the reader."""
        self.read = read

    def __call__(self, form: Any, field: Any) -> None:
        """Check the field; an empty one is fine."""
        del form
        if field.data:
            try:
                self.read(field.data)
            except Invalid as refusal:
                raise ValidationError(say(refusal.said)) from refusal


class OneOf(RadioField):
    """Choose one; an empty choice is left to ``Needed``, so that one sentence is said, not two."""

    def pre_validate(self, form: Any) -> None:
        """Refuse what isn't on offer."""
        if self.data is not None:
            super().pre_validate(form)


class SignInForm(Form):
    """Who, and the password."""

    name = TextField(_l("手机号或登录名"), [Needed(_l("请填写手机号或登录名。")), AtMost(60)])
    password = PasswordField(_l("密码"), [Needed(_l("请填写密码。")), AtMost(MAX_PASSWORD)])
    next = HiddenField()


class SignUpForm(Form):
    """An account for a resident or a family member."""

    name = TextField(_l("您的姓名"), [Needed(_l("请填写姓名。")), AtMost(MAX_NAME)])
    phone = TextField(_l("手机号"), [Needed(_l("请填写手机号。")), Readable(read_phone)])
    password = PasswordField(_l("设一个密码"), [Needed(_l("请设一个密码。"))])
    for_whom = OneOf(
        _l("给谁借器具"),
        [Needed(_l("请选择给谁借。"))],
        choices=[
            SelectChoice("self", _l("我自己")),
            SelectChoice("family", _l("我的家人")),
        ],
    )
    agree = BooleanField(_l("我同意为办理租借使用我的姓名和手机号"))
    next = HiddenField()

    def validate_password(self, field: Any) -> None:
        """Refuse weak passwords."""
        _refuse_weak(field, phone=self.phone.data or "")

    def validate_agree(self, field: Any) -> None:
        """Refuse an empty box."""
        _refuse_unticked(field, _l("请先看隐私说明。同意后才能注册；不同意也可以到租赁点当面办。"))


class ChangePasswordForm(Form):
    """The present password and a new one."""

    present = PasswordField(
        _l("现在的密码"), [Needed(_l("请填写现在的密码。")), AtMost(MAX_PASSWORD)]
    )
    password = PasswordField(_l("新密码"), [Needed(_l("请填写新密码。"))])

    def validate_password(self, field: Any) -> None:
        """Refuse weak passwords."""
        _refuse_weak(field)


class PersonForm(Form):
    """A resident's personal data."""

    name = TextField(_l("姓名"), [Needed(_l("请填写姓名。")), AtMost(MAX_NAME)])
    citizen_number = TextField(_l("身份证号码（可以以后再填）"), [AtMost(40)])
    phone = TextField(_l("手机号（没有可以不填）"), [Readable(read_phone)])
    address = LongTextField(_l("住址（没有可以不填）"), [AtMost(_MAX_ADDRESS)])
    register = OneOf(
        _l("户口在哪里"),
        [Needed(_l("请选择户口在哪里，不清楚就选“不清楚”。"))],
        choices=[SelectChoice(one.value, _l(text)) for one, text in REGISTER_NAMES.items()],
    )
    community = SelectField(_l("哪个社区"), choices=[])
    lives_alone = BooleanField(_l("一个人住，平时没有人照顾"))

    def offer_communities(self, communities: Iterable[tuple[str, str]]) -> None:
        """Set the communities to choose from, as (code, name)."""
        self.community.choices = _choices(_l("请选择社区"), communities)

    def validate_community(self, field: Any) -> None:
        """Ask for the community when the register is here."""
        if self.register.data == Register.HERE and not field.data:
            raise ValidationError(str(_l("户口在本街道的，请选择是哪个社区。")))

    def read_number(self, *, today: date) -> CitizenNumber | None:
        """Return the citizen number, or None when none was given or it was refused beside it."""
        text = self.citizen_number.data
        if not text:
            return None
        try:
            return read_citizen_number(text, today=today)
        except Invalid as refusal:
            self.refuse("citizen_number", say(refusal.said))
            return None

    def personal_data(
        self, number: CitizenNumber | None, *, community_id: int | None, blank_keeps: bool = False
    ) -> PersonalData:
        """Return what was said.

        Args:
            number: The citizen number as read.
            community_id: The chosen community.
            blank_keeps: An empty telephone or address leaves what is kept, else it clears it.
        """
        phone = read_phone(self.phone.data) if self.phone.data else ""
        address = self.address.data or ""
        return PersonalData(
            name=self.name.data,
            phone=None if blank_keeps and not phone else phone,
            address=None if blank_keeps and not address else address,
            citizen_number=number,
            register=Register(self.register.data),
            community_id=community_id,
            lives_alone=bool(self.lives_alone.data),
        )


class OwnPersonForm(PersonForm):
    """The signed-in person's own data, for the first time."""

    agree = BooleanField(_l("我同意为办理租借使用这些资料"))

    def validate_agree(self, field: Any) -> None:
        """Refuse an empty box."""
        _refuse_unticked(field, _l("同意后才能登记；不同意也可以到租赁点当面办。"))


class FamilyForm(PersonForm):
    """Data of somebody whom the signed-in person will act for."""

    relation = OneOf(
        _l("您是使用人的什么人？"),
        [Needed(_l("请选您是使用人的什么人。"))],
        choices=[SelectChoice(one.value, _l(text)) for one, text in RELATION_NAMES.items()],
    )
    agree = BooleanField(_l("本人同意由我代办，并同意为办理租借使用这些资料；或者我是监护人"))

    def validate_agree(self, field: Any) -> None:
        """Refuse an empty box."""
        _refuse_unticked(field, _l("请先征得本人同意；您是监护人的，也请勾选。"))


class DeskPersonForm(PersonForm):
    """A resident registered at the desk or at the door."""

    agree = BooleanField(_l("居民已同意为办理租借使用这些资料（必须）"))
    agree_health = BooleanField(_l("居民已单独同意使用健康和残疾情况（可以不同意）"))

    def validate_agree(self, field: Any) -> None:
        """Refuse an empty box."""
        _refuse_unticked(field, _l("居民同意后才能登记。请念给居民听，同意后打勾。"))

    @property
    def purposes(self) -> frozenset[Purpose]:
        """What the resident consented to."""
        given = {Purpose.SERVICE, Purpose.HEALTH} if self.agree_health.data else {Purpose.SERVICE}
        return frozenset(given)


class RevealForm(Form):
    """Which masked value, and why."""

    which = SelectField(
        _l("要看哪一项"),
        choices=[SelectChoice(one.value, _l(SECRET_NAMES[one])) for one in SHOWN_FOR_A_REASON],
    )
    reason = TextField(
        _l("为什么要看"),
        [Needed(_l("请写明原因，例如：打电话约送货时间。")), AtMost(_MAX_REASON)],
    )

    @property
    def secret(self) -> Secret:
        """Which value."""
        return Secret(self.which.data)


class DeputyForm(Form):
    """Somebody who is to act for a resident."""

    name = TextField(_l("家人注册时用的手机号"), [Needed(_l("请填写家人的手机号。")), AtMost(60)])
    relation = OneOf(
        _l("家人是居民的……"),
        [Needed(_l("请选择关系。"))],
        choices=[SelectChoice(one.value, _l(text)) for one, text in RELATION_NAMES.items()],
    )

    @property
    def chosen(self) -> Relation:
        """The relation."""
        return Relation(self.relation.data)


class ConsentForm(Form):
    """Yes or no to one purpose."""

    purpose = SelectField(choices=[SelectChoice(one.value, one.value) for one in Purpose])
    answer = SelectField(choices=[SelectChoice("yes", "yes"), SelectChoice("no", "no")])
    next = HiddenField()


class AccountForm(Form):
    """What the manager sets of an account."""

    name = TextField(_l("姓名"), [Needed(_l("请填写姓名。")), AtMost(MAX_NAME)])
    roles = SelectMultipleField(
        _l("角色"),
        [Needed(_l("请至少选一个角色。"))],
        choices=[
            SelectChoice(one.value, _l(text)) for one, text in ROLE_NAMES.items() if one in STAFF
        ],
    )
    site = SelectField(_l("租赁点"), choices=[])
    grid = SelectField(_l("网格（网格员必选）"), choices=[])

    def offer(self, *, sites: Iterable[tuple[str, str]], grids: Iterable[tuple[str, str]]) -> None:
        """Set the sites and grids to choose from."""
        self.site.choices = _choices(_l("不属于租赁点"), sites)
        self.grid.choices = _choices(_l("没有网格"), grids)

    def validate_grid(self, field: Any) -> None:
        """Ask for the grid of a grid worker."""
        if Role.GRID_WORKER.value in (self.roles.data or ()) and not field.data:
            raise ValidationError(str(_l("网格员要选择负责的网格。")))

    @property
    def chosen_roles(self) -> frozenset[Role]:
        """The roles."""
        return frozenset(Role(one) for one in self.roles.data)


class NewAccountForm(AccountForm):
    """A new account of staff."""

    login = TextField(
        _l("登录名"), [Needed(_l("请填写登录名。")), AtMost(40), Readable(read_login)]
    )
    password = PasswordField(_l("初始密码"), [Needed(_l("请设一个初始密码。"))])

    def validate_password(self, field: Any) -> None:
        """Refuse weak passwords."""
        _refuse_weak(field)


class PasswordResetForm(Form):
    """A new password for somebody else's account."""

    password = PasswordField(_l("新密码"), [Needed(_l("请填写新密码。"))])

    def validate_password(self, field: Any) -> None:
        """Refuse weak passwords."""
        _refuse_weak(field)


def _choices(nothing: Any, known: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    """Return choices from (code, name) pairs, after one that stands for none."""
    return [SelectChoice("", nothing), *starmap(SelectChoice, known)]


def _refuse_weak(field: Any, *, phone: str = "") -> None:
    """Refuse a weak password.

    Raises:
        ValidationError: With the rule's sentence.
    """
    try:
        ensure_password(field.data or "", phone=phone)
    except Invalid as refusal:
        raise ValidationError(say(refusal.said)) from refusal


def _refuse_unticked(field: Any, sentence: Any) -> None:
    """Refuse an empty box.

    Raises:
        ValidationError: With the sentence.
    """
    if not field.data:
        raise ValidationError(str(sentence))
