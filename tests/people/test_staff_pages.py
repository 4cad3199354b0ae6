"""Pages and commands for staff: finding, registering, revealing, accounts."""

import re
from datetime import timedelta
from typing import ClassVar

import pytest
import time_machine
from apiflask import APIFlask
from flask.testing import FlaskClient
from sqlalchemy import select

from rental.foundation.actor import Role
from rental.foundation.clock import Moment
from rental.foundation.database import reading
from rental.people import queries
from rental.people.models import Account, Resident, Reveal
from tests.cast import PASSWORD, Cast
from tests.people.steps import NASTY, PERSON, SignIn, signing_in


class TestReveal:
    def test_needs_a_reason_and_is_shown_to_the_resident(
        self, sign_in: SignIn, app: APIFlask, wang: str, at: Moment
    ) -> None:
        client = sign_in("clerk")
        assert "13900000001" not in client.get(f"{wang}/reveal?field=phone").text
        assert (
            client.post(f"{wang}/reveal", data={"which": "phone", "reason": " "}).status_code == 422
        )
        answer = client.post(f"{wang}/reveal", data={"which": "phone", "reason": "约送货"})
        assert answer.status_code == 303
        shown = client.get(answer.location)
        assert "13900000001" in shown.text
        assert shown.headers["Cache-Control"] == "no-store"
        assert sign_in("manager").get(answer.location).status_code == 404
        assert "约送货" in sign_in("wang-guilan").get(f"{wang}/access").text
        with time_machine.travel(at.at + timedelta(minutes=5), tick=False):
            assert client.get(answer.location).status_code == 404

    @pytest.mark.parametrize("login", ["wang-guilan", "cleaner"])
    def test_is_for_the_staff_who_need_it(self, sign_in: SignIn, wang: str, login: str) -> None:
        assert sign_in(login).get(f"{wang}/reveal").status_code == 403

    def test_keeps_a_grid_worker_in_the_own_grid(self, sign_in: SignIn, cast: Cast) -> None:
        other = f"/residents/{cast.resident['sun-lei'].code}"
        client = sign_in("grid-worker")
        data = {"which": "phone", "reason": "x"}
        assert client.get(f"{other}/reveal").status_code == 403
        assert client.post(f"{other}/reveal", data=data).status_code == 403
        assert reading().scalars(select(Reveal)).all() == []

    @pytest.mark.parametrize("text", NASTY)
    def test_survives_bad_input(self, sign_in: SignIn, wang: str, text: str) -> None:
        client = sign_in("clerk")
        assert (
            client.post(f"{wang}/reveal", data={"which": text, "reason": text}).status_code == 422
        )
        assert client.get(f"{wang}/reveal", query_string={"field": text}).status_code == 200
        for look in ("0", "9" * 30, "x"):
            assert client.get(f"{wang}/reveals/{look}").status_code == 404


class TestSearch:
    def test_shows_masked_results(self, sign_in: SignIn, cast: Cast) -> None:
        page = sign_in("clerk").post("/people", data={"q": "wgl"}).text
        known = cast.resident["wang-guilan"]
        assert "王**" in page
        assert "139****0001" in page
        assert f"/desk/residents/{known.code}" in page
        assert "王桂兰" not in page
        assert "13900000001" not in page

    def test_says_what_to_do_about_nobody(self, sign_in: SignIn) -> None:
        client = sign_in("clerk")
        assert "登记居民" in client.post("/people", data={"q": "没有这个人"}).text
        assert client.get("/people").status_code == 200
        assert "登记居民" not in sign_in("reviewer").post("/people", data={"q": "没有这个人"}).text

    def test_keeps_a_grid_worker_in_the_own_grid(self, sign_in: SignIn, cast: Cast) -> None:
        client = sign_in("grid-worker")
        known = cast.resident["wang-guilan"]
        assert f'href="/residents/{known.code}"' in client.post("/people", data={"q": "wgl"}).text
        assert "孙*" not in client.post("/people", data={"q": "孙磊"}).text

    @pytest.mark.parametrize("login", ["wang-guilan", "cleaner", "technician"])
    def test_is_for_the_staff_who_need_it(self, sign_in: SignIn, login: str) -> None:
        assert sign_in(login).get("/people").status_code == 403
        assert sign_in(login).post("/people", data={"q": "wgl"}).status_code == 403

    def test_asks_a_stranger_to_sign_in(self, client: FlaskClient, cast: Cast) -> None:
        assert client.get("/people").status_code == 303
        assert client.post("/people", data={"q": "wgl"}).status_code == 401

    @pytest.mark.parametrize("q", ["13900000001", "王桂兰", "wgl", "R-", "7K3M9QXA"])
    def test_takes_nothing_but_a_code_from_an_address(self, sign_in: SignIn, q: str) -> None:
        page = sign_in("clerk").get("/people", query_string={"q": q}).text
        assert "王**" not in page
        assert f'value="{q}"' not in page

    def test_takes_a_code_from_an_address(self, sign_in: SignIn, wang: str) -> None:
        code, client = wang.rpartition("/")[2], sign_in("clerk")
        assert "王**" in client.get("/people", query_string={"q": code}).text
        assert "王**" in client.get("/people", query_string={"q": code.lower()}).text

    def test_puts_no_number_into_an_address(self, sign_in: SignIn, cast: Cast) -> None:
        number = queries.citizen_number(reading(), resident_id=cast.resident["wang-guilan"].id)
        answer = sign_in("clerk").post("/people", data={"q": number})
        assert answer.status_code == 200
        assert "王**" in answer.text
        assert 'method="post"' in answer.text
        assert not re.search(rf'(?:href|action)="[^"]*{number}', answer.text)

    @pytest.mark.parametrize("text", [*NASTY, "%", "_", "R-", "http://x/R-22222222", "\ud800"])
    def test_survives_bad_input(self, sign_in: SignIn, text: str) -> None:
        query = {"q": text} if text != "\ud800" else "q=%ed%a0%80"
        assert sign_in("clerk").get("/people", query_string=query).status_code == 200
        typed = {"q": text} if text != "\ud800" else b"q=%ed%a0%80"
        assert sign_in("clerk").post("/people", data=typed).status_code == 200


