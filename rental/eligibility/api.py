"""The public JSON of eligibility: check without an account, and the communities served."""

from apiflask import APIBlueprint, abort
from flask_babel import gettext as _

from rental.eligibility import presenters, queries
from rental.eligibility.policy import assess
from rental.eligibility.schemas import CheckIn, CheckOut, CommunityOut, CriterionOut, Reader
from rental.foundation import clock
from rental.foundation.database import reading
from rental.places import queries as places
from rental.web.access import public
from rental.web.say import say

bp = APIBlueprint("eligibility_api", __name__, url_prefix="/api/v1", tag="Eligibility")


@bp.post("/eligibility/checks")
@public(csrf=False)
@bp.input(CheckIn, location="json", arg_name="words")
@bp.output(CheckOut)
@bp.doc(
    summary="Check eligibility without an account",
    description=(
        "Nothing is stored. Whatever is absent is not known; a criterion then says which paper is "
        "missing and who can fetch it. Difficulties off the site's list count for nothing."
    ),
    responses=[422],
)
def check(words: CheckIn) -> CheckOut:
    """Say what the rules make of a declaration."""
    session = reading()
    rules = queries.rules(session)
    today = clock.now().on
    read = Reader(words, communities=rules.communities, today=today)
    if read.errors:
        said = {field: [say(sentence)] for field, sentence in read.errors.items()}
        abort(422, _("有些内容填得不对，请按每一项的说明改正。"), detail={"json": said})
    found = assess(read.declaration, rules, today)
    return CheckOut(
        outcome=found.outcome.value,
        criteria=[
            CriterionOut(
                code=criterion.code.value,
                met=criterion.met.value,
                reason=presenters.reason_with_paper(criterion),
            )
            for criterion in presenters.relevant(found)
        ],
    )


@bp.get("/communities")
@public
@bp.output(list[CommunityOut])  # type: ignore[arg-type]  # APIFlask takes lists of models
@bp.doc(summary="List the communities served")
def communities() -> list[CommunityOut]:
    """Return code and name of each community."""
    return [
        CommunityOut(code=found.code, name=say(found.name))
        for found in places.communities(reading())
    ]
