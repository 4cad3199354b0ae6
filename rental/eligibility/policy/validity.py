"""How long a decision holds."""

from datetime import date, timedelta
from typing import NamedTuple

from rental.eligibility.policy.declaration import Rules
from rental.eligibility.policy.states import Ground
from rental.foundation.errors import Invalid
from rental.foundation.words import N_
from rental.places.policy import years_after

CERTIFICATE_YEARS = 10


class PaperDateMissing(Invalid):
    """The decision needs a date from the paper."""

    sentence = N_("还缺证件上的日期。请看残疾人证的有效期或医院证明的日期，填好后再审核。")


class PaperHasEnded(Invalid):
    """The paper no longer held on the day of the decision."""

    sentence = N_("证明材料在 %(ended_on)s 已经到期，请换新的材料后再审核。")


class CertificateEndsTooLate(Invalid):
    """No disability certificate holds that long."""

    field = "expires_on"
    sentence = N_("残疾人证有效期是 10 年，最晚只能到 %(last)s。请对照残疾人证再填一次。")


class Validity(NamedTuple):
    """First and last civil date on which a decision holds, both included."""

    valid_from: date
    valid_until: date

    def covers(self, day: date) -> bool:
        """Tell whether the decision holds on the day."""
        return self.valid_from <= day <= self.valid_until


class ValidityNotShorter(Invalid):
    """The reviewer's own last day lies outside what the rules give."""

    field = "until"
    sentence = N_("有效期只能缩短：最早到 %(first)s，最晚到 %(last)s。请重新填写，或留空。")


def shortened(found: Validity, until: date | None) -> Validity:
    """Return the validity cut at a reviewer's own last day, or as it is without one.

    Raises:
        ValidityNotShorter: If that day lies before the first or after the last one.
    """
    if until is None:
        return found
    if not found.covers(until):
        raise ValidityNotShorter(first=found.valid_from, last=found.valid_until)
    return Validity(found.valid_from, until)


def latest_certificate_end(today: date) -> date:
    """Return the last day that a disability certificate of today can bear.

    Source: domain.md §3: certificates are valid for 10 years.
    """
    return years_after(today, CERTIFICATE_YEARS)


def ensure_certificate_end(expires_on: date | None, *, today: date) -> None:
    """Test that a certificate can hold until the day.

    Raises:
        CertificateEndsTooLate: If none can.
    """
    last = latest_certificate_end(today)
    if expires_on is not None and expires_on > last:
        raise CertificateEndsTooLate(last=last)


def injury_window_end(noted_on: date, rules: Rules) -> date:
    """Return the last day of a hospital note's window.

    The day of the note isn't counted: 90 days after 1 January end on 1 April (31 March in a leap
    year).

    Source: 民法典 (Civil Code) art. 201; the 90 days are our own proposal.
    """
    try:
        return noted_on + timedelta(days=rules.injury_window_days)
    except OverflowError:  # somebody typed the year 9999
        return date.max


def validity(
    ground: Ground,
    *,
    decided_on: date,
    rules: Rules,
    paper_until: date | None = None,
    noted_on: date | None = None,
) -> Validity:
    """Return from when to when a decision holds: never beyond its paper.

    Args:
        ground: On which ground the person qualifies.
        decided_on: Civil date of the decision, the first day.
        rules: The site's values.
        paper_until: Last day of the certificate (needed for disability) or of any other paper.
        noted_on: Date of the hospital note (needed for injury).

    Raises:
        PaperDateMissing: If the ground's own date is missing.
        PaperHasEnded: If the last day would lie before the decision.
        CertificateEndsTooLate: If no certificate holds as long as this one says.
    """
    if ground is Ground.DISABILITY:
        ensure_certificate_end(paper_until, today=decided_on)
    end = _end(ground, decided_on=decided_on, rules=rules, ends=(paper_until, noted_on))
    if paper_until is not None:
        end = min(end, paper_until)
    if end < decided_on:
        raise PaperHasEnded(ended_on=end)
    return Validity(decided_on, end)


def _end(
    ground: Ground, *, decided_on: date, rules: Rules, ends: tuple[date | None, date | None]
) -> date:
    """Return the last day that the ground alone gives.

    Raises:
        PaperDateMissing: If the ground's own date is missing.
    """
    if ground is Ground.ELDERLY:
        return decided_on + timedelta(days=rules.elderly_validity_days)
    paper_until, noted_on = ends
    if ground is Ground.DISABILITY and paper_until is not None:
        return paper_until
    if ground is Ground.INJURY and noted_on is not None:
        return injury_window_end(noted_on, rules)
    raise PaperDateMissing
