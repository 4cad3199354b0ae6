"""The form of one policy: its value as its Spec types it, and the scope."""

import re
import unicodedata
from collections.abc import Mapping
from itertools import starmap
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectChoice, SelectField, SelectMultipleField
from wtforms.validators import InputRequired, ValidationError

from rental.policies.policy import SPECS, Policy, Spec
from rental.web.forms import Form, TextField

_WHOLE = re.compile(r"[0-9]{1,6}")
_YES, _NO = "yes", "no"


class NumberField(TextField):
    """A whole number in the Spec's range; ``number`` is None when it is none."""

    def __init__(self, label: Any = None, *, spec: Spec, **kwargs: Any) -> None:
        """Keep the range."""
        super().__init__(label, **kwargs)
        self.spec = spec

    @property
    def number(self) -> int | None:
        """The number that was typed."""
        folded = unicodedata.normalize("NFKC", self.data or "").strip()
        return int(folded) if _WHOLE.fullmatch(folded) else None

    def pre_validate(self, form: Any) -> None:
        """Refuse what is no number of the range."""
        del form
        lowest, highest = self.spec.lowest or 0, self.spec.highest or 999_999
        if self.number is None or not lowest <= self.number <= highest:
            raise ValidationError(
                _("请填 %(lowest)s 到 %(highest)s 之间的整数。", lowest=lowest, highest=highest)
            )


class ScopeForm(Form):
    """Where a value holds; an empty choice means everywhere."""

    site = SelectField(_l("租赁点"), validate_choice=False)
    ground = SelectField(_l("资格类型"), validate_choice=False)
    category = SelectField(_l("类别"), validate_choice=False)
    kind = SelectField(_l("品种"), validate_choice=False)


class ValueForm(ScopeForm):
    """The value, and where it holds."""

    value: Any

    def offer(self, **choices: list[tuple[str, str]]) -> None:
        """Offer sites, grounds, categories and kinds by key and name."""
        for name, offered in choices.items():
            self[name].choices = list(starmap(SelectChoice, [("", _("全部")), *offered]))

    @property
    def typed(self) -> Any:
        """The value in the type of its Spec."""
        if isinstance(self.value, NumberField):
            return self.value.number
        if isinstance(self.value, RadioField) and self.value.data in {_YES, _NO}:
            return self.value.data == _YES
        return self.value.data

    def validate(self, extra_validators: Any = None) -> bool:
        """Also refuse a category beside a kind: the kind says it already."""
        fine = bool(super().validate(extra_validators))
        if self.category.data and self.kind.data:
            self.refuse("kind", _("类别和品种只选一个。"))
            return False
        return fine


def value_form(policy: Policy, words: Mapping[str, Any]) -> type[ValueForm]:
    """Return the form class of the policy; words say its choices."""
    return type("PolicyForm", (ValueForm,), {"value": _field(policy, words)})


def as_typed(policy: Policy, value: Any) -> Any:
    """Return the value as the form's field holds it."""
    if isinstance(SPECS[policy].default, bool):
        return _YES if value else _NO
    return value if isinstance(value, list) or value is None else str(value)


def _field(policy: Policy, words: Mapping[str, Any]) -> Any:
    """Return the field that the Spec asks for."""
    spec = SPECS[policy]
    choices = [SelectChoice(word, words[word]) for word in spec.choices]
    if isinstance(spec.default, bool):
        return _radios([SelectChoice(_YES, _l("是")), SelectChoice(_NO, _l("否"))])
    if isinstance(spec.default, list):
        return SelectMultipleField(_l("设成"), choices=choices)
    return _radios(choices) if choices else NumberField(_l("设成"), spec=spec)


def _radios(choices: list[SelectChoice]) -> Any:
    return RadioField(_l("设成"), [InputRequired(_l("请选择一项。"))], choices=choices)
