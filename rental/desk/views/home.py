"""The scan screen: one box that takes everything, and what the day holds."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from rental.desk import policy, presenters, queries
from rental.desk.forms import (
    PhotoUnreadable,
    ScanForm,
    code_in_photo,
    looks_foreign,
    looks_like_barcode,
    looks_like_code,
)
from rental.desk.policy import Goal, Mode, NotOut, Situation
from rental.desk.views import bp
from rental.foundation import clock
from rental.foundation.actor import AT_DESK, HANDLES_UNITS, KNOWS_PEOPLE, OF_THE_POINT, Actor, Role
from rental.foundation.codes import CodeKind, CodeUnreadable, ScannedCode, read_code
from rental.foundation.database import reading
from rental.foundation.errors import NotFound
from rental.foundation.words import N_, Sentence
from rental.inventory import queries as inventory
from rental.inventory.policy import UnitState
from rental.loans import queries as loans
from rental.people import queries as people
from rental.places import queries as places
from rental.reservations import queries as reservations
from rental.web.access import actor, staff
from rental.web.security import scan_page

_NOTHING = Sentence(N_("没有收到编号。请再扫一次，或输入 8 位编号、姓名、手机号。"))
_NOBODY = Sentence(N_("没有找到这位居民。请核对姓名或手机号；第一次来的，先登记。"))
_FOREIGN = Sentence(N_("这不是我们的二维码。请扫器具标签或居民卡。"))
_BARCODE = Sentence(N_("这是商品条码，请扫我们贴的标签。"))
_NO_CODE = Sentence(
    N_("照片里没有看到二维码。请靠近一点、对准、别反光，再拍一张；或输入 8 位编号。")
)
_NO_PICTURE = Sentence(N_("这个文件不是能看的照片。请拍一张二维码的照片，或输入 8 位编号。"))


@bp.get("/desk")
@staff(*OF_THE_POINT)
def home() -> ResponseReturnValue:
    """Show the scan box and the day."""
    return _desk(Mode.named(request.args.get("mode")))


@bp.post("/desk/scan")
@staff(*OF_THE_POINT)
def scan() -> ResponseReturnValue:
    """Lead a scanned, typed or photographed code to the right act; a name to the person."""
    form = ScanForm()
    if not form.validate():
        return _refused(form, _FOREIGN)
    try:
        text = _text_of(form)
    except PhotoUnreadable as refusal:
        return _refused(form, _NO_CODE if refusal.is_picture else _NO_PICTURE)
    try:
        where = _address(read_code(text), form)
    except CodeUnreadable as refusal:
        return _person_named(form, text, refusal)
    except (NotFound, NotOut) as refusal:
        # The end of somebody else's address may look like a code of ours.
        return _refused(form, _FOREIGN if looks_foreign(text) else refusal.said)
    return redirect(where, 303) if where else _refused(form, presenters.NOWHERE)


def _text_of(form: ScanForm) -> str:
    """Return what was scanned: what was typed, else what the photo shows."""
    text: str = form.code.data or ""
    return code_in_photo(form.photo.data) if not text and form.has_photo else text


def _address(scanned: ScannedCode, form: ScanForm) -> str | None:
    """Return the address that the scan leads to, None when it leads nowhere.

    Raises:
        NotFound: If nothing bears the code.
        NotOut: If returns are taken, and nobody has the unit.
    """
    mode = form.busy_with
    found = policy.goal(scanned, _situation(scanned, form), by=actor())
    if found is Goal.NOT_OUT:
        raise NotOut(code=scanned.code)
    if found in {Goal.HAND_OVER, Goal.PLACE}:
        return _address_of_two(found, scanned, form)
    if found is Goal.RESERVATION:
        return _person_with(scanned.code, mode)
    if found is Goal.PERSON:
        _known_person(scanned.code)
    if found is Goal.LOAN:
        loans.loan(reading(), code=scanned.code)
    return presenters.address_of(found, scanned.code, mode)


def _address_of_two(found: Goal, scanned: ScannedCode, form: ScanForm) -> str:
    """Return the address of what was scanned together with what lay on the desk."""
    if found is Goal.PLACE:
        unit, kept = form.unit_code or form.here_code, form.busy_with.value or None
        return url_for("desk.place_page", code=unit, zone=scanned.code, mode=kept)
    is_unit = scanned.kind is CodeKind.UNIT
    resident = form.resident_code if is_unit else _known_person(scanned.code)
    unit = scanned.code if is_unit else form.unit_code
    return url_for("desk.issue_page", code=resident, unit=unit)


def _known_person(code: str) -> str:
    """Return the code of a resident who exists."""
    return people.person(reading(), code=code).code


def _person_with(reservation_code: str, mode: Mode) -> str:
    """Return the address of the person who reserved, the reservation highlighted."""
    session = reading()
    found = reservations.reservation(session, code=reservation_code)
    person = people.person_by_id(session, resident_id=found.resident_id)
    kept = mode.value or None
    return url_for("desk.person", code=person.code, reservation=found.code, mode=kept)


def _situation(scanned: ScannedCode, form: ScanForm) -> Situation:
    session, unit = reading(), None
    if scanned.kind is CodeKind.UNIT:
        unit = inventory.unit(session, code=scanned.code)
    return Situation(
        mode=form.busy_with,
        resident=form.resident_code is not None,
        unit=form.unit_code is not None,
        here=form.here_code is not None,
        out=unit is not None and inventory.is_out(session, unit),
        lost=unit is not None and unit.state is UnitState.LOST,
    )


def _person_named(form: ScanForm, text: str, refusal: CodeUnreadable) -> ResponseReturnValue:
    """Show whom the text may mean; nothing personal goes into an address."""
    by = actor()
    if not text:
        return _refused(form, _NOTHING)
    found = queries.found_people(reading(), text, by=by) if by.has(*KNOWS_PEOPLE) else ()
    if not found:
        return _refused(form, _said_of(text, refusal, by=by))
    if len(found) == 1:
        return redirect(_person_page(found[0].code, form), 303)
    scan_page()
    return render_template(
        "desk/found.html",
        people=[(each, _person_page(each.code, form)) for each in found],
        fields=_fields(form),
    )


def _said_of(text: str, refusal: CodeUnreadable, *, by: Actor) -> Sentence:
    """Return what is said of a text that is neither a code of ours nor a person's name."""
    if looks_like_barcode(text):
        return _BARCODE
    if looks_foreign(text):
        return _FOREIGN
    means_code = looks_like_code(text) or not by.has(*KNOWS_PEOPLE)
    return refusal.said if means_code else _NOBODY


