"""One resident's pages: data, who has access, messages, export."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from rental.foundation import clock
from rental.foundation.actor import AT_DESK, Role
from rental.foundation.database import reading, transaction
from rental.foundation.errors import DomainError
from rental.notices import queries as notices
from rental.people import forms, presenters, queries, service
from rental.people.policy import MAX_ID, Register, still_missing
from rental.people.queries import NotYourResident, Person
from rental.people.views import bp
from rental.people.views.my import as_file, offer_communities, read_person
from rental.places import queries as places
from rental.web.access import actor, signed_in, staff
from rental.web.forms import Form
from rental.web.links import resident_page
from rental.web.pages import safe_next
from rental.web.say import say

LAST_STEP = "3"
"""Of signing up: account, consent, one's own data."""


def _mine(code: str) -> Person:
    """Return the resident that the signed-in person may act for."""
    return queries.person_for(reading(), code=code, by=actor())


def is_family(found: Person) -> bool:
    """Tell whether the reader is the resident or family; staff see masked values only."""
    return queries.is_own_or_family(reading(), found, by=actor())


def to_change(code: str) -> Person:
    """Return the resident whose data the signed-in person may change.

    Raises:
        NotYourResident: If the person may not even look.
        MayOnlyLook: If the person may look, but not write.
    """
    return queries.person_to_change(reading(), code=code, by=actor())


def may_change(found: Person) -> bool:
    """Tell whether the reader may write, not only look."""
    return queries.may_change(reading(), found, by=actor())


@bp.get("/residents/<string:code>/details")
@signed_in
def details_page(code: str) -> str:
    """Show the data in a form; staff see masked values and leave empty what stays."""
    found = to_change(code)
    family = is_family(found)
    session = reading()
    data: dict[str, object] = {
        "name": found.name,
        "register": _register(found, family=family),
        "lives_alone": found.lives_alone,
        "community": next(
            (one.code for one in places.communities(session) if one.id == found.community_id), ""
        ),
    }
    if family:
        contact = queries.contact(session, resident_id=found.id)
        data |= {"phone": contact.phone, "address": contact.address}
    form = forms.PersonForm(formdata=None, data=data)
    offer_communities(form)
    return _details(found, form, family=family)


@bp.post("/residents/<string:code>/details")
@signed_in
def save_details(code: str) -> ResponseReturnValue:
    """Save the data."""
    found = to_change(code)
    family = is_family(found)
    form, at = forms.PersonForm(), clock.now()
    data = read_person(form, at, blank_keeps=not family)
    if data is not None:
        try:
            with transaction() as session:
                service.save_personal_data(session, code=code, data=data, by=actor(), at=at)
        except (service.NumberNeedsTheDesk, service.AlreadyRegistered) as refusal:
            form.refuse("citizen_number", say(refusal.said))
        else:
            flash(_("资料已保存。"), "success")
            return _saved(code, family=family)
    return _details(found, form, family=family), 422


def _register(found: Person, *, family: bool) -> str | None:
    """Return the household register; what nobody has said yet is left to the family to choose."""
    return None if family and found.register is Register.UNKNOWN else found.register.value


def _saved(code: str, *, family: bool) -> ResponseReturnValue:
    """Go on to what was wanted, else to the resident's page, and say what is still missing.

    The page to apply says so itself.
    """
    wanted = _wanted()
    found = _mine(code)
    missing = still_missing(knows_age=found.knows_age, register=found.register)
    if family and missing and wanted != f"/residents/{code}/apply":
        flash(say(missing), "info")
    return redirect(wanted or resident_page(code), 303)


def _wanted() -> str:
    return safe_next(request.args.get("next"), "")


def _details(found: Person, form: Form, *, family: bool) -> str:
    return render_template(
        "people/details.html",
        form=form,
        person=found,
        family=family,
        home=resident_page(found.code),
        state=presenters.state_of(found.state),
        may_hush=actor().has(*AT_DESK),
        may_anonymise=actor().has(Role.MANAGER),
        step=LAST_STEP if request.args.get("step") == LAST_STEP else "",
        wanted=_wanted(),
    )


@bp.post("/residents/<string:code>/quiet")
@staff(*AT_DESK)
def set_quiet(code: str) -> ResponseReturnValue:
    """Stop automatic messages to the resident, or let them go again."""
    quiet = request.form.get("quiet") == "yes"
    act = service.hush if quiet else service.speak_again
    with transaction() as session:
        act(session, code=code, by=actor(), at=clock.now())
    flash(
        _("不再自动给这位居民发消息了。") if quiet else _("恢复自动给这位居民发消息。"), "success"
    )
    return redirect(url_for("people.details_page", code=code), 303)


@bp.post("/residents/<string:code>/anonymise")
@staff(Role.MANAGER)
def anonymise(code: str) -> ResponseReturnValue:
    """Wipe what is known about the resident; it can't be undone."""
    with transaction() as session:
        service.anonymise(session, code=code, by=actor(), at=clock.now())
    flash(_("个人资料已经删掉，只留下统计用的记录。"), "success")
    return redirect(url_for("people.search"), 303)


