"""How policies are grouped and how their values read."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from rental.policies.policy import SPECS, Policy

GROUPS: tuple[tuple[Any, tuple[Policy, ...]], ...] = (
    (
        _l("谁能借"),
        (
            Policy.MIN_AGE,
            Policy.DIFFICULTIES,
            Policy.ELDERLY_ATTESTATION,
            Policy.ELDERLY_VALIDITY_DAYS,
            Policy.INJURY_WINDOW_DAYS,
            Policy.ADMIT_RESIDENCE_PERMIT,
        ),
    ),
    (
        _l("预约"),
        (
            Policy.MAX_RESERVATIONS,
            Policy.MAX_AHEAD_DAYS,
            Policy.HOLD_OPEN_DAYS,
            Policy.SLOT_CAPACITY,
        ),
    ),
    (
        _l("借用和续借"),
        (Policy.MAX_LOANS, Policy.LOAN_DAYS, Policy.MAX_RENEWALS, Policy.RENEW_OPENS_DAYS),
    ),
    (
        _l("清洗消毒"),
        (
            Policy.TWO_PERSON_RELEASE,
            Policy.MIN_CONTACT_MINUTES,
            Policy.MIN_CHLORINE_MG_L,
            Policy.MAX_CHLORINE_MG_L,
        ),
    ),
)

GROUND_WORDS = {
    "disability": _l("残疾"),
    "elderly": _l("老年困难"),
    "injury": _l("伤病"),
}

CHOICE_WORDS = {
    "required": _l("转人工审核"),
    "ignored": _l("不要求有困难"),
    "dibao": _l("低保"),
    "dibao_margin": _l("低保边缘"),
    "tekun": _l("特困"),
    "disabled_mobility": _l("失能、行动不便"),
    "lives_alone": _l("独居、空巢"),
    "advanced_age": _l("高龄（80 岁及以上）"),
}


def shown(policy: Policy, value: Any) -> str:
    """Return the value in words."""
    if value is None:
        return str(_("按类别的天数"))
    if isinstance(SPECS[policy].default, bool):
        return str(_("是") if value else _("否"))
    if isinstance(value, list):
        return "、".join(str(CHOICE_WORDS.get(word, word)) for word in value) or _("都不认可")
    return str(CHOICE_WORDS.get(value, value))
