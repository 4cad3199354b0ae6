"""A real server on the demo data, a real browser, and a camera that films a QR code."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError

import pytest
import qrcode
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, expect

ROOT = Path(__file__).parents[2]
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
PASSWORD = "demo-rental-2026"
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}
KEYS_APART_S = 0.005

# A busy machine takes longer than Playwright's five seconds now and then.
expect.set_options(timeout=20_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything here."""
    for item in items:
        if Path(item.path).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.browser)


# --- the service ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Live:
    """A running service on the demo data."""

    url: str
    database_url: str
    environment: dict[str, str]

    def flask(self, *arguments: str) -> str:
        """Run a command of the service against the same data and return what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", *arguments],
            cwd=ROOT,
            env=self.environment,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Start the service as `make run` does, in a folder of its own."""
    yield from serve(tmp_path_factory.mktemp("live"))


def serve(folder: Path) -> Iterator[Live]:
    """Start the service with its data in the folder; stop it when asked for the next thing."""
    port = free_port()
    database_url = f"sqlite:///{folder / 'rental.db'}"
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("RENTAL_")},
        "PORT": str(port),
        "DATABASE_URL": database_url,
        "RENTAL_VAR_DIR": str(folder),
    }
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "wsgi", "serve"],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        url = f"http://127.0.0.1:{port}"
        try:
            _wait(url + "/readyz", server)
            yield Live(url, database_url, environment)
        finally:
            server.send_signal(signal.SIGINT)
            code = server.wait(timeout=40)
    assert code == 0, (folder / "server.log").read_text()[-2000:]


def _wait(url: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        assert server.poll() is None, "the server ended while starting"
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                if answer.status == 200:
                    return
        except (URLError, OSError):
            time.sleep(0.3)
    pytest.fail(f"{url} did not answer in 90 s")


# --- what is given -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Person:
    """A resident with an account."""

    login: str
    name: str
    phone: str
    code: str


class Given:
    """Makes people, units, loans and promises of a test's own; see ``stagehand``."""

    def __init__(self, live: Live) -> None:
        self._hand = subprocess.Popen(
            [sys.executable, "-m", "tests.journeys.stagehand"],
            cwd=ROOT,
            env=live.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __call__(self, act: str, **more: Any) -> Any:
        """Have the stagehand do something and return what came of it."""
        assert self._hand.stdin is not None
        assert self._hand.stdout is not None
        self._hand.stdin.write(json.dumps({"act": act, "with": more}) + "\n")
        self._hand.stdin.flush()
        answer = json.loads(self._hand.stdout.readline() or '{"error": "the stagehand left"}')
        assert "error" not in answer, answer["error"]
        return answer["done"]

    def person(self, name: str, *, ground: str | None = "elderly") -> Person:
        """Make a resident with an account, eligible on the ground if one is named."""
        return Person(**self("person", name=name, ground=ground))

    def unit(self, kind: str) -> str:
        """Put one unit of the kind on the shelf and return its code."""
        return str(self("units", kind=kind)[0])

    def loan(self, who: Person, unit: str, *, days_ago: int = 0, due_in: int = 20) -> str:
        """Lend the unit and return the loan's code."""
        wish = {"unit": unit, "days_ago": days_ago, "due_in": due_in}
        return str(self("lend", login=who.login, **wish))

    def promise(self, who: Person, kind: str) -> str:
        """Reserve the kind from today on and return the reservation's code."""
        return str(self("promise", login=who.login, kind=kind))

    def leave(self) -> None:
        """Let the stagehand go."""
        self._hand.communicate(timeout=20)


@pytest.fixture(scope="session")
def given(live: Live) -> Iterator[Given]:
    """Return the maker of people and things."""
    hand = Given(live)
    yield hand
    hand.leave()


# --- the browser ---------------------------------------------------------------------------------


def launch(playwright: Playwright, *flags: str) -> Browser:
    """Start Chromium: Debian's when it is there, else Playwright's own."""
    options: dict[str, Any] = {"args": [*FLAGS, *flags]}
    if CHROMIUM.exists():
        options["executable_path"] = str(CHROMIUM)
    try:
        return playwright.chromium.launch(**options)
    except Exception as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"no browser: {str(error).splitlines()[0]}")


@pytest.fixture(scope="session")
def running(playwright: Playwright) -> Iterator[Callable[[], Browser]]:
    """Return a function that gives the browser of this test process; a new one if it crashed."""
    started: list[Browser] = []

    def current() -> Browser:
        if not started or not started[-1].is_connected():
            started.append(launch(playwright))
        return started[-1]

    yield current
    for browser in started:
        browser.close()


@pytest.fixture
def browser(running: Callable[[], Browser]) -> Browser:
    """Return the browser of this test process."""
    return running()


@pytest.fixture(scope="session")
def cookies() -> dict[str, Any]:
    """Return the cookies of who has signed in already: each does so once."""
    return {}


Open = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, live: Live, cookies: dict[str, Any]) -> Iterator[Open]:
    """Return a function that opens a page in a context of its own.

    Arguments: path, login=None, size=PHONE, script=True, care=False, dark=False.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_(
        path: str,
        *,
        login: str | None = None,
        size: dict[str, int] = PHONE,
        script: bool = True,
        care: bool = False,
        dark: bool = False,
    ) -> Page:
        context = new_context(browser, live.url, size=size, script=script, dark=dark)
        contexts.append(context)
        if care:
            context.add_cookies([{"name": "size", "value": "160", "url": live.url}])
        page = context.new_page()
        listen(page, complaints)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        if login and login in cookies:
            context.add_cookies(cookies[login])
        elif login:
            enter(page, login)
            cookies[login] = [one for one in context.cookies() if one["name"] == "rental"]
        page.goto(path)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not complaints, complaints


def listen(page: Page, complaints: list[str]) -> None:
    """Keep what the page's console complains of."""

    def hear(message: ConsoleMessage) -> None:
        if is_complaint(message):
            complaints.append(f"{message.text} {message.location.get('url', '')}")

    page.on("console", hear)


