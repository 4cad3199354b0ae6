"""Looking at a masked value, for a reason."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from rental.foundation import clock
from rental.foundation.database import reading, transaction
from rental.people import forms, presenters, queries, service
from rental.people.policy import LOOKS_UP, REVEAL_LASTS, SHOWN_FOR_A_REASON, Secret
from rental.people.views import bp
from rental.web.access import actor, staff
from rental.web.links import resident_page

_MINUTES = int(REVEAL_LASTS.total_seconds() // 60)


@bp.get("/residents/<string:code>/reveal")
@staff(*LOOKS_UP)
def reveal_page(code: str) -> str:
    """Ask which value and why (``?field=phone`` chooses beforehand)."""
    wanted = request.args.get("field", "")
    chosen = wanted if wanted in SHOWN_FOR_A_REASON else Secret.PHONE.value
    return _page(code, forms.RevealForm(formdata=None, data={"which": chosen}))


@bp.post("/residents/<string:code>/reveal")
@staff(*LOOKS_UP)
def reveal(code: str) -> ResponseReturnValue:
    """Write down who looks and why, then show the value for some minutes."""
    form = forms.RevealForm()
    if not form.validate():
        return _page(code, form), 422
    with transaction() as session:
        look = service.reveal(
            session,
            code=code,
            which=form.secret,
            reason=form.reason.data,
            by=actor(),
            at=clock.now(),
        )
    flash(_("这次查看已记录，居民可以看到是谁、为什么看的。"), "info")
    return redirect(url_for("people.revealed", code=code, look=look), 303)


@bp.get("/residents/<string:code>/reveals/<int:look>")
@staff(*LOOKS_UP)
def revealed(code: str, look: int) -> str:
    """Show the value to who asked for it, for some minutes."""
    session, who = reading(), actor()
    found = queries.person_for(session, code=code, by=who)
    view = queries.reveal(session, reveal_id=look, resident_id=found.id, by=who, now=clock.now().at)
    return render_template(
        "people/revealed.html",
        person=found,
        word=presenters.secret_word(view.which),
        value=queries.secret(session, resident_id=found.id, which=view.which),
        minutes=_MINUTES,
        home=resident_page(code),
    )


def _page(code: str, form: forms.RevealForm) -> str:
    found = queries.person_for(reading(), code=code, by=actor())
    return render_template(
        "people/reveal.html", form=form, person=found, minutes=_MINUTES, home=resident_page(code)
    )
