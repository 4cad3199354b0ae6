"""Scanning with the camera, and what happens where there is none."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.journeys.conftest import (
    PHONE,
    Given,
    Live,
    Open,
    enter,
    film,
    launch,
    listen,
    new_context,
    picture_of,
)

Scanner = Callable[..., Page]


@pytest.fixture
def scanner(playwright: Playwright, live: Live) -> Iterator[Scanner]:
    """Return a function that opens the desk in a browser whose camera films something."""
    opened: list[Browser] = []
    complaints: list[str] = []

    def open_(*, filmed: Path | None, permitted: bool = True) -> Page:
        flags = ["--use-fake-device-for-media-stream"] if filmed else []
        if filmed:
            flags.append(f"--use-file-for-fake-video-capture={filmed}")
        browser = launch(playwright, *flags)
        opened.append(browser)
        context = new_context(browser, live.url, size=PHONE)
        if permitted:
            context.grant_permissions(["camera"], origin=live.url)
        page = context.new_page()
        listen(page, complaints)
        enter(page, "clerk")
        page.goto("/desk")
        return page

    yield open_
    for browser in opened:
        browser.close()
    assert not complaints


def open_camera(page: Page) -> None:
    page.get_by_role("button", name="用摄像头扫码").click()


def test_the_camera_reads_the_label_of_a_device(
    scanner: Scanner, given: Given, live: Live, tmp_path: Path
) -> None:
    unit = given.unit("wheeled-commode")
    page = scanner(filmed=film(f"{live.url}/u/{unit}", tmp_path / "label.y4m"))
    open_camera(page)
    page.wait_for_url(re.compile(f"/desk/units/{unit}$"), timeout=30_000)
    expect(page.locator("main")).to_contain_text("带轮坐便椅")


def test_without_permission_it_says_what_to_do_instead(scanner: Scanner, tmp_path: Path) -> None:
    page = scanner(filmed=film("nothing", tmp_path / "nothing.y4m"), permitted=False)
    open_camera(page)
    message = page.locator("[data-scan-message]")
    expect(message).to_contain_text("摄像头没有得到允许", timeout=15_000)
    expect(message).to_contain_text("手工输入编号")
    expect(page.get_by_role("button", name="用摄像头扫码")).to_be_visible()


def test_without_a_camera_it_says_that_there_is_none(scanner: Scanner) -> None:
    page = scanner(filmed=None)
    open_camera(page)
    expect(page.locator("[data-scan-message]")).to_contain_text("没有摄像头", timeout=15_000)


def test_the_camera_stops_when_asked_to(scanner: Scanner, tmp_path: Path) -> None:
    page = scanner(filmed=film("", tmp_path / "empty.y4m"))
    open_camera(page)
    expect(page.locator("[data-scan-video]")).to_be_visible()
    page.get_by_role("button", name="关掉摄像头").click()
    expect(page.locator("[data-scan-video]")).not_to_be_visible()
    expect(page.get_by_role("button", name="用摄像头扫码")).to_be_focused()


def test_a_photo_is_read_on_the_server_without_script(
    open_page: Open, given: Given, live: Live, tmp_path: Path
) -> None:
    unit = given.unit("wheeled-commode")
    photo = tmp_path / "photo.png"
    picture_of(f"{live.url}/u/{unit}").rotate(7, expand=True, fillcolor=(200, 200, 200)).save(photo)
    page = open_page("/desk", login="clerk", script=False)
    page.get_by_label("或者拍一张二维码的照片").set_input_files(photo)
    page.get_by_role("button", name="确定").click()
    expect(page).to_have_url(re.compile(f"/desk/units/{unit}$"))


def test_a_photo_is_sent_by_itself_with_script(
    open_page: Open, given: Given, live: Live, tmp_path: Path
) -> None:
    unit = given.unit("wheeled-commode")
    photo = tmp_path / "photo.png"
    picture_of(f"{live.url}/u/{unit}").save(photo)
    page = open_page("/desk", login="clerk")
    page.get_by_label("或者拍一张二维码的照片").set_input_files(photo)
    expect(page).to_have_url(re.compile(f"/desk/units/{unit}$"))


@pytest.mark.parametrize("what", ["no code", "no picture"])
def test_a_useless_photo_gets_a_sentence(open_page: Open, tmp_path: Path, what: str) -> None:
    photo = tmp_path / "photo.png"
    if what == "no code":
        picture_of("x").resize((3, 3)).resize((300, 300)).save(photo)
    else:
        photo.write_bytes(b"\x89PNG\r\n\x1a\n" + b"nonsense" * 20)
    page = open_page("/desk", login="clerk", script=False)
    page.get_by_label("或者拍一张二维码的照片").set_input_files(photo)
    page.get_by_role("button", name="确定").click()
    refused = page.locator("[data-scan-result=refused]")
    expect(refused).to_contain_text("没有看到二维码" if what == "no code" else "不是能看的照片")
