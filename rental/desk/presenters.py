"""Words, tiles and pictures of the desk, in the reader's language."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from rental.catalogue.queries import CategoryView
from rental.desk.policy import COMMANDS, Goal, Mode, Span
from rental.desk.queries import Pickup, Promised, Today
from rental.eligibility.queries import DecisionView
from rental.foundation.words import N_, Named, Sentence
from rental.inventory.policy import STATE_LOOKS, UnitState, word
from rental.loans.policy import look_of
from rental.loans.queries import LoanView
from rental.people.policy import Purpose
from rental.places.policy import HALF_WORDS
from rental.reservations.policy.offer import stranded_by as stranded_by
from rental.reservations.queries import ReservationView
from rental.upkeep.queries import Waiting
from rental.web.parts import Status, Tile
from rental.web.say import day_short, say

_SPANS: dict[Span, str] = {
    Span.TODAY: N_("今天"),
    Span.TOMORROW: N_("明天"),
    Span.WEEK: N_("7 天内"),
}

_WAITING: dict[Waiting, tuple[str, str | None]] = {
    Waiting.CLEAN: (N_("待清洗"), "warn"),
    Waiting.INSPECT: (N_("待检查"), None),
    Waiting.RELEASE: (N_("待放行"), "good"),
}


#: Why a unit in the state can't be lent, and what to do; of the others that they are being washed.
_NOT_LENT: dict[UnitState, str] = {
    UnitState.QUARANTINE: N_("隔离停用中，不能借。要解除请找洗消员。"),
    UnitState.REPAIR: N_("维修中，不能借。修好以后要先清洗、消毒、检查并放行。"),
    UnitState.IN_TRANSIT: N_("还在路上，不能借。到了请先登记。"),
    UnitState.LOST: N_("这件登记为丢失，不能借。找到了请拿到窗口登记，再清洗检查。"),
    UnitState.SCRAPPED: N_("已报废，不能再用。"),
}
_BEING_WASHED = N_("这件还不能借出，要先做完清洗、消毒、检查并放行。")


def why_not_lent(state: UnitState) -> Sentence:
    """Return why a unit in the state can't be lent, and what to do."""
    return Sentence(_NOT_LENT.get(state, _BEING_WASHED))


def unit_status(state: UnitState) -> Status:
    """Return the unit's state as the status component shows it."""
    return Status(say(word(state)), *STATE_LOOKS[state])


def loan_status(loan: LoanView, *, today: date) -> Status:
    """Return how an open loan stands to its due date."""
    words, colour, icon = look_of(loan.lateness(today))
    return Status(say(words), colour, icon)


def tiles(found: Today) -> list[Tile]:
    """Return the day's numbers, each leading to its list."""
    return [*_tiles_of_people(found), *_tiles_of_units(found)]


def _tiles_of_people(found: Today) -> Iterator[Tile]:
    if found.pickups is not None:
        number, href = found.pickups.total, url_for("desk.pickups")
        yield Tile(number, Sentence(N_("今天取货")), href, "good" if number else None)
    if found.short is not None:
        words = Sentence(N_("约好却没有器具"))
        yield _alarm(len(found.short), words, url_for("desk.without_device"))
    if found.loans is not None:
        due, late = found.loans.due_today, found.loans.overdue
        yield Tile(due, Sentence(N_("今天到期")), _loans("today"), "warn" if due else None)
        yield _alarm(late, Sentence(N_("过期未还")), _loans("overdue"))
    if found.forced is not None:
        yield Tile(found.forced, Sentence(N_("特殊情况借出")), _loans("forced"), None)


def _tiles_of_units(found: Today) -> Iterator[Tile]:
    if found.waiting is not None:
        for what, (words, tone) in _WAITING.items():
            number, href = found.waiting[what], url_for("upkeep.lists", what=what.value)
            yield Tile(number, Sentence(words), href, tone if number else None)
    if found.faults is not None:
        href = url_for("upkeep.lists", what="faults")
        yield _alarm(found.faults, Sentence(N_("故障没处理")), href)


def _alarm(number: int, words: Sentence, href: str) -> Tile:
    return Tile(number, words, href, "bad" if number else None)


def _loans(show: str) -> str:
    return url_for("loans.list_loans", show=show)


@dataclass(frozen=True, slots=True)
class HalfDay:
    """Who is expected in the same half day; each with the visit where the title doesn't say it."""

    title: str
    pickups: list[tuple[Pickup, str]]


def spans(today: date, chosen: Span) -> list[tuple[str, str, bool]]:
    """Return the links to the lists of the expected."""
    return [
        (_span_word(each, today), url_for("desk.pickups", on=each.value), each is chosen)
        for each in Span
    ]


def _span_word(span: Span, today: date) -> str:
    word, (first, last) = say(Sentence(_SPANS[span])), span.days(today)
    return f"{word} {day_short(first)}" if first == last else word


