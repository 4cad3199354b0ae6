"""What is printed at the desk is one sheet, with the place to sign on it."""

import re

import pytest
from playwright.sync_api import Page

from tests.journeys.conftest import Given, Open

#: Kinds with few and with many accessories, short and long cautions.
KINDS = ["call-button", "lightweight-wheelchair", "electric-sling-hoist", "electric-care-bed"]


def sheets(page: Page) -> int:
    """Return how many sheets of A4 the page takes."""
    return len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4")))


def in_english(page: Page) -> Page:
    page.context.add_cookies([{"name": "lang", "value": "en", "url": page.url}])
    page.reload()
    return page


@pytest.mark.parametrize("kind", KINDS)
def test_the_slip_is_one_sheet(open_page: Open, given: Given, kind: str) -> None:
    loan = given.loan(given.person("石一张"), given.unit(kind))
    page = open_page(f"/loans/{loan}/slip", login="clerk")
    assert sheets(page) == 1
    assert sheets(in_english(page)) == 1


@pytest.mark.parametrize("care", [False, True], ids=["standard", "care"])
def test_a_reservation_is_one_sheet_with_its_qr_code(
    open_page: Open, given: Given, care: bool
) -> None:
    who = given.person("石预约")
    given.unit("lightweight-wheelchair")
    code = given.promise(who, "lightweight-wheelchair")
    page = open_page(f"/reservations/{code}", login=who.login, care=care)
    assert page.locator("main img").count() == 1
    assert sheets(page) == 1
    assert sheets(in_english(page)) == 1
