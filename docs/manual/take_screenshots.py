#!/usr/bin/env python3
"""Take the manual's pictures from a running service that holds the demo data.

``.venv/bin/python docs/manual/take_screenshots.py http://127.0.0.1:8000 docs/manual/images``

It uses Chromium through Playwright and only opens pages: nothing is reserved, lent or taken back.
"""

import argparse
import io
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

PASSWORD = "demo-rental-2026"  # ruff: ignore[hardcoded-password-string] - the public password of the demo accounts
SYSTEM_CHROMIUM = Path("/usr/bin/chromium")
PHONE, DESK = 390, 1280
HEIGHT = 1400
COLOURS = 64

Visit = Callable[[Page], None]


class Broken(RuntimeError):
    """A page answered with an error."""


def go(page: Page, address: str) -> None:
    """Open an address of the service.

    Raises:
        Broken: If it answers with an error.
    """
    answer = page.goto(address)
    if answer is None or not answer.ok:
        raise Broken(f"{address}: {answer.status if answer else 'no answer'}")


def follow(page: Page, selector: str) -> None:
    """Open the address of the first link that the selector finds."""
    href = page.locator(selector).first.get_attribute("href")
    go(page, href or "")


def self_check(page: Page) -> None:
    """Answer the eligibility check as an old person who lives alone."""
    go(page, "/eligibility")


def search(page: Page) -> None:
    """Look for wheelchairs in pinyin."""
    go(page, "/catalogue?q=lunyi")


def found_unit(page: Page) -> None:
    """Scan the first unit that is on loan."""
    code = unit_in(page, "on_loan")
    go(page, f"/desk/units/{code}")


def unit_in(page: Page, state: str) -> str:
    """Return the code of the first unit in the state."""
    go(page, f"/units?state={state}")
    href = page.locator("main a[href^='/u/']").first.get_attribute("href") or ""
    return href.removeprefix("/u/")


def person(page: Page) -> None:
    """Open an eligible resident at the desk by name, as if a card had been scanned."""
    go(page, "/people")
    page.fill("#search-q", "李建国")
    page.press("#search-q", "Enter")
    follow(page, "main a[href*='/desk/residents/R-']")


def hand_over(page: Page) -> None:
    """Scan an available unit for a resident; the last button stays unpressed."""
    code = unit_in(page, "available")
    person(page)
    go(page, f"{page.url}/issue?unit={code}")


def take_back(page: Page) -> None:
    """Open the form for what came back."""
    go(page, f"/desk/units/{unit_in(page, 'on_loan')}/return")


def work_page(page: Page) -> None:
    """Open a unit that was disinfected and waits for its inspection."""
    go(page, f"/upkeep/{unit_in(page, 'disinfected')}")


def review(page: Page) -> None:
    """Open the oldest application."""
    go(page, "/review")
    follow(page, "main a[href*='/review/A-']")


def at(address: str) -> Visit:
    """Return a visit to one address."""
    return lambda page: go(page, address)


#: file name → (account, width, what to open)
PICTURES: dict[str, tuple[str | None, int, Visit]] = {
    "01-home": (None, PHONE, at("/")),
    "02-eligibility": (None, PHONE, self_check),
    "03-catalogue": (None, PHONE, search),
    "04-kind": (None, PHONE, at("/catalogue/kinds/lightweight-wheelchair")),
    "05-reserve": ("wang-guilan", PHONE, at("/reserve/lightweight-wheelchair")),
    "06-my": ("wang-guilan", PHONE, at("/my")),
    "07-review": ("reviewer", DESK, review),
    "08-desk": ("clerk", DESK, at("/desk")),
    "09-person": ("clerk", DESK, person),
    "10-issue": ("clerk", PHONE, hand_over),
    "11-return": ("clerk", PHONE, take_back),
    "12-upkeep": ("cleaner", PHONE, at("/upkeep")),
    "13-work": ("technician", PHONE, work_page),
    "14-stranger": (None, PHONE, at("")),
    "15-units": ("manager", DESK, at("/units")),
    "16-policies": ("manager", DESK, at("/manage")),
}


@contextmanager
def signed_in(browser: Browser, base: str, account: str | None, width: int) -> Generator[Page]:
    """Open a page of one width, signed in as the account."""
    context = browser.new_context(
        base_url=base, locale="zh-CN", viewport={"width": width, "height": 844}
    )
    try:
        page = context.new_page()
        if account:
            go(page, "/sign-in")
            page.locator("input[name=name]").fill(account)
            page.locator("input[name=password]").fill(PASSWORD)
            page.locator("main button[type=submit]").click()
            page.wait_for_url(lambda address: not address.endswith("/sign-in"))
        yield page
    finally:
        context.close()


def save(page: Page, path: Path) -> None:
    """Write the page's upper part as a small PNG."""
    whole = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
    part = whole.crop((0, 0, whole.width, min(whole.height, HEIGHT)))
    part.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


def stranger(browser: Browser, base: str) -> Visit:
    """Return a visit to what a stranger sees who scans a unit on loan."""
    with signed_in(browser, base, "clerk", DESK) as page:
        code = unit_in(page, "on_loan")
    return at(f"/u/{code}")


def main() -> int:
    """Take every picture, or those whose names are given; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("base", help="address of the service")
    parser.add_argument("folder", type=Path, help="where the pictures go")
    parser.add_argument("only", nargs="*", help="names of pictures, for instance 08-desk")
    wanted = parser.parse_args()
    wanted.folder.mkdir(parents=True, exist_ok=True)
    failed = 0
    path = str(SYSTEM_CHROMIUM) if SYSTEM_CHROMIUM.exists() else None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path)
        for name, (account, width, visit) in PICTURES.items():
            if wanted.only and name not in wanted.only:
                continue
            try:
                show = stranger(browser, wanted.base) if name == "14-stranger" else visit
                with signed_in(browser, wanted.base, account, width) as page:
                    show(page)
                    save(page, wanted.folder / f"{name}.png")
            except Exception as error:  # ruff: ignore[blind-except] - the other pages go on
                failed += 1
                sys.stderr.write(f"{name}: {type(error).__name__}: {str(error)[:300]}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
