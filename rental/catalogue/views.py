"""The public first page, and the manager's pages of the catalogue."""

import json
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from rental.catalogue import queries, service
from rental.catalogue.forms import ConfirmForm, GuideForm, UploadForm
from rental.catalogue.policy import CatalogueFileWrong, as_data, compose, read
from rental.foundation import clock
from rental.foundation.actor import Role
from rental.foundation.database import reading, transaction
from rental.foundation.words import Named
from rental.places import queries as places
from rental.web.access import actor, public, staff
from rental.web.say import say

MOST_BYTES = 200_000

bp = Blueprint("catalogue", __name__, template_folder="templates")


@dataclass(frozen=True, slots=True)
class NeedLink:
    """A need on the first page, leading to the kinds that serve it."""

    key: str
    name: Named
    href: str


@bp.get("/")
@public
def home() -> str:
    """Show what the point is for, what people need, and when it is open."""
    session = reading()
    site = places.point(session)
    return render_template(
        "web/home.html",
        needs=[
            NeedLink(need.key, need.name, f"/catalogue?need={need.key}")
            for need in queries.needs(session)
        ],
        hours=[
            *places.opening_lines(session, site_id=site.id),
            *places.coming_closures(session, site_id=site.id, today=clock.now().on),
        ],
    )


# --- looking -------------------------------------------------------------------------------------


@bp.get("/manage/catalogue")
@staff(Role.MANAGER)
def manage() -> str:
    """List the categories, or the kinds that a search finds."""
    session = reading()
    q = request.args.get("q", "")
    found = queries.kinds(session, q=q, include_withdrawn=True)
    by_category = groupby(queries.kinds(session), key=attrgetter("category.key"))
    return render_template(
        "catalogue/manage.html",
        q=q,
        kinds=found if q.strip() else (),
        categories=queries.categories(session, include_withdrawn=True),
        counts={key: len(list(kinds)) for key, kinds in by_category},
    )


@bp.get("/manage/catalogue/categories/<string:key>")
@staff(Role.MANAGER)
def show_category(key: str) -> str:
    """Show everything known of a category, and its kinds."""
    session = reading()
    names = {need.key: need.name for need in queries.needs(session)}
    category = queries.category(session, key=key)
    return render_template(
        "catalogue/category.html",
        category=category,
        needs=[names.get(need, Named(need, need)) for need in category.needs],
        kinds=queries.kinds(session, category=key, include_withdrawn=True),
    )


@bp.get("/manage/catalogue/export")
@staff(Role.MANAGER)
def export() -> Response:
    """Hand out the catalogue as a data file."""
    text = json.dumps(queries.export(reading()), ensure_ascii=False, indent=1)
    name = f"catalogue-{clock.now().on.isoformat()}.json"
    return Response(
        text,
        mimetype="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


# --- guides --------------------------------------------------------------------------------------


@bp.get("/manage/catalogue/kinds/<string:key>")
@staff(Role.MANAGER)
def edit_guide(key: str) -> str:
    """Show a kind and its guide."""
    kind = queries.kind(reading(), key=key)
    return _guide_page(kind, GuideForm(zh=kind.guide.zh, en=kind.guide.en))


@bp.post("/manage/catalogue/kinds/<string:key>")
@staff(Role.MANAGER)
def set_guide(key: str) -> ResponseReturnValue:
    """Keep the manager's guide; the composed words, or none, bring the composed guide back."""
    kind = queries.kind(reading(), key=key)
    form = GuideForm()
    if not form.validate():
        return _guide_page(kind, form), 422
    composed = compose(kind.name, queries.guidance(kind.category))
    zh, en = (_lines(field.data) for field in (form.zh, form.en))
    guide = Named("" if zh == composed.zh else zh, "" if en == composed.en else en)
    with transaction() as session:
        service.set_guide(session, key=key, guide=guide, by=actor())
    flash(_("“%(name)s”的使用说明已保存。", name=say(kind.name)), "success")
    return redirect(url_for("catalogue.edit_guide", key=key), 303)


def _lines(text: str | None) -> str:
    """Return the text with the line ends we keep."""
    return "\n".join((text or "").splitlines())


def _guide_page(kind: queries.KindView, form: GuideForm) -> str:
    composed = compose(kind.name, queries.guidance(kind.category))
    return render_template("catalogue/kind.html", kind=kind, form=form, composed=composed)


# --- loading a file ------------------------------------------------------------------------------


@bp.get("/manage/catalogue/upload")
@staff(Role.MANAGER)
def upload() -> str:
    """Ask for a data file."""
    return render_template("catalogue/upload.html", form=UploadForm(), faults=())


@bp.post("/manage/catalogue/upload")
@staff(Role.MANAGER)
def preview() -> ResponseReturnValue:
    """Show what the data file would change; changes nothing."""
    form = UploadForm()
    if not form.validate():
        return render_template("catalogue/upload.html", form=form, faults=()), 422
    raw = form.file.data.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        form.refuse("file", _("文件太大，最多 200 KB。请检查是不是选错了文件。"))
        return render_template("catalogue/upload.html", form=form, faults=()), 422
    try:
        data = as_data(read(raw))
    except CatalogueFileWrong as wrong:
        form.refuse("file", say(wrong.said))
        return render_template("catalogue/upload.html", form=form, faults=wrong.faults), 422
    return _preview_page(data)


@bp.post("/manage/catalogue/load")
@staff(Role.MANAGER)
def confirm() -> ResponseReturnValue:
    """Load the data file that was looked at, if it still changes what was shown."""
    form = ConfirmForm()
    try:
        data = as_data(read(form.text.data or ""))
        with transaction() as session:
            report = service.load(session, data, clock.now(), expected=form.expected.data or "")
    except CatalogueFileWrong as wrong:
        empty = UploadForm(formdata=None)
        empty.refuse("file", say(wrong.said))
        return render_template("catalogue/upload.html", form=empty, faults=wrong.faults), 422
    except service.CatalogueMovedOn as moved:
        return _preview_page(data, warning=say(moved.said)), 409
    flash(
        _(
            "目录已更新：新增 %(added)s 项，修改 %(changed)s 项，"
            "停用 %(withdrawn)s 项，恢复 %(returned)s 项。",
            added=len(report.added),
            changed=len(report.changed),
            withdrawn=len(report.withdrawn),
            returned=len(report.returned),
        ),
        "success",
    )
    return redirect(url_for("catalogue.manage"), 303)


def _preview_page(data: dict[str, object], *, warning: str = "") -> str:
    report = service.preview(reading(), data)
    return render_template(
        "catalogue/preview.html",
        report=report,
        text=json.dumps(data, ensure_ascii=False, separators=(",", ":")),
        warning=warning,
    )
