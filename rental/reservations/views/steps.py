"""The steps of reserving and of moving a reservation, as pages."""

from flask import render_template, request
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from rental.catalogue import queries as catalogue
from rental.catalogue.queries import KindView
from rental.eligibility import queries as eligibility
from rental.foundation.database import reading
from rental.foundation.errors import DomainError, Invalid
from rental.foundation.words import N_
from rental.people import queries as people
from rental.reservations import forms, presenters, queries
from rental.reservations.policy import Fulfilment, Period, PeriodInvalid, alternatives
from rental.reservations.policy.offer import StartsOnClosedDay, slots
from rental.reservations.queries import SlotView
from rental.reservations.service import NothingFree
from rental.reservations.views.asking import Ask
from rental.reservations.views.catalogue import month_within
from rental.web.say import day, say


class NoVisitChosen(Invalid):
    """The step was sent without a visit."""

    sentence = N_("请选一个时间；都不方便就打电话给我们，另外约。")


class NoLengthChosen(Invalid):
    """The step was sent without a length."""

    field = "ends_on"
    sentence = N_("请选借多久。")


def asked_now(step: str) -> bool:
    """Tell whether the reader has just sent the step: when, or visit."""
    return request.args.get("step") == step


def next_page(ask: Ask) -> tuple[str, int]:
    """Return the page of the first step that is not done."""
    if ask.start is None or ask.days is None:
        return when(ask, NoLengthChosen() if ask.start and asked_now("when") else None)
    try:
        wish = ask.wish()
    except PeriodInvalid as refusal:
        return when(ask, refusal)
    if not presenters.fits(ask.changes, wish):
        return full(ask, nothing_free(ask))
    if ask.way is None or ask.slot is None or ask.slot not in {view.slot for view in _views(ask)}:
        return visit(ask, NoVisitChosen() if asked_now("visit") else None)
    return check(ask, forms.CheckForm())


def when(ask: Ask, refusal: PeriodInvalid | NoLengthChosen | None = None) -> tuple[str, int]:
    """Ask for the first day and the length."""
    days = ask.length
    starts = presenters.first_starts(ask.changes, ask.offer, days)
    earliest = ask.offer.terms.earliest_on
    present = ask.moved.starts_on if ask.moved and ask.moved.starts_on >= earliest else None
    chosen = ask.start or present
    if chosen and chosen < earliest and not refusal:
        chosen = None
    if chosen and chosen not in starts and not isinstance(refusal, PeriodInvalid):
        starts = sorted([*starts, chosen])
    form = forms.WhenForm(
        MultiDict({
            "start": (chosen or (starts[0] if starts else earliest)).isoformat(),
            "days": str(days),
        })
    )
    forms.choices(form.start, [(start.isoformat(), day(start)) for start in starts])
    lengths = sorted({
        *presenters.lengths(ask.offer),
        ask.usual_length,
        *([] if refusal and refusal.field == "ends_on" else [days]),
    })
    forms.choices(form.days, [(str(n), _("%(n)s 天", n=n)) for n in lengths])
    if refusal:
        form.refuse("days" if refusal.field == "ends_on" else "start", say(refusal.said))
    first = month_within(request.values.get("month"), chosen or earliest, ask.offer.terms.latest_on)
    length = {"days": str(days)} if ask.moved else {}
    page = render_template(
        "reservations/when.html",
        ask=ask,
        form=form,
        starts=starts,
        booked=presenters.visit_word(ask.moved) if ask.moved else None,
        closed=refusal.next_open if isinstance(refusal, StartsOnClosedDay) else None,
        month=presenters.month(
            first,
            presenters.free_for(ask.changes, ask.offer, days),
            ask.offer,
            link=lambda start: ask.url(start=start.isoformat(), slot=None, **length),
            turn=lambda other: ask.url(month=f"{other:%Y-%m}") + "#month",
            selected=chosen,
        ),
    )
    return page, 422 if refusal else 200


