"""An eligible resident finds a device and is promised one; else is told why, and what instead."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import DESKTOP, PHONE, Given, Open, violations

WITH_AND_WITHOUT_SCRIPT = pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])


def next_step(page: Page) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name="下一步").click()


def choose_the_first_visit(page: Page) -> str:
    """Choose the first visit that has places left, and return its words."""
    row = page.locator(".rd-rows__row:has(input[name=slot]:not([disabled]))").first
    row.click()
    return row.locator(".rd-rows__text").inner_text()


def reserve(page: Page, kind: str) -> str:
    """Go through the steps with what is offered first; return the reservation's code."""
    page.goto(f"/reserve/{kind}")
    next_step(page)
    choose_the_first_visit(page)
    next_step(page)
    page.get_by_role("button", name="提交预约").click()
    expect(page.locator("main")).to_contain_text("预约成功")
    return page.url.rsplit("/", 1)[-1]


@pytest.mark.parametrize("words", ["轮椅", "lunyi", "ly", "LY", "wheelchair"])
def test_a_wheelchair_is_found_however_it_is_written(open_page: Open, words: str) -> None:
    page = open_page("/catalogue", script=words != "ly")
    page.get_by_label("器具名称").fill(words)
    page.get_by_role("button", name="查找").click()
    expect(page.get_by_role("link", name="轻便铝合金轮椅")).to_be_visible()


def test_a_need_leads_to_what_serves_it(open_page: Open) -> None:
    page = open_page("/")
    page.get_by_role("link", name="洗澡").click()
    expect(page.get_by_role("link", name="带扶手洗浴椅")).to_be_visible()
    expect(page.get_by_role("link", name="轻便铝合金轮椅")).to_have_count(0)


def test_nothing_found_offers_a_way_on(open_page: Open) -> None:
    page = open_page("/catalogue?q=飞船")
    expect(page.locator(".rd-empty")).to_be_visible()
    page.get_by_role("link", name="看全部器具").click()
    expect(page.locator(".rd-card").first).to_be_visible()


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_calendar_of_a_kind_starts_a_reservation(
    open_page: Open, given: Given, size: dict[str, int]
) -> None:
    who = given.person("钟看日历")
    page = open_page("/catalogue/kinds/lamp-magnifier", login=who.login, size=size)
    day = page.locator(".rd-month a").first
    if not day.count():  # the month ends today
        with page.expect_navigation():
            page.get_by_role("link", name="下个月").click()
    page.locator(".rd-month a").first.click()
    expect(page).to_have_url(re.compile(r"/reserve/lamp-magnifier\?start=\d{4}-\d\d-\d\d"))
    expect(page.locator("input[name=start]:checked")).to_have_count(1)


@WITH_AND_WITHOUT_SCRIPT
def test_a_resident_reserves_changes_and_cancels(
    open_page: Open, given: Given, script: bool
) -> None:
    # Given an eligible resident who has found a kind
    who = given.person("华预约")
    page = open_page("/catalogue?q=tripod", login=who.login, script=script)
    page.get_by_role("link", name="三脚手杖").first.click()
    page.get_by_role("link", name="预约", exact=True).click()

    # When the first day, a month and the first visit are chosen
    page.locator("input[name=start]").first.check(force=True)
    page.get_by_label("30 天", exact=True).check()
    next_step(page)
    visit = choose_the_first_visit(page)
    next_step(page)
    assert not script or not violations(page)
    page.get_by_role("button", name="提交预约").click()

    # Then the promise stands on a page with its code as a QR
    main = page.locator("main")
    expect(main).to_contain_text("预约成功")
    expect(main).to_contain_text("共 30 天")
    expect(main).to_contain_text(visit.split(" ")[0])
    expect(main.locator("img[src^='data:image/png']")).to_be_visible()
    code = page.url.rsplit("/", 1)[-1]
    assert re.fullmatch(r"B-[0-9A-Z]{8}", code)

    # When it is moved to another day and a week
    page.get_by_role("link", name="改时间").click()
    page.locator("input[name=start]").last.check(force=True)
    page.get_by_label("7 天", exact=True).check()
    next_step(page)
    choose_the_first_visit(page)
    next_step(page)
    page.get_by_role("button", name="改成这个时间").click()

    # Then it has moved
    expect(main).to_contain_text("已经改好了")
    expect(main).to_contain_text(re.compile(r"共 [78] 天"))  # an end on a Sunday moves to Monday

    # When it is cancelled, after having been asked once more
    page.get_by_role("link", name="取消预约").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("真的要取消吗？")
    page.get_by_role("button", name="取消这个预约").click()

    # Then it is over, and one's own page says that nothing waits
    expect(main).to_contain_text("预约已经取消")
    page.goto(f"/residents/{who.code}")
    expect(main).to_contain_text("没有等着取的预约")


