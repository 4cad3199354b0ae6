"""What tests of the pages about people share."""

from collections.abc import Callable

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

SignIn = Callable[[str], FlaskClient]

#: What no form is made for.
NASTY = [
    "",
    "\0",
    "😀" * 300,
    "x" * 5000,
    "<script>",
    "'; --",
    "\u202e\u200b",
    "9" * 40,
    "-1",
    "None",
]

PERSON = {
    "name": "周秀英",
    "citizen_number": "",
    "phone": "138 1111 2222",
    "address": "某路 2 号",
    "register": "elsewhere",
    "community": "",
    "agree": "y",
}


def signing_in(client: FlaskClient, name: str, password: str, **more: str) -> TestResponse:
    return client.post("/sign-in", data={"name": name, "password": password, **more})
