"""Another language, large letters, dark pages: plain forms and cookies, never script alone."""

import re

import pytest
from playwright.sync_api import Dialog, Page, Route, expect

from tests.journeys.conftest import PHONE, Open, violations

WITH_AND_WITHOUT_SCRIPT = pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])


def saved(page: Page, word: str) -> None:
    """Wait until a choice made by script holds for the next page, too."""
    expect(page.locator("[data-changed]")).to_have_text(f"已改好：{word}")


def fits(page: Page) -> bool:
    """Tell whether the page needs no scrolling sideways (read without script, if need be)."""
    box = page.locator("body").bounding_box()
    assert box is not None
    return box["width"] <= PHONE["width"]


@WITH_AND_WITHOUT_SCRIPT
def test_english_is_one_button_away_and_stays(open_page: Open, script: bool) -> None:
    page = open_page("/catalogue?q=lunyi", script=script)
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    page.get_by_role("button", name="English").click()
    expect(page).to_have_url(re.compile(r"/catalogue\?q=lunyi$"))
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("link", name=re.compile(r"light", re.IGNORECASE)).first.click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("button", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")


@pytest.mark.parametrize(
    ("path", "login"),
    [
        ("/", None),
        ("/eligibility", None),
        ("/catalogue", None),
        ("/catalogue/kinds/lightweight-wheelchair", None),
        ("/sign-in", None),
        ("/sign-up", None),
        ("/my", "wang-guilan"),
        ("/reserve/tripod-stick", "wang-guilan"),
        ("/desk", "clerk"),
        ("/loans", "clerk"),
        ("/upkeep", "cleaner"),
        ("/review", "reviewer"),
        ("/units", "manager"),
        ("/manage", "manager"),
        ("/manage/policies", "manager"),
        ("/no-such-page", None),
    ],
)
def test_every_kind_of_page_opens_in_english(open_page: Open, path: str, login: str | None) -> None:
    page = open_page("/", login=login)
    with page.expect_navigation():
        page.get_by_role("button", name="English").click()
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == (404 if path == "/no-such-page" else 200)
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("h1").first).to_be_visible()


@WITH_AND_WITHOUT_SCRIPT
def test_care_mode_is_switched_on_and_off_on_the_first_page(open_page: Open, script: bool) -> None:
    page = open_page("/", script=script)
    switch = page.get_by_role("button", name="关怀版大字")
    box = switch.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= PHONE["height"], "the switch must be seen at once"

    switch.click()
    expect(page.locator("html")).to_have_attribute("data-size", "160")
    call = page.get_by_role("link", name=re.compile(r"打电话问"))
    expect(call.first).to_be_visible()
    action = page.locator(".rd-action").first.bounding_box()
    assert action is not None
    assert action["height"] >= 60
    assert fits(page)
    if script:
        saved(page, "关怀版大字")

    page.get_by_role("link", name=re.compile(r"找器具")).first.click()
    expect(page.locator("html")).to_have_attribute("data-size", "160")
    page.get_by_role("button", name="返回标准版").click()
    expect(page.locator("html")).to_have_attribute("data-size", "100")


def test_letters_grow_to_thirty_pixels(open_page: Open) -> None:
    page = open_page("/help", care=True)
    size = page.evaluate("() => getComputedStyle(document.querySelector('main p')).fontSize")
    assert float(size.removesuffix("px")) >= 30


@WITH_AND_WITHOUT_SCRIPT
def test_dark_may_be_chosen_whatever_the_phone_says(open_page: Open, script: bool) -> None:
    page = open_page("/", script=script)
    page.get_by_role("button", name="深色").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.get_by_role("button", name="深色")).to_have_attribute("aria-pressed", "true")
    if script:
        assert brightness(page) < 80
        page.get_by_role("button", name="浅色").click()
        assert brightness(page) > 180
        assert not violations(page)


def test_dark_follows_the_phone_by_itself(open_page: Open) -> None:
    assert brightness(open_page("/", dark=True)) < 80
    assert brightness(open_page("/")) > 180


def brightness(page: Page) -> float:
    """Return how bright the page's ground is, 0 to 255."""
    colour = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    parts = [float(part) for part in re.findall(r"[\d.]+", colour)[:3]]
    return sum(parts) / 3


def test_nothing_is_lost_on_the_way_to_large_letters(open_page: Open) -> None:
    """The address with its filters is kept when the size is changed."""
    page = open_page("/catalogue?need=bathe")
    page.get_by_role("button", name="关怀版大字").click()
    expect(page).to_have_url(re.compile(r"/catalogue\?need=bathe$"))


def test_what_is_typed_survives_larger_letters_and_dark_colours(open_page: Open) -> None:
    page = open_page("/eligibility")
    number = page.get_by_label("身份证号码")
    number.fill("11010119500307")
    page.get_by_label("独居").check()

    page.get_by_role("button", name="关怀版大字").click()
    expect(page.locator("html")).to_have_attribute("data-size", "160")
    expect(page.get_by_role("link", name=re.compile(r"打电话问")).first).to_be_visible()
    expect(page.get_by_role("button", name="返回标准版")).to_be_focused()
    saved(page, "关怀版大字")
    assert not violations(page)

    page.get_by_role("button", name="大", exact=True).click()
    expect(page.locator("html")).to_have_attribute("data-size", "125")
    expect(page.get_by_role("button", name="大", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    page.get_by_role("button", name="深色").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    saved(page, "深色")

    expect(number).to_have_value("11010119500307")
    expect(page.get_by_label("独居")).to_be_checked()
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("data-size", "125")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_colours_change_at_once_however_slow_the_network_and_the_last_choice_lasts(
    open_page: Open,
) -> None:
    page = open_page("/")
    sent: list[Route] = []

    def hold_the_first(route: Route) -> None:
        sent.append(route)
        if len(sent) > 1:
            route.continue_()

    page.route("**/preferences", hold_the_first)
    page.get_by_role("button", name="深色").click()
    assert brightness(page) < 80
    page.get_by_role("button", name="浅色").click()
    assert brightness(page) > 180
    expect(page.locator("[data-changed]")).to_be_empty()

    while not sent:
        page.wait_for_timeout(20)
    assert len(sent) == 1, "the second choice waits for the first"
    sent[0].continue_()
    saved(page, "浅色")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")


def test_colours_change_without_a_network_and_nothing_is_called_saved(open_page: Open) -> None:
    page = open_page("/")
    page.context.set_offline(True)
    page.get_by_role("button", name="深色").click()
    assert brightness(page) < 80
    page.context.set_offline(False)
    page.get_by_role("button", name="特大").click()
    saved(page, "特大")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "auto")
    expect(page.locator("html")).to_have_attribute("data-size", "160")


def test_another_language_asks_before_it_clears_what_is_typed(open_page: Open) -> None:
    page = open_page("/eligibility")
    number = page.get_by_label("身份证号码")
    number.fill("11010119500307")
    asked: list[str] = []

    def refuse(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    page.once("dialog", refuse)
    page.get_by_role("button", name="English").click()
    expect(number).to_have_value("11010119500307")
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    assert asked == ["换语言会清空这一页填的内容。要换吗？"]

    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
