"""What others get to see of the catalogue: frozen, with names in both languages."""

from dataclasses import dataclass

from rental.catalogue.policy import Fitting, Hygiene
from rental.foundation.errors import NotFound
from rental.foundation.words import N_, Named


class KindNotFound(NotFound):
    """No kind has the key."""

    sentence = N_("目录里没有这种器具。请回到“找器具”重新选，或打电话给我们。")


class CategoryNotFound(NotFound):
    """No category has the key."""

    sentence = N_("目录里没有这个类别。请回到“找器具”重新选，或打电话给我们。")


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessoryView:
    """A counted part that leaves and returns with the unit."""

    name: Named
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsumableView:
    """What is scrapped at return."""

    name: Named


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedView:
    """What a resident wants to do again."""

    key: str
    name: Named


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryView:
    """One of the 42.

    Attributes:
        codes: (edition, code) pairs; an empty code is not verified.
        code_note: Where editions differ, as the data file words it.
        code_note_said: The same in both languages.
        needs: Keys of needs.
        hygiene_said: How it is made clean, as one says it to a borrower.
        turnround_open_days: Open days from return to release.
        fit_said: What comes before taking it home, as one says it to a borrower.
        loan_days: Default length of a loan in days.
        caution_zh: As the data file words it, for the trade.
        caution: As one says it to a borrower.
    """

    id: int
    no: int
    key: str
    name: Named
    standard_name_zh: str
    codes: tuple[tuple[str, str], ...]
    code_note: str
    code_note_said: Named
    needs: tuple[str, ...]
    hygiene: Hygiene
    hygiene_name: Named
    hygiene_said: Named
    turnround_open_days: int
    fit: Fitting
    fit_name: Named
    fit_said: Named
    delivery: bool
    loan_days: int
    accessories: tuple[AccessoryView, ...]
    consumables: tuple[ConsumableView, ...]
    caution_zh: str
    caution: Named
    withdrawn: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KindView:
    """What a resident asks for.

    Attributes:
        codes: The kind's own (edition, code) pairs, or else the category's.
        own_codes: Only the kind's own.
        guide: How to use it; several lines. Edited by the manager or composed.
        guide_edited: Whether a manager wrote it.
        words: What search looks in.
        withdrawn: Whether the kind or its category is no longer offered.
    """

    id: int
    key: str
    name: Named
    category: CategoryView
    codes: tuple[tuple[str, str], ...]
    own_codes: tuple[tuple[str, str], ...]
    guide: Named
    guide_edited: bool
    words: str
    withdrawn: bool
