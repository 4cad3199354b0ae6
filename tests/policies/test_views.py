"""The manager's home and the policy pages climb the ladder."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from rental.foundation.database import reading
from rental.policies import queries
from rental.policies.policy import Policy
from tests.cast import Cast

SignIn = Callable[[str], FlaskClient]

PAGES = ["/manage", "/manage/policies", *(f"/manage/policies/{policy}" for policy in Policy)]
AGE = "/manage/policies/min_age"
LOANS = "/manage/policies/max_loans"


class TestPages:
    @pytest.mark.parametrize("path", PAGES)
    def test_open_for_the_manager_alone(
        self, sign_in: SignIn, client: FlaskClient, path: str
    ) -> None:
        assert sign_in("manager").get(path).status_code == 200
        assert sign_in("clerk").get(path).status_code == 403
        assert client.get(path).status_code == 303

    def test_take_posts_of_the_manager_alone(self, sign_in: SignIn, client: FlaskClient) -> None:
        for path in (AGE, f"{AGE}/clear"):
            assert sign_in("clerk").post(path, data={"value": "65"}).status_code == 403
            assert client.post(path, data={"value": "65"}).status_code == 401

    def test_lead_from_home_to_everything(self, sign_in: SignIn) -> None:
        page = sign_in("manager").get("/manage").text
        for path in ("catalogue", "calendar", "places", "policies"):
            assert f'href="/manage/{path}"' in page

    def test_know_every_policy_and_no_other(self, sign_in: SignIn) -> None:
        manager = sign_in("manager")
        page = manager.get("/manage/policies").text
        assert all(f"/manage/policies/{policy}" in page for policy in Policy)
        for name in ("no", "%00", "😀", "x" * 3000):
            assert manager.get(f"/manage/policies/{name}").status_code == 404
            assert manager.post(f"/manage/policies/{name}").status_code == 404
            assert manager.post(f"/manage/policies/{name}/clear").status_code == 404

    def test_refuse_the_wrong_verb(self, sign_in: SignIn) -> None:
        assert sign_in("manager").get(f"{AGE}/clear").status_code == 405


class TestSetValue:
    @pytest.mark.parametrize(
        ("policy", "posted", "expected"),
        [
            (Policy.MIN_AGE, {"value": "６５"}, 65),
            (Policy.TWO_PERSON_RELEASE, {"value": "no"}, False),
            (Policy.ELDERLY_ATTESTATION, {"value": "ignored"}, "ignored"),
            (Policy.DIFFICULTIES, {"value": ["dibao", "tekun"]}, ["dibao", "tekun"]),
            (Policy.DIFFICULTIES, {"site": ""}, []),
            (Policy.LOAN_DAYS, {"value": "30"}, 30),
        ],
    )
    def test_keeps_every_type(
        self, sign_in: SignIn, policy: Policy, posted: dict[str, Any], expected: object
    ) -> None:
        answer = sign_in("manager").post(f"/manage/policies/{policy}", data=posted)
        assert answer.status_code == 303
        assert queries.everywhere(reading(), policy) == expected

    def test_narrows_and_widens_again(self, sign_in: SignIn, cast: Cast) -> None:
        manager = sign_in("manager")
        scope = {"site": "main", "kind": "lightweight-wheelchair"}
        assert manager.post(LOANS, data={"value": "7", **scope}).status_code == 303
        shown = manager.get(LOANS)
        assert shown.status_code == 200
        page = shown.text
        assert "品种：轻便铝合金轮椅" in page
        assert "manager" in page
        assert queries.everywhere(reading(), Policy.MAX_LOANS) == 3
        reading().rollback()
        assert manager.post(f"{LOANS}/clear", data=scope).status_code == 303
        assert queries.stored(reading(), Policy.MAX_LOANS) == ()
        assert manager.post(f"{LOANS}/clear", data=scope).status_code == 404

    def test_offers_only_where_the_value_is_asked_for(self, sign_in: SignIn) -> None:
        manager = sign_in("manager")
        assert 'name="ground"' in manager.get(AGE).text
        assert 'name="site"' not in manager.get(AGE).text
        loans = manager.get(LOANS).text
        assert all(f'name="{part}"' in loans for part in ("site", "category", "kind"))
        in_vain = manager.post(AGE, data={"value": "70", "site": "main"})
        assert in_vain.status_code == 422
        assert "不能单独给一部分设" in in_vain.text
        assert queries.stored(reading(), Policy.MIN_AGE) == ()

    @pytest.mark.parametrize(
        ("policy", "posted", "field"),
        [
            (Policy.MIN_AGE, {"value": ""}, "value"),
            (Policy.MIN_AGE, {"value": "49"}, "value"),
            (Policy.MIN_AGE, {"value": "9" * 5000}, "value"),
            (Policy.MIN_AGE, {"value": "\x00"}, "value"),
            (Policy.MIN_AGE, {"value": "😀"}, "value"),
            (Policy.TWO_PERSON_RELEASE, {}, "value"),
            (Policy.TWO_PERSON_RELEASE, {"value": "maybe"}, "value"),
            (Policy.DIFFICULTIES, {"value": ["rich"]}, "value"),
            (Policy.MIN_CHLORINE_MG_L, {"value": "600"}, "value"),
            (Policy.MAX_LOANS, {"value": "5", "site": "no"}, "site"),
            (Policy.MAX_LOANS, {"value": "5", "ground": "\x00"}, "site"),
            (Policy.MAX_LOANS, {"value": "5", "kind": "no" * 3000}, "site"),
            (
                Policy.MAX_LOANS,
                {"value": "5", "category": "commode", "kind": "lightweight-wheelchair"},
                "kind",
            ),
        ],
    )
    def test_refuses_beside_the_field(
        self, sign_in: SignIn, policy: Policy, posted: dict[str, Any], field: str
    ) -> None:
        page = sign_in("manager").post(f"/manage/policies/{policy}", data=posted)
        assert page.status_code == 422
        assert f'id="{field}-error"' in page.text
        assert queries.stored(reading(), policy) == ()

    def test_says_when_clearing_would_close_the_chlorine_range(self, sign_in: SignIn) -> None:
        manager = sign_in("manager")
        highest = f"/manage/policies/{Policy.MAX_CHLORINE_MG_L}"
        manager.post(highest, data={"value": "1000"})
        manager.post(f"/manage/policies/{Policy.MIN_CHLORINE_MG_L}", data={"value": "900"})
        assert manager.post(f"{highest}/clear").status_code == 303
        assert "不能高于" in manager.get(highest).text
        assert queries.everywhere(reading(), Policy.MAX_CHLORINE_MG_L) == 1000
