"""Walks the service as each of its readers: every page links lead to, once per address rule."""

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import APIRequestContext, APIResponse

from tests.journeys.conftest import Given

#: How many addresses of one rule are tried before it counts as not to be had for this reader.
TRIES = 4

STAFF = ("clerk", "cleaner", "technician", "reviewer", "manager", "grid-worker", "therapist")

#: Pages that show residents one thing, and staff another.
DIFFER = frozenset({
    "catalogue.home",
    "desk.resident_home",
    "eligibility.application",
    "inventory.show",
    "loans.renew_page",
    "loans.show",
    "people.access_page",
    "people.consent_page",
    "people.details_page",
    "people.my_account",
    "people.notices_page",
    "reservations.kind",
    "reservations.reserve",
    "reservations.show",
})

#: Files; test_labels reads the PDF.
SLOW = frozenset({"static", "inventory.labels_pdf"})

#: What a template that lost a value, or a sentence that lost a name, leaves behind.
_DEBRIS = re.compile(r"%\([a-z_]+\)s|>None<|>\s*None\s*<|Markup\(|&lt;(?:p|strong|span)|\{\{|\}\}")


@dataclass(frozen=True)
class Place:
    """A page as one reader finds it.

    Attributes:
        endpoint: The view's name.
        login: Who reads; None for a stranger.
        path: The address.
    """

    endpoint: str
    login: str | None
    path: str

    @property
    def audience(self) -> str:
        """Readers for whom the page is built the same."""
        if self.login is None:
            return "stranger"
        return "staff" if self.login in STAFF else "resident"

    @property
    def key(self) -> tuple[str, str]:
        """Pages with the same key differ in data, not in structure."""
        return self.endpoint, self.audience if self.endpoint in DIFFER else ""

    def __str__(self) -> str:
        return f"{self.endpoint} for {self.login or 'a stranger'} ({self.path})"


@dataclass
class Walk:
    """What a reader found.

    Attributes:
        places: One page for each rule.
        broken: Links that lead to an error, and pages with debris in them.
    """

    places: dict[str, Place] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)


class _Links(HTMLParser):
    """Collects what can be followed: links, and forms that search."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        href = values.get("href") if tag == "a" else None
        if tag == "form" and (values.get("method") or "get").lower() == "get":
            href = values.get("action")
        if href and not href.startswith(("#", "tel:", "mailto:")):
            self.found.append(href)


def walk(
    reader: APIRequestContext, given: Given, *, login: str | None, seeds: Iterable[str]
) -> Walk:
    """Follow every link from the seeds on, the newest rule first seen first."""
    done, tried, queue = Walk(), dict[str, int](), deque(seeds)
    seen = set(queue)
    while queue:
        batch = list(queue)
        queue.clear()
        endpoints = given("match", paths=[urlsplit(path).path for path in batch])
        for path, endpoint in zip(batch, endpoints, strict=True):
            if endpoint in {None, *SLOW} or endpoint in done.places:
                continue
            if tried.get(endpoint, 0) >= TRIES:
                continue
            tried[endpoint] = tried.get(endpoint, 0) + 1
            answer = reader.get(path)
            done.broken += _complaints(path, answer, login)
            if not _is_page(answer):
                if answer.ok and endpoint:
                    done.places.setdefault(endpoint, Place(endpoint, login, path))
                continue
            landed = urlsplit(answer.url)
            here = landed.path + (f"?{landed.query}" if landed.query else "")
            real = given("match", paths=[landed.path])[0]
            if answer.ok and real:
                done.places.setdefault(real, Place(real, login, here))
            for link in _links(answer):
                if link not in seen:
                    seen.add(link)
                    queue.append(link)
    return done


def _is_page(answer: APIResponse) -> bool:
    return answer.headers.get("content-type", "").startswith("text/html")


def _complaints(path: str, answer: APIResponse, login: str | None) -> Iterator[str]:
    who = login or "a stranger"
    if answer.status >= 400:
        yield f"{who} followed a link to {path}: {answer.status}"
    elif _is_page(answer):
        debris = _DEBRIS.search(answer.text())
        if debris:
            yield f"{path} for {who} contains {debris[0]!r}"


def _links(answer: APIResponse) -> Iterator[str]:
    """Return the addresses on the page that lie on this site, as path and query."""
    parser = _Links()
    parser.feed(answer.text())
    home = urlsplit(answer.url)
    for href in parser.found:
        there = urlsplit(urljoin(answer.url, href))
        if there.netloc == home.netloc:
            yield there.path + (f"?{there.query}" if there.query else "")
