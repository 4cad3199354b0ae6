"""Headers, hosts, CSRF, preferences, error pages and the machine addresses."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from rental.foundation import jobs
from rental.foundation.clock import Moment
from rental.foundation.database import db, transaction
from rental.web.pages import Page
from tests.cast import Cast

SignIn = Callable[[str], FlaskClient]


@pytest.fixture
def guarded(app: APIFlask) -> FlaskClient:
    """Return a client of an app that checks CSRF tokens."""
    app.config["WTF_CSRF_ENABLED"] = True
    return app.test_client()


class TestHeaders:
    def test_every_page_carries_them(self, client: FlaskClient) -> None:
        for path in ("/help", "/nothing-here", "/healthz", "/api/v1/nothing"):
            headers = client.get(path).headers
            assert "default-src 'none'" in headers["Content-Security-Policy"]
            assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
            assert "wasm" not in headers["Content-Security-Policy"]
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Referrer-Policy"] == "same-origin"

    def test_only_the_scan_page_may_use_the_camera(
        self, sign_in: Callable[[str], FlaskClient]
    ) -> None:
        page = sign_in("clerk").get("/desk")
        assert "'wasm-unsafe-eval'" in page.headers["Content-Security-Policy"]
        assert "camera=(self)" in page.headers["Permissions-Policy"]

    def test_a_signed_in_page_is_never_stored(self, sign_in: Callable[[str], FlaskClient]) -> None:
        assert sign_in("clerk").get("/desk").headers["Cache-Control"] == "no-store"

    def test_session_cookies_are_closed_to_scripts(self, app: APIFlask) -> None:
        assert app.config["SESSION_COOKIE_HTTPONLY"]
        assert app.config["SESSION_COOKIE_SAMESITE"] == "Lax"


class TestHosts:
    def test_an_unknown_host_is_refused(self, client: FlaskClient) -> None:
        assert client.get("/help", headers={"Host": "evil.example"}).status_code == 400

    def test_a_known_host_is_served(self, client: FlaskClient) -> None:
        assert client.get("/help", headers={"Host": "127.0.0.1:8000"}).status_code == 200


class TestCsrf:
    def test_a_post_without_token_is_refused_with_a_sentence(self, guarded: FlaskClient) -> None:
        answer = guarded.post("/sign-in", data={"name": "clerk", "password": "x"})
        assert answer.status_code == 400
        assert "刷新后再提交" in answer.text

    def test_an_api_post_by_cookie_needs_the_token(
        self, guarded: FlaskClient, cast: object, app: APIFlask
    ) -> None:
        with guarded.session_transaction() as session:
            session["_user_id"] = f"{cast.account['clerk']}.1"  # type: ignore[attr-defined]
        answer = guarded.post("/api/v1/loans", json={})
        assert answer.status_code == 400
        assert answer.content_type == "application/problem+json"


class TestPreferences:
    def test_are_kept_in_cookies_without_a_script(self, client: FlaskClient) -> None:
        answer = client.post("/preferences", data={"size": "160", "lang": "en", "next": "/help"})
        assert (answer.status_code, answer.location) == (303, "/help")
        page = client.get("/help").text
        assert 'data-size="160"' in page
        assert 'lang="en"' in page

    @pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil", ""])
    def test_never_lead_elsewhere(self, client: FlaskClient, target: str) -> None:
        assert client.post("/preferences", data={"next": target}).location == "/"

    def test_an_unknown_value_changes_nothing(self, client: FlaskClient) -> None:
        answer = client.post("/preferences", data={"size": "999", "theme": "<b>", "next": "/"})
        assert "Set-Cookie" not in answer.headers


def way_back(page: str) -> str:
    """Return where the buttons of language and text size lead back to."""
    found = re.search(r'name="next" value="([^"]*)"', page)
    assert found is not None
    return unescape(found[1])


class TestWayBack:
    """A page that answered a form has no address of its own to come back to."""

    def test_is_the_page_that_the_form_stood_on(self, sign_in: SignIn) -> None:
        client = sign_in("clerk")
        here = "http://localhost/desk?mode=return"
        answer = client.post("/desk/scan", data={"code": "张无忌"}, headers={"Referer": here})
        assert (answer.status_code, way_back(answer.text)) == (422, "/desk?mode=return")
        assert client.get(way_back(answer.text)).status_code == 200

    @pytest.mark.parametrize(
        "before",
        ["", "http://localhost/desk/scan", "https://evil.example/desk", "http://[", "x", "//evil"],
    )
    def test_is_the_nearest_page_above_when_that_is_not_known(
        self, sign_in: SignIn, before: str
    ) -> None:
        headers = {"Referer": before}
        answer = sign_in("clerk").post("/desk/scan", data={"code": "张无忌"}, headers=headers)
        assert (answer.status_code, way_back(answer.text)) == (422, "/desk")

    def test_is_a_page_wherever_a_form_is_sent(self, app: APIFlask) -> None:
        ours = app.url_map.bind("localhost")
        sent = [rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())]
        assert sent
        for rule in sent:
            path = re.sub(r"<[^>]*>", "1", rule.rule)
            for referer in ("", f"http://localhost{path}"):
                with app.test_request_context(path, method="POST", headers={"Referer": referer}):
                    assert ours.match(Page().here, method="GET"), path


class TestErrors:
    def test_a_page_says_what_to_do(self, client: FlaskClient) -> None:
        answer = client.get("/nothing-here")
        assert answer.status_code == 404
        assert "首页" in answer.text
        assert "tel:" in answer.text

    def test_the_api_answers_with_problem_details(self, client: FlaskClient) -> None:
        answer = client.get("/api/v1/nothing")
        assert answer.content_type == "application/problem+json"
        body = json.loads(answer.text)
        assert body["status"] == 404
        assert body["title"]

    def test_the_wrong_verb_names_the_right_ones(self, client: FlaskClient) -> None:
        answer = client.delete("/help")
        assert answer.status_code == 405
        assert "GET" in answer.headers["Allow"]

    def test_a_stranger_is_sent_to_sign_in_and_back(self, client: FlaskClient) -> None:
        answer = client.get("/desk")
        assert answer.status_code == 303
        assert answer.location == "/sign-in?next=/desk"

    def test_whose_session_ended_is_told_what_was_lost_and_led_back(
        self, client: FlaskClient, cast: Cast
    ) -> None:
        form = f"/desk/units/{cast.unit['on_loan'].code}/return"
        headers = {"Referer": f"http://localhost{form}?x=1"}
        answer = client.post(form, data={"condition": "good"}, headers=headers)
        assert answer.status_code == 401
        assert "刚才填的没有保存，登录后请再填一次。" in answer.text
        assert f'href="/sign-in?next={form}?x%3D1"' in answer.text

    def test_a_fault_of_ours_reveals_nothing(self, app: APIFlask, client: FlaskClient) -> None:
        app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)
        with app.app_context():
            db.drop_all()
        answer = client.get("/catalogue")
        assert answer.status_code in {500, 503}
        assert "Traceback" not in answer.text
        assert "SELECT" not in answer.text


class TestMachines:
    def test_healthz_answers(self, client: FlaskClient) -> None:
        assert client.get("/healthz").json == {"status": "ok"}

    def test_readyz_names_what_is_missing(self, client: FlaskClient) -> None:
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json is not None
        assert answer.json["checks"]["database"] == "ok"
        assert answer.json["checks"]["worker"] == "failed"

    @pytest.mark.parametrize(
        ("minutes", "word"), [(-3, "failed"), (-1, "ok"), (1, "ok"), (3, "failed"), (900, "failed")]
    )
    def test_readyz_believes_no_worker_that_lives_at_another_time(
        self, client: FlaskClient, at: Moment, minutes: int, word: str
    ) -> None:
        with transaction() as session:
            jobs.beat(session, "worker", at=Moment.of(at.at + timedelta(minutes=minutes)))
        answer = client.get("/readyz")
        assert answer.json is not None
        assert answer.json["checks"]["worker"] == word

    def test_metrics_count_by_endpoint(self, client: FlaskClient) -> None:
        client.get("/help")
        text = client.get("/metrics").text
        assert 'rental_requests_total{endpoint="web.help_page"' in text
        assert "rental_jobs_given_up 0.0" in text


class TestLanguage:
    def test_switches_to_english_and_back(self, client: FlaskClient) -> None:
        for tag in ("en", "zh-Hans"):
            client.post("/preferences", data={"lang": tag})
            assert f'<html lang="{tag}"' in client.get("/help").text
