"""The one place where a failure becomes an HTTP answer: a page, or RFC 9457 problem details."""

from collections.abc import Mapping
from typing import Any

import structlog
from flask import Flask, Response, current_app, g, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, SecurityError

from rental.foundation.errors import Busy, Conflict, DomainError, Invalid, NotAllowed, NotFound
from rental.foundation.words import N_, Named, Sentence
from rental.web.access import NotSignedIn
from rental.web.pages import page_before
from rental.web.say import say

STATUS_OF: dict[type[DomainError], int] = {
    NotSignedIn: 401,
    Busy: 503,
    Invalid: 422,
    NotAllowed: 403,
    NotFound: 404,
    Conflict: 409,
}

_SENTENCE_OF: dict[int, str] = {
    400: N_("这个请求我们看不懂。请返回上一页再试一次。"),
    401: N_("请先登录，再办这件事。"),
    403: N_("您的账号不能办这件事。需要办理请联系租赁点工作人员。"),
    404: N_("没有这个页面。可能是地址少了几个字，请回到首页重新找。"),
    405: N_("这个地址不能这样打开。请返回上一页再试一次。"),
    409: N_("情况刚刚有变化，请刷新页面再看一次。"),
    413: N_("上传的文件太大，请换一张小一点的照片。"),
    415: N_("这个请求的格式不对，请用 JSON 发送。"),
    422: N_("填写的内容有误，请核对后再提交。"),
    429: N_("试的次数太多了，请过一会儿再试，或打电话给我们。"),
    500: N_("系统出了点问题，我们已经记下。请过一会儿再试，急用请打电话。"),
    503: N_("系统现在有点忙，请过几秒再试一次。您填的内容没有被保存一半。"),
}

_RETRY_AFTER_S = "3"
_log = structlog.get_logger("rental.errors")


def status_of(error: DomainError) -> int:
    """Return the HTTP status of the error's kind; 500 for a bare DomainError."""
    return next((code for kind, code in STATUS_OF.items() if isinstance(error, kind)), 500)


def problem(status: int, *, title: str, code: str, **more: Any) -> dict[str, Any]:
    """Return RFC 9457 problem details."""
    return {"type": f"urn:rental:{code}", "title": title, "status": status, "code": code, **more}


def problem_of(error: DomainError) -> tuple[dict[str, Any], int]:
    """Return the problem details of a domain error, with what its class adds."""
    status = status_of(error)
    more: dict[str, Any] = _spoken(getattr(error, "more", dict)())
    if isinstance(error, Invalid) and error.field:
        more["errors"] = [{"field": error.field, "message": say(error.said)}]
    return problem(status, title=say(error.said), code=error.code, **more), status


def _spoken(value: Any) -> Any:
    """Return JSON in which every sentence, name and date is said in the reader's language."""
    if isinstance(value, Mapping):
        return {key: _spoken(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_spoken(inner) for inner in value]
    return say(value) if isinstance(value, Sentence | Named) else value


def wants_json() -> bool:
    """Tell whether the caller is a program."""
    return request.path.startswith("/api/")


def answer(
    status: int, sentence: str, *, code: str, title: str | None = None
) -> ResponseReturnValue:
    """Answer with a page or problem details; ``title`` is the page's heading."""
    if wants_json():
        return as_problem(problem(status, title=sentence, code=code), status)
    page = render_template(
        "web/error.html", code=status, sentence=sentence, title=title, back=_page_before()
    )
    response = current_app.make_response((page, status))
    return _with_headers(response, status)


def as_problem(body: dict[str, Any], status: int) -> Response:
    """Return problem details as a response."""
    response = jsonify(body)
    response.status_code = status
    response.content_type = "application/problem+json"
    return _with_headers(response, status)


def _with_headers(response: Response, status: int) -> Response:
    if status == 503:  # ruff: ignore[magic-value-comparison] - Service Unavailable
        response.headers["Retry-After"] = _RETRY_AFTER_S
    if status == 401 and wants_json():  # ruff: ignore[magic-value-comparison] - Unauthorized
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def register_error_pages(app: Flask) -> None:
    """Answer every failure that no view has answered."""
    app.register_error_handler(DomainError, _domain)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(OperationalError, _database)
    app.register_error_handler(PoolTimeout, _database)
    app.register_error_handler(DBAPIError, _database_refused)
    app.register_error_handler(UnicodeEncodeError, _unreadable)
    app.register_error_handler(RecursionError, _unreadable)
    app.register_error_handler(Exception, _unexpected)


def _domain(error: DomainError) -> ResponseReturnValue:
    body, status = problem_of(error)
    if wants_json():
        return as_problem(body, status)
    title = gettext("现在还办不了") if isinstance(error, Conflict) else None
    return answer(status, say(error.said), code=error.code, title=title)


def _page_before() -> str | None:
    """Return the page that the request came from, to lead back to it; None when it is this one."""
    path = page_before()
    return None if path == request.full_path.rstrip("?") and request.method == "GET" else path


def _http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if status < 400:  # ruff: ignore[magic-value-comparison] - a redirect raised by the router
        return error.get_response()
    sentence = gettext(_SENTENCE_OF.get(status, _SENTENCE_OF[500 if status >= 500 else 400]))  # ruff: ignore[magic-value-comparison]
    if isinstance(error, SecurityError):  # the host is not ours, so no link can be made
        return Response(sentence, status, content_type="text/plain; charset=utf-8")
    response = current_app.make_response(answer(status, sentence, code=f"http-{status}"))
    response.headers.extend(
        (name, value) for name, value in error.get_headers() if name in {"Allow", "Retry-After"}
    )
    return response


def _csrf(error: CSRFError) -> ResponseReturnValue:
    del error
    return answer(
        400, gettext("页面放得太久，已经失效。请返回上一页，刷新后再提交一次。"), code="csrf"
    )


def _database(error: Exception) -> ResponseReturnValue:
    g.actor = None  # the page that says so must not ask the database who is reading
    _log.error("database_unavailable", error=type(error).__name__, route=_route())
    return answer(503, gettext(_SENTENCE_OF[503]), code="busy")


def _database_refused(error: DBAPIError) -> ResponseReturnValue:
    """Text the database cannot store (a NUL byte, a number too big) is bad input, not a fault."""
    if type(error.orig).__name__ in {"DataError", "NumericValueOutOfRange", "OverflowError"}:
        return answer(422, gettext(_SENTENCE_OF[422]), code="invalid")
    return _unexpected(error)


def _unreadable(error: Exception) -> ResponseReturnValue:
    """Half of a character pair, or brackets within brackets without end: no browser sends them."""
    del error
    return answer(422, gettext(_SENTENCE_OF[422]), code="invalid")


def _unexpected(error: Exception) -> ResponseReturnValue:
    """Log type and place, never the message: it may quote what a person typed."""
    if current_app.config.get("PROPAGATE_EXCEPTIONS"):
        raise error
    trace = error.__traceback__
    places = []
    while trace is not None:
        frame = trace.tb_frame.f_code
        places.append(f"{frame.co_filename.rsplit('/', 2)[-1]}:{trace.tb_lineno}:{frame.co_name}")
        trace = trace.tb_next
    _log.error(
        "unexpected",
        error=type(error).__name__,
        places=places[-6:],
        route=_route(),
        request_id=g.get("request_id"),
    )
    return answer(500, gettext(_SENTENCE_OF[500]), code="internal")


def _route() -> str:
    return request.url_rule.rule if request.url_rule else "(none)"
