"""The desk: one box that takes everything, hand-over, return, and the way back to the shelf."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import (
    DESKTOP,
    PHONE,
    Given,
    Live,
    Open,
    Person,
    scanner_types,
    violations,
)


def scan(page: Page, text: str) -> None:
    """Type into the box, as people and scanners do when the box has the focus."""
    page.locator("[data-scan-input]").fill(text)
    with page.expect_navigation():
        page.locator("[data-scan-input]").press("Enter")


def hand_over(page: Page, who: Person, unit: str) -> None:
    scan(page, who.code)
    expect(page.get_by_role("heading", level=1)).to_contain_text(who.name)
    scan(page, unit)
    page.get_by_role("button", name="确认借出").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("已借出")


@pytest.mark.parametrize(
    ("script", "size"), [(True, DESKTOP), (False, PHONE)], ids=["script-desktop", "plain-phone"]
)
def test_a_promised_device_is_handed_over_by_scans(
    open_page: Open, given: Given, script: bool, size: dict[str, int]
) -> None:
    # Given a resident whose reservation begins today, and the unit on the shelf
    who = given.person("施预约")
    unit = given.unit("stick-with-lamp")
    promise = given.promise(who, "stick-with-lamp")

    # When the clerk scans the reservation of the resident's phone, then the unit
    page = open_page("/desk", login="clerk", script=script, size=size)
    scan(page, promise)
    expect(page.locator("main")).to_contain_text("就是刚扫的这个预约")
    scan(page, unit)
    expect(page.locator("main")).to_contain_text(promise)
    assert not script or not violations(page)
    page.get_by_role("button", name="确认借出").click()

    # Then it is theirs, the slip can be printed, and it names no more than it must
    main = page.locator("main")
    expect(main).to_contain_text("已借出")
    page.get_by_role("link", name="打印领用单").click()
    expect(main).to_contain_text("康复辅具领用单")
    expect(main).to_contain_text(unit)
    expect(main).to_contain_text(who.name)
    expect(main).not_to_contain_text(who.phone)
    expect(page.locator("img")).to_have_count(0)

    # And the resident sees it, as does the device's own page for staff
    mine = open_page(f"/residents/{who.code}", login=who.login, script=script)
    expect(mine.locator("main")).to_contain_text("照明手杖")
    expect(mine.locator("main")).to_contain_text("没有等着取的预约")
    page.goto(f"/u/{unit}")
    expect(main).to_contain_text("已借出")


@pytest.mark.parametrize("how", ["bare", "address", "lower case", "full width", "with spaces"])
def test_a_code_is_read_however_it_comes(open_page: Open, given: Given, how: str) -> None:
    unit = given.unit("folding-stick")
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in unit)
    text = {
        "bare": unit,
        "address": f"http://127.0.0.1:8000/u/{unit}",
        "lower case": unit.lower(),
        "full width": wide,
        "with spaces": f" {unit[:4]} {unit[4:]} ",
    }[how]
    page = open_page("/desk", login="clerk", script=how in {"address", "full width"})
    scan(page, text)
    expect(page).to_have_url(re.compile(f"/desk/units/{unit}$"))
    expect(page.locator("main")).to_contain_text("折叠手杖")


def test_a_keyboard_scanner_works_with_no_field_focused(
    open_page: Open, given: Given, live: Live
) -> None:
    who = given.person("吕扫码")
    unit = given.unit("open-cuff-elbow-crutch")
    page = open_page("/desk", login="clerk", size=DESKTOP)
    for text, leads_to in (
        (f"{live.url}/r/{who.code}", f"/desk/residents/{who.code}$"),
        (unit.lower(), f"/desk/residents/{who.code}/issue"),
    ):
        page.locator("h1").first.click()
        expect(page.locator("[data-scan-input]")).not_to_be_focused()
        scanner_types(page, text)
        expect(page).to_have_url(re.compile(leads_to))
    page.get_by_role("button", name="确认借出").click()
    expect(page.locator("main")).to_contain_text("已借出")


def test_a_walk_in_is_found_by_name_and_served(open_page: Open, given: Given) -> None:
    who = given.person("尤直接借")
    unit = given.unit("threshold-ramp")
    page = open_page("/desk", login="clerk", size=DESKTOP)
    scan(page, who.name)
    expect(page).to_have_url(re.compile(f"/desk/residents/{who.code}$"))
    scan(page, unit)
    expect(page.locator("main")).to_contain_text("没有预约，直接借")
    page.get_by_role("button", name="确认借出").click()
    expect(page.locator("main")).to_contain_text("已借出")


def test_the_unit_may_be_scanned_before_the_person(open_page: Open, given: Given) -> None:
    who = given.person("张先扫货")
    unit = given.unit("transfer-board")
    page = open_page("/desk", login="clerk", size=DESKTOP)
    scan(page, unit)
    scan(page, who.phone)
    expect(page).to_have_url(re.compile(f"/desk/residents/{who.code}/issue\\?unit={unit}"))
    assert who.phone not in page.url


def test_namesakes_are_told_apart_by_their_telephones(open_page: Open, given: Given) -> None:
    people = [given.person("孔同名") for _ in range(2)]
    page = open_page("/desk", login="clerk", size=DESKTOP)
    scan(page, "孔同名")
    expect(page.get_by_role("heading", level=1)).to_have_text("是哪一位？")
    for each in people:
        expect(page.locator("main")).to_contain_text(each.phone[-4:])
        expect(page.locator("main")).not_to_contain_text(each.phone)
    page.get_by_role("link", name="孔同名").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("孔同名")


def test_who_is_not_eligible_gets_a_sentence_and_a_way(open_page: Open, given: Given) -> None:
    unit = given.unit("transfer-board")
    page = open_page("/desk", login="clerk", size=DESKTOP)
    scan(page, "孙磊")
    expect(page.locator("main")).to_contain_text("还没有资格")
    scan(page, unit)
    main = page.locator("main")
    expect(main).to_contain_text("现在还不能借出")
    expect(main).to_contain_text("这位居民还没有审核通过的租借资格。")
    expect(main.get_by_role("link", name="现在申请资格")).to_be_visible()
    expect(main.get_by_role("button", name="确认借出")).to_have_count(0)
    assert not violations(page)


def test_every_blocker_has_its_own_sentence(open_page: Open, given: Given) -> None:
    # Given a unit promised to somebody else, one on loan, and one that is dirty
    kind = "alternating-pressure-air-mattress"
    promised = given.promise(given.person("曹等着"), kind)
    lent, dirty = given.unit("gel-cushion"), given.unit("gel-cushion")
    other = given.person("严借着")
    given.loan(other, lent)
    given.loan(other, dirty)
    given("take_back", unit=dirty)
    page = open_page("/units?kind=" + kind, login="clerk", size=DESKTOP)
    code = page.locator("main tbody a").first.get_attribute("href") or ""

    # When somebody else is to get them
    who = given.person("魏来借")
    main = page.locator("main")
    page.goto("/desk")
    scan(page, who.code)
    scan(page, code.rsplit("/", 1)[-1])
    expect(main).to_contain_text(f"借出后，预约 {promised}")
    scan(page, lent)
    expect(main).to_contain_text(f"器具 {lent} 还在租借中")
    expect(main.get_by_role("link", name="先办归还")).to_be_visible()
    scan(page, dirty)
    expect(main).to_contain_text("还没有放行")
    expect(main.get_by_role("button", name="确认借出")).to_have_count(0)


def test_what_already_happened_is_recorded_with_a_reason(open_page: Open, given: Given) -> None:
    who = given.person("陶没资格", ground=None)
    unit = given.unit("slide-sheet")
    page = open_page("/desk", login="clerk", size=DESKTOP)
    scan(page, who.code)
    scan(page, unit)
    page.get_by_text("器具已经交出去了？按特殊情况登记").click()
    page.get_by_label("为什么仍要借出").fill("急")
    page.get_by_role("button", name="按特殊情况借出").click()
    expect(page.locator("[data-error-summary]")).to_be_visible()
    page.get_by_label("为什么仍要借出").fill("昨晚急用，值班已先交出")
    page.get_by_role("button", name="按特殊情况借出").click()
    expect(page.locator("main")).to_contain_text("按特殊情况登记")


def test_nonsense_in_the_box_gets_a_sentence(open_page: Open) -> None:
    page = open_page("/desk", login="clerk", size=DESKTOP)
    for text in ("", "7K3M9QX1", "没有这个人", "B-00000000", "😀" * 20, "x" * 500):
        scan(page, text)
        expect(page.locator("[data-scan-result=refused]")).to_be_visible()
        expect(page.locator("[data-scan-result=refused]")).not_to_be_empty()


def test_pressing_the_button_twice_lends_once(open_page: Open, given: Given) -> None:
    who = given.person("姜按两次")
    unit = given.unit("transfer-board")
    first = open_page("/desk", login="clerk", size=DESKTOP)
    scan(first, who.code)
    scan(first, unit)
    second = open_page(first.url, login="clerk", size=DESKTOP)
    first.get_by_role("button", name="确认借出").click()
    expect(first.locator("main")).to_contain_text("已借出")
    second.get_by_role("button", name="确认借出").click()
    expect(second.locator("main")).to_contain_text("刚才已经借出，不用再办")


def test_from_return_to_release_and_back_on_the_shelf(
    open_page: Open, given: Given, live: Live
) -> None:
    # Given a rollator that somebody has
    who = given.person("戚归还")
    unit = given.unit("two-wheel-frame")
    desk = open_page("/desk", login="clerk", size=DESKTOP)
    hand_over(desk, who, unit)

    # When the clerk takes it back, with a part missing
    desk.goto("/desk?mode=return")
    scan(desk, unit)
    expect(desk.locator("input[name=condition]:checked")).to_have_count(0)
    desk.get_by_label("完好").check(force=True)
    desk.locator("input[name=missing]").first.check()
    desk.get_by_label("备注").fill("轮子有点脏")
    desk.get_by_role("button", name="确认归还").click()

    # Then the resident is free of it and was told; the unit is dirty
    expect(desk.get_by_role("heading", level=1)).to_have_text("已归还，待清洗")
    expect(desk.locator("main")).to_contain_text("缺少配件")
    mine = open_page(f"/residents/{who.code}", login=who.login)
    expect(mine.locator("main")).to_contain_text("现在没有借着的器具")
    expect(mine.locator("main")).to_contain_text("归还")

    # When the cleaner cleans and disinfects it, scanning it first
    washing = open_page("/desk", login="cleaner", script=False)
    scan(washing, unit)
    expect(washing).to_have_url(re.compile(f"/upkeep/{unit}$"))
    with washing.expect_navigation():
        washing.get_by_role("button", name="清洗做完了，合格").click()
    washing.get_by_label("有效氯浓度").fill("500")
    washing.get_by_label("作用时间（分钟）").fill("5")
    with washing.expect_navigation():
        washing.get_by_role("button", name="消毒做完了，合格").click()
    expect(washing.locator("#contact_minutes-error")).not_to_be_empty()
    given("wait", unit=unit)
    washing.get_by_label("作用时间（分钟）").fill("30")
    with washing.expect_navigation():
        washing.get_by_role("button", name="消毒做完了，合格").click()
    expect(washing.locator("main")).to_contain_text("下一步：检查")

    # And the technician inspects it, but counts the part that lacks as lacking
    bench = open_page(f"/upkeep/{unit}", login="technician")
    bench.get_by_role("button", name="检查做完了，合格").click()
    expect(bench.locator("main")).to_contain_text("缺配件")
    expect(bench.get_by_role("button", name="我担保，放行")).to_have_count(0)
    bench.get_by_role("button", name="配件已补齐").click()

    # Then the cleaner cannot release the own work
    washing.goto(f"/upkeep/{unit}")
    expect(washing.locator("main")).to_contain_text("还不能放行")
    expect(washing.get_by_role("button", name="我担保，放行")).to_have_count(0)

    # When the technician releases it
    bench.get_by_role("button", name="我担保，放行").click()
    expect(bench.locator(".rd-note--success").first).to_be_visible()

    # Then it is free again, and its page tells the whole story
    desk.goto(f"/u/{unit}")
    story = desk.locator(".rd-timeline")
    expect(desk.locator("main")).to_contain_text("可借")
    for act in ("登记入库", "借出", "归还", "清洗", "消毒", "检查", "配件已补齐", "放行"):
        expect(story).to_contain_text(act)
    for name in ("周窗口", "吴洗消", "郑师傅"):
        expect(story).to_contain_text(name)
    desk.goto("/desk")
    scan(desk, unit)
    expect(desk.locator("main")).to_contain_text("借给谁？")

    # And nothing that was written down can be disputed
    assert "every chain holds" in live.flask("journal", "verify")


def test_a_wrong_return_and_a_wrong_hand_over_are_taken_back(
    open_page: Open, given: Given, live: Live
) -> None:
    # Given a board that is handed over to somebody
    who, unit = given.person("柏记错"), given.unit("transfer-board")
    desk = open_page("/desk", login="clerk", size=DESKTOP)
    hand_over(desk, who, unit)

    # When it is returned by mistake, and the clerk takes that back
    desk.goto(f"/desk/units/{unit}/return")
    desk.get_by_label("完好").check(force=True)
    desk.get_by_role("button", name="确认归还").click()
    desk.get_by_role("link", name="撤销这次归还").click()
    desk.get_by_label("扫错了器具").check(force=True)
    desk.get_by_role("button", name="确认撤销归还").click()

    # Then the resident has it as before, and was told
    expect(desk.locator("main")).to_contain_text("已撤销归还")
    mine = open_page(f"/residents/{who.code}", login=who.login)
    expect(mine.locator("main")).to_contain_text("器具仍由您保管")

    # Given another one handed over to the wrong person, still on the counter
    other = given.unit("transfer-board")
    desk.goto("/desk")
    hand_over(desk, who, other)
    desk.get_by_role("link", name="撤销这次借出").click()
    desk.get_by_role("button", name="确认撤销借出").click()
    expect(desk.locator("#never_left-error")).to_be_visible()
    desk.get_by_label("器具一直在窗口").check(force=True)
    desk.get_by_role("button", name="确认撤销借出").click()

    # Then it may be lent at once, and its history says why
    expect(desk.locator("main")).to_contain_text("可借")
    desk.goto(f"/u/{other}")
    expect(desk.locator(".rd-timeline")).to_contain_text("器具没有离开窗口")
    assert "every chain holds" in live.flask("journal", "verify")


def test_a_unit_that_is_returned_already_is_not_returned_twice(
    open_page: Open, given: Given
) -> None:
    who, unit = given.person("谢还两次"), given.unit("transfer-board")
    given.loan(who, unit)
    first = open_page(f"/desk/units/{unit}/return", login="clerk", size=DESKTOP)
    second = open_page(f"/desk/units/{unit}/return", login="clerk", size=DESKTOP)
    for page in (first, second):
        page.get_by_label("完好").check(force=True)
    first.get_by_role("button", name="确认归还").click()
    expect(first.locator("main")).to_contain_text("已归还")
    with second.expect_navigation():
        second.get_by_role("button", name="确认归还").click()
    expect(second.get_by_role("heading", level=1)).to_be_visible()
    expect(second.locator("main")).not_to_contain_text("系统出错了")


def test_the_desk_numbers_lead_to_their_lists(open_page: Open) -> None:
    """Behind each number stand exactly as many rows."""
    page = open_page("/desk", login="clerk", size=DESKTOP)
    tiles = page.locator(".rd-tile")
    wrong = []
    for index in range(tiles.count()):
        number = int(tiles.nth(index).locator(".rd-tile__number").inner_text())
        label = tiles.nth(index).locator(".rd-tile__label").inner_text()
        href = tiles.nth(index).get_attribute("href") or ""
        if not href.startswith("#"):
            page.goto(href)
        rows = page.locator("main tbody tr").count()
        if rows != number:
            wrong.append(f"{label} {href}: {number} became {rows} rows")
        page.goto("/desk")
    assert not wrong