class TestRegisterAtTheDesk:
    def test_needs_no_account(self, sign_in: SignIn, cast: Cast) -> None:
        client = sign_in("clerk")
        assert client.get("/desk/residents/new").status_code == 200
        data = {**PERSON, "agree_health": "y"}
        answer = client.post("/desk/residents/new", data=data)
        assert re.fullmatch(r"/desk/residents/R-[0-9A-Z]{8}", answer.location)

    def test_puts_a_grid_workers_resident_into_the_grid(self, sign_in: SignIn, cast: Cast) -> None:
        client = sign_in("grid-worker")
        assert "居民会登记在您的网格" in client.get("/desk/residents/new").text
        answer = client.post("/desk/residents/new", data=PERSON)
        assert re.fullmatch(r"/residents/R-[0-9A-Z]{8}", answer.location)

    def test_tells_the_desk_about_a_double(self, sign_in: SignIn, cast: Cast) -> None:
        number = queries.citizen_number(reading(), resident_id=cast.resident["sun-lei"].id)
        data = {**PERSON, "citizen_number": number}
        answer = sign_in("clerk").post("/desk/residents/new", data=data)
        assert answer.status_code == 422
        assert "已经登记过" in answer.text

    def test_needs_the_consent(self, sign_in: SignIn, cast: Cast) -> None:
        answer = sign_in("clerk").post("/desk/residents/new", data={**PERSON, "agree": ""})
        assert answer.status_code == 422
        assert reading().scalars(select(Resident).where(Resident.name == "周秀英")).all() == []

    @pytest.mark.parametrize("login", ["wang-guilan", "reviewer", "cleaner"])
    def test_is_for_desk_and_grid(self, sign_in: SignIn, login: str) -> None:
        client = sign_in(login)
        assert client.get("/desk/residents/new").status_code == 403
        assert client.post("/desk/residents/new", data=PERSON).status_code == 403

    @pytest.mark.parametrize("text", NASTY)
    def test_survives_bad_input(self, sign_in: SignIn, text: str) -> None:
        data = dict.fromkeys(PERSON, text)
        assert sign_in("clerk").post("/desk/residents/new", data=data).status_code == 422


