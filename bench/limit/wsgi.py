"""The bare WSGI app: which address leads to which act."""

import sys
import traceback
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qs

from bench.limit import hand_over, pages, promise
from bench.limit.requests import once

_JSON = "application/json"
_HTML = "text/html; charset=utf-8"
_STATUS = {200: "200 OK", 201: "201 Created", 404: "404 Not Found", 500: "500 Server Error"}

StartResponse = Callable[[str, list[tuple[str, str]]], object]


def app(environ: Mapping[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """Answer a request."""
    try:
        status, kind, body = _answer(environ, str(environ["PATH_INFO"]))
    except Exception:  # ruff: ignore[blind-except] - whatever it is, the run must fail and say why
        traceback.print_exc(file=sys.stderr)
        status, kind, body = 500, _HTML, b"failed"
    start_response(_STATUS[status], [("Content-Type", kind), ("Content-Length", str(len(body)))])
    return [body]


def _answer(environ: Mapping[str, Any], path: str) -> tuple[int, str, bytes]:
    if environ["REQUEST_METHOD"] == "POST":
        status, body = _post(environ, path.removeprefix("/api/v1"))
        return status, _JSON, body
    if path.startswith("/u/"):
        return 200, _HTML, pages.unit_page(path.removeprefix("/u/"))
    if path == "/catalogue":
        return 200, _HTML, pages.catalogue_page()
    if path.endswith("/availability"):
        site = parse_qs(environ["QUERY_STRING"])["site"][0]
        return 200, _JSON, pages.availability(path.split("/")[-2], site)
    return (200, _HTML, b"<!doctype html>") if path == "/" else (404, _HTML, b"")


def _post(environ: Mapping[str, Any], path: str) -> tuple[int, bytes]:
    if path == "/loans":
        return once(environ, hand_over.issue)
    if path == "/reservations":
        return once(environ, promise.reserve)
    code = path.removeprefix("/units/").removesuffix("/return")
    return once(environ, lambda asked: hand_over.take_back(asked, code))
