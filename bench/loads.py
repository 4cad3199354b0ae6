"""The loads: what clients ask for, and how the database is put back between two passes."""

import itertools
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TypeVar

from bench.dataset.bulk import Bulk
from bench.dataset.people import CLERKS, token
from bench.dataset.stock import BUSY
from bench.driver import Errand, Request, request

T = TypeVar("T")

_MOST = 1_200
"""Errands in a pass, at most."""

_REST_DAYS = 14
"""Days from one wished-for start to the next: long enough for the period and its turn-round."""

_PERIOD_DAYS = 5


@dataclass(frozen=True)
class Load:
    """One thing that clients do.

    Attributes:
        name: As it is printed.
        errands: Makes the errands of one pass; a pass never repeats a key.
        reset: Puts the database back, so that the same errands can be done again.
        writes: Tables that an errand adds rows to.
    """

    name: str
    errands: Callable[[], Sequence[Errand]]
    reset: Callable[[], None] = lambda: None
    writes: tuple[str, ...] = ()


@dataclass
class Facts:
    """What the loads need to know of a filled database.

    Attributes:
        units: Codes of lendable units that need no guidance.
        all_units: Codes of all units.
        residents: Codes of people without loans or promises.
        places: (kind key, site code) of all stock.
        starts: Open days on which a reservation may begin.
    """

    bulk: Bulk
    starts: Sequence[date]
    units: list[str] = field(default_factory=list)
    all_units: list[str] = field(default_factory=list)
    residents: list[str] = field(default_factory=list)
    places: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Ask the database."""
        self.units = self._texts(
            "SELECT unit.code FROM unit JOIN kind ON kind.id = unit.kind_id"
            " JOIN category ON category.id = kind.category_id"
            " WHERE unit.state = 'available' AND category.fit <> 'F2' ORDER BY unit.id"
        )
        self.all_units = self._texts("SELECT code FROM unit ORDER BY id")
        self.residents = self._texts(
            f"SELECT code FROM resident WHERE (id - 1) % 20 >= {BUSY} ORDER BY id"
        )
        rows = self.bulk.run(
            "SELECT kind.key, site.code FROM stock JOIN kind ON kind.id = stock.kind_id"
            " JOIN site ON site.id = stock.site_id ORDER BY stock.id"
        )
        self.places = [(str(kind), str(site)) for kind, site in rows]

    def _texts(self, statement: str) -> list[str]:
        return [str(row[0]) for row in self.bulk.run(statement)]


def starts_from(today: date, is_open: Callable[[date], bool]) -> tuple[date, ...]:
    """Return four open days, two weeks and more apart, from which reservations may begin."""
    found: list[date] = []
    day = today + timedelta(days=3)
    while len(found) < 4 and day < today + timedelta(days=60):
        if is_open(day):
            found.append(day)
            day += timedelta(days=_REST_DAYS)
        else:
            day += timedelta(days=1)
    return tuple(found)


class Loads:
    """All loads on one filled database."""

    def __init__(self, facts: Facts, *, seed: int = 1) -> None:
        """Remember where the generated rows end."""
        self.facts = facts
        self.random = random.Random(seed)
        self.numbers = itertools.count()
        self.run = f"{self.random.getrandbits(48):x}"
        self.first_new = {
            table: facts.bulk.number(f"SELECT max(id) FROM {table}") + 1
            for table in ("upkeep", "reservation")
        }

    def all(self) -> dict[str, Load]:
        """Return the loads by name."""
        written = ("journal_line", "notice", "idempotency_key")
        found = (
            Load("issue_return", self.hand_overs, self.put_back, ("loan", "upkeep", *written)),
            Load("reserve", self.wishes, self.cancel_all, ("reservation", *written)),
            Load("unit_page", self.scans),
            Load("catalogue_page", self.visits),
            Load("availability", self.questions),
        )
        return {load.name: load for load in found}

    # --- errands ----------------------------------------------------------------------------------

    def hand_overs(self) -> list[Errand]:
        """Issue each lendable unit to somebody, and take it back."""
        units = self._some(self.facts.units)
        people = self._some(self.facts.residents)
        return [
            (
                self._post("/loans", {"unit_code": unit, "resident_code": person}, 201),
                self._post(f"/units/{unit}/return", {"condition": "good"}, 200),
            )
            for unit, person in zip(units, itertools.cycle(people), strict=False)
        ]

    def wishes(self) -> list[Errand]:
        """Reserve two units of each kind for each of the periods, for somebody else each time."""
        wanted = self._some([
            (kind, site, start)
            for kind, site in self._some(self.facts.places)
            for start in self.facts.starts
            for _ in range(2)
        ])
        people = self._some(self.facts.residents)
        return [
            (
                self._post(
                    "/reservations",
                    {
                        "kind_id": kind,
                        "site": site,
                        "from": start.isoformat(),
                        "to": (start + timedelta(days=_PERIOD_DAYS - 1)).isoformat(),
                        "resident": person,
                        "fulfilment": "pickup",
                    },
                    201,
                ),
            )
            for (kind, site, start), person in zip(wanted, people, strict=False)
        ]

    def scans(self) -> list[Errand]:
        """Open the pages that QR codes lead to, as a stranger."""
        return [
            (request("GET", f"/u/{code}", status=200),) for code in self._many(self.facts.all_units)
        ]

    def visits(self) -> list[Errand]:
        """Open the catalogue, as a stranger."""
        return [(request("GET", "/catalogue", status=200),)] * _MOST

    def questions(self) -> list[Errand]:
        """Ask for a month's availability of one kind after the other."""
        return [
            (request("GET", f"/api/v1/kinds/{kind}/availability?site={site}", status=200),)
            for kind, site in self._many(self.facts.places)
        ]

    # --- between the passes -----------------------------------------------------------------------

    def put_back(self) -> None:
        """Release what was taken back."""
        new = f"state = 'open' AND id >= {self.first_new['upkeep']}"
        self.facts.bulk.run(
            "UPDATE unit SET state = 'available', due_on = NULL, free_from = NULL, zone_id ="
            " (SELECT min(zone.id) FROM zone WHERE zone.site_id = unit.site_id"
            f" AND zone.kind = 'clean') WHERE id IN (SELECT unit_id FROM upkeep WHERE {new})"
        )
        self.facts.bulk.run(
            "UPDATE upkeep SET state = 'released', released_at = opened_at, released_by = 1"
            f" WHERE {new}"
        )

    def cancel_all(self) -> None:
        """Cancel the new promises."""
        self.facts.bulk.run(
            "UPDATE reservation SET state = 'cancelled', ended_at = created_at"
            f" WHERE state = 'confirmed' AND id >= {self.first_new['reservation']}"
        )

    # --- parts ------------------------------------------------------------------------------------

    def _some(self, things: Sequence[T]) -> list[T]:
        """Return some of the things in random order, each once."""
        return self.random.sample(things, min(len(things), _MOST))

    def _many(self, things: Sequence[T]) -> list[T]:
        """Return many of the things in random order, if need be more than once."""
        return self.random.choices(things, k=_MOST)

    def _post(self, path: str, body: dict[str, str], status: int) -> Request:
        number = next(self.numbers)
        return request(
            "POST",
            f"/api/v1{path}",
            status=status,
            token=token(number % CLERKS),
            body=json.dumps(body),
            key=f"{self.run}-{number}",
        )
