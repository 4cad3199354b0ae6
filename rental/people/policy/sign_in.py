"""Signing in: the words one types, how often one may try, and how long it lasts."""

import ipaddress
import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta

from rental.foundation.errors import Invalid
from rental.foundation.words import N_

#: Sign-in attempts: so many failures per account and per address within the window.
ATTEMPT_WINDOW = timedelta(minutes=15)
MAX_FAILURES_PER_ACCOUNT = 5
MAX_FAILURES_PER_ADDRESS = 30

#: How long a sign-in lasts.
RESIDENT_SESSION = timedelta(days=30)
STAFF_SESSION = timedelta(hours=12)

MIN_PASSWORD = 8
MAX_PASSWORD = 128

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
