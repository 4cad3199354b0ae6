"""What is posted in the wash room, and by whoever reports a fault."""

import unicodedata
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField, SelectMultipleField, StringField
from wtforms.validators import ValidationError

from rental.upkeep.policy import LONGEST_REASON, SHORTEST_REASON, Agent, StepKind
from rental.web.forms import AtMost, Form, LongTextField, Needed, TextField

_MOST = 100_000


class AmountField(StringField):
    """A whole number from 1; full-width digits count; ``number`` is None when empty."""

    number: int | None = None

    def pre_validate(self, form: Any) -> None:
        """Read the number."""
        del form
        text = unicodedata.normalize("NFKC", str(self.data or "")).strip()
        if not text:
            return
        plain = text.isascii() and text.isdigit() and len(text) <= len(str(_MOST))
        if not plain or not 1 <= int(text) <= _MOST:
            raise ValidationError(str(_l("请填整数，例如 30。")))
        self.number = int(text)


class StepForm(Form):
    """One step that was done."""

    step = HiddenField(_l("步骤"))
    result = HiddenField(_l("结果"))
    agent = RadioField(_l("用什么消毒"), validate_choice=False, default=Agent.CHLORINE.value)
    concentration_mg_l = AmountField(_l("有效氯浓度（mg/L）"))
    contact_minutes = AmountField(_l("作用时间（分钟）"))
    dose = AmountField(_l("剂量（臭氧 mg/m³，紫外线 mJ/cm²）"))
    separate_tools = BooleanField(_l("已经换了专用的消毒工具"))
    accessories = SelectMultipleField(_l("配件清点"), validate_choice=False)
    note = TextField(_l("备注（可以不填）"), [AtMost(200)])

    @property
    def kind(self) -> StepKind | None:
        """The step, None when it is none of ours."""
        return StepKind(self.step.data) if self.step.data in set(StepKind) else None

    @property
    def chosen_agent(self) -> Agent | None:
        """The agent of a disinfection, None when none was chosen."""
        is_one = self.kind is StepKind.DISINFECT and self.agent.data in set(Agent)
        return Agent(self.agent.data) if is_one else None


class SetAsideForm(Form):
    """Why a unit is taken out of service."""

    reason = TextField(
        _l("为什么？（至少 %(n)s 个字）", n=SHORTEST_REASON), [AtMost(LONGEST_REASON)]
    )


class FaultForm(Form):
    """What is wrong with a device, in the reporter's own words."""

    what = LongTextField(
        _l("哪里坏了？"), [Needed(_l("请写一句哪里坏了，例如“左边刹车刹不住”。")), AtMost(500)]
    )


class AnswerForm(Form):
    """What was done about a fault."""

    answer = LongTextField(_l("处理结果"), [Needed(_l("请写处理结果。")), AtMost(200)])
