"""Citizen numbers (公民身份号码) and the age that follows from them."""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from rental.foundation.errors import Invalid
from rental.foundation.words import N_
from rental.places.policy import years_after

LENGTH = 18
FIRST_YEAR = 1900
"""Nobody alive was born earlier: an older year is a slip of the pen."""

_SHAPE = re.compile(r"[1-9][0-9]{16}[0-9X]")
_FILLING = re.compile(r"[\s\-]+")


class Sex(StrEnum):
    """Sex as the citizen number records it."""

    FEMALE = "female"
    MALE = "male"


class CitizenNumberInvalid(Invalid):
    """The words given are no citizen number."""

    field = "citizen_number"
    sentence = N_("身份证号码有误，请对照身份证再填一次。")


class CitizenNumberLengthWrong(CitizenNumberInvalid):
    """The number hasn't 18 characters."""

    sentence = N_("身份证号码应是 18 位，您填了 %(length)s 位。请对照身份证再填一次。")


class CitizenNumberNotDigits(CitizenNumberInvalid):
    """The number holds something that isn't a digit, or starts with a zero."""

    sentence = N_(
        "身份证号码前 17 位应都是数字（第一位不是 0），最后一位是数字或字母 X。"
        "请对照身份证再填一次。"
    )


class CitizenNumberDateImpossible(CitizenNumberInvalid):
    """The number's birth date isn't in the calendar, or nobody alive was born then."""

    sentence = N_(
        "身份证号码第 7 到 14 位是出生日期，您填的 %(digits)s 不是真实的日期。"
        "请对照身份证再填一次。"
    )


class CitizenNumberInFuture(CitizenNumberInvalid):
    """The number's birth date lies after today."""

    sentence = N_("身份证号码里的出生日期 %(born_on)s 还没有到。请对照身份证再填一次。")


class CitizenNumberCheckWrong(CitizenNumberInvalid):
    """The last character doesn't fit the other seventeen."""

    sentence = N_("身份证号码最后一位对不上，可能有一位填错了。请对照身份证逐位核对。")


@dataclass(frozen=True, slots=True, kw_only=True)
class CitizenNumber:
    """A citizen number that passed every check, and what follows from it.

    Attributes:
        number: 18 characters, upper case; sensitive, hence kept out of `repr`.
        born_on: Civil date of birth.
        sex: From the sequence's last digit, odd for men.
    """

    number: str = field(repr=False)
    born_on: date
    sex: Sex


def compact(text: str) -> str:
    """Return the text in half-width upper case without blanks and hyphens."""
    return _FILLING.sub("", unicodedata.normalize("NFKC", text)).upper()


def read_citizen_number(text: str, *, today: date) -> CitizenNumber:
    """Read an 18-character citizen number as people type it.

    Blanks, hyphens, full-width characters and a lower-case x are accepted.

    Args:
        text: What was typed.
        today: Civil date; nobody is born after it.

    Raises:
        CitizenNumberLengthWrong: If it hasn't 18 characters.
        CitizenNumberNotDigits: If the shape is wrong.
        CitizenNumberDateImpossible: If the birth date doesn't exist or lies before 1900.
        CitizenNumberInFuture: If the birth date lies after today.
        CitizenNumberCheckWrong: If the check character is wrong.

    Source: GB 11643-1999 (check character: ISO 7064 MOD 11-2).
    """
    number = compact(text)
    if len(number) != LENGTH:
        raise CitizenNumberLengthWrong(length=len(number))
    if not _SHAPE.fullmatch(number):
        raise CitizenNumberNotDigits
    born_on = _birth_date(number)
    if born_on > today:
        raise CitizenNumberInFuture(born_on=born_on)
    # Not `ric.validate`: it also looks the first six digits up in a table of birth places. They
    # only tell where the number was first issued, districts are founded and renamed faster than
    # the table learns, and a resident must not be turned away for it.
    if ric.calc_check_digit(number) != number[-1]:
        raise CitizenNumberCheckWrong
    sex = Sex.MALE if int(number[16]) % 2 else Sex.FEMALE
    return CitizenNumber(number=number, born_on=born_on, sex=sex)


def _birth_date(number: str) -> date:
    """Return the birth date in the number.

    Raises:
        CitizenNumberDateImpossible: If there is no such day since 1900.
    """
    try:
        born_on = ric.get_birth_date(number)
    except ValidationError as error:
        raise CitizenNumberDateImpossible(digits=number[6:14]) from error
    if born_on.year < FIRST_YEAR:
        raise CitizenNumberDateImpossible(digits=number[6:14])
    return born_on


def birthday(born_on: date, age: int) -> date:
    """Return the day on which somebody completes `age` years.

    Who was born on 29 February completes a year on 28 February when the year is common: the Civil
    Code ends a period of years that lacks its corresponding day on the last day of that month,
    and it is also the choice kinder to the resident. (For 60 and 80 it hardly matters: sixty years
    after a leap day there is one again, but for 2100. A site may set 65 or 70.)

    Source: 民法典 (Civil Code) art. 200 to 202, by analogy.
    """
    return years_after(born_on, age)


def age_on(born_on: date, day: date) -> int:
    """Return the full years completed on the day; the birthday itself counts.

    Args:
        born_on: Civil date of birth.
        day: Civil date, not before birth.
    """
    years = day.year - born_on.year
    return years if birthday(born_on, years) <= day else years - 1
