"""Every page, for whoever may read it: axe finds nothing, and nothing hangs out at the side."""

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.journeys.conftest import DESKTOP, PHONE, Given, Live, enter, listen, new_context
from tests.journeys.walk import Place, Walk, walk

AXE = next(Path(axe_playwright_python.__file__).parent.rglob("axe.min.js")).read_text("utf-8")
PARTS = 6

#: What a dark page can break that a light one doesn't.
COLOURS = ["color-contrast", "link-in-text-block"]

#: Addresses that are no pages to be looked at, or are looked at elsewhere.
EXEMPT = {
    "static": "files",
    "openapi.spec": "JSON for programs",
    "health.healthz": "JSON for machines",
    "health.readyz": "JSON for machines",
    "health.metrics": "text for machines",
    "people.data": "JSON to keep",
    "people.my_data": "JSON to keep",
    "catalogue.export": "JSON to keep",
    "inventory.labels_pdf": "PDF; test_labels reads it",
    "reservations.calendar_entry": "an entry for the phone's calendar",
    "eligibility.outcome": "only with answers; test_every_answer looks at it",
    "eligibility.check_page": "only with answers; test_every_answer looks at it",
    "desk.read_card": "leads on to the person",
    "inventory.find": "leads on to the unit",
    "loans.of_unit": "leads on to the loan",
    "people.revealed": "only after a reason was given; test_every_answer looks at it",
}

LOGINS = (
    None,
    "wang-guilan",
    "chen-jing",
    "clerk",
    "cleaner",
    "technician",
    "reviewer",
    "manager",
    "grid-worker",
    "therapist",
)


@dataclass
class Site:
    """Who found what, and what is to be looked at."""

    walks: dict[str, Walk]
    places: list[Place]


@pytest.fixture(scope="module")
def site(live: Live, given: Given, running: Callable[[], Browser]) -> Site:
    """Walk the service as every reader."""
    stage = set_the_stage(given)
    walks: dict[str, Walk] = {}
    places: dict[tuple[str, ...], Place] = {}
    readers = {login: stage.seeds.get(login, []) for login in (*LOGINS, *stage.guests)}
    for login, seeds in readers.items():
        context = new_context(running(), live.url, size=PHONE)
        if login:
            enter(context.new_page(), login)
        done = walk(context.request, given, login=login, seeds=[*seeds, "/", "/my", "/sign-in"])
        context.close()
        walks[login or "stranger"] = done
        for place in done.places.values():
            if place.endpoint not in EXEMPT and not place.path.startswith("/api/"):
                places.setdefault(place.key, place)
    for login, path in stage.more:
        place = Place(given("match", paths=[path.partition("?")[0]])[0] or "error", login, path)
        places[place.endpoint, path] = place
    return Site(walks, list(places.values()))


@dataclass
class Stage:
    """People and things that links alone would not lead to.

    Attributes:
        seeds: Where each reader begins, beside the first page.
        guests: Readers of the stage's own.
        more: Pages that are built differently for other data.
    """

    seeds: dict[str | None, list[str]]
    guests: list[str]
    more: list[tuple[str | None, str]]


def set_the_stage(given: Given) -> Stage:
    who = given.person("乔有事")
    waiting = given.person("郝等审", ground=None)
    lent, back = given.unit("bath-board-with-handle"), given.unit("bath-board-with-handle")
    free, wet = given.unit("bath-board-with-handle"), given.unit("wheeled-shower-chair")
    given.loan(who, lent, days_ago=30, due_in=5)
    given.loan(who, wet)
    given("take_back", unit=wet)
    given.loan(who, back)
    returned = given("take_back", unit=back)
    issued = given.loan(who, given.unit("bath-board-with-handle"))
    given.unit("inflatable-bath-bed")
    promise = given.promise(who, "inflatable-bath-bed")
    application = given("apply", login=waiting.login)
    neighbour = given("resident_code", login="wang-guilan")
    newcomer = given("account", name="谷新来", acts_for=[])
    busy = given("account", name="车代办", acts_for=[who.code, waiting.code])
    later = given("first_open_day")
    step = f"/reserve/folding-ramp?start={later}&days=14"
    return Stage(
        seeds={
            None: [f"/u?code={free}", f"/u/{free}", f"/u/{free}/fault/thanks"],
            who.login: [f"/reservations/{promise}", f"/residents/{who.code}"],
            waiting.login: [f"/residents/{waiting.code}/applications/{application}"],
            "clerk": [
                f"/desk/residents/{who.code}",
                f"/desk/residents/{who.code}/issue?unit={free}",
                f"/desk/loans/{issued}/issued",
                f"/desk/loans/{returned}/returned",
                f"/desk/units/{lent}/return",
                f"/desk/units/{wet}/place?zone={given('zones')['dirty']}",
                f"/people?q={who.code}",
            ],
            "reviewer": ["/review?state=approved", f"/people?q={who.code}"],
            "grid-worker": [f"/people?q={neighbour}"],
            "manager": [f"/units/labels?code={free}"],
        },
        guests=[who.login, waiting.login, "sun-lei", newcomer, busy],
        more=[
            (None, "/no-such-page"),
            (None, "/catalogue?q=飞船"),
            (None, "/catalogue?category=manual-wheelchair"),
            (None, "/catalogue/kinds/electric-care-bed"),
            (None, "/u/7K3M9QX2"),
            ("wang-guilan", "/desk"),
            ("sun-lei", "/reserve/tripod-stick"),
            (busy, "/my"),
            (busy, "/reserve/tripod-stick"),
            ("sun-lei", "/my"),
            (who.login, step),
            (who.login, f"{step}&by=delivery&slot={later}.morning"),
            (who.login, "/reserve/folding-ramp?start=2020-01-01&days=14"),
            ("clerk", f"/desk/units/{lent}"),
            ("clerk", f"/desk/units/{wet}"),
            ("clerk", f"/desk/residents/{waiting.code}"),
            ("clerk", f"/desk/residents/{waiting.code}/issue?unit={wet}"),
            ("clerk", f"/desk/residents/{who.code}/issue?unit={free}"),
            ("clerk", "/loans?show=overdue"),
            ("clerk", "/loans?show=lost"),
            ("clerk", f"/u/{lent}"),
            ("clerk", f"/loans/{issued}/undo-return"),
            ("clerk", f"/loans/{returned}/undo-issue"),
            ("cleaner", "/desk"),
            ("cleaner", f"/upkeep/{wet}"),
            ("cleaner", "/upkeep?what=faults"),
            ("technician", "/upkeep?what=inspect"),
            ("manager", f"/u/{wet}"),
            ("manager", "/units?q=飞船"),
            ("grid-worker", f"/people?q={neighbour}"),
        ],
    )


