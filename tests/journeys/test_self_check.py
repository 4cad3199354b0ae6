"""A stranger finds out whether it is worth applying; nothing is asked for and nothing is kept."""

import re
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from tests.cast import fake_number
from tests.journeys.conftest import DESKTOP, PHONE, Open, violations

BORN_1950 = fake_number("110101", "19500307", "252")
WITH_AND_WITHOUT_SCRIPT = pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])


def see_the_outcome(page: Page) -> None:
    page.get_by_role("button", name="看结果").click()


def birth(page: Page, year: str, month: str, day: str) -> None:
    for part, value in (("year", year), ("month", month), ("day", day)):
        page.locator(f"input[name='born_on-{part}']").fill(value)


def live_in_the_first_community(page: Page) -> None:
    page.locator("input[name=register]").first.check(force=True)


@WITH_AND_WITHOUT_SCRIPT
def test_an_elderly_resident_learns_what_is_met_and_what_to_bring(
    open_page: Open, script: bool
) -> None:
    page = open_page("/", script=script)
    page.get_by_role("link", name="看看我能不能借").click()
    expect(page).to_have_url(re.compile(r"/eligibility$"))

    live_in_the_first_community(page)
    page.get_by_label("身份证号码").fill(BORN_1950.lower())
    page.get_by_label("老年人，生活有困难", exact=True).check()
    page.get_by_label("独居").check()
    see_the_outcome(page)

    main = page.locator("main")
    expect(main.get_by_role("heading", level=1)).to_be_visible()
    expect(main).to_contain_text("办理时要带的")
    expect(main).to_contain_text("身份证")
    assert BORN_1950 not in page.url
    assert "citizen" not in page.url
    expect(main.get_by_role("link", name="注册并申请")).to_be_visible()


@WITH_AND_WITHOUT_SCRIPT
def test_a_wrong_check_character_is_said_beside_its_field(open_page: Open, script: bool) -> None:
    wrong = BORN_1950[:-1] + ("1" if BORN_1950[-1] != "1" else "2")
    page = open_page("/eligibility", script=script)
    live_in_the_first_community(page)
    field = page.get_by_label("身份证号码")
    field.fill(wrong)
    see_the_outcome(page)

    expect(page).to_have_title(re.compile(r"^错误："))
    summary = page.locator("[data-error-summary]")
    expect(summary).to_be_visible()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_value(wrong)
    error = page.locator("#citizen_number-error")
    sentence = error.inner_text().removeprefix("错误：").strip()
    expect(summary).to_contain_text(sentence)
    assert (field.get_attribute("aria-describedby") or "").split().count("citizen_number-error")
    summary.get_by_role("link").first.click()
    if script:
        expect(field).to_be_focused()
        assert not violations(page)
    else:
        expect(page).to_have_url(re.compile(r"#citizen_number$"))


def test_the_summary_of_errors_takes_focus(open_page: Open) -> None:
    page = open_page("/eligibility")
    page.get_by_label("身份证号码").fill("123")
    see_the_outcome(page)
    expect(page.locator("[data-error-summary]")).to_be_focused()


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        (("1950", "2", "30"), "born_on"),
        (("2999", "1", "1"), "born_on"),
        (("一九", "1", "1"), "born_on"),
    ],
    ids=["no such day", "not yet", "no number"],
)
def test_an_impossible_birth_date_gets_a_sentence(
    open_page: Open, typed: tuple[str, str, str], field: str
) -> None:
    page = open_page("/eligibility", script=False)
    birth(page, *typed)
    see_the_outcome(page)
    expect(page.locator(f"#{field}-error")).not_to_be_empty()
    expect(page.locator(f"input[name='{field}-year']")).to_have_value(typed[0])


def test_a_certificate_of_somebody_else_is_noticed(open_page: Open) -> None:
    other = fake_number("110101", "19600101", "111") + "43"
    page = open_page("/eligibility", script=False)
    page.get_by_label("身份证号码").fill(BORN_1950)
    page.get_by_label("残疾人证号").fill(other)
    see_the_outcome(page)
    expect(page.locator("#certificate_number-error")).not_to_be_empty()


def test_full_width_and_one_digit_numbers_count(open_page: Open) -> None:
    page = open_page("/eligibility", script=False)
    birth(page, "１９５０", "3", "７")
    see_the_outcome(page)
    expect(page.locator(".govuk-error-message")).to_have_count(0)
    expect(page.locator("main")).to_contain_text("您填的内容没有保存")


def test_sixty_begins_on_the_birthday(open_page: Open) -> None:
    """One day short says so; the answers come back to be changed."""
    today = date.today()  # ruff: ignore[call-date-today] - the service runs on the real clock
    page = open_page("/eligibility", size=DESKTOP)
    live_in_the_first_community(page)
    page.get_by_label("老年人，生活有困难", exact=True).check()
    birth(page, str(today.year - 60 + 1), str(today.month), "1")
    see_the_outcome(page)
    expect(page.locator("main")).to_contain_text("60")
    page.get_by_role("button", name="改一改再查").click()
    expect(page.locator("input[name='born_on-year']")).to_have_value(str(today.year - 59))
    expect(page.get_by_label("老年人，生活有困难", exact=True)).to_be_checked()


def test_answering_nothing_says_what_is_unknown(open_page: Open) -> None:
    page = open_page("/eligibility", size=PHONE)
    see_the_outcome(page)
    expect(page.locator("main")).to_contain_text("您填的内容没有保存")
    expect(page.locator("main .rd-tag").first).to_be_visible()


def test_the_answers_are_never_kept_by_the_browser(open_page: Open) -> None:
    page = open_page("/eligibility")
    page.get_by_label("身份证号码").fill(BORN_1950)
    with page.expect_response(lambda answer: answer.request.method == "POST") as answer:
        see_the_outcome(page)
    assert answer.value.headers["cache-control"] == "no-store"
    assert BORN_1950 not in str(page.context.cookies())


def test_back_leads_to_the_outcome_and_to_the_questions(open_page: Open) -> None:
    """And never to the browser's own page that asks to send the form again."""
    page = open_page("/eligibility")
    page.get_by_label("身份证号码").fill("123")
    see_the_outcome(page)
    expect(page.locator("#citizen_number-error")).to_be_visible()
    page.get_by_label("身份证号码").fill(BORN_1950)
    see_the_outcome(page)
    expect(page).to_have_url(re.compile(r"/eligibility/outcome$"))
    page.get_by_role("link", name="注册并申请").click()
    expect(page).to_have_url(re.compile(r"/sign-up"))

    page.go_back()
    expect(page.locator("main")).to_contain_text("您填的内容没有保存")
    page.reload()
    expect(page.locator("main")).to_contain_text("您填的内容没有保存")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("看看我能不能借")
    page.go_forward()
    page.get_by_role("button", name="English").click()
    expect(page).to_have_url(re.compile(r"/eligibility/outcome$"))
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_without_cookies_the_outcome_comes_all_the_same(open_page: Open) -> None:
    page = open_page("/eligibility")
    page.context.clear_cookies()
    page.get_by_label("身份证号码").fill(BORN_1950)
    see_the_outcome(page)
    expect(page.locator("main")).to_contain_text("您填的内容没有保存")
    page.context.clear_cookies()
    page.goto("/eligibility/outcome")
    expect(page.locator("main")).to_contain_text("过了 15 分钟就没有了")
