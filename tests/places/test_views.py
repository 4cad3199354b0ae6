"""The manager's calendar and site pages climb the ladder."""

from collections.abc import Callable
from datetime import date, time

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from rental.foundation.database import reading
from rental.foundation.jobs import Job
from rental.places import queries, service
from tests.cast import Cast

SignIn = Callable[[str], FlaskClient]

PAGES = [
    "/manage/calendar",
    "/manage/calendar/hours/0",
    "/manage/places",
    "/manage/places/zones",
]
POSTS = [
    "/manage/calendar/hours/0",
    "/manage/calendar/closed-days",
    "/manage/calendar/closed-days/2026-12-07/open",
    "/manage/calendar/statutory",
    "/manage/places",
]
MONDAY = {"on-year": "2026", "on-month": "12", "on-day": "７", "reason": "设备检修"}
SITE = {"zh": "名", "en": "Name", "address_zh": "路", "address_en": "Road", "phone": "0632-1234567"}


class TestAccess:
    @pytest.mark.parametrize("path", PAGES)
    def test_opens_pages_for_the_manager_alone(
        self, sign_in: SignIn, client: FlaskClient, path: str
    ) -> None:
        assert sign_in("manager").get(path).status_code == 200
        assert sign_in("reviewer").get(path).status_code == 403
        assert sign_in("wang-guilan").get(path).status_code == 403
        assert client.get(path).status_code == 303

    @pytest.mark.parametrize("path", POSTS)
    def test_takes_posts_of_the_manager_alone(
        self, sign_in: SignIn, client: FlaskClient, path: str
    ) -> None:
        assert sign_in("clerk").post(path).status_code == 403
        assert client.post(path).status_code == 401

    def test_refuses_the_wrong_verb(self, sign_in: SignIn) -> None:
        manager = sign_in("manager")
        assert manager.post("/manage/calendar").status_code == 405
        assert manager.get("/manage/calendar/statutory").status_code == 405


class TestHours:
    def test_are_kept_for_the_ticked_days(self, sign_in: SignIn, cast: Cast) -> None:
        answer = sign_in("manager").post(
            "/manage/calendar/hours/6",
            data={"morning_opens": "９：00", "morning_closes": "11:30", "weekdays": ["6", "5"]},
        )
        assert answer.status_code == 303
        weekly = queries.calendar(reading(), site_id=cast.site_id).weekly
        assert weekly[6] == weekly[5] == ((time(9), time(11, 30)),)

    @pytest.mark.parametrize(
        ("posted", "field"),
        [
            (
                {"morning_opens": "25:00", "morning_closes": "26:00", "weekdays": "0"},
                "morning_opens",
            ),
            ({"morning_opens": "9:00", "weekdays": "0"}, "morning_closes"),
            (
                {"morning_opens": "11:00", "morning_closes": "9:00", "weekdays": "0"},
                "morning_opens",
            ),
            (
                {"afternoon_opens": "9:00", "afternoon_closes": "17:00", "weekdays": "0"},
                "afternoon_opens",
            ),
            ({"morning_opens": "9:00", "morning_closes": "10:00"}, "weekdays"),
            ({"weekdays": "9"}, "weekdays"),
            ({"weekdays": "😀"}, "weekdays"),
            (
                {"morning_opens": "\x00", "morning_closes": "x" * 3000, "weekdays": "0"},
                "morning_closes",
            ),
        ],
    )
    def test_are_refused_beside_the_field(
        self, sign_in: SignIn, posted: dict[str, str], field: str
    ) -> None:
        page = sign_in("manager").post("/manage/calendar/hours/0", data=posted)
        assert page.status_code == 422
        assert f'id="{field}-error"' in page.text

    def test_say_first_what_moves(self, sign_in: SignIn, cast: Cast) -> None:
        """The loan of the cast ends on a Friday."""
        manager, posted = sign_in("manager"), {"weekdays": "4"}
        page = manager.post("/manage/calendar/hours/4", data=posted)
        assert page.status_code == 200
        assert f'href="/loans/{cast.loan.code}"' in page.text
        assert queries.calendar(reading(), site_id=cast.site_id).weekly[4]
        sure = manager.post("/manage/calendar/hours/4", data={**posted, "sure": "y"})
        assert sure.status_code == 303
        assert 4 not in queries.calendar(reading(), site_id=cast.site_id).weekly

    def test_are_kept_at_once_where_nothing_moves(self, sign_in: SignIn) -> None:
        posted = {"afternoon_opens": "14:00", "afternoon_closes": "17:00", "weekdays": list("04")}
        page = sign_in("manager").post("/manage/calendar/hours/4", data=posted)
        assert page.status_code == 303

    def test_warn_of_a_site_that_opens_no_more(self, sign_in: SignIn) -> None:
        posted = {"weekdays": list("0123456")}
        page = sign_in("manager").post("/manage/calendar/hours/4", data=posted)
        assert page.status_code == 200
        assert "60 天都不开放" in page.text
        assert page.text.count('name="weekdays"') == 7

    @pytest.mark.parametrize("weekday", ["7", "-1", "9" * 400, "x"])
    def test_know_seven_weekdays(self, sign_in: SignIn, weekday: str) -> None:
        manager = sign_in("manager")
        assert manager.get(f"/manage/calendar/hours/{weekday}").status_code == 404
        assert manager.post(f"/manage/calendar/hours/{weekday}").status_code == 404


