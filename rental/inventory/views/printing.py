"""Labels: one on the screen, many as A4 sheets."""

from typing import Any

from flask import Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from rental.catalogue import queries as catalogue
from rental.foundation.actor import HANDLES_UNITS
from rental.foundation.codes import read_unit_code
from rental.foundation.database import reading
from rental.inventory import queries
from rental.inventory.labels import (
    MOST,
    Label,
    NoPrinter,
    address_of,
    to_pdf,
)
from rental.inventory.queries import UnitPage, UnitView
from rental.inventory.views import bp
from rental.inventory.views.stock import asked_for, asked_page, pages_of
from rental.places import queries as places
from rental.settings import Settings
from rental.web.access import actor, staff
from rental.web.qr import qr_picture


@bp.get("/units/<string:code>/label")
@staff(*HANDLES_UNITS)
def label(code: str) -> str:
    """Show one unit's label, to be printed from the browser."""
    unit = queries.unit(reading(), code=read_unit_code(code))
    return render_template(
        "inventory/labels.html",
        labels=[_label(unit)],
        part=None,
        pdf_url=url_for("inventory.labels_pdf", code=unit.code),
    )


@bp.get("/units/labels")
@staff(*HANDLES_UNITS)
def labels() -> str:
    """Show the labels of the chosen units, or of all that fit the filters of the address."""
    kept: dict[str, Any] = request.args.to_dict(flat=False)
    part = _part()
    return render_template(
        "inventory/labels.html",
        labels=[_label(unit) for unit in part.units],
        part=part,
        first=(part.number - 1) * MOST + 1,
        most=MOST,
        pages=pages_of(part, "inventory.labels"),
        pdf_url=url_for("inventory.labels_pdf", **kept),
    )


@bp.get("/units/labels.pdf")
@staff(*HANDLES_UNITS)
def labels_pdf() -> ResponseReturnValue:
    """Give the labels as A4 sheets; without the libraries for it, lead to the printable page."""
    found = [_label(unit) for unit in _part().units]
    page = render_template("inventory/labels_pdf.html", labels=found)
    try:
        pdf = to_pdf(page)
    except NoPrinter:
        flash(_("这台机器不能生成 PDF，请在浏览器里打印这一页。"), "warning")
        kept: dict[str, Any] = request.args.to_dict(flat=False)
        return redirect(url_for("inventory.labels", **kept), 303)
    headers = {"Content-Disposition": 'inline; filename="labels.pdf"'}
    return Response(pdf, content_type="application/pdf", headers=headers)


def _part() -> UnitPage:
    """Return the part of the chosen units that the address asks for: ``MOST`` at a time."""
    session, wanted, number = reading(), asked_for(actor()), asked_page()
    if not wanted.codes:
        return queries.units(session, wanted=wanted, page=number, per_page=MOST)
    found = queries.for_labels(session, codes=wanted.codes)
    pages = max(1, -(-len(found) // MOST))
    number = min(max(number, 1), pages)
    units = found[(number - 1) * MOST : number * MOST]
    return UnitPage(units=units, total=len(found), number=number, pages=pages)


def _label(unit: UnitView) -> Label:
    session = reading()
    settings: Settings = current_app.extensions["rental_settings"]
    site = places.site_by_id(session, site_id=unit.site_id)
    address = address_of(settings.address, unit.code)
    return Label(
        code=unit.code,
        address=address,
        name=catalogue.kind_by_id(session, kind_id=unit.kind_id).name.zh,
        site=site.name.zh,
        phone=site.phone,
        qr=qr_picture(address),
    )
