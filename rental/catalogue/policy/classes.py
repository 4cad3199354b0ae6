"""Classes that decide how a kind is cleaned and fitted."""

from enum import StrEnum

from rental.foundation.words import Named


class Hygiene(StrEnum):
    """How a unit is made clean between two loans (domain.md, section 4)."""

    H1 = "H1"
    H2 = "H2"
    H3 = "H3"
    H4 = "H4"
    H5 = "H5"


class Fitting(StrEnum):
    """What a person needs before taking the kind home (domain.md, section 4)."""

    F0 = "F0"
    F1 = "F1"
    F2 = "F2"


#: How each class is made clean, as one says it to a borrower.
HYGIENE_SAID: dict[Hygiene, Named] = {
    Hygiene.H1: Named(
        "每次用完都清洗、消毒、检查过", "Cleaned, disinfected and checked after every use"
    ),
    Hygiene.H2: Named(
        "每次用完都清洗、消毒、检查过；布套拆下来洗净晾干",
        "Cleaned, disinfected and checked after every use; covers are laundered",
    ),
    Hygiene.H3: Named(
        "每次用完都清洗、消毒、检查过；清洗和消毒的工具分开用",
        "Cleaned, disinfected and checked after every use, with separate tools for each",
    ),
    Hygiene.H4: Named(
        "每次用完都清洗、消毒、检查过；贴身的部件换新的",
        "Cleaned, disinfected and checked after every use; parts that touch the body are new",
    ),
    Hygiene.H5: Named(
        "每次用完都擦净、消毒、检查过；电线和插头也查过",
        "Wiped, disinfected and checked after every use; cord and plug are checked too",
    ),
}

_FITTING_SAID: dict[Fitting, Named] = {
    Fitting.F0: Named("拿到就能用", "Ready to use"),
    Fitting.F1: Named("取的时候帮您调好尺寸", "We adjust it to your size when you collect it"),
    Fitting.F2: Named(
        "康复师先看合不合适，教会您再借",
        "A therapist first sees whether it suits you, and teaches you before you borrow it",
    ),
}
_SHOWN = Named("取的时候先演示给您看", "We show you how it works when you collect it")


def wants_showing(fit: Fitting, hygiene: Hygiene) -> bool:
    """Tell whether somebody must show how it works though nothing is to be fitted.

    That is so for what runs on electricity or touches ear or airway.
    """
    return fit is Fitting.F0 and hygiene in {Hygiene.H4, Hygiene.H5}


def fitting_said(fit: Fitting, hygiene: Hygiene) -> Named:
    """Return what comes before taking it home, as one says it to a borrower."""
    return _SHOWN if wants_showing(fit, hygiene) else _FITTING_SAID[fit]
