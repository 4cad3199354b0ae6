"""The policies there are, and how the most specific value is found. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from rental.foundation.errors import Invalid
from rental.foundation.words import N_


class Policy(StrEnum):
    """Every policy by name."""

    ELDERLY_ATTESTATION = "elderly_attestation"
    MIN_AGE = "min_age"
    ADMIT_RESIDENCE_PERMIT = "admit_residence_permit"
    INJURY_WINDOW_DAYS = "injury_window_days"
    ELDERLY_VALIDITY_DAYS = "elderly_validity_days"
    DIFFICULTIES = "difficulties"
    MAX_LOANS = "max_loans"
    MAX_RESERVATIONS = "max_reservations"
    MAX_AHEAD_DAYS = "max_ahead_days"
    HOLD_OPEN_DAYS = "hold_open_days"
    SLOT_CAPACITY = "slot_capacity"
    LOAN_DAYS = "loan_days"
    MAX_RENEWALS = "max_renewals"
    RENEW_OPENS_DAYS = "renew_opens_days"
    TWO_PERSON_RELEASE = "two_person_release"
    MIN_CONTACT_MINUTES = "min_contact_minutes"
    MIN_CHLORINE_MG_L = "min_chlorine_mg_l"
    MAX_CHLORINE_MG_L = "max_chlorine_mg_l"


class PolicyValueWrong(Invalid):
    """The value is not of the policy's type or outside its range."""

    sentence = N_("这个规则不能设成“%(value)s”，请按说明填写。")
    field = "value"


class ChlorineRangeEmpty(Invalid):
    """The lowest concentration would exceed the highest."""

    sentence = N_("最低浓度（%(lowest)s）不能高于最高浓度（%(highest)s），请先改另一个。")
    field = "value"


class ScopeWithoutEffect(Invalid):
    """Nothing asks for the policy's value in such a scope, so it would be set in vain."""

    sentence = N_("这条规则不能单独给一部分设，请把“用在哪里”都选成“全部”，或只选页面上有的几项。")
    field = "value"