class TestManageAccounts:
    NEW: ClassVar[dict[str, object]] = {
        "login": "Li-Min",
        "name": "李敏",
        "password": "初始密码 2026",
        "roles": ["clerk", "cleaner"],
        "site": "",
        "grid": "",
    }

    def test_makes_and_sets(self, sign_in: SignIn, app: APIFlask) -> None:
        client = sign_in("manager")
        assert client.get("/manage/accounts/new").status_code == 200
        answer = client.post("/manage/accounts/new", data=self.NEW)
        assert answer.status_code == 303
        page = client.get(answer.location)
        assert "李敏" in page.text
        assert "li-min" in client.get("/manage/accounts").text
        data = {"name": "李敏敏", "roles": ["reviewer"], "site": "", "grid": ""}
        assert client.post(answer.location, data=data).status_code == 303
        assert "李敏敏" in client.get(answer.location).text
        member = app.test_client()
        assert signing_in(member, "li-min", "初始密码 2026").location == "/review"
        again = client.post("/manage/accounts/new", data=self.NEW)
        assert again.status_code == 422
        assert "已经有人用了" in again.text

    def test_asks_for_the_grid_of_a_grid_worker(self, sign_in: SignIn) -> None:
        data = {**self.NEW, "roles": ["grid_worker"]}
        answer = sign_in("manager").post("/manage/accounts/new", data=data)
        assert answer.status_code == 422
        assert "网格员要选择" in answer.text

    def test_closes_and_opens(self, sign_in: SignIn, app: APIFlask, cast: Cast) -> None:
        client, clerk = sign_in("manager"), sign_in("clerk")
        url = f"/manage/accounts/{cast.account['clerk']}"
        assert client.post(f"{url}/deactivate").status_code == 303
        assert clerk.get("/my/account").status_code == 303
        assert signing_in(app.test_client(), "clerk", PASSWORD).status_code == 422
        assert "重新启用" in client.get(url).text
        assert client.post(f"{url}/activate").status_code == 303
        assert signing_in(app.test_client(), "clerk", PASSWORD).status_code == 303

    def test_resets_a_password(self, sign_in: SignIn, app: APIFlask, cast: Cast) -> None:
        client, clerk = sign_in("manager"), sign_in("clerk")
        url = f"/manage/accounts/{cast.account['clerk']}/password"
        assert client.post(url, data={"password": "short"}).status_code == 422
        assert client.post(url, data={"password": "换一个密码 2027"}).status_code == 303
        assert clerk.get("/my/account").status_code == 303
        assert signing_in(app.test_client(), "clerk", "换一个密码 2027").status_code == 303

    def test_never_locks_the_manager_out(self, sign_in: SignIn, cast: Cast) -> None:
        client = sign_in("manager")
        url = f"/manage/accounts/{cast.account['manager']}"
        assert client.post(f"{url}/deactivate").status_code == 409
        data = {"name": "m", "roles": ["clerk"], "site": "", "grid": ""}
        answer = client.post(url, data=data)
        assert answer.status_code == 422
        assert "不能停用自己的账号" in answer.text
        assert reading().get_one(Account, cast.account["manager"]).active

    def test_finds_residents_when_asked(self, sign_in: SignIn) -> None:
        client = sign_in("manager")
        assert "孙磊" not in client.get("/manage/accounts").text
        asked = {"who": "all", "q": "13900000004"}
        found = client.post("/manage/accounts", data=asked).text
        assert "孙磊" in found
        assert "li-jianguo" not in found
        assert not re.search(r'(?:href|action)="[^"]*13900000004', found)
        assert "li-jianguo" in client.get("/manage/accounts", query_string=asked).text
        assert "没有找到账号" in client.post("/manage/accounts", data={"q": "zzz"}).text

    @pytest.mark.parametrize("login", ["clerk", "reviewer", "wang-guilan"])
    def test_is_for_managers(self, sign_in: SignIn, cast: Cast, login: str) -> None:
        client, url = sign_in(login), f"/manage/accounts/{cast.account['clerk']}"
        for path in ("/manage/accounts", "/manage/accounts/new", url):
            assert client.get(path).status_code == 403
        acts = ("", "/new", f"/{cast.account['clerk']}/password")
        for path in (*(f"/manage/accounts{act}" for act in acts), url, f"{url}/deactivate"):
            assert client.post(path, data=self.NEW).status_code == 403

    def test_asks_a_stranger_to_sign_in(self, client: FlaskClient, cast: Cast) -> None:
        assert client.get("/manage/accounts").status_code == 303
        assert client.post("/manage/accounts/new").status_code == 401

    @pytest.mark.parametrize("id_", ["0", "2147483648", "9" * 30, "x", "-1"])
    def test_knows_no_other_account(self, sign_in: SignIn, id_: str) -> None:
        client = sign_in("manager")
        assert client.get(f"/manage/accounts/{id_}").status_code == 404
        assert client.post(f"/manage/accounts/{id_}/deactivate").status_code == 404
        assert client.post(f"/manage/accounts/{id_}/activate").status_code == 404
        data = {"password": "换一个密码 2027"}
        assert client.post(f"/manage/accounts/{id_}/password", data=data).status_code == 404

    @pytest.mark.parametrize("text", NASTY)
    def test_survives_bad_input(self, sign_in: SignIn, cast: Cast, text: str) -> None:
        client = sign_in("manager")
        data = dict.fromkeys(self.NEW, text)
        assert client.post("/manage/accounts/new", data=data).status_code == 422
        url = f"/manage/accounts/{cast.account['clerk']}"
        assert client.post(url, data=data).status_code == 422
        query = {"q": text, "who": text}
        assert client.get("/manage/accounts", query_string=query).status_code == 200
        assert client.post("/manage/accounts", data=query).status_code == 200


class TestAccountCommand:
    def test_makes_the_first_manager(self, app: APIFlask) -> None:
        from rental.people.cli import accounts

        words = ["create", "first-manager", "--name", "负责人", "--password", "long-enough-2026"]
        answer = app.test_cli_runner().invoke(accounts, words)
        assert answer.exit_code == 0, answer.output
        assert queries.actor_of(reading(), login="first-manager").roles == {Role.MANAGER}

    def test_refuses_a_weak_password(self, app: APIFlask) -> None:
        from rental.people.cli import accounts

        words = ["create", "first-manager", "--name", "负责人", "--password", "short"]
        assert app.test_cli_runner().invoke(accounts, words).exit_code == 1
        assert queries.account_id_of(reading(), login="first-manager") is None
