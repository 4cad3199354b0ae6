"""Rules about accounts, consent and acting on behalf."""

import ipaddress
import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from rental.foundation.actor import Role
from rental.foundation.errors import Invalid
from rental.foundation.words import N_


class Register(StrEnum):
    """Where the household register is declared to be."""

    HERE = "here"
    ELSEWHERE = "elsewhere"
    RESIDENCE_PERMIT = "residence_permit"
    UNKNOWN = "unknown"


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


ROLE_NAMES: dict[Role, str] = {
    Role.RESIDENT: N_("居民或家属"),
    Role.GRID_WORKER: N_("网格员"),
    Role.CLERK: N_("窗口人员"),
    Role.CLEANER: N_("洗消员"),
    Role.TECHNICIAN: N_("维修员"),
    Role.THERAPIST: N_("康复师"),
    Role.REVIEWER: N_("街道审核"),
    Role.MANAGER: N_("负责人"),
}

REGISTER_NAMES: dict[Register, str] = {
    Register.HERE: N_("本街道的社区"),
    Register.RESIDENCE_PERMIT: N_("外地户口，有本地居住证"),
    Register.ELSEWHERE: N_("别的地方"),
    Register.UNKNOWN: N_("不清楚"),
}

RELATION_NAMES: dict[Relation, str] = {
    Relation.SPOUSE: N_("丈夫或妻子"),
    Relation.CHILD: N_("子女"),
    Relation.PARENT: N_("父母"),
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

#: Who may look any resident up; a grid worker only those of the own grid.
LOOKS_UP_ANYONE = frozenset({Role.CLERK, Role.REVIEWER, Role.MANAGER, Role.THERAPIST})

#: Who may also do something for any resident; a grid worker only for those of the own grid.
ACTS_FOR_ANYONE = frozenset({Role.CLERK, Role.MANAGER})

#: How long a revealed value stays on the page of who asked for it.
REVEAL_LASTS = timedelta(minutes=5)

#: Sign-in attempts: so many failures per account and per address within the window.
ATTEMPT_WINDOW = timedelta(minutes=15)
MAX_FAILURES_PER_ACCOUNT = 5
MAX_FAILURES_PER_ADDRESS = 30

#: How long a sign-in lasts.
RESIDENT_SESSION = timedelta(days=30)
STAFF_SESSION = timedelta(hours=12)

#: The largest key of a row; a larger number in an address is nobody's.
MAX_ID = 2**31 - 1

MIN_PASSWORD = 8
MAX_PASSWORD = 128
MAX_NAME = 40

_LOGIN = re.compile(r"[a-z][a-z0-9-]{1,39}")
_IPV6_NETWORK_BITS = 64


class PhoneUnreadable(Invalid):
    """Not a mainland mobile number."""

    sentence = N_("手机号不对，应是 1 开头的 11 位数字，请核对。")
    field = "phone"


class LoginUnreadable(Invalid):
    """Not a login name."""

    sentence = N_("登录名要用英文小写字母开头，只能有小写字母、数字和短横线，2 到 40 个字。")
    field = "login"


class PasswordTooWeak(Invalid):
    """Too short, too long, one letter repeated, or the telephone number itself."""

    sentence = N_("密码要 8 到 128 位，而且不能是您的手机号，也不能全是同一个字。")
    field = "password"


def read_phone(text: str) -> str:
    """Return the eleven digits of a mobile number.

    Spaces, hyphens, full-width digits and the country code 86 are accepted.

    Raises:
        PhoneUnreadable: If it is not a mainland mobile number.
    """
    digits = re.sub(r"[\s\-()]", "", unicodedata.normalize("NFKC", text))
    digits = re.sub(r"^(\+|00)?86(?=1\d{10}$)", "", digits)
    if not re.fullmatch(r"1[3-9][0-9]{9}", digits):
        raise PhoneUnreadable
    return digits


def is_phone(text: str) -> bool:
    """Tell whether the text is a mobile number."""
    try:
        read_phone(text)
    except PhoneUnreadable:
        return False
    return True


def read_login(text: str) -> str:
    """Return a login name in its one form; it can never look like a telephone number.

    Raises:
        LoginUnreadable: If it isn't 2 to 40 letters, digits and hyphens after a letter.
    """
    login = folded_login(text)
    if not _LOGIN.fullmatch(login):
        raise LoginUnreadable
    return login


def folded_login(text: str) -> str:
    """Return the text as login names are compared: half-width, lower case, without blanks."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).lower()


def ensure_password(password: str, *, phone: str = "") -> None:
    """Test a new password.

    Raises:
        PasswordTooWeak: If it is shorter than 8, longer than 128, one letter repeated, or the
            telephone number.
    """
    too_simple = len(set(password)) == 1 or (phone and password == phone)
    if len(password) < MIN_PASSWORD or len(password) > MAX_PASSWORD or too_simple:
        raise PasswordTooWeak


def wait_minutes(
    by_account: Sequence[datetime], by_address: Sequence[datetime], *, now: datetime
) -> int:
    """Return for how many minutes sign-in is paused; 0 when it isn't.

    Args:
        by_account: Instants of this account's recent failures, newest first.
        by_address: The same for the address.
        now: The present instant.
    """
    until = max(
        _paused_until(by_account, MAX_FAILURES_PER_ACCOUNT),
        _paused_until(by_address, MAX_FAILURES_PER_ADDRESS),
        key=lambda instant: instant or datetime.min.replace(tzinfo=now.tzinfo),
    )
    if until is None or until <= now:
        return 0
    return -int((now - until) // timedelta(minutes=1))


def _paused_until(failures: Sequence[datetime], limit: int) -> datetime | None:
    """Return when fewer than `limit` failures will lie in the window, or None."""
    return failures[limit - 1] + ATTEMPT_WINDOW if len(failures) >= limit else None


def network_of(address: str) -> str:
    """Return what failures are counted by: the IPv4 address, or the IPv6 network of one home.

    Whatever is no address counts as one and the same.
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, _IPV6_NETWORK_BITS), strict=False))
    return str(found)


def session_length(*, is_staff: bool) -> timedelta:
    """Return how long a sign-in lasts."""
    return STAFF_SESSION if is_staff else RESIDENT_SESSION


def masked_phone(phone: str) -> str:
    """Return e.g. ``138****5678``."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 7 else "****"  # ruff: ignore[magic-value-comparison]


def masked_number(number: str) -> str:
    """Return e.g. ``370***********1234``: the first three and last four characters."""
    return f"{number[:3]}{'*' * max(len(number) - 7, 4)}{number[-4:]}"


def masked_address(address: str) -> str:
    """Return e.g. ``和平街道****``: at most the first four characters, a third of a short one."""
    return f"{address[: min(4, len(address) // 3)]}****"


def masked_name(name: str) -> str:
    """Return e.g. ``王**``: the first character only."""
    return name[:1] + "*" * max(len(name) - 1, 1)