def test_every_address_has_a_reader(site: Site, given: Given) -> None:
    """An address that nobody comes to by links is forgotten, or must say why it is exempt."""
    wanted = {
        rule["endpoint"] for rule in given("rules") if not rule["rule"].startswith("/api/")
    } - EXEMPT.keys()
    visited = {endpoint for done in site.walks.values() for endpoint in done.places}
    assert not sorted(wanted - visited)
    assert not sorted(EXEMPT.keys() - {rule["endpoint"] for rule in given("rules")})


def test_no_link_leads_nowhere(site: Site) -> None:
    broken = [line for done in site.walks.values() for line in done.broken]
    assert not broken, "\n" + "\n".join(broken)


@dataclass(frozen=True)
class Reader:
    """A browser page of one reader; kept for the whole test."""

    page: Page
    context: BrowserContext


@dataclass
class Look:
    """One way of looking at pages, with what was seen."""

    browser: Browser
    live: Live
    care: bool
    readers: dict[str | None, Reader]
    complaints: list[str]

    def at(self, place: Place) -> Page:
        """Open the place as its reader."""
        if place.login not in self.readers:
            self.readers[place.login] = self._enter(place.login)
        page = self.readers[place.login].page
        page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
        page.emulate_media(color_scheme="light")
        page.goto(place.path)
        page.evaluate(AXE)
        return page

    def _enter(self, login: str | None) -> Reader:
        context = new_context(self.browser, self.live.url, size=PHONE)
        if self.care:
            context.add_cookies([{"name": "size", "value": "160", "url": self.live.url}])
        page = context.new_page()
        listen(page, self.complaints)
        if login:
            enter(page, login)
        return Reader(page, context)

    def end(self) -> None:
        """Close everybody's browser page."""
        for reader in self.readers.values():
            reader.context.close()


@pytest.fixture
def looks(browser: Browser, live: Live) -> Iterator[dict[str, Look]]:
    found = {
        "normal": Look(browser, live, care=False, readers={}, complaints=[]),
        "care": Look(browser, live, care=True, readers={}, complaints=[]),
    }
    yield found
    for look in found.values():
        look.end()


def findings(page: Page, rules: list[str] | None = None) -> list[str]:
    """Return what axe finds, one line each."""
    options = {"resultTypes": ["violations"], **({"runOnly": rules} if rules else {})}
    found: list[str] = page.evaluate(
        """(options) => axe.run(document, options).then((found) => found.violations.flatMap((one) =>
            one.nodes.map((node) => `${one.id}: ${node.target} ${node.html.slice(0, 120)}`)))""",
        options,
    )
    return found


def hanging_out(page: Page) -> list[str]:
    """Return the elements that make the page scroll sideways."""
    found: list[str] = page.evaluate(
        """() => {
          const root = document.documentElement;
          if (root.scrollWidth <= root.clientWidth) return [];
          const wide = Array.from(document.querySelectorAll("body *")).filter(
            (one) => one.getBoundingClientRect().right > root.clientWidth + 1);
          return [`${root.scrollWidth} px wide: ` + wide.slice(0, 3).map(
            (one) => one.outerHTML.slice(0, 100)).join(" | ")];
        }"""
    )
    return found


@pytest.mark.parametrize("part", range(PARTS))
def test_axe_finds_nothing_and_nothing_hangs_out(
    site: Site, looks: dict[str, Look], part: int
) -> None:
    """Look at each page in normal, dark and care mode, on a phone and on a desktop."""
    wrong: list[str] = []
    for place in site.places:
        if zlib.crc32(f"{place.key} {place.path.partition('?')[2]}".encode()) % PARTS != part:
            continue
        for mode, look in looks.items():
            page = look.at(place)
            for size in (PHONE, DESKTOP):
                page.set_viewport_size({"width": size["width"], "height": size["height"]})
                page.emulate_media(color_scheme="light")
                seen = [f"{line} [{mode}]" for line in (*findings(page), *hanging_out(page))]
                if mode == "normal":
                    page.emulate_media(color_scheme="dark")
                    seen += [f"{line} [dark]" for line in findings(page, COLOURS)]
                wrong += [f"{place} at {size['width']}: {line}" for line in seen]
    wrong += [line for look in looks.values() for line in look.complaints]
    assert not wrong, "\n" + "\n".join(wrong)
