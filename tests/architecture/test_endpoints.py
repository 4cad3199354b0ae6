"""Every endpoint stands in exactly one access list."""

import re

from apiflask import APIFlask

from rental.web.access import rule_of
from tests.architecture.access_list import PUBLIC, SIGNED_IN, STAFF


def test_every_endpoint_is_listed_with_its_rule(app: APIFlask) -> None:
    actual: dict[str, str] = {}
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        found = rule_of(app.view_functions[rule.endpoint])
        assert found is not None, f"{rule.endpoint} has no access rule"
        if found.anyone:
            actual[rule.endpoint] = "anyone"
        elif found.roles is None:
            actual[rule.endpoint] = "signed in"
        else:
            actual[rule.endpoint] = " ".join(sorted(found.roles))
    listed = {
        **dict.fromkeys(PUBLIC, "anyone"),
        **dict.fromkeys(SIGNED_IN, "signed in"),
        **{name: " ".join(sorted(roles)) for name, roles in STAFF.items()},
    }
    assert len(listed) == len(PUBLIC) + len(SIGNED_IN) + len(STAFF), "an endpoint stands twice"
    assert actual == listed


def test_addresses_are_kebab_case_and_typed(app: APIFlask) -> None:
    for rule in app.url_map.iter_rules():
        assert re.fullmatch(r"[a-z0-9\-/<>:_.]*", rule.rule), rule.rule
        assert "_" not in re.sub(r"<[^>]*>", "", rule.rule), rule.rule
        if rule.endpoint == "static":
            continue
        assert all(":" in part for part in re.findall(r"<([^>]*)>", rule.rule)), rule.rule


def test_public_posts_without_csrf_change_nothing(app: APIFlask) -> None:
    unchecked = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ())
        and (found := rule_of(app.view_functions[rule.endpoint])) is not None
        and not found.csrf
    }
    assert unchecked == {
        "web.preferences",
        "eligibility.check_self",
        "eligibility_api.check",
    }
