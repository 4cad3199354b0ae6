"""Keeping a device longer, and what being late looks like from every side."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import DESKTOP, Given, Open, violations


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_a_resident_renews_online(open_page: Open, given: Given, script: bool) -> None:
    # Given a loan that ends within a week
    who = given.person("邹续借")
    loan = given.loan(who, given.unit("free-standing-toilet-frame"), days_ago=30, due_in=6)

    # When the resident renews it from the own page
    page = open_page("/my", login=who.login, script=script)
    page.get_by_role("link", name="续借", exact=True).click()
    expect(page.locator("main")).to_contain_text("续借后到期")
    assert not script or not violations(page)
    page.get_by_role("button", name="确认续借").click()

    # Then the loan lasts longer, and says how often it was renewed
    expect(page).to_have_url(re.compile(f"/loans/{loan}$"))
    expect(page.locator(".rd-note--success")).to_contain_text("续借成功")
    expect(page.locator("main")).to_contain_text("1 次")

    # And the message is there
    page.goto(f"/residents/{who.code}/notices")
    expect(page.locator("main")).to_contain_text("续借")


def test_too_early_is_said_with_the_day_it_opens(open_page: Open, given: Given) -> None:
    who = given.person("喻太早")
    loan = given.loan(who, given.unit("free-standing-toilet-frame"), days_ago=2, due_in=60)
    page = open_page(f"/loans/{loan}/renew", login=who.login)
    expect(page.locator(".rd-note--warning")).to_contain_text(re.compile(r"\d+月\d+日"))
    expect(page.get_by_role("button", name="确认续借")).to_have_count(0)


def test_what_somebody_else_waits_for_is_not_renewed(open_page: Open, given: Given) -> None:
    # Given the only unit of a kind, on loan, and promised to somebody else after that
    kind = "hip-orthosis"
    holder = given.person("柏拿着")
    page = open_page(f"/units?kind={kind}", login="clerk", size=DESKTOP)
    code = (page.locator("main tbody a").first.get_attribute("href") or "").rsplit("/", 1)[-1]
    loan = given.loan(holder, code, days_ago=25, due_in=3)
    waiting = open_page(f"/reserve/{kind}", login=given.person("水等着").login)
    waiting.get_by_role("button", name="下一步").click()
    waiting.locator(".rd-rows__row:has(input[name=slot]:not([disabled]))").first.click()
    waiting.get_by_role("button", name="下一步").click()
    waiting.get_by_role("button", name="提交预约").click()
    expect(waiting.locator("main")).to_contain_text("预约成功")

    # When the holder wants to keep it
    mine = open_page(f"/loans/{loan}/renew", login=holder.login)

    # Then it is not renewed, and a sentence says why
    expect(mine.get_by_role("button", name="确认续借")).to_have_count(0)
    expect(mine.locator(".rd-note--warning")).not_to_be_empty()


def test_late_looks_the_same_everywhere(open_page: Open, given: Given) -> None:
    # Given a loan that is a week over
    who = given.person("窦过期")
    unit = given.unit("free-standing-toilet-frame")
    loan = given.loan(who, unit, days_ago=40, due_in=-7)
    words = re.compile(r"已过期 \d+ 天")

    # When it is looked at from every side
    mine = open_page("/my", login=who.login)
    expect(mine.locator("main")).to_contain_text(words)
    said = {words.search(mine.locator("main").inner_text())[0]}  # type: ignore[index]
    desk = open_page("/desk", login="clerk", size=DESKTOP)
    for path in (
        f"/desk/residents/{who.code}",
        f"/desk/units/{unit}",
        f"/desk/units/{unit}/return",
        f"/loans/{loan}",
    ):
        desk.goto(path)
        expect(desk.locator("main")).to_contain_text(words)
        said.add(words.search(desk.locator("main").inner_text())[0])  # type: ignore[index]
    desk.goto("/loans?show=overdue")
    row = desk.locator("tr", has_text=unit)
    said.add(words.search(row.inner_text())[0])  # type: ignore[index]

    # Then all say the same
    assert said == {"已过期 7 天"}

    # And the desk's number counts it
    desk.goto("/desk")
    tile = desk.locator(".rd-tile", has_text="过期未还")
    number = int(tile.locator(".rd-tile__number").inner_text())
    tile.click()
    expect(desk.locator("main tbody tr")).to_have_count(number)


def test_somebody_elses_loan_is_nobodys_business(open_page: Open, given: Given) -> None:
    loan = given.loan(given.person("章的"), given.unit("transfer-board"))
    page = open_page(f"/loans/{loan}", login=given.person("云的").login)
    expect(page.locator(".rd-error")).to_be_visible()
    expect(page.locator("main")).not_to_contain_text("移乘板")