def _person_page(code: str, form: ScanForm) -> str:
    if form.unit_code and actor().has(*AT_DESK):
        return url_for("desk.issue_page", code=code, unit=form.unit_code)
    return url_for("desk.person", code=code, mode=form.busy_with.value or None)


def _fields(form: ScanForm) -> dict[str, str]:
    """Return what lay on the desk, to be sent along with the next scan."""
    kept = {
        "mode": form.busy_with.value,
        "resident": form.resident_code,
        "unit": form.unit_code,
        "here": form.here_code,
    }
    return {name: value for name, value in kept.items() if value}


def _refused(form: ScanForm, sentence: Sentence) -> ResponseReturnValue:
    return _desk(form.busy_with, refusal=sentence, fields=_fields(form)), 422


def _desk(
    mode: Mode, *, refusal: Sentence | None = None, fields: dict[str, str] | None = None
) -> str:
    """Return the desk; the fields say what lay on it."""
    scan_page()
    by, at, session = actor(), clock.now(), reading()
    site_id = by.site_id or places.point(session).id
    knows_people = by.has(*KNOWS_PEOPLE)
    found = queries.today(
        session,
        site_id=site_id,
        on=at.on,
        knows_people=knows_people,
        at_bench=by.has(*HANDLES_UNITS),
        manages=by.has(Role.MANAGER),
    )
    pickups = found.pickups.pickups if found.pickups else ()
    return render_template(
        "desk/home.html",
        mode=mode.value,
        refusal=refusal,
        fields=fields if fields is not None else ({"mode": mode.value} if mode else {}),
        tiles=presenters.tiles(found),
        pickups=[(each, presenters.slot(each.reservation)) for each in pickups],
        more_pickups=found.pickups.total - len(pickups) if found.pickups else 0,
        short={each.code for each in found.short or ()},
        knows_people=knows_people,
        at_desk=by.has(*AT_DESK),
    )
