"""How long what is known about a person is kept. Pure."""

from datetime import date

from rental.places.policy import years_after

#: Years after the last thing we did for a resident; the privacy statement names them.
RETENTION_YEARS = 3


def kept_since(today: date) -> date:
    """Return the day before which everything must have ended for a resident to be anonymised.

    Source: domain.md §6: anonymise after the retention period, unless something is open.
    """
    return years_after(today, -RETENTION_YEARS)
