"""Asking for kinds, categories and needs; kept for a few seconds."""

from sqlalchemy.orm import Session

from rental.catalogue.policy import rank
from rental.catalogue.queries.loading import Catalogue, load
from rental.catalogue.queries.views import (
    CategoryNotFound,
    CategoryView,
    KindNotFound,
    KindView,
    NeedView,
)
from rental.foundation.memo import Memo

_memo: Memo[Catalogue] = Memo()


def forget(session: Session) -> None:
    """Drop what is kept; the service calls it after every change."""
    _memo.forget(session)


def _catalogue(session: Session) -> Catalogue:
    return _memo.get(session, "catalogue", lambda: load(session))


def kind(session: Session, *, key: str) -> KindView:
    """Return the kind with the key, withdrawn ones too.

    Raises:
        KindNotFound: If there is none.
    """
    found = _catalogue(session).kinds.get(key)
    if found is None:
        raise KindNotFound
    return found


def kind_by_id(session: Session, *, kind_id: int) -> KindView:
    """Return the kind, withdrawn ones too.

    Raises:
        KindNotFound: If there is none.
    """
    found = _catalogue(session).kinds_by_id.get(kind_id)
    if found is None:
        raise KindNotFound
    return found


def kinds(
    session: Session,
    *,
    q: str = "",
    category: str | None = None,
    need: str | None = None,
    include_withdrawn: bool = False,
) -> tuple[KindView, ...]:
    """Return the kinds of the category and need in which every word of q is found, best first.

    q is Chinese, pinyin, pinyin initials or English. Without q, in the order of the catalogue.
    Nothing fits an unknown category or need.
    """
    catalogue = _catalogue(session)
    chosen = tuple(catalogue.kinds.values()) if include_withdrawn else catalogue.offered
    if category:
        chosen = tuple(kind for kind in chosen if kind.category.key == category)
    if need:
        chosen = tuple(kind for kind in chosen if need in kind.category.needs)
    return rank(chosen, q) if q else chosen


def like_kinds(session: Session, *, kind_id: int) -> tuple[KindView, ...]:
    """Return what may serve instead: the other kinds of the same category.

    A same need is not enough: a nebuliser and an oxygen concentrator both help to breathe, but
    nobody may use the one for the other. A category has one class of fitting, so nothing is
    offered that needs an assessment when the asked kind needs none.

    Raises:
        KindNotFound: If there is no such kind.
    """
    asked = kind_by_id(session, kind_id=kind_id)
    return tuple(
        kind
        for kind in _catalogue(session).offered
        if kind.id != kind_id and kind.category.id == asked.category.id
    )


def categories(session: Session, *, include_withdrawn: bool = False) -> tuple[CategoryView, ...]:
    """Return the categories in the order of the catalogue."""
    found = _catalogue(session).categories.values()
    return tuple(category for category in found if include_withdrawn or not category.withdrawn)


def category(session: Session, *, key: str) -> CategoryView:
    """Return the category with the key, withdrawn ones too.

    Raises:
        CategoryNotFound: If there is none.
    """
    found = _catalogue(session).categories.get(key)
    if found is None:
        raise CategoryNotFound
    return found


def needs(session: Session) -> tuple[NeedView, ...]:
    """Return the needs in the order of the catalogue."""
    return _catalogue(session).needs
