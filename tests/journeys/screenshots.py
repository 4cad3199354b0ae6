"""Pictures of the main pages, for the manual: `python -m tests.journeys.screenshots FOLDER`."""

import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.journeys.conftest import DESKTOP, PHONE, Given, enter, launch, new_context, serve

SIZES = {"390": PHONE, "1280": DESKTOP}


@dataclass(frozen=True)
class Shot:
    """One picture.

    Attributes:
        name: What it is called.
        login: Who looks; None for a stranger.
        path: Where.
        also: Whether large letters and the dark page are pictured too.
        act: What is done there first.
    """

    name: str
    login: str | None
    path: str
    also: bool = False
    act: Callable[[Page], None] | None = None


def check_oneself(page: Page) -> None:
    """Answer the self-check as an elderly person who lives alone."""
    page.locator("input[name=register]").first.check(force=True)
    page.get_by_label("老年人，生活有困难", exact=True).check()
    page.get_by_label("独居").check()
    for part, value in (("year", "1950"), ("month", "3"), ("day", "8")):
        page.locator(f"input[name='born_on-{part}']").fill(value)
    page.get_by_role("button", name="看结果").click()


def shots(given: Given) -> list[Shot]:
    """Set the stage and return what is to be pictured."""
    who = given.person("乔桂花")
    waiting = given.person("郝建军", ground=None)
    asked = given("apply", login=waiting.login)
    undecided = given.person("葛秀英", ground=None)
    chair, late = given.unit("lightweight-wheelchair"), given.unit("shower-stool")
    free, dirty = given.unit("four-wheel-rollator-with-seat"), given.unit("folding-commode")
    loan = given.loan(who, chair, days_ago=84, due_in=6)
    given.loan(who, late, days_ago=40, due_in=-3)
    returned = given.loan(given.person("施秀兰"), dirty)
    given("take_back", unit=dirty)
    promise = given.promise(who, "over-bed-table")
    day = given("first_open_day")
    given.promise(given.person("先约的"), "fall-alarm-wristband")
    reserve = f"/reserve/folding-ramp?start={day}"
    mine = f"/residents/{who.code}"
    desk = f"/desk/residents/{who.code}"
    return [
        Shot("home", None, "/", also=True),
        Shot("help", None, "/help"),
        Shot("privacy", None, "/privacy"),
        Shot("eligibility", None, "/eligibility", also=True),
        Shot("outcome", None, "/eligibility", also=True, act=check_oneself),
        Shot("catalogue", None, "/catalogue", also=True),
        Shot("catalogue-empty", None, "/catalogue?q=飞船"),
        Shot("kind", None, "/catalogue/kinds/lightweight-wheelchair", also=True),
        Shot("device-stranger", None, f"/u/{free}", also=True),
        Shot("fault", None, f"/u/{free}/fault"),
        Shot("sign-in", None, "/sign-in"),
        Shot("sign-up", None, "/sign-up"),
        Shot("not-found", None, "/no-such-page"),
        Shot("my", who.login, mine, also=True),
        Shot("my-family", "chen-jing", "/my"),
        Shot("notices", who.login, f"{mine}/notices"),
        Shot("consent", who.login, f"{mine}/consent"),
        Shot("details", who.login, f"{mine}/details"),
        Shot("access", who.login, f"{mine}/access"),
        Shot("account", who.login, "/my/account"),
        Shot("my-waiting", waiting.login, "/my"),
        Shot("application", waiting.login, f"/residents/{waiting.code}/applications/{asked}"),
        Shot("apply", undecided.login, f"/residents/{undecided.code}/apply"),
        Shot("not-eligible", "sun-lei", "/reserve/tripod-stick"),
        Shot("reserve-when", who.login, "/reserve/folding-ramp"),
        Shot("reserve-visit", who.login, f"{reserve}&days=30"),
        Shot("reserve-full", who.login, f"/reserve/fall-alarm-wristband?start={day}&days=30"),
        Shot("reservation", who.login, f"/reservations/{promise}", also=True),
        Shot("loan", who.login, f"/loans/{loan}"),
        Shot("renew", who.login, f"/loans/{loan}/renew"),
        Shot("slip", "clerk", f"/loans/{loan}/slip"),
        Shot("card", who.login, f"{mine}/card"),
        Shot("desk", "clerk", "/desk", also=True),
        Shot("desk-person", "clerk", desk),
        Shot("desk-issue", "clerk", f"{desk}/issue?unit={free}"),
        Shot("desk-blocked", "clerk", f"/desk/residents/{waiting.code}/issue?unit={dirty}"),
        Shot("desk-unit", "clerk", f"/desk/units/{late}"),
        Shot("desk-return", "clerk", f"/desk/units/{chair}/return"),
        Shot("desk-issued", "clerk", f"/desk/loans/{loan}/issued"),
        Shot("desk-returned", "clerk", f"/desk/loans/{returned}/returned"),
        Shot("desk-cleaner", "cleaner", "/desk"),
        Shot("loans", "clerk", "/loans"),
        Shot("loans-empty", "clerk", "/loans?show=lost"),
        Shot("people", "clerk", f"/people?q={who.code}"),
        Shot("new-resident", "clerk", "/desk/residents/new"),
        Shot("upkeep", "cleaner", "/upkeep"),
        Shot("upkeep-work", "cleaner", f"/upkeep/{dirty}", also=True),
        Shot("units", "manager", "/units"),
        Shot("units-new", "manager", "/units/new"),
        Shot("unit", "manager", f"/u/{chair}"),
        Shot("label", "manager", f"/units/labels?code={chair}&code={free}&code={late}"),
        Shot("review", "reviewer", "/review"),
        Shot("review-one", "reviewer", f"/review/{asked}"),
        Shot("manage", "manager", "/manage"),
        Shot("policies", "manager", "/manage/policies"),
        Shot("calendar", "manager", "/manage/calendar"),
        Shot("accounts", "manager", "/manage/accounts"),
        Shot("catalogue-manage", "manager", "/manage/catalogue"),
        Shot("places", "manager", "/manage/places"),
    ]


def picture(browser: Browser, url: str, wanted: list[Shot], folder: Path) -> None:
    """Save every picture as NAME-WIDTH.png; large as -care, dark as -dark."""
    for look, care, dark in (("", False, False), ("-care", True, False), ("-dark", False, True)):
        for login in dict.fromkeys(shot.login for shot in wanted):
            context = new_context(browser, url, size=PHONE, dark=dark)
            if care:
                context.add_cookies([{"name": "size", "value": "160", "url": url}])
            page = context.new_page()
            if login:
                enter(page, login)
            for shot in wanted:
                if shot.login != login or (look and not shot.also):
                    continue
                for width, size in SIZES.items():
                    if look and width != "390":
                        continue
                    page.set_viewport_size({"width": size["width"], "height": size["height"]})
                    page.goto(shot.path)
                    if shot.act:
                        shot.act(page)
                    page.screenshot(path=folder / f"{shot.name}-{width}{look}.png", full_page=True)
            context.close()


def main() -> None:
    """Start the service on fresh demo data and picture it."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, sync_playwright() as playwright:
        running = serve(Path(data))
        live = next(running)
        given, browser = Given(live), launch(playwright, "--lang=zh-CN")
        try:
            picture(browser, live.url, shots(given), folder)
        finally:
            browser.close()
            given.leave()
            running.close()  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
