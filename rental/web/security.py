"""Response headers: what a page of ours may load, and that nobody else keeps it."""

import secrets
import time

import structlog
from flask import Flask, Response, g, request

_CSP = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "manifest-src": "'self'",
    "worker-src": "'self'",
}
_CSP_PLAIN = "; ".join(f"{name} {value}" for name, value in _CSP.items())
_CSP_SCAN = "; ".join(
    f"{name} {value}"
    for name, value in {
        **_CSP,
        "script-src": "'self' 'wasm-unsafe-eval'",
        "media-src": "'self' blob:",
    }.items()
)

_log = structlog.get_logger("rental.requests")


def scan_page() -> None:
    """Let the page being answered use the camera and the QR reader."""
    g.scan_page = True


def register_security(app: Flask, *, slow_s: float) -> None:
    """Set the headers of every response and note slow requests."""

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()
        g.request_id = secrets.token_hex(8)

    @app.after_request
    def finish(response: Response) -> Response:
        scan = g.get("scan_page", False)
        headers = response.headers
        headers["Content-Security-Policy"] = _CSP_SCAN if scan else _CSP_PLAIN
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Permissions-Policy"] = (
            "camera=(self), microphone=(), geolocation=()"
            if scan
            else "camera=(), microphone=(), geolocation=()"
        )
        headers["X-Request-Id"] = g.get("request_id", "")
        if app.config["SESSION_COOKIE_SECURE"]:
            headers["Strict-Transport-Security"] = "max-age=31536000"
        if request.endpoint != "static" and "Cache-Control" not in headers:
            headers["Cache-Control"] = "no-store" if g.get("actor") else "no-cache"
        took = time.perf_counter() - g.get("began", time.perf_counter())
        if took > slow_s:
            route = request.url_rule.rule if request.url_rule else "(none)"
            _log.warning("slow_request", route=route, seconds=round(took, 2))
        return response
