"""The kinds of anticipated failure. None of them knows HTTP."""

import re
from typing import ClassVar

from rental.foundation.words import N_, Sentence, Value


class DomainError(Exception):
    """A failure the business anticipates; its sentence is fit for the person who reads it."""

    sentence: ClassVar[str] = N_("这件事现在办不了。")

    def __init__(self, **params: Value) -> None:
        """Keep the values that the sentence names."""
        self.said = Sentence(self.sentence, **params)
        super().__init__(str(self.said))

    @property
    def code(self) -> str:
        """The fact's stable name in kebab-case, e.g. ``unit-already-on-loan``."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", type(self).__name__).lower()


class NotFound(DomainError):
    """The thing asked for does not exist."""

    sentence = N_("没有找到。请核对后再试，或打电话给我们。")


class NotAllowed(DomainError):
    """The person may not do this."""

    sentence = N_("您的账号不能办这件事。需要办理请联系租赁点工作人员。")


class Conflict(DomainError):
    """The state of the world forbids it now."""


class Invalid(DomainError):
    """The words given do not make sense."""

    sentence = N_("填写的内容有误，请核对后再提交。")

    #: The field the sentence belongs to, when there is one.
    field: ClassVar[str | None] = None


class Busy(DomainError):
    """Too much is going on; the same act may succeed in a moment."""

    sentence = N_("现在办理的人较多，请过几秒再试一次。")
