"""Disability certificates (残疾人证)."""

import re
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum, StrEnum

from rental.foundation.errors import Invalid
from rental.foundation.words import N_, Named
from rental.people.policy.citizen_number import (
    LENGTH as CITIZEN_LENGTH,
)
from rental.people.policy.citizen_number import (
    CitizenNumber,
    CitizenNumberInvalid,
    compact,
    read_citizen_number,
)

LENGTH = 20
"""Characters of a first certificate; a replacement adds B and a count."""

_REPLACEMENT = re.compile(r"B([1-9][0-9]?)")


class DisabilityCategory(IntEnum):
    """The certificate's 19th character (残疾类别)."""

    VISUAL = 1
    HEARING = 2
    SPEECH = 3
    PHYSICAL = 4
    INTELLECTUAL = 5
    MENTAL = 6
    MULTIPLE = 7


class DisabilityLevel(IntEnum):
    """The certificate's 20th character (残疾等级); 1 is the gravest."""

    ONE = 1
    TWO = 2
    THREE = 3
    FOUR = 4


class CertificateState(StrEnum):
    """What the disabled persons' federation says of a certificate."""

    VALID = "valid"
    FROZEN = "frozen"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


CATEGORY_NAMES: dict[DisabilityCategory, Named] = {
    DisabilityCategory.VISUAL: Named("视力残疾", "visual"),
    DisabilityCategory.HEARING: Named("听力残疾", "hearing"),
    DisabilityCategory.SPEECH: Named("言语残疾", "speech"),
    DisabilityCategory.PHYSICAL: Named("肢体残疾", "physical"),
    DisabilityCategory.INTELLECTUAL: Named("智力残疾", "intellectual"),
    DisabilityCategory.MENTAL: Named("精神残疾", "mental"),
    DisabilityCategory.MULTIPLE: Named("多重残疾", "multiple"),
}


class CertificateInvalid(Invalid):
    """The words given are no certificate number."""

    field = "certificate_number"
    sentence = N_("残疾人证号有误，请对照残疾人证再填一次。")


class CertificateLengthWrong(CertificateInvalid):
    """The number hasn't 20 characters, or 22 and more when replaced."""

    sentence = N_(
        "残疾人证号应是 20 位（补办过的末尾还有 B1、B2 等），您填了 %(length)s 位。"
        "请对照残疾人证再填一次。"
    )


class CertificateNumberPartWrong(CertificateInvalid):
    """The first 18 characters are no citizen number."""

    sentence = N_("残疾人证号前 18 位应是身份证号码，现在有误。请对照残疾人证再填一次。")


class CertificateCategoryWrong(CertificateInvalid):
    """The 19th character isn't a category from 1 to 7."""

    sentence = N_("残疾人证号第 19 位是残疾类别，应是 1 到 7。请对照残疾人证再填一次。")


class CertificateLevelWrong(CertificateInvalid):
    """The 20th character isn't a level from 1 to 4."""

    sentence = N_("残疾人证号第 20 位是残疾等级，应是 1 到 4。请对照残疾人证再填一次。")


class CertificateReplacementWrong(CertificateInvalid):
    """What follows the 20th character isn't B with a count."""

    sentence = N_("残疾人证号第 20 位以后应是 B1、B2 这样的补办次数。请对照残疾人证再填一次。")


class CertificateOfSomeoneElse(CertificateInvalid):
    """The certificate's number part isn't the person's own number."""

    sentence = N_("残疾人证号前 18 位和本人身份证号码不一样。请核对是不是拿了别人的残疾人证。")


@dataclass(frozen=True, slots=True, kw_only=True)
class DisabilityCertificate:
    """A certificate number that passed every check.

    Attributes:
        number: 20 characters, 22 or 23 when replaced; sensitive, hence kept out of `repr`.
        citizen_number: The person's own number, the first 18 characters.
        category: What kind of disability.
        level: How grave, 1 the gravest.
        replacement: How often the certificate was replaced, 0 for the first.
    """

    number: str = field(repr=False)
    citizen_number: CitizenNumber
    category: DisabilityCategory
    level: DisabilityLevel
    replacement: int


def read_disability_certificate(text: str, *, today: date) -> DisabilityCertificate:
    """Read a certificate number: citizen number, category, level, and B1, B2 … when replaced.

    Args:
        text: What was typed; folded like a citizen number.
        today: Civil date; nobody is born after it.

    Raises:
        CertificateLengthWrong: If it has fewer than 20 characters.
        CertificateNumberPartWrong: If the first 18 are no citizen number.
        CertificateCategoryWrong: If the 19th isn't 1 to 7.
        CertificateLevelWrong: If the 20th isn't 1 to 4.
        CertificateReplacementWrong: If something else than B and a count follows.

    Source: 中国残疾人联合会, 中华人民共和国残疾人证管理办法 (2017).
    """
    number = compact(text)
    if len(number) < LENGTH:
        raise CertificateLengthWrong(length=len(number))
    try:
        citizen_number = read_citizen_number(number[:CITIZEN_LENGTH], today=today)
    except CitizenNumberInvalid as error:
        raise CertificateNumberPartWrong from error
    return DisabilityCertificate(
        number=number,
        citizen_number=citizen_number,
        category=_category(number[18]),
        level=_level(number[19]),
        replacement=_replacement(number[LENGTH:]),
    )


def _category(character: str) -> DisabilityCategory:
    """Return the category.

    Raises:
        CertificateCategoryWrong: If there is no such category.
    """
    if character not in set("1234567"):
        raise CertificateCategoryWrong
    return DisabilityCategory(int(character))


def _level(character: str) -> DisabilityLevel:
    """Return the level.

    Raises:
        CertificateLevelWrong: If there is no such level.
    """
    if character not in set("1234"):
        raise CertificateLevelWrong
    return DisabilityLevel(int(character))


def _replacement(tail: str) -> int:
    """Return how often the certificate was replaced.

    Raises:
        CertificateReplacementWrong: If the tail isn't B and a count.
    """
    if not tail:
        return 0
    match = _REPLACEMENT.fullmatch(tail)
    if match is None:
        raise CertificateReplacementWrong
    return int(match[1])


def is_same_person(certificate: DisabilityCertificate, citizen_number: CitizenNumber) -> bool:
    """Tell whether the certificate bears the person's own number."""
    return certificate.citizen_number.number == citizen_number.number


def ensure_same_person(certificate: DisabilityCertificate, citizen_number: CitizenNumber) -> None:
    """Test that the certificate bears the person's own number.

    Raises:
        CertificateOfSomeoneElse: If the first 18 characters are another number.
    """
    if not is_same_person(certificate, citizen_number):
        raise CertificateOfSomeoneElse