@WITH_AND_WITHOUT_SCRIPT
def test_what_is_gone_says_why_and_what_else_there_is(
    open_page: Open, given: Given, script: bool
) -> None:
    # Given a kind whose only units are promised from today on
    kind = "desktop-video-magnifier" if script else "finger-strength-table"
    given.promise(given.person("早到的"), kind)

    # When somebody else wishes for it from the first open day on
    who = given.person("晚到的")
    page = open_page(f"/catalogue/kinds/{kind}", login=who.login, script=script)
    expect(page.locator("main")).not_to_contain_text("今天可借 1 件")
    page.goto(f"/reserve/{kind}")
    first_open = given("first_open_day")
    assert (page.locator("input[name=start]").first.get_attribute("value") or "") > first_open
    page.goto(f"/reserve/{kind}?start={first_open}&days=7")

    # Then it says why not, and offers another start and a like kind
    main = page.locator("main")
    expect(main.locator(".rd-note--warning")).to_be_visible()
    expect(main).to_contain_text("可以这样")
    main.get_by_role("link", name=re.compile(r"^从 .*开始$")).click()
    expect(main.locator("input[name=slot]").first).to_be_attached()


def test_two_cannot_have_the_last_one(open_page: Open, given: Given) -> None:
    """The second one to press the button gets a sentence and another day."""
    kind = "memory-game-set"
    pages = []
    for name in ("快一步", "慢一步"):
        page = open_page(f"/reserve/{kind}", login=given.person(name).login)
        next_step(page)
        choose_the_first_visit(page)
        next_step(page)
        pages.append(page)
    for page in pages:
        page.get_by_role("button", name="提交预约").click()
    expect(pages[0].locator("main")).to_contain_text("预约成功")
    expect(pages[1].locator("main .rd-note--warning")).to_be_visible()
    expect(pages[1].locator("main")).to_contain_text("可以这样")
    assert not violations(pages[1])


def test_without_a_right_the_way_to_apply_is_shown(open_page: Open) -> None:
    page = open_page("/reserve/tripod-stick", login="sun-lei")
    expect(page.get_by_role("heading", level=1)).to_contain_text("现在还不能预约")
    page.get_by_role("link", name="申请资格").click()
    expect(page).to_have_url(re.compile(r"/residents/R-[0-9A-Z]{8}/apply$"))


def test_a_second_reservation_of_the_kind_is_refused(open_page: Open, given: Given) -> None:
    who = given.person("要两个")
    page = open_page("/", login=who.login)
    reserve(page, "bed-tray-table")
    page.goto("/reserve/bed-tray-table")
    expect(page.get_by_role("heading", level=1)).to_contain_text("现在还不能预约")
    expect(page.get_by_role("link", name="看我的预约")).to_be_visible()


def test_a_stranger_signs_in_and_comes_back_to_the_same_place(
    open_page: Open, given: Given
) -> None:
    who = given.person("要登录")
    page = open_page("/catalogue/kinds/two-level-frame")
    page.get_by_role("link", name="预约", exact=True).click()
    expect(page).to_have_url(re.compile(r"/sign-in"))
    page.locator("main input[name=name]").fill(who.phone)
    page.locator("main input[name=password]").fill("demo-rental-2026")
    page.locator("main form button[type=submit]").first.click()
    expect(page).to_have_url(re.compile(r"/reserve/two-level-frame$"))


def test_delivery_asks_where_to(open_page: Open, given: Given) -> None:
    who = given.person("要送货")
    page = open_page("/reserve/folding-ramp", login=who.login)
    next_step(page)
    page.locator("input[name=by][value=delivery]").check(force=True)
    choose_the_first_visit(page)
    next_step(page)
    page.get_by_label("送到哪里").fill("测试小区 3 号楼 2 单元 501")
    page.get_by_role("button", name="提交预约").click()
    expect(page.locator("main")).to_contain_text("测试小区 3 号楼 2 单元 501")
    assert "501" not in page.url


def test_a_daughter_reserves_for_her_mother(open_page: Open) -> None:
    page = open_page("/", login="chen-jing")
    reserve(page, "fixed-reacher")
    expect(page.locator("main")).to_contain_text("王桂兰")
    page.get_by_role("link", name="取消预约").click()
    page.get_by_role("button", name="取消这个预约").click()
    expect(page.locator("main")).to_contain_text("预约已经取消")
