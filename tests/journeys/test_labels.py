"""New units, their labels, and what a passer-by gets to see who scans one."""

import io
import re
import subprocess
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect

from tests.journeys.conftest import DESKTOP, PHONE, Given, Live, Open, violations

RASTERISER = Path("/usr/bin/pdftoppm")


def add_units(page: Page, kind: str, many: int) -> list[str]:
    """Enter a delivery and return the codes of its units."""
    page.goto("/units")
    page.get_by_role("link", name="登记新器具").click()
    page.get_by_label("品种").select_option(kind)
    page.get_by_label("几件").fill(str(many))
    page.get_by_label("已经验收合格，可以马上借出").check()
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.locator(".rd-note--success")).to_contain_text(f"已登记 {many} 件")
    links = page.locator("main tbody th a")
    expect(links).to_have_count(many)
    return [
        (links.nth(index).get_attribute("href") or "").rsplit("/", 1)[-1] for index in range(many)
    ]


def read(picture: Image.Image) -> set[str]:
    return {found.text for found in zxingcpp.read_barcodes(picture)}


def test_a_delivery_gets_labels_that_lead_to_each_unit(
    open_page: Open, live: Live, tmp_path: Path
) -> None:
    # Given three new units
    page = open_page("/units", login="manager", size=DESKTOP)
    codes = add_units(page, "illuminated-hand-magnifier", 3)
    addresses = {f"{live.url}/u/{code}" for code in codes}

    # When their labels are shown as a page
    for box in page.locator("main tbody input[name=code]").all():
        box.check()
    page.get_by_role("button", name="打印勾选的标签").click()
    expect(page.locator(".rd-label")).to_have_count(3)

    # Then each QR leads to its unit, on the screen
    shot = Image.open(io.BytesIO(page.screenshot(full_page=True)))
    assert read(shot) == addresses

    # And on paper
    href = page.get_by_role("link", name=re.compile(r"下载 PDF")).get_attribute("href") or ""
    answer = page.context.request.get(href)
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.body().startswith(b"%PDF-")
    if not RASTERISER.exists():
        pytest.skip("no pdftoppm here")
    sheet = tmp_path / "labels.pdf"
    sheet.write_bytes(answer.body())
    subprocess.run([RASTERISER, "-r", "200", "-png", sheet, tmp_path / "sheet"], check=True)
    assert read(Image.open(next(tmp_path.glob("sheet*.png")))) == addresses


def test_bad_numbers_of_a_delivery_are_said_beside_the_field(open_page: Open) -> None:
    page = open_page("/units/new", login="manager", script=False)
    page.get_by_label("几件").fill("一百万")
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.locator("#count-error")).not_to_be_empty()
    expect(page.locator("#kind-error")).not_to_be_empty()


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_a_stranger_sees_the_device_and_nobody(open_page: Open, given: Given, script: bool) -> None:
    # Given a unit that somebody has, and is late with
    who = given.person("潘不能露面")
    unit = given.unit("positioning-wedge")
    loan = given.loan(who, unit, days_ago=30, due_in=-3)

    # When a passer-by scans it
    page = open_page(f"/u/{unit.lower()}", script=script, size=PHONE)

    # Then it says what it is, how to use it and whom to call
    text = page.content()
    main = page.locator("main")
    expect(page.get_by_role("heading", level=1)).to_have_text("楔形体位垫")
    expect(main).to_contain_text("怎么用")
    expect(main.locator("a[href^='tel:']")).to_be_visible()

    # And nothing about any person or where the device stands
    for secret in (who.name, who.name[0] + "**", who.phone, who.phone[-4:], who.code, loan):
        assert secret not in text
    shown = main.inner_text()
    for word in ("租借中", "过期", "可借出", "待清洗", "居民卡", "应还", "到期"):
        assert word not in shown

    # And a fault can be reported without an account
    page.get_by_role("link", name=re.compile(r"这件坏了")).click()
    page.get_by_role("button", name="发送").click()
    expect(page.locator("[data-error-summary]")).to_be_visible()
    page.get_by_label("哪里坏了？").fill("边上开线了")
    page.get_by_role("button", name="发送").click()
    expect(main).to_contain_text("谢谢您告诉我们")
    assert not script or not violations(page)

    # And the technician finds it
    bench = open_page("/upkeep?what=faults", login="technician")
    expect(bench.locator("main")).to_contain_text("边上开线了")


def test_an_unknown_code_is_met_with_help(open_page: Open) -> None:
    page = open_page("/u/7K3M9QX2")
    expect(page.get_by_role("heading", level=1)).to_have_text("没有找到这件器具")
    expect(page.get_by_label("器具编号")).to_be_visible()
    assert not violations(page)


def test_staff_see_what_comes_next(open_page: Open, given: Given) -> None:
    unit = given.unit("positioning-wedge")
    clerk = open_page(f"/u/{unit}", login="clerk")
    expect(clerk.get_by_role("heading", name="下一步")).to_be_visible()
    expect(clerk.locator(".rd-timeline")).to_contain_text("登记入库")
    resident = open_page(f"/u/{unit}", login="wang-guilan")
    expect(resident.get_by_role("heading", name="下一步")).to_have_count(0)