class TestClosedDays:
    def test_say_first_what_moves(self, sign_in: SignIn, cast: Cast) -> None:
        manager = sign_in("manager")
        page = manager.post("/manage/calendar/closed-days", data=MONDAY)
        assert page.status_code == 200
        assert "2026年12月8日" in page.text
        assert queries.calendar(reading(), site_id=cast.site_id).is_open(date(2026, 12, 7))
        sure = manager.post("/manage/calendar/closed-days", data={**MONDAY, "sure": "y"})
        assert sure.status_code == 303
        assert "设备检修" in manager.get("/manage/calendar").text
        again = manager.post("/manage/calendar/closed-days", data={**MONDAY, "sure": "y"})
        assert again.status_code == 422
        assert 'id="on-error"' in again.text
        opened = manager.post("/manage/calendar/closed-days/2026-12-07/open")
        assert opened.status_code == 303
        assert queries.calendar(reading(), site_id=cast.site_id).is_open(date(2026, 12, 7))

    @pytest.mark.parametrize(
        "change",
        [
            {"on-year": "2025"},
            {"on-year": "2029", "sure": "y"},
            {"on-month": "13"},
            {"on-day": "😀"},
            {"on-year": "9" * 300},
            {"on-day": ""},
            {"reason": ""},
            {"reason": "长" * 41},
            {"reason": "\x00"},
        ],
    )
    def test_are_refused_beside_the_field(self, sign_in: SignIn, change: dict[str, str]) -> None:
        page = sign_in("manager").post("/manage/calendar/closed-days", data={**MONDAY, **change})
        assert page.status_code == 422
        assert "-error" in page.text

    def test_say_first_what_falls_on_them_and_have_it_follow(
        self, sign_in: SignIn, cast: Cast
    ) -> None:
        friday = {**MONDAY, "on-day": "11"}
        manager = sign_in("manager")
        page = manager.post("/manage/calendar/closed-days", data=friday)
        assert f'href="/loans/{cast.loan.code}"' in page.text
        assert reading().scalars(select(Job.name)).all() == []
        manager.post("/manage/calendar/closed-days", data={**friday, "sure": "y"})
        assert sorted(reading().scalars(select(Job.name))) == [
            "loans.follow_calendar",
            "reservations.follow_calendar",
            "upkeep.follow_calendar",
        ]

    def test_look_ahead_to_the_end_of_time(self, sign_in: SignIn) -> None:
        last = {**MONDAY, "on-year": "9999", "on-day": "31"}
        manager = sign_in("manager")
        assert manager.post("/manage/calendar/closed-days", data=last).status_code == 200
        sure = manager.post("/manage/calendar/closed-days", data={**last, "sure": "y"})
        assert sure.status_code == 422

    @pytest.mark.parametrize(
        ("on", "status"),
        [("2027-01-01", 409), ("2026-12-08", 404), ("x", 404), ("%00", 404), ("2026-02-30", 404)],
    )
    def test_open_again_only_when_own(self, sign_in: SignIn, on: str, status: int) -> None:
        answer = sign_in("manager").post(f"/manage/calendar/closed-days/{on}/open")
        assert answer.status_code == status

    def test_refresh_the_statutory_ones(self, sign_in: SignIn) -> None:
        manager = sign_in("manager")
        assert manager.post("/manage/calendar/statutory").status_code == 303
        assert "2027 年的放假安排还没有公布" in manager.get("/manage/calendar").text

    def test_are_provisional_until_the_year_is_announced(
        self, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        manager = sign_in("manager")
        page = manager.get("/manage/calendar").text
        rows = [row for row in page.split("<tr") if "法定" in row]
        assert {row.count("暂定") for row in rows if "2026年" in row} <= {0}
        assert {row.count("暂定") for row in rows if "2027年" in row} == {1}
        monkeypatch.setattr(service, "is_announced", lambda _year: True)
        assert "暂定" not in manager.get("/manage/calendar").text

    def test_have_english_names_in_english(self, sign_in: SignIn) -> None:
        manager = sign_in("manager")
        manager.set_cookie("lang", "en")
        page = manager.get("/manage/calendar").text
        assert "Spring Festival" in page
        assert "春节" not in page

    def test_of_the_sites_own_keep_their_words(self, sign_in: SignIn) -> None:
        manager = sign_in("manager")
        manager.post("/manage/calendar/closed-days", data={**MONDAY, "sure": "yes"})
        manager.set_cookie("lang", "en")
        assert "设备检修" in manager.get("/manage/calendar").text


class TestSite:
    def test_keeps_its_words(self, sign_in: SignIn) -> None:
        manager = sign_in("manager")
        assert manager.post("/manage/places", data=SITE).status_code == 303
        assert queries.point(reading()).phone == "0632-1234567"

    @pytest.mark.parametrize("name", ["zh", "en", "address_zh", "address_en", "phone"])
    @pytest.mark.parametrize("words", ["", "x" * 201, "\x00"])
    def test_refuses_empty_and_overlong_words(self, sign_in: SignIn, name: str, words: str) -> None:
        page = sign_in("manager").post("/manage/places", data={**SITE, name: words})
        assert page.status_code == 422
        assert f'id="{name}-error"' in page.text

    def test_refuses_a_number_nobody_can_dial(self, sign_in: SignIn) -> None:
        page = sign_in("manager").post("/manage/places", data={**SITE, "phone": "请来电"})
        assert page.status_code == 422

    def test_prints_a_code_for_every_zone(self, sign_in: SignIn, cast: Cast) -> None:
        page = sign_in("manager").get("/manage/places/zones")
        assert page.text.count("data:image/png;base64,") == 4