_BY_UNIT = ("site", "category", "kind")
_BY_SITE = ("site",)
_BY_GROUND = ("ground",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """What a policy's value looks like.

    Attributes:
        label: Its name on the manager's page.
        help: What it does, in one sentence.
        default: The value when no row says otherwise.
        lowest, highest: Inclusive range of a number.
        choices: The allowed words, or the words a list may hold.
        scopes: The parts of a scope that every reader names, and a value may be narrowed to.
    """

    label: str
    help: str
    default: Any
    lowest: int | None = None
    highest: int | None = None
    choices: tuple[str, ...] = ()
    scopes: tuple[str, ...] = _BY_UNIT


#: The grounds that a value may be narrowed to; eligibility names them.
GROUNDS = ("disability", "elderly", "injury")

DIFFICULTIES = (
    "dibao",
    "dibao_margin",
    "tekun",
    "disabled_mobility",
    "lives_alone",
    "advanced_age",
)

SPECS: dict[Policy, Spec] = {
    Policy.ELDERLY_ATTESTATION: Spec(
        label=N_("困难情况没有核实时怎么办"),
        help=N_("老年人说有困难、还没有人核实时，系统怎样判断。"),
        default="required",
        choices=("required", "ignored"),
        scopes=_BY_GROUND,
    ),
    Policy.MIN_AGE: Spec(
        label=N_("老年人起始年龄（周岁）"),
        help=N_("从哪一个生日起算老年人。"),
        default=60,
        lowest=50,
        highest=100,
        scopes=_BY_GROUND,
    ),
    Policy.ADMIT_RESIDENCE_PERMIT: Spec(
        label=N_("持居住证的人也可以借"),
        help=N_("打开后，户口不在本街道、持居住证的人也可以申请。"),
        default=False,
        scopes=(),
    ),
    Policy.INJURY_WINDOW_DAYS: Spec(
        label=N_("伤病证明管多少天"),
        help=N_("从医院证明的日期算起。"),
        default=90,
        lowest=1,
        highest=730,
        scopes=_BY_GROUND,
    ),
    Policy.ELDERLY_VALIDITY_DAYS: Spec(
        label=N_("老年困难资格管多少天"),
        help=N_("到期后重新核实。"),
        default=365,
        lowest=30,
        highest=1825,
        scopes=_BY_GROUND,
    ),
    Policy.DIFFICULTIES: Spec(
        label=N_("认可的困难情况"),
        help=N_("勾选哪些情况算“有困难”。"),
        default=list(DIFFICULTIES),
        choices=DIFFICULTIES,
        scopes=_BY_GROUND,
    ),
    Policy.MAX_LOANS: Spec(
        label=N_("每人最多同时借几件"),
        help=N_("超过时窗口会提示。"),
        default=3,
        lowest=1,
        highest=50,
    ),
    Policy.MAX_RESERVATIONS: Spec(
        label=N_("每人最多同时预约几件"),
        help=N_("取走或取消后可以再约。"),
        default=3,
        lowest=1,
        highest=50,
        scopes=_BY_SITE,
    ),
    Policy.MAX_AHEAD_DAYS: Spec(
        label=N_("最多提前多少天预约"),
        help=N_("从今天算起。"),
        default=60,
        lowest=1,
        highest=365,
    ),
    Policy.HOLD_OPEN_DAYS: Spec(
        label=N_("约好没来取，保留几个开放日"),
        help=N_("过了以后借给下一位。"),
        default=2,
        lowest=0,
        highest=30,
    ),
    Policy.SLOT_CAPACITY: Spec(
        label=N_("每半天接待几位取件"),
        help=N_("上午、下午分别计算。"),
        default=6,
        lowest=1,
        highest=500,
        scopes=_BY_SITE,
    ),
    Policy.LOAN_DAYS: Spec(
        label=N_("借用天数"),
        help=N_("不填就按类别的天数。"),
        default=None,
        lowest=1,
        highest=730,
    ),
    Policy.MAX_RENEWALS: Spec(
        label=N_("最多续借几次"),
        help=N_("0 表示不能续借。"),
        default=2,
        lowest=0,
        highest=50,
    ),
    Policy.RENEW_OPENS_DAYS: Spec(
        label=N_("到期前多少天可以续借"),
        help=N_("太早续借会占住别人要用的器具。"),
        default=14,
        lowest=1,
        highest=180,
    ),
    Policy.TWO_PERSON_RELEASE: Spec(
        label=N_("放行的人不能是清洗的人"),
        help=N_("两个人把关。只有一个人上班的点可以关掉。"),
        default=True,
    ),
    Policy.MIN_CONTACT_MINUTES: Spec(
        label=N_("含氯消毒至少作用多少分钟"),
        help=N_("常州市卫健委 2020：30 分钟。"),
        default=30,
        lowest=1,
        highest=240,
    ),
    Policy.MIN_CHLORINE_MG_L: Spec(
        label=N_("有效氯最低浓度（mg/L）"),
        help=N_("物体表面 250–500 mg/L。"),
        default=250,
        lowest=50,
        highest=5000,
    ),
    Policy.MAX_CHLORINE_MG_L: Spec(
        label=N_("有效氯最高浓度（mg/L）"),
        help=N_("过高会腐蚀器具、刺激呼吸道。"),
        default=500,
        lowest=50,
        highest=10000,
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Where a value holds; None means everywhere."""

    site_id: int | None = None
    ground: str | None = None
    category_id: int | None = None
    kind_id: int | None = None

    def covers(self, asked: "Scope") -> bool:
        """Tell whether a value with this scope applies to what was asked."""
        return all(
            mine is None or mine == theirs
            for mine, theirs in zip(self.weights_key(), asked.weights_key(), strict=True)
        )

    def weights_key(self) -> tuple[int | str | None, ...]:
        """Return the parts from the most to the least specific: kind, category, ground, site."""
        return (self.kind_id, self.category_id, self.ground, self.site_id)

    @property
    def named(self) -> tuple[str, ...]:
        """The names of the parts that are set."""
        names = ("kind", "category", "ground", "site")
        parts = zip(names, self.weights_key(), strict=True)
        return tuple(name for name, part in parts if part is not None)

    @property
    def weight(self) -> tuple[bool, ...]:
        """How specific the scope is; greater wins."""
        return tuple(part is not None for part in self.weights_key())


@dataclass(frozen=True, slots=True)
class Row:
    """One stored value with its scope."""

    policy: Policy
    scope: Scope
    value: Any


def most_specific(rows: Iterable[Row], policy: Policy, asked: Scope) -> Any:
    """Return the value of the most specific row that covers what was asked, else the default.

    Kind outweighs category, category outweighs ground, ground outweighs site.
    """
    covering = [row for row in rows if row.policy is policy and row.scope.covers(asked)]
    if not covering:
        return SPECS[policy].default
    return max(covering, key=lambda row: row.scope.weight).value


def ensure_value(policy: Policy, value: Any) -> Any:
    """Return the value when it fits the policy.

    Raises:
        PolicyValueWrong: If its type or range is wrong.
    """
    spec = SPECS[policy]
    if spec.default is None and value is None:
        return None
    if not _fits(spec, value):
        raise PolicyValueWrong(value=str(value)[:40])
    return value


def ensure_scope(policy: Policy, scope: Scope) -> None:
    """Test that somebody asks for the policy's value in such a scope.

    Raises:
        ScopeWithoutEffect: If not.
    """
    if not set(scope.named) <= set(SPECS[policy].scopes):
        raise ScopeWithoutEffect


def ensure_chlorine_range(lowest: int, highest: int) -> None:
    """Check that the two concentrations leave something between them.

    Raises:
        ChlorineRangeEmpty: If not.
    """
    if lowest > highest:
        raise ChlorineRangeEmpty(lowest=lowest, highest=highest)


def _fits(spec: Spec, value: Any) -> bool:
    if isinstance(spec.default, bool):
        return isinstance(value, bool)
    if isinstance(spec.default, list):
        return isinstance(value, list) and all(word in spec.choices for word in value)
    if spec.choices:
        return value in spec.choices
    in_range = isinstance(value, int) and not isinstance(value, bool)
    return in_range and (spec.lowest or 0) <= value <= (spec.highest or value)