# --- access --------------------------------------------------------------------------------------


@bp.get("/residents/<string:code>/access")
@signed_in
def access_page(code: str) -> str:
    """Show who acts for the resident and who looked at masked values."""
    return _access(_mine(code), forms.DeputyForm(formdata=None))


@bp.post("/residents/<string:code>/access")
@signed_in
def add_deputy(code: str) -> ResponseReturnValue:
    """Let a family member's account act for the resident."""
    found = to_change(code)
    form, at, by = forms.DeputyForm(), clock.now(), actor()
    if form.validate():
        with transaction() as session:
            minutes = service.count_try(session, address=request.remote_addr or "", by=by, at=at)
        if minutes:
            form.refuse("name", _("试的次数太多了，请等 %(n)s 分钟再试。", n=minutes))
            return _access(found, form), 429, {"Retry-After": str(minutes * 60)}
        name, relation = form.name.data, form.chosen
        try:
            with transaction() as session:
                service.add_deputy(session, code=code, name=name, relation=relation, by=by, at=at)
        except (queries.AccountNotFound, service.AlreadyActing, service.DeputyWorksHere) as refusal:
            form.refuse("name", _said(refusal))
        else:
            flash(_("代办人已添加。"), "success")
            return redirect(url_for("people.access_page", code=code), 303)
    return _access(found, form), 422


def _said(refusal: DomainError) -> str:
    if isinstance(refusal, queries.AccountNotFound):
        return str(_("没有找到用这个手机号注册的账号。请家人先注册，再来添加。"))
    return say(refusal.said)


@bp.post("/residents/<string:code>/access/end")
@signed_in
def end_acting(code: str) -> ResponseReturnValue:
    """End that somebody acts for the resident."""
    to_change(code)
    with transaction() as session:
        service.end_acting(
            session,
            code=code,
            acting_id=_small(request.form.get("acting", "")),
            by=actor(),
            at=clock.now(),
        )
    flash(_("代办已结束，对方不能再替您办事。"), "success")
    if any(one.code == code for one in queries.people_of(reading(), by=actor())):
        return redirect(url_for("people.access_page", code=code), 303)
    return redirect(url_for("people.my") if not actor().is_staff else resident_page(code), 303)


def _small(text: str) -> int:
    """Return a number that a key may have; 0, which no row has, for anything else."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 11 else 0  # ruff: ignore[magic-value-comparison]
    return number if number <= MAX_ID else 0


def _access(found: Person, form: Form) -> str:
    session, family, me = reading(), is_family(found), actor().account_id
    return render_template(
        "people/access.html",
        form=form,
        person=found,
        family=family,
        home=resident_page(found.code),
        deputies=[
            (
                one,
                one.masked_name if family and one.account_id != me else one.name,
                presenters.relation_word(one.relation),
            )
            for one in queries.deputies(session, resident_id=found.id)
        ],
        looks=[
            (one, presenters.secret_word(one.which))
            for one in queries.looks(session, resident_id=found.id)
        ],
        me=me,
        may_change=may_change(found),
    )


@bp.get("/residents/<string:code>/data.json")
@signed_in
def data(code: str) -> ResponseReturnValue:
    """Give the resident everything that is kept; lead family to where they ask for it.

    Raises:
        NotYourResident: To anybody else, staff included.
    """
    found = _mine(code)
    if not is_family(found):
        raise NotYourResident
    if found.id != actor().resident_id:
        return redirect(url_for("people.details_page", code=code), 303)
    return as_file({"resident": queries.own_data(reading(), found)})


@bp.post("/residents/<string:code>/data.json")
@signed_in
def hand_out_data(code: str) -> ResponseReturnValue:
    """Give family everything that is kept about the resident, and write down that they took it."""
    found = _mine(code)
    with transaction() as session:
        service.note_export(session, code=code, by=actor(), at=clock.now())
    return as_file({"resident": queries.own_data(reading(), found)})


# --- messages ------------------------------------------------------------------------------------


@bp.get("/residents/<string:code>/notices")
@signed_in
def notices_page(code: str) -> str:
    """Show the resident's messages, newest first."""
    found = _mine(code)
    shown = notices.of_resident(reading(), resident_id=found.id, limit=100)
    return render_template(
        "people/notices.html",
        person=found,
        notices=shown,
        unread=sum(not one.read for one in shown),
        family=is_family(found),
        home=resident_page(code),
    )


@bp.post("/residents/<string:code>/notices/read")
@signed_in
def read_notices(code: str) -> ResponseReturnValue:
    """Mark one message (``notice``) or all of them as read."""
    one = request.form.get("notice", "")
    notice_id = _small(one) if one else None
    with transaction() as session:
        service.read_notices(session, code=code, notice_id=notice_id, by=actor(), at=clock.now())
    return redirect(url_for("people.notices_page", code=code), 303)
