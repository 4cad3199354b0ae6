"""From a telephone number to a right: account, two consents, data, application, answer."""

import re
from itertools import count

import pytest
from playwright.sync_api import Page, expect

from tests.cast import fake_number
from tests.journeys.conftest import DESKTOP, PASSWORD, Given, Open, violations

_phones = count(13800000001)
_people = count(1)


def sign_up(page: Page, name: str, phone: str) -> None:
    page.get_by_label("我自己", exact=True).check()
    page.get_by_label("您的姓名").fill(name)
    page.get_by_label("手机号", exact=True).fill(phone)
    page.get_by_label("设一个密码").fill("mother-in-the-garden-7")
    page.get_by_label("我同意为办理租借使用我的姓名和手机号").check()
    page.locator("main").get_by_role("button", name="注册").click()


def fill_in_personal_data(page: Page, number: str) -> None:
    page.get_by_label("身份证号码").fill(number)
    page.get_by_label("住址").fill("和平街道测试路 1 号")
    page.get_by_label("本街道的社区").check()
    page.get_by_label("哪个社区").select_option(index=1)
    page.get_by_label("一个人住").check()
    page.get_by_role("button", name="保存").click()


def claim_to_be_old_and_alone(page: Page) -> None:
    page.get_by_label("老年人，生活有困难", exact=True).check()
    page.get_by_label("独居").check()
    page.get_by_role("button", name="下一步：核对").click()


def hand_in(page: Page) -> str:
    """Hand the application in; return its code."""
    page.get_by_role("button", name="提交申请").click()
    expect(page.locator("main")).to_contain_text("我们正在审核")
    return page.url.rsplit("/", 1)[-1]


