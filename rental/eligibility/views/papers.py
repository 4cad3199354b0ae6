"""Recording that a paper was seen, by the people at the desk, in the grid, or who review."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from rental.eligibility import presenters, queries, service
from rental.eligibility.forms import PaperForm
from rental.eligibility.policy import CertificateOfSomeoneElse, EvidenceKind, Ground
from rental.eligibility.queries import ApplicationView
from rental.eligibility.views import bp
from rental.eligibility.views.applying import of_person
from rental.foundation import clock
from rental.foundation.database import reading, transaction
from rental.people import queries as people
from rental.people.queries import Person
from rental.web.access import actor, staff
from rental.web.pages import safe_next
from rental.web.say import say

_PAPER = "/residents/<string:code>/applications/<string:application_code>/papers/<string:paper>"


@bp.get(_PAPER)
@staff(*service.MAY_SEE)
def paper_page(code: str, application_code: str, paper: str) -> ResponseReturnValue:
    """Ask what the paper says; what was declared stands in the boxes."""
    kind = _kind(paper)
    person, found = _find(code, application_code)
    claims = {claim.ground: claim for claim in found.claims}
    declared: dict[str, object] = {}
    if Ground.DISABILITY in claims:
        declared["expires_on"] = claims[Ground.DISABILITY].expires_on
    if Ground.INJURY in claims:
        declared["noted_on"] = claims[Ground.INJURY].noted_on
    if Ground.ELDERLY in claims:
        declared["difficulties"] = claims[Ground.ELDERLY].difficulties
    form = PaperForm(data=declared)
    form.offer(queries.rules(reading()).difficulties)
    return _page(person, found, kind, form)


@bp.post(_PAPER)
@staff(*service.MAY_SEE)
def mark_paper(code: str, application_code: str, paper: str) -> ResponseReturnValue:
    """Record that the paper was seen, and what it says."""
    kind = _kind(paper)
    person, found = _find(code, application_code)
    moment = clock.now()
    form = PaperForm()
    form.offer(queries.rules(reading()).difficulties)
    is_sound = form.validate()
    read = form.facts(kind, today=moment.on)
    if not is_sound or form.errors:
        return _page(person, found, kind, form), 422
    try:
        with transaction() as session:
            service.mark_seen(
                session,
                application_code=found.code,
                kind=kind,
                read=read,
                note=form.note.data or "",
                by=actor(),
                at=moment,
            )
    except CertificateOfSomeoneElse as refusal:
        form.refuse("certificate_number", say(refusal.said))
        return _page(person, found, kind, form), 422
    flash(_("已登记：看过%(paper)s。", paper=presenters.paper_name(kind)), "success")
    return redirect(_back(code, application_code), 303)


def _kind(paper: str) -> EvidenceKind:
    """Return the paper that the address names.

    Raises:
        PaperNotAsked: If there is no such paper.
    """
    value = paper.replace("-", "_")
    if value not in set(EvidenceKind):
        raise service.PaperNotAsked
    return EvidenceKind(value)


def _find(code: str, application_code: str) -> tuple[Person, ApplicationView]:
    session = reading()
    person = people.person_for(session, code=code, by=actor())
    return person, of_person(person, application_code)


def _back(code: str, application_code: str) -> str:
    here = url_for("eligibility.application", code=code, application_code=application_code)
    return safe_next(request.args.get("next"), here)


def _page(person: Person, found: ApplicationView, kind: EvidenceKind, form: PaperForm) -> str:
    claims = {claim.ground: claim for claim in found.claims}
    certificate = claims[Ground.DISABILITY].certificate if Ground.DISABILITY in claims else None
    return render_template(
        "eligibility/paper.html",
        person=person,
        application=found,
        kind=kind.value,
        name=presenters.paper_name(kind),
        certificate=certificate,
        form=form,
        back=_back(person.code, found.code),
    )
