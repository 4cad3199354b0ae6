"""Pages that only a sent form shows: mistakes, outcomes, refusals. axe looks at them as well."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.cast import fake_number
from tests.journeys.conftest import DESKTOP, PHONE, Given, Open
from tests.journeys.test_every_page import AXE, COLOURS, findings, hanging_out

Act = Callable[[Open, Given, bool], Page]


def wrong_self_check(open_page: Open, given: Given, care: bool) -> Page:
    page = open_page("/eligibility", care=care)
    page.get_by_label("身份证号码").fill("123")
    page.get_by_label("残疾人证号").fill("456")
    with page.expect_navigation():
        page.get_by_role("button", name="看结果").click()
    return page


def outcome_of_the_self_check(open_page: Open, given: Given, care: bool) -> Page:
    page = open_page("/eligibility", care=care)
    page.get_by_label("身份证号码").fill(fake_number("110101", "19500307", "252"))
    for ground in ("有残疾人证", "老年人，生活有困难", "受伤或生病，近期需要"):
        page.get_by_label(ground, exact=True).check()
    with page.expect_navigation():
        page.get_by_role("button", name="看结果").click()
    return page


def wrong_password(open_page: Open, given: Given, care: bool) -> Page:
    page = open_page("/sign-in", care=care)
    page.locator("main input[name=name]").fill("nobody-like-this")
    page.locator("main input[name=password]").fill("wrong-password")
    with page.expect_navigation():
        page.locator("main form button[type=submit]").first.click()
    return page


def empty_sign_up(open_page: Open, given: Given, care: bool) -> Page:
    page = open_page("/sign-up", care=care)
    with page.expect_navigation():
        page.locator("main").get_by_role("button", name="注册").click()
    return page


def application_to_be_checked(open_page: Open, given: Given, care: bool) -> Page:
    who = given.person("葛核对", ground=None)
    page = open_page(f"/residents/{who.code}/apply", login=who.login, care=care)
    page.get_by_label("老年人，生活有困难", exact=True).check()
    page.get_by_label("独居").check()
    with page.expect_navigation():
        page.get_by_role("button", name="下一步：核对").click()
    return page


def empty_application(open_page: Open, given: Given, care: bool) -> Page:
    who = given.person("奚没选", ground=None)
    page = open_page(f"/residents/{who.code}/apply", login=who.login, care=care)
    with page.expect_navigation():
        page.get_by_role("button", name="下一步：核对").click()
    return page


def approval_of_nothing(open_page: Open, given: Given, care: bool) -> Page:
    who = given.person("范空批", ground=None)
    code = given("apply", login=who.login)
    page = open_page(f"/review/{code}", login="reviewer", care=care)
    with page.expect_navigation():
        page.get_by_role("button", name="通过", exact=True).click()
    return page


def value_shown_in_full(open_page: Open, given: Given, care: bool) -> Page:
    who = given.person("彭要看")
    page = open_page(f"/residents/{who.code}/reveal", login="clerk", care=care)
    page.locator("main input[name=which]").first.check(force=True)
    page.get_by_label("为什么要看").fill("打电话约送货时间")
    page.get_by_role("button", name="记录并查看").click()
    expect(page.locator("main")).to_contain_text("分钟")
    return page


def refused_scan(open_page: Open, given: Given, care: bool) -> Page:
    page = open_page("/desk", login="clerk", care=care)
    page.locator("[data-scan-input]").fill("7K3M9QX1")
    with page.expect_navigation():
        page.locator("[data-scan-input]").press("Enter")
    return page


def namesakes(open_page: Open, given: Given, care: bool) -> Page:
    for _ in range(2):
        given.person("郎重名")
    page = open_page("/desk", login="clerk", care=care)
    page.locator("[data-scan-input]").fill("郎重名")
    with page.expect_navigation():
        page.locator("[data-scan-input]").press("Enter")
    return page


def return_in_no_condition(open_page: Open, given: Given, care: bool) -> Page:
    unit = given.unit("transfer-board")
    given.loan(given.person("鲁归还"), unit)
    page = open_page(f"/desk/units/{unit}/return", login="clerk", care=care)
    page.get_by_label("备注").fill("长" * 500)
    with page.expect_navigation():
        page.get_by_role("button", name="确认归还").click()
    return page


def hand_over_undone_without_a_word(open_page: Open, given: Given, care: bool) -> Page:
    loan = given.loan(given.person("柏登错"), given.unit("transfer-board"))
    page = open_page(f"/loans/{loan}/undo-issue", login="clerk", care=care)
    with page.expect_navigation():
        page.get_by_role("button", name="确认撤销借出").click()
    return page


def return_undone_for_no_reason(open_page: Open, given: Given, care: bool) -> Page:
    unit = given.unit("transfer-board")
    loan = given.loan(given.person("水登错"), unit)
    given("take_back", unit=unit)
    page = open_page(f"/loans/{loan}/undo-return", login="clerk", care=care)
    with page.expect_navigation():
        page.get_by_role("button", name="确认撤销归还").click()
    return page


def weak_disinfection(open_page: Open, given: Given, care: bool) -> Page:
    unit = given.unit("two-level-frame")
    given.loan(given.person("韦归还"), unit)
    given("take_back", unit=unit)
    page = open_page(f"/upkeep/{unit}", login="cleaner", care=care)
    with page.expect_navigation():
        page.get_by_role("button", name="清洗做完了，合格").click()
    page.get_by_label("有效氯浓度").fill("500")
    page.get_by_label("作用时间（分钟）").fill("1")
    with page.expect_navigation():
        page.get_by_role("button", name="消毒做完了，合格").click()
    return page


def delivery_of_nothing(open_page: Open, given: Given, care: bool) -> Page:
    page = open_page("/units/new", login="manager", care=care)
    page.get_by_label("几件").fill("0")
    with page.expect_navigation():
        page.get_by_role("button", name="登记", exact=True).click()
    return page


def unreadable_catalogue(open_page: Open, given: Given, care: bool) -> Page:
    page = open_page("/manage/catalogue/upload", login="manager", care=care)
    page.locator("input[type=file]").set_input_files({
        "name": "catalogue.json",
        "mimeType": "application/json",
        "buffer": b"{}",
    })
    with page.expect_navigation():
        page.locator("main form button[type=submit]").first.click()
    return page


def catalogue_to_be_confirmed(open_page: Open, given: Given, care: bool) -> Page:
    page = open_page("/manage/catalogue/upload", login="manager", care=care)
    answer = page.context.request.get("/manage/catalogue/export")
    page.locator("input[type=file]").set_input_files({
        "name": "catalogue.json",
        "mimeType": "application/json",
        "buffer": answer.body().replace("照明手杖".encode(), "带灯手杖".encode()),
    })
    with page.expect_navigation():
        page.locator("main form button[type=submit]").first.click()
    return page


def reservation_on_a_day_gone_by(open_page: Open, given: Given, care: bool) -> Page:
    who = given.person("昌过去")
    return open_page("/reserve/tripod-stick?start=2020-01-01&days=7", login=who.login, care=care)


ANSWERS: tuple[Act, ...] = (
    wrong_self_check,
    outcome_of_the_self_check,
    wrong_password,
    empty_sign_up,
    application_to_be_checked,
    empty_application,
    approval_of_nothing,
    value_shown_in_full,
    refused_scan,
    namesakes,
    return_in_no_condition,
    hand_over_undone_without_a_word,
    return_undone_for_no_reason,
    weak_disinfection,
    delivery_of_nothing,
    unreadable_catalogue,
    catalogue_to_be_confirmed,
    reservation_on_a_day_gone_by,
)


@pytest.mark.parametrize("act", ANSWERS, ids=lambda act: act.__name__.replace("_", " "))
def test_axe_finds_nothing_in_the_answer(open_page: Open, given: Given, act: Act) -> None:
    wrong = []
    for mode in ("normal", "care"):
        page = act(open_page, given, mode == "care")
        expect(page.locator("h1").first).to_be_visible()
        expect(page.locator(".rd-error")).to_have_count(0)
        page.evaluate(AXE)
        for size in (PHONE, DESKTOP) if mode == "normal" else (PHONE,):
            page.set_viewport_size({"width": size["width"], "height": size["height"]})
            page.emulate_media(color_scheme="light")
            wrong += [f"{mode} {size['width']}: {line}" for line in findings(page)]
            wrong += [f"{mode} {size['width']}: {line}" for line in hanging_out(page)]
            if mode == "normal":
                page.emulate_media(color_scheme="dark")
                wrong += [f"dark {size['width']}: {line}" for line in findings(page, COLOURS)]
    assert not wrong, "\n" + "\n".join(wrong)


@pytest.mark.parametrize(
    "act",
    [wrong_self_check, wrong_password, empty_sign_up, empty_application, delivery_of_nothing],
    ids=lambda act: act.__name__.replace("_", " "),
)
def test_every_mistake_is_named_above_and_beside_its_field(
    open_page: Open, given: Given, act: Act
) -> None:
    """Each line of the summary leads to a field, and the field is marked and described."""
    page = act(open_page, given, False)
    assert page.title().startswith("错误：")
    links = page.locator("[data-error-summary] a")
    assert links.count() > 0
    for link in links.all():
        name = (link.get_attribute("href") or "#").removeprefix("#")
        field = page.locator(f"[id='{name}']")
        expect(field).to_have_count(1)
        said = page.locator(f"[id='{name}-error']")
        expect(said).to_contain_text(link.inner_text().strip())
        described = page.locator(f"[aria-describedby~='{name}-error']")
        expect(described.first).to_be_attached()