def see_each_paper(page: Page) -> None:
    """Record every paper as seen, with what it says."""
    for _ in range(8):
        todo = page.get_by_role("link", name=re.compile(r"^看过了，登记"))
        if not todo.count():
            return
        with page.expect_navigation():
            todo.first.click()
        if page.get_by_label("独居").count():
            page.get_by_label("独居").check()
        with page.expect_navigation():
            page.get_by_role("button", name="登记：我看过原件").click()
    pytest.fail("the papers never end")


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_a_resident_signs_up_applies_and_is_approved(open_page: Open, script: bool) -> None:
    name, phone = f"周美{'华' if script else '芳'}", str(next(_phones))
    number = fake_number("110101", "19480102", f"{300 + 2 * next(_people):03}")

    # Given an account with the two consents, each asked for on its own
    page = open_page("/sign-in", script=script)
    page.get_by_role("link", name="用手机号注册").click()
    sign_up(page, name, phone)
    expect(page.get_by_role("heading", level=1)).to_have_text("能不能使用健康和残疾情况？")
    page.get_by_role("button", name="同意", exact=True).click()

    # And the personal data
    fill_in_personal_data(page, number)
    expect(page).to_have_url(re.compile(r"/residents/R-[0-9A-Z]{8}$"))
    home = page.url
    expect(page.locator("main")).to_contain_text("还不能借，要先申请资格")

    # When the resident applies
    page.get_by_role("link", name="现在申请").click()
    claim_to_be_old_and_alone(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("请核对，再提交")
    code = hand_in(page)
    assert not script or not violations(page)

    # And the reviewer, who finds the application in the queue, has seen the papers
    reviewer = open_page("/review", login="reviewer", size=DESKTOP, script=script)
    with reviewer.expect_navigation():
        reviewer.get_by_role("link", name=re.compile(code)).click()
    see_each_paper(reviewer)

    # And approves
    reviewer.get_by_label("困难老年人", exact=True).check()
    reviewer.get_by_role("button", name="通过", exact=True).click()
    expect(reviewer.locator(".rd-note--success").first).to_be_visible()

    # Then the resident sees it, with until when, and in the messages
    page.goto(home)
    expect(page.locator("main")).to_contain_text("可以免费借用")
    expect(page.locator("main")).to_contain_text(re.compile(r"资格到 \d{4}年\d+月\d+日"))
    page.get_by_role("link", name="看全部消息").click()
    expect(page.locator("main")).to_contain_text("通过")


def test_back_leads_to_the_answers_to_be_checked(open_page: Open, given: Given) -> None:
    who = given.person("孙返回", ground=None)
    page = open_page(f"/residents/{who.code}/apply", login=who.login)
    page.get_by_role("button", name="下一步：核对").click()
    expect(page.locator("[data-error-summary]")).to_be_visible()
    claim_to_be_old_and_alone(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("请核对，再提交")
    page.get_by_role("link", name="我的租借").first.click()
    expect(page).to_have_url(re.compile(r"/residents/R-[0-9A-Z]{8}$"))

    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("请核对，再提交")
    page.get_by_role("button", name="改一改").click()
    expect(page.get_by_label("独居")).to_be_checked()
    page.go_back()
    page.get_by_role("button", name="提交申请").click()
    expect(page.locator("main")).to_contain_text("我们正在审核")


def test_without_papers_nothing_is_approved(open_page: Open, given: Given) -> None:
    # Given an application whose papers nobody has seen
    who = given.person("吴没带", ground=None)
    page = open_page(f"/residents/{who.code}/apply", login=who.login)
    if page.get_by_role("link", name="去填个人资料").count():
        pytest.fail("the stage was set without personal data")
    claim_to_be_old_and_alone(page)
    code = hand_in(page)

    # When the reviewer approves all the same
    reviewer = open_page(f"/review/{code}", login="reviewer", size=DESKTOP)
    reviewer.get_by_label("困难老年人", exact=True).check()
    reviewer.get_by_role("button", name="通过", exact=True).click()

    # Then nothing is approved, and the page says why
    expect(reviewer.locator("main")).to_contain_text("材料")
    expect(reviewer.locator(".rd-note--success")).to_have_count(0)
    page.reload()
    expect(page.locator("main")).to_contain_text("我们正在审核")


def test_a_request_for_papers_reaches_the_resident(open_page: Open, given: Given) -> None:
    who = given.person("郑缺材料", ground=None)
    page = open_page(f"/residents/{who.code}/apply", login=who.login)
    claim_to_be_old_and_alone(page)
    code = hand_in(page)

    reviewer = open_page(f"/review/{code}", login="reviewer", size=DESKTOP)
    reviewer.get_by_text("请补材料", exact=True).click()
    reviewer.locator("details[open] input[type=checkbox]").first.check()
    with reviewer.expect_navigation():
        reviewer.get_by_role("button", name="确定：请补材料").click()

    page.reload()
    expect(page.locator("main")).to_contain_text("还缺材料")


def test_a_refusal_reaches_the_resident_with_its_reason(open_page: Open, given: Given) -> None:
    who = given.person("冯不符合", ground=None)
    page = open_page(f"/residents/{who.code}/apply", login=who.login)
    claim_to_be_old_and_alone(page)
    code = hand_in(page)

    # Given a refusal without a reason, which is sent back
    reviewer = open_page(f"/review/{code}", login="reviewer", size=DESKTOP)
    reviewer.get_by_text("不通过", exact=True).click()
    reviewer.get_by_role("button", name="确定：不通过").click()
    expect(reviewer.locator("[data-error-summary]")).to_be_visible()

    # When there is a reason
    reason = reviewer.locator("details[open] input[type=radio]").first
    words = reviewer.locator("details[open] .govuk-radios__label").first.inner_text().strip()
    reason.check()
    with reviewer.expect_navigation():
        reviewer.get_by_role("button", name="确定：不通过").click()

    # Then the resident reads it
    page.reload()
    expect(page.locator("main")).to_contain_text("这次没有通过")
    expect(page.locator("main")).to_contain_text(words[:6])


def test_health_data_are_not_used_without_their_own_consent(open_page: Open) -> None:
    # Given somebody who signed up and said no to the use of health data
    page = open_page("/sign-up")
    sign_up(page, "何拒绝", str(next(_phones)))
    page.get_by_role("button", name="不同意", exact=True).click()
    fill_in_personal_data(page, fake_number("110101", "19470304", f"{500 + next(_people):03}"))
    expect(page).to_have_url(re.compile(r"/residents/R-[0-9A-Z]{8}$"))
    code = re.search(r"R-[0-9A-Z]{8}", page.url)
    assert code

    # When the disability ground is chosen anyway
    page.goto(f"/residents/{code[0]}/apply")
    page.get_by_label("有残疾人证", exact=True).check()
    page.get_by_role("button", name="下一步：核对").click()

    # Then it is sent back with the way to the consent
    expect(page.locator("[data-error-summary]")).to_be_visible()
    expect(page.get_by_role("link", name="去看健康信息同意书")).to_be_visible()


def test_a_daughter_sees_whom_she_acts_for(open_page: Open) -> None:
    page = open_page("/my", login="chen-jing")
    expect(page.locator("main")).to_contain_text("王")


def test_guessing_passwords_ends_in_a_pause(open_page: Open, given: Given) -> None:
    """The pause is the account's own: others still get in."""
    who = given.person("沈被猜", ground=None)
    page = open_page("/sign-in")
    for guess in range(12):
        page.locator("main input[name=name]").fill(who.phone)
        page.locator("main input[name=password]").fill(f"wrong-{guess}")
        with page.expect_navigation():
            page.locator("main form button[type=submit]").first.click()
        if page.get_by_text("试的次数太多了").count():
            break
    expect(page.locator("main")).to_contain_text("试的次数太多了")

    page.locator("main input[name=name]").fill(who.phone)
    page.locator("main input[name=password]").fill(PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    expect(page.locator("main")).to_contain_text("试的次数太多了")

    other = open_page("/sign-in")
    other.locator("main input[name=name]").fill("zhao-min")
    other.locator("main input[name=password]").fill(PASSWORD)
    other.locator("main form button[type=submit]").first.click()
    expect(other).not_to_have_url(re.compile(r"/sign-in"))
