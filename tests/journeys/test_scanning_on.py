"""A keyboard scanner all day long: one scan after the other, on whatever page comes up."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import DESKTOP, Given, Open, scanner_types, violations

STEADY_MS = 1100


def trigger(page: Page, text: str) -> None:
    """Let the scanner type a moment after the page was shown: sooner would be a repeat."""
    page.wait_for_function("() => window.simulateScan")
    page.wait_for_timeout(STEADY_MS)
    scanner_types(page, text)


def test_returns_go_on_from_scan_to_scan(open_page: Open, given: Given) -> None:
    # Given two units at somebody's home, and one on the shelf
    who, kind = given.person("苗连还"), "transfer-board"
    first, second, shelved = (given.unit(kind) for _ in range(3))
    given.loan(who, first)
    given.loan(who, second)
    page = open_page("/desk?mode=return", login="clerk", size=DESKTOP)
    main, waits = page.locator("main"), page.locator("[data-scan-confirm]")

    # When the second is scanned before the first is done, it is told to wait
    trigger(page, first)
    page.wait_for_url(re.compile(f"{first}/return"))
    trigger(page, second)
    expect(waits).to_have_text("这一件还没办完：先按“确认归还”，再扫下一件。")
    expect(waits).to_be_in_viewport()
    assert not violations(page)

    # And scanning the first once more asks how it came back
    trigger(page, first)
    expect(page.locator(".govuk-error-summary")).to_contain_text("请选")

    # Then once that is said the same scan takes it back, and the next one may come
    page.get_by_label("完好").check()
    trigger(page, first)
    expect(page.get_by_role("heading", level=1)).to_have_text("已归还，待清洗")
    trigger(page, shelved)
    expect(main).to_contain_text(f"{shelved} 没有借出，不用归还。请扫下一件。")
    trigger(page, second)
    page.wait_for_url(re.compile(f"{second}/return"))
    page.get_by_label("完好").check()
    trigger(page, second)
    expect(page.get_by_role("heading", level=1)).to_have_text("已归还，待清洗")


def test_a_trigger_held_too_long_confirms_nothing(open_page: Open, given: Given) -> None:
    unit = given.unit("transfer-board")
    given.loan(given.person("柯按住"), unit)
    page = open_page(f"/desk/units/{unit}/return", login="clerk", size=DESKTOP)
    page.reload(wait_until="domcontentloaded")
    page.wait_for_function(
        "() => window.simulateScan && (window.simulateScan(location.pathname.split('/')[3]), true)"
    )
    expect(page.locator("[data-scan-confirm]")).to_have_text("再扫一次，就等于按“确认归还”。")
    expect(page).to_have_url(re.compile(f"{unit}/return$"))


def test_hand_overs_need_no_mouse(open_page: Open, given: Given) -> None:
    who, kind = given.person("蒲连借"), "transfer-board"
    units = [given.unit(kind) for _ in range(2)]
    page = open_page("/desk", login="clerk", size=DESKTOP)
    trigger(page, who.code)
    for unit in units:
        expect(page.locator("main")).to_contain_text(who.name)
        trigger(page, unit)
        page.wait_for_url(re.compile(f"unit={unit}"))
        trigger(page, unit)
        expect(page.get_by_role("heading", level=1)).to_have_text("已借出")


@pytest.mark.parametrize("login", ["cleaner", "clerk"])
def test_the_wash_room_goes_from_unit_to_unit(open_page: Open, given: Given, login: str) -> None:
    who, kind = given.person("甄洗消"), "transfer-board"
    units = [given.unit(kind) for _ in range(2)]
    for unit in units:
        given.loan(who, unit)
        given("take_back", unit=unit)
    page = open_page("/upkeep", login=login, size=DESKTOP)
    for unit in units:
        trigger(page, unit)
        page.wait_for_url(re.compile(f"/upkeep/{unit}$"))
    trigger(page, units[1])
    expect(page.locator("[data-scan-message]")).to_have_text("这一件已经打开了。")
    assert not violations(page)


def test_a_unit_and_a_sign_put_it_there(open_page: Open, given: Given) -> None:
    # Given a unit that came back dirty
    unit, zones = given.unit("transfer-board"), given("zones")
    given.loan(given.person("桑放好"), unit)
    given("take_back", unit=unit)

    # When the cleaner scans it, then the sign of the dirty zone, twice
    page = open_page("/upkeep", login="cleaner", size=DESKTOP)
    main = page.locator("main")
    trigger(page, unit)
    page.wait_for_url(re.compile(f"/upkeep/{unit}$"))
    trigger(page, zones["dirty"])
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"把 {unit[:4]} {unit[4:]} 放到")
    assert not violations(page)
    trigger(page, zones["dirty"])

    # Then it is noted, and the work goes on
    expect(main).to_contain_text("区域已经记下。")
    expect(page).to_have_url(re.compile(f"/upkeep/{unit}$"))

    # And the clean zone is refused to it
    trigger(page, zones["clean"])
    page.wait_for_url(re.compile(r"/place"))
    trigger(page, zones["clean"])
    expect(main).to_contain_text("这次已经记录")


def test_names_are_typed_at_once(open_page: Open, given: Given) -> None:
    who = given.person("鄢手打")
    page = open_page("/desk", login="clerk", size=DESKTOP)
    expect(page.locator("[data-scan-input]")).to_be_focused()
    page.keyboard.press("?")
    expect(page.locator("dialog[data-keys]")).to_be_visible()
    page.keyboard.press("Escape")
    page.locator("[data-scan-input]").focus()
    page.keyboard.type(who.name, delay=150)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/desk/residents/{who.code}$"))


def test_a_busy_computer_does_not_tear_a_scan_apart(open_page: Open, given: Given) -> None:
    unit = given.unit("transfer-board")
    page = open_page("/desk", login="clerk", size=DESKTOP)
    page.locator("h1").first.click()
    expect(page.locator("[data-scan-input]")).not_to_be_focused()
    page.evaluate(
        """() => window.addEventListener("keyup", () => {
            const end = performance.now() + 150;
            while (performance.now() < end);
        })"""
    )
    scanner_types(page, unit)
    expect(page).to_have_url(re.compile(f"/desk/units/{unit}$"))


def test_an_input_method_does_not_eat_a_scan(open_page: Open, given: Given) -> None:
    unit = given.unit("transfer-board")
    page = open_page("/desk", login="clerk", size=DESKTOP)
    expect(page.locator("[data-scan-input]")).to_be_focused()
    page.evaluate(
        """unit => {
            const press = (code) => document.activeElement.dispatchEvent(new KeyboardEvent(
                "keydown", {key: "Process", isComposing: true, code, bubbles: true}));
            for (const one of unit) press((/[0-9]/.test(one) ? "Digit" : "Key") + one);
            press("Enter");
        }""",
        unit,
    )
    expect(page).to_have_url(re.compile(f"/desk/units/{unit}$"))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("HTTPS://WEIXIN.QQ.COM/R/ABCDEFG", "这不是我们的二维码。请扫器具标签或居民卡。"),
        ("HTTPS://U.WECHAT.COM/MABCDEFG", "这不是我们的二维码。请扫器具标签或居民卡。"),
        ("6901234567890", "这是商品条码，请扫我们贴的标签。"),
    ],
)
def test_other_peoples_codes_are_called_so(open_page: Open, text: str, sentence: str) -> None:
    page = open_page("/desk", login="clerk", size=DESKTOP)
    trigger(page, text)
    expect(page.locator("[data-scan-result=refused]")).to_contain_text(sentence)
    page.locator("h1").click()
    trigger(page, text)
    expect(page.locator("[data-scan-result=refused]")).to_contain_text(sentence)
