"""The page of all parts stands for the parts: each of them renders with sample data."""

import re

from apiflask import APIFlask
from flask import render_template


def test_shows_every_part(app: APIFlask) -> None:
    with app.test_request_context("/"):
        page = render_template("web/styleguide.html")
    assert "可以借" in page
    assert len(re.findall(r"<h2", page)) > 10