def is_complaint(message: ConsoleMessage) -> bool:
    """Tell script errors, and what the content security policy blocked, from the rest."""
    known = ("AudioContext", "Failed to load resource")
    return message.type == "error" and not any(words in message.text for words in known)


def new_context(
    browser: Browser, url: str, *, size: dict[str, int], script: bool = True, dark: bool = False
) -> BrowserContext:
    """Return a fresh context as a Chinese phone or desktop has it."""
    context = browser.new_context(
        base_url=url,
        viewport={"width": size["width"], "height": size["height"]},
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        java_script_enabled=script,
        color_scheme="dark" if dark else "light",
    )
    context.set_default_timeout(15_000)
    return context


def enter(page: Page, login: str) -> None:
    """Sign in through the form."""
    page.goto("/sign-in")
    page.locator("main input[name=name]").fill(login)
    page.locator("main input[name=password]").fill(PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(lambda url: "/sign-in" not in url)


# --- looking -------------------------------------------------------------------------------------


def violations(page: Page) -> list[str]:
    """Return what axe finds, one line each."""
    found = Axe().run(page).response["violations"]
    return [
        f"{violation['id']}: {node['target']} {node['html'][:120]}"
        for violation in found
        for node in violation["nodes"]
    ]


def scanner_types(page: Page, text: str) -> None:
    """Let a keyboard scanner type the text and Enter, wherever the focus is.

    The keys carry the times at which the scanner sent them: a busy machine doesn't stretch them.
    """
    page.wait_for_function("() => window.simulateScan")
    session = page.context.new_cdp_session(page)
    at = time.time()
    for key in (*text, "Enter"):
        event = {"key": key, "timestamp": at}
        if key == "Enter":
            event |= {"code": key, "windowsVirtualKeyCode": 13}
        written = "\r" if key == "Enter" else key
        session.send("Input.dispatchKeyEvent", {"type": "keyDown", "text": written, **event})
        session.send("Input.dispatchKeyEvent", {"type": "keyUp", **event})
        at += KEYS_APART_S
    session.detach()


def film(text: str, path: Path, *, frames: int = 10) -> Path:
    """Write a y4m film in which a QR code of the text stands still."""
    picture = Image.new("RGB", (640, 480), (225, 225, 225))
    code = picture_of(text)
    code.thumbnail((400, 400))
    picture.paste(code, ((640 - code.width) // 2, (480 - code.height) // 2))
    y, cb, cr = picture.convert("YCbCr").split()
    half = (320, 240)
    frame = b"FRAME\n" + y.tobytes() + cb.resize(half).tobytes() + cr.resize(half).tobytes()
    path.write_bytes(b"YUV4MPEG2 W640 H480 F10:1 Ip A1:1 C420jpeg\n" + frame * frames)
    return path


def picture_of(text: str) -> Image.Image:
    """Return a QR code of the text as a picture."""
    return qrcode.make(text, box_size=8, border=4).get_image().convert("RGB")