def by_half_day(found: Iterable[Pickup], *, today: date) -> list[HalfDay]:
    """Return the expected, who stand in their order, half day by half day."""
    groups = groupby(found, lambda each: _half_day(each.reservation, today=today))
    return [
        HalfDay(title, [(each, "" if exact else slot(each.reservation)) for each in group])
        for (title, exact), group in groups
    ]


def _half_day(reservation: ReservationView, *, today: date) -> tuple[str, bool]:
    """Return what the half day of the visit is called, and whether that says all of the visit."""
    day, half = reservation.visit_on, reservation.slot_half
    if day < today:
        return str(_("以前约好，还没拿走")), False
    if half is None:
        return str(_("%(day)s 没约上午还是下午", day=day_short(day))), False
    return f"{day_short(day)} {say(Sentence(HALF_WORDS[half]))}", True


def slot(reservation: ReservationView) -> str:
    """Return the agreed visit, e.g. 12月1日 周二 上午; else until when the unit waits."""
    if reservation.slot_on is None or reservation.slot_half is None:
        until = day_short(reservation.hold_until)
        return say(Sentence(N_("没约时间，留到 %(day)s"), day=until))
    half = say(Sentence(HALF_WORDS[reservation.slot_half]))
    return f"{day_short(reservation.slot_on)} {half}"


def promise(found: Promised, *, to_staff: bool) -> str:
    """Return the agreed visit, or that there is no device for it."""
    if not found.short:
        return slot(found.reservation)
    if to_staff:
        return say(Sentence(N_("现在没有器具，请先打电话商量")))
    return say(Sentence(N_("这种器具临时停用或不够借，我们会打电话跟您商量。")))


def ending(decision: DecisionView) -> Sentence:
    """Return how the right to borrow ended."""
    if decision.was_cut_short:
        return Sentence(N_("您的借用资格已撤销。"))
    return Sentence(N_("您的借用资格到 %(day)s 为止，已经到期。"), day=decision.valid_until)


def stranded(decision: DecisionView, *, phone: str) -> Sentence:
    """Return what becomes of a reservation when the right to borrow has ended."""
    if decision.was_cut_short:
        return Sentence(
            N_("您的借用资格已撤销，这个预约现在取不了。请打电话 %(phone)s，我们一起看看怎么办。"),
            phone=phone,
        )
    return Sentence(
        N_(
            "您的借用资格到 %(day)s 为止，已经到期，这个预约现在取不了。"
            "请打电话 %(phone)s，我们一起看看怎么办。"
        ),
        day=decision.valid_until,
        phone=phone,
    )


def unconsented(missing: Collection[Purpose]) -> Sentence:
    """Return which consent is missing, for the desk."""
    if len(missing) == len(Purpose):
        return Sentence(N_("还没有同意办理租借、使用健康信息，或者已经撤回。"))
    if Purpose.SERVICE in missing:
        return Sentence(N_("还没有同意办理租借，或者已经撤回。"))
    return Sentence(N_("还没有同意使用健康信息，或者已经撤回。"))


def to_consent(missing: Collection[Purpose]) -> Sentence:
    """Return which consent is missing, for the resident."""
    if len(missing) == len(Purpose):
        return Sentence(N_("借之前还要您同意我们为办理租借使用您的资料和健康信息。"))
    if Purpose.SERVICE in missing:
        return Sentence(N_("借之前还要您同意我们为办理租借使用您的资料。"))
    return Sentence(N_("借之前还要您同意我们使用健康和残疾情况。"))


def accessories(category: CategoryView) -> list[tuple[str, Named]]:
    """Return what leaves and comes back with a unit: stored name, and name with its count."""
    return [
        (each.name.zh, Named(f"{each.name.zh} × {each.count}", f"{each.name.en} × {each.count}"))
        for each in category.accessories
    ]


#: The page of each goal that needs nothing but the code, and what the page calls it.
_PAGES: dict[Goal, tuple[str, str]] = {
    Goal.UNIT: ("desk.unit", "code"),
    Goal.RETURN: ("desk.return_form", "code"),
    Goal.UPKEEP: ("upkeep.work", "code"),
    Goal.PERSON: ("desk.person", "code"),
    Goal.LOAN: ("loans.show", "code"),
    Goal.APPLICATION: ("eligibility.review", "application_code"),
    Goal.ZONE: ("inventory.list_units", "zone"),
}


#: The pages that send the mode along with the next scan.
_KEEP_MODE = frozenset({Goal.UNIT, Goal.RETURN, Goal.PERSON})


def address_of(goal: Goal, code: str, mode: Mode = Mode.ANY) -> str | None:
    """Return the address that a code alone leads to; None when it leads nowhere."""
    if goal is Goal.DESK:
        return url_for("desk.home", mode=COMMANDS[code].value or None)
    if goal not in _PAGES:
        return None
    endpoint, name = _PAGES[goal]
    values: dict[str, Any] = {name: code}
    if goal in _KEEP_MODE:
        values["mode"] = mode.value or None
    return url_for(endpoint, **values)


#: What is said of a code that leads nowhere for this reader.
NOWHERE: Sentence = Sentence(N_("这个码在这里办不了。请扫器具或居民卡，或把它交给管这件事的同事。"))
