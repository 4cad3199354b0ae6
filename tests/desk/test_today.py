"""The desk's day: its numbers and lists."""

import re
from datetime import date
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from rental.foundation.clock import Moment
from rental.foundation.codes import CodeKind, new_code
from rental.foundation.database import db, transaction
from rental.loans.models import Loan
from rental.people.models import Resident
from rental.people.policy import Register, ResidentState
from rental.reservations.models import Reservation
from rental.reservations.policy import Fulfilment, Half, ReservationState
from tests.cast import Cast
from tests.counting import statements
from tests.desk.steps import DAY, SignIn, reserve


def expect(cast: Cast, at: Moment, number: int) -> None:
    """Let so many more residents come today."""
    with transaction() as session:
        for n in range(number):
            known = Resident(
                code=new_code(CodeKind.RESIDENT), state=ResidentState.ACTIVE, name=f"居民{n}",
                name_initials="jm", register=Register.HERE, created_at=at.at,
            )  # fmt: skip
            session.add(known)
            session.flush()
            session.add(
                Reservation(
                    code=new_code(CodeKind.RESERVATION), kind_id=cast.kind["quad-stick"],
                    site_id=cast.site_id, resident_id=known.id, made_by=cast.account["clerk"],
                    state=ReservationState.CONFIRMED, starts_on=at.on, ends_on=at.on,
                    blocked_until=at.on, hold_until=at.on, fulfilment=Fulfilment.PICKUP,
                    created_at=at.at,
                )
            )  # fmt: skip


