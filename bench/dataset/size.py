"""How much there is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How many rows; the defaults are one rental point after some years.

    Attributes:
        sites: Rental points; each has ``units_per_kind`` units of every kind.
        units_per_kind: Of these one is on loan, and of every other kind one is in upkeep.
        residents: All with consent and a valid decision.
        closed_loans: Each with its upkeep, its notice and two lines of history.
        past_reservations: Fulfilled ones.
        promises_per_kind: Active reservations of a kind at a site.
    """

    sites: int = 1
    units_per_kind: int = 5
    residents: int = 2_000
    closed_loans: int = 10_000
    past_reservations: int = 10_000
    promises_per_kind: int = 1

    def times(self, factor: int) -> "Size":
        """Return the size of so many points, with somewhat more promises at each."""
        return Size(
            sites=self.sites * factor,
            units_per_kind=self.units_per_kind,
            residents=self.residents * factor,
            closed_loans=self.closed_loans * factor,
            past_reservations=self.past_reservations * factor,
            promises_per_kind=self.promises_per_kind + (factor > 1),
        )
