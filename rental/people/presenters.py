"""What pages say of residents and accounts."""

from collections.abc import Iterable, Mapping

from rental.foundation.actor import KNOWS_PEOPLE, Actor, Role
from rental.foundation.words import Named, Sentence
from rental.people.policy import (
    REGISTER_NAMES,
    RELATION_NAMES,
    ROLE_NAMES,
    SECRET_NAMES,
    STATE_NAMES,
    Register,
    Relation,
    ResidentState,
    Secret,
)
from rental.web.parts import Status
from rental.web.say import say

#: Where each role begins its day.
_HOMES: tuple[tuple[frozenset[Role], str], ...] = (
    (KNOWS_PEOPLE, "/desk"),
    (frozenset({Role.CLEANER, Role.TECHNICIAN}), "/upkeep"),
    (frozenset({Role.REVIEWER}), "/review"),
    (frozenset({Role.GRID_WORKER}), "/people"),
)


_STATE_LOOKS: Mapping[ResidentState, tuple[str, str]] = {
    ResidentState.ACTIVE: ("green", "check"),
    ResidentState.QUIET: ("yellow", "stop"),
    ResidentState.ANONYMISED: ("grey", "shield"),
}


def home_of(who: Actor) -> str:
    """Return where somebody goes after signing in without a wish."""
    return next((path for roles, path in _HOMES if who.has(*roles)), "/my")


def role_words(roles: Iterable[Role]) -> list[Sentence]:
    """Return the names of the roles."""
    return [Sentence(ROLE_NAMES[role]) for role in roles]


def relation_word(relation: Relation) -> Sentence:
    """Return the name of the relation."""
    return Sentence(RELATION_NAMES[relation])


def register_words(
    register: Register, community_id: int | None, communities: Mapping[int, Named]
) -> Sentence | Named:
    """Return where the register is: the community's name when it is one of ours."""
    if register is Register.HERE and community_id is not None and community_id in communities:
        return communities[community_id]
    return Sentence(REGISTER_NAMES[register])


def secret_word(which: Secret) -> Sentence:
    """Return the name of a masked value."""
    return Sentence(SECRET_NAMES[which])


def state_of(state: ResidentState) -> Status:
    """Return the state with its colour and icon."""
    return Status(say(Sentence(STATE_NAMES[state])), *_STATE_LOOKS[state])