class TestHome:
    @pytest.mark.parametrize("login", ["clerk", "manager", "cleaner", "technician", "therapist"])
    def test_begins_with_the_scan_box(self, sign_in: SignIn, login: str) -> None:
        page = sign_in(login).get("/desk")
        assert page.status_code == 200
        assert "data-scan-input" in page.text
        assert "'wasm-unsafe-eval'" in page.headers["Content-Security-Policy"]

    def test_shows_each_role_its_part(self, sign_in: SignIn) -> None:
        clerk, cleaner, therapist = (
            sign_in(login).get("/desk").text for login in ("clerk", "cleaner", "therapist")
        )
        assert "今天取货" in clerk
        assert "待清洗" in clerk
        assert "今天取货" not in cleaner
        assert "待清洗" in cleaner
        assert "今天取货" in therapist
        assert "待清洗" not in therapist

    def test_lists_who_comes_today(self, sign_in: SignIn, cast: Cast, at: Moment) -> None:
        code = reserve(cast, at)
        page = sign_in("clerk").get("/desk").text
        assert "王**" in page
        assert "上午" in page
        assert f"reservation={code}" in page

    def test_says_how_many_more_come_than_fit(
        self, sign_in: SignIn, cast: Cast, at: Moment, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("rental.desk.queries.MOST_PICKUPS", 1)
        for who in ("wang-guilan", "li-jianguo", "zhao-min"):
            reserve(cast, at, who)
        page = sign_in("clerk").get("/desk").text
        assert tile(page, "今天取货") == ("3", "/desk/pickups")
        assert page.count("?reservation=") == 1
        assert "另有 2 个" in page

    def test_counts_what_its_lists_show(self, sign_in: SignIn, cast: Cast) -> None:
        manager = sign_in("manager")
        loan = db.session.get_one(Loan, cast.loan.id)
        for days, number in ((0, "1"), (1, "0")):
            loan = db.session.get_one(Loan, cast.loan.id)
            loan.due_on = date(2026, 12, 1) + days * DAY
            loan.forced_reason = "夜里急用" if days else None
            db.session.commit()
            page = manager.get("/desk").text
            for name, expected in (("今天到期", number), ("特殊情况借出", "01"[days])):
                shown, href = tile(page, name)
                assert shown == expected
                assert (cast.loan.code in manager.get(href).text) is (shown == "1")
        assert "特殊情况借出" not in sign_in("clerk").get("/desk").text

    @pytest.mark.parametrize("path", ["/desk", "/desk/pickups"])
    def test_asks_for_all_names_at_once(
        self, sign_in: SignIn, cast: Cast, at: Moment, path: str
    ) -> None:
        expect(cast, at, 2)
        clerk = sign_in("clerk")
        few = statements(clerk, path)
        expect(cast, at, 58)
        assert statements(clerk, path) == few
        assert clerk.get(path).text.count("reservation=B-") >= 50

    @pytest.mark.parametrize("mode", ["return", "upkeep", "issue", "x", "😀"])
    def test_keeps_the_mode_in_the_address(self, sign_in: SignIn, mode: str) -> None:
        page = sign_in("clerk").get("/desk", query_string={"mode": mode})
        assert page.status_code == 200
        assert (f'name="mode" value="{mode}"' in page.text) == (mode in {"return", "upkeep"})

    @pytest.mark.parametrize("login", ["wang-guilan", "grid-worker", "reviewer"])
    def test_is_for_staff_of_the_point(self, sign_in: SignIn, login: str) -> None:
        assert sign_in(login).get("/desk").status_code == 403

    def test_leads_strangers_to_sign_in(self, client: FlaskClient) -> None:
        assert client.get("/desk").status_code == 303


def tile(page: str, name: str) -> tuple[str, str]:
    """Return the tile's number and where it leads."""
    found = re.search(rf'href="([^"]*)">\s*<span[^>]*>(\d+)</span>\s*<span[^>]*>{name}<', page)
    assert found is not None
    return found[2], unescape(found[1])


class TestPickups:
    @pytest.fixture
    def promised(self, cast: Cast, at: Moment) -> dict[str, str]:
        """Return reservations by when and how they are expected."""
        slots = {
            "missed": (-1, Half.MORNING, Fulfilment.PICKUP),
            "loose": (0, None, Fulfilment.PICKUP),
            "afternoon": (0, Half.AFTERNOON, Fulfilment.PICKUP),
            "fetched": (0, Half.MORNING, Fulfilment.PICKUP),
            "brought": (0, Half.MORNING, Fulfilment.DELIVERY),
            "tomorrow": (1, Half.MORNING, Fulfilment.DELIVERY),
            "in six days": (6, Half.AFTERNOON, Fulfilment.PICKUP),
            "in seven days": (7, Half.MORNING, Fulfilment.PICKUP),
        }
        return {
            name: reserve(
                cast,
                at,
                starts_on=at.on + days * DAY,
                hold_until=at.on + (days + 2) * DAY,
                slot_on=at.on + days * DAY if half else None,
                slot_half=half,
                fulfilment=way,
            )
            for name, (days, half, way) in slots.items()
        }

    @pytest.mark.parametrize(
        ("on", "expected"),
        [
            ("today", ["brought", "fetched", "afternoon", "loose", "missed"]),
            ("tomorrow", ["tomorrow"]),
            (
                "week",
                ["brought", "fetched", "afternoon", "loose", "missed", "tomorrow", "in six days"],
            ),
            ("x", ["brought", "fetched", "afternoon", "loose", "missed"]),
        ],
    )
    def test_lists_who_is_expected_by_half_days(
        self, sign_in: SignIn, promised: dict[str, str], on: str, expected: list[str]
    ) -> None:
        page = sign_in("clerk").get("/desk/pickups", query_string={"on": on}).text
        names = {code: name for name, code in promised.items()}
        shown = re.findall(r'href="/reservations/([^"]*)"', page)
        assert [names[code] for code in shown] == expected
        assert f"共 {len(expected)} 个预约" in page
        assert page.count("送上门</strong>") == len({"brought", "tomorrow"} & set(expected))
        assert "王桂兰" not in page

    @pytest.mark.usefixtures("promised")
    def test_names_each_half_day_once(self, sign_in: SignIn) -> None:
        page = sign_in("clerk").get("/desk/pickups?on=week").text
        assert re.findall(r"<h2[^>]*>([^<]*)</h2>", page)[:6] == [
            "12月1日 周二 上午",
            "12月1日 周二 下午",
            "12月1日 周二 没约上午还是下午",
            "以前约好，还没拿走",
            "12月2日 周三 上午",
            "12月7日 周一 下午",
        ]
        assert "没约时间，留到 12月3日 周四" in page

    @pytest.mark.usefixtures("promised")
    def test_turns_pages(self, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("rental.desk.views.pickups.PER_PAGE", 2)
        for number, rows in (("1", 2), ("3", 1), ("99", 1), ("-1", 2), ("x", 2), ("9" * 30, 2)):
            page = sign_in("clerk").get(f"/desk/pickups?page={number}").text
            assert page.count('href="/reservations/') == rows
            assert "共 3 页" in page
        assert "/desk/pickups?on=today&amp;page=2" in page

    def test_says_when_nobody_comes(self, sign_in: SignIn, promised: dict[str, str]) -> None:
        for code in promised.values():
            db.session.execute(
                update(Reservation)
                .where(Reservation.code == code)
                .values(state=ReservationState.CANCELLED)
            )
        db.session.commit()
        page = sign_in("therapist").get("/desk/pickups")
        assert page.status_code == 200
        assert "没有人约了来取或送货" in page.text

    @pytest.mark.usefixtures("promised")
    def test_is_one_step_from_the_desk_and_leads_to_person_and_promise(
        self, sign_in: SignIn, cast: Cast
    ) -> None:
        clerk = sign_in("clerk")
        assert 'href="/desk/pickups?on=tomorrow"' in clerk.get("/desk").text
        page = clerk.get("/desk/pickups?on=tomorrow").text
        person = cast.resident["wang-guilan"].code
        for found in (rf"/desk/residents/{person}\?reservation=B-\w+", r"/reservations/B-\w+"):
            href = re.search(rf'href="({found})"', page)
            assert href is not None
            assert clerk.get(href[1]).status_code == 200

    @pytest.mark.parametrize("login", ["cleaner", "wang-guilan", "reviewer"])
    def test_is_for_who_knows_people(self, sign_in: SignIn, login: str) -> None:
        assert sign_in(login).get("/desk/pickups").status_code == 403
