"""Reasons that a resident gets to read: named ones in both languages, and the reviewer's words."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from rental.eligibility.policy.states import EVIDENCE_NAMES
from rental.foundation.words import Named


class RefusalReason(StrEnum):
    """Why an application is refused."""

    REGISTERED_ELSEWHERE = "registered_elsewhere"
    TOO_YOUNG = "too_young"
    NOT_IN_DIFFICULTY = "not_in_difficulty"
    CERTIFICATE_ENDED = "certificate_ended"
    CERTIFICATE_OF_SOMEONE_ELSE = "certificate_of_someone_else"
    NOTE_TOO_OLD = "note_too_old"
    PAPERS_NOT_BROUGHT = "papers_not_brought"
    OTHER = "other"


REFUSAL_REASONS: dict[RefusalReason, Named] = {
    RefusalReason.REGISTERED_ELSEWHERE: Named(
        "户口不在本街道。请问一问您户口所在地的街道或残联。",
        "The household register isn't in this subdistrict. Please ask where you are registered.",
    ),
    RefusalReason.TOO_YOUNG: Named(
        "还没有到规定的年龄。如果有残疾或伤病，可以按另外的类型申请。",
        "Not old enough yet. With a disability or an injury you can apply on that ground.",
    ),
    RefusalReason.NOT_IN_DIFFICULTY: Named(
        "核实后没有属于困难的情况。",
        "No difficulty of the list was found.",
    ),
    RefusalReason.CERTIFICATE_ENDED: Named(
        "残疾人证已过期、冻结或注销。请到户口所在地的残联办理，家属可以代办，办好再申请。",
        "The disability certificate has ended or is frozen. Please have it renewed, then apply.",
    ),
    RefusalReason.CERTIFICATE_OF_SOMEONE_ELSE: Named(
        "残疾人证和本人的身份证号码不一样。请带本人的残疾人证再申请。",
        "The disability certificate bears another number. Please apply with your own.",
    ),
    RefusalReason.NOTE_TOO_OLD: Named(
        "医院证明已经超过期限。请到医院开一份新的证明再申请，家属可以代开。",
        "The hospital note is too old. Please get a new one and apply again.",
    ),
    RefusalReason.PAPERS_NOT_BROUGHT: Named(
        "一直没有看到需要的材料。材料齐了可以再申请，也可以打电话请我们上门看。",
        "The papers never came. You can apply again with them, or ask us to visit.",
    ),
    RefusalReason.OTHER: Named("", ""),
}
"""What a refused person reads; `OTHER` says nothing by itself and needs the reviewer's words."""

_NAMES: Mapping[str, Named] = {
    **{reason.value: name for reason, name in REFUSAL_REASONS.items()},
    **{kind.value: name for kind, name in EVIDENCE_NAMES.items()},
}


@dataclass(frozen=True, slots=True)
class Reason:
    """Codes of refusal reasons or papers, and the reviewer's own words."""

    codes: tuple[str, ...] = ()
    note: str = ""

    @classmethod
    def read(cls, text: str) -> Self:
        """Return the reason that was stored; text without known codes is all note."""
        first, _, rest = text.partition("\n")
        codes = tuple(first.split(","))
        return cls(codes, rest) if set(codes) <= _NAMES.keys() else cls((), text)

    @property
    def stored(self) -> str:
        """The text that `read` reads."""
        return f"{','.join(self.codes)}\n{self.note}" if self.codes else self.note

    @property
    def said(self) -> Named:
        """What the resident reads, in both languages; ends with a full stop."""
        names = [_NAMES[code] for code in self.codes if _NAMES[code].zh]
        chinese = "、".join(name.zh for name in names)
        english = ", ".join(name.en for name in names)
        return Named(
            "".join(_ended(part, "。") for part in (chinese, self.note) if part),
            " ".join(_ended(part, ".") for part in (english, self.note) if part),
        )


def _ended(text: str, stop: str) -> str:
    """Return the text with a full stop."""
    return text if text.endswith(("。", "！", "？", ".", "!", "?")) else text + stop
