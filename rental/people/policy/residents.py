"""What is known of a resident, and what staff may ask to see of it."""

from datetime import timedelta
from enum import StrEnum

from rental.foundation.words import N_, Sentence


class Register(StrEnum):
    """Where the household register is declared to be."""

    HERE = "here"
    ELSEWHERE = "elsewhere"
    RESIDENCE_PERMIT = "residence_permit"
    UNKNOWN = "unknown"


def still_missing(*, knows_age: bool, register: Register) -> Sentence | None:
    """Return what must be filled in before one can apply; None when nothing is missing."""
    if register is not Register.UNKNOWN:
        return None if knows_age else Sentence(_NUMBER_MISSING)
    return Sentence(_REGISTER_MISSING if knows_age else _BOTH_MISSING)


_NUMBER_MISSING = N_("还缺身份证号码，填好就能申请。没有身份证请打电话。")
_REGISTER_MISSING = N_("还缺户口所在地，填好就能申请。不清楚请打电话。")
_BOTH_MISSING = N_("还缺身份证号码和户口所在地，填好就能申请。没有身份证请打电话。")


class ResidentState(StrEnum):
    """Whether the service may still write to the person."""

    ACTIVE = "active"
    QUIET = "quiet"
    ANONYMISED = "anonymised"


class Purpose(StrEnum):
    """What a consent is given for (PIPL articles 13, 28, 29)."""

    SERVICE = "service"
    HEALTH = "health"


class Relation(StrEnum):
    """How the person who acts stands to the resident."""

    SPOUSE = "spouse"
    CHILD = "child"
    PARENT = "parent"
    SIBLING = "sibling"
    GUARDIAN = "guardian"
    OTHER = "other"


class Secret(StrEnum):
    """A value that is masked on every screen and shown only for a reason; or all, as a file."""

    PHONE = "phone"
    CITIZEN_NUMBER = "citizen_number"
    ADDRESS = "address"
    EVERYTHING = "everything"


REGISTER_NAMES: dict[Register, str] = {
    Register.HERE: N_("本街道的社区"),
    Register.RESIDENCE_PERMIT: N_("不在本街道，但有本街道的居住证"),
    Register.ELSEWHERE: N_("不在本街道"),
    Register.UNKNOWN: N_("不清楚"),
}

RELATION_NAMES: dict[Relation, str] = {
    Relation.CHILD: N_("女儿或儿子"),
    Relation.SPOUSE: N_("丈夫或妻子"),
    Relation.PARENT: N_("父亲或母亲"),
    Relation.SIBLING: N_("兄弟姐妹"),
    Relation.GUARDIAN: N_("监护人"),
    Relation.OTHER: N_("其他亲友"),
}

STATE_NAMES: dict[ResidentState, str] = {
    ResidentState.ACTIVE: N_("正常"),
    ResidentState.QUIET: N_("不再自动发消息"),
    ResidentState.ANONYMISED: N_("资料已匿名"),
}

PURPOSE_NAMES: dict[Purpose, str] = {
    Purpose.SERVICE: N_("办理租借"),
    Purpose.HEALTH: N_("健康和残疾情况"),
}

SECRET_NAMES: dict[Secret, str] = {
    Secret.PHONE: N_("手机号"),
    Secret.CITIZEN_NUMBER: N_("身份证号码"),
    Secret.ADDRESS: N_("住址"),
    Secret.EVERYTHING: N_("全部资料（存成文件）"),
}

#: What staff may ask to see, one at a time.
SHOWN_FOR_A_REASON = (Secret.PHONE, Secret.CITIZEN_NUMBER, Secret.ADDRESS)

#: Version of the consent texts; a new text asks again.
CONSENT_VERSION = "2026-11"

#: How long a revealed value stays on the page of who asked for it.
REVEAL_LASTS = timedelta(minutes=5)

#: The largest key of a row; a larger number in an address is nobody's.
MAX_ID = 2**31 - 1

MAX_NAME = 40