def _views(ask: Ask) -> list[SlotView]:
    """Return the visits that fit, full ones too."""
    wish = ask.wish()
    fitting = slots(ask.offer, wish, today=ask.at.on, clock=ask.at.time_of_day)
    found = queries.free_slots(
        reading(), site_id=ask.site.id, first=wish.starts_on, last=wish.hold_until
    )
    return [view for view in found if view.slot in fitting]


def visit(ask: Ask, refusal: DomainError | None = None) -> tuple[str, int]:
    """Ask how and when the device changes hands."""
    views = _views(ask)
    mine = ask.moved.slot if ask.moved else None
    chosen = ask.slot or mine
    form = forms.VisitForm(
        MultiDict({
            "by": (ask.way or Fulfilment.PICKUP).value,
            "slot": presenters.slot_value(chosen) if chosen else "",
        })
    )
    values = {presenters.slot_value(view.slot): view for view in views}
    forms.choices(
        form.slot, [(value, presenters.slot_word(view.slot)) for value, view in values.items()]
    )
    forms.choices(form.by, [(way.value, presenters.way_word(way)) for way in Fulfilment])
    if refusal:
        form.refuse("slot", say(refusal.said))
    wish = ask.wish()
    page = render_template(
        "reservations/visit.html",
        ask=ask,
        form=form,
        wish=wish,
        end_moved=presenters.end_moved(wish, ask.offer, asked=ask.length),
        notes={value: presenters.slot_note(view) for value, view in values.items()},
        taken=[value for value, view in values.items() if not view.left and view.slot != mine],
        any_left=any(view.left or view.slot == mine for view in views),
        choose_way=ask.offer.delivery and not ask.moved,
    )
    status = 422 if isinstance(refusal, NoVisitChosen) else 409
    return page, status if refusal else 200


def check(ask: Ask, form: forms.CheckForm, status: int = 200) -> tuple[str, int]:
    """Show the answers before the promise is made."""
    wish = ask.wish()
    page = render_template(
        "reservations/check.html",
        ask=ask,
        form=form,
        wish=wish,
        end_moved=presenters.end_moved(wish, ask.offer, asked=ask.length),
        slot=presenters.slot_word(ask.slot) if ask.slot else _("到时再约"),
        way=presenters.way_word(ask.way or Fulfilment.PICKUP),
        delivered=ask.way is Fulfilment.DELIVERY and not ask.moved,
        has_address=ask.person.has_address,
    )
    return page, status


def nothing_free(ask: Ask) -> NothingFree:
    """Return why the wish can't be had, with what can."""
    wish, session = ask.wish(), reading()
    like = queries.like_free(session, kind=ask.kind, site_id=ask.site.id, wish=wish, at=ask.at)
    instead = alternatives(
        ask.changes,
        Period(starts_on=wish.starts_on, ends_on=wish.ends_on),
        ask.offer.terms,
        keeping=ask.offer,
        like_kinds=tuple(kind.key for kind in like),
    )
    return NothingFree(kind=ask.kind, wish=wish, instead=instead)


def full(ask: Ask, refusal: NothingFree, status: int = 200) -> tuple[str, int]:
    """Say that nothing is free, and offer what is."""
    instead, wish = refusal.instead, ask.wish()
    shorter = (instead.shorter_until - wish.starts_on).days + 1 if instead.shorter_until else None
    page = render_template(
        "reservations/full.html",
        ask=ask,
        refusal=refusal,
        wish=wish,
        other_start=instead.other_start,
        other_url=ask.url(
            start=instead.other_start.isoformat() if instead.other_start else None, slot=None
        ),
        shorter=shorter,
        shorter_until=instead.shorter_until,
        shorter_url=ask.url(days=str(shorter) if shorter else None, slot=None),
        like=[catalogue.kind(reading(), key=key) for key in instead.like_kinds],
    )
    return page, status


def blocked(kind: KindView, code: str, refusal: DomainError, status: int = 200) -> tuple[str, int]:
    """Say why this resident can't reserve it, and what to do."""
    person = people.person(reading(), code=code)
    waiting = eligibility.open_application(reading(), person.id)
    page = render_template(
        "reservations/blocked.html",
        kind=kind,
        code=code,
        refusal=refusal,
        reason=refusal.code,
        waiting=waiting.code if waiting else None,
    )
    return page, status
