"""What is printed reads back."""

import base64
import io
import re
from collections.abc import Callable

import pytest
import zxingcpp
from flask.testing import FlaskClient
from PIL import Image, ImageOps

from rental.foundation.codes import CodeKind, new_code, spaced
from rental.inventory.labels import address_of
from rental.web.qr import QUIET_ZONE, qr_picture
from tests.cast import Cast


def drawn(source: str) -> Image.Image:
    """Return the picture of a ``data:`` address."""
    return Image.open(io.BytesIO(base64.b64decode(source.split("base64,")[1])))


@pytest.mark.parametrize(
    "base", ["http://127.0.0.1:8000", "https://zulin.example.cn", "https://a.b.example.org:8443/x"]
)
def test_the_qr_reads_back_to_the_address(base: str) -> None:
    for _ in range(5):
        address = address_of(base, new_code(CodeKind.UNIT))
        found = zxingcpp.read_barcodes(drawn(qr_picture(address)))
        assert [code.text for code in found] == [address]


def test_the_quiet_zone_is_four_modules() -> None:
    picture = drawn(qr_picture("x")).convert("L")
    left, top, right, bottom = ImageOps.invert(picture).getbbox() or (0, 0, 0, 0)
    module = (right - left) // 21
    assert left == top == QUIET_ZONE * module == picture.width - right == picture.height - bottom
    assert QUIET_ZONE == 4


class TestPages:
    def test_one_label_reads_back(self, sign_in: Callable[[str], FlaskClient], cast: Cast) -> None:
        code = cast.unit["available"].code
        page = sign_in("clerk").get(f"/units/{code}/label")
        assert page.status_code == 200
        found = zxingcpp.read_barcodes(drawn(re.findall(r'src="(data:[^"]+)"', page.text)[0]))
        assert found[0].text.endswith(f"/u/{code}")
        assert spaced(code) in page.text

    def test_chosen_labels_and_all(self, sign_in: Callable[[str], FlaskClient], cast: Cast) -> None:
        clerk = sign_in("clerk")
        two = [cast.unit["available"].code, cast.unit["dirty"].code]
        chosen = clerk.get("/units/labels", query_string={"code": two})
        assert chosen.text.count("rd-label__code") == 2
        assert clerk.get("/units/labels").text.count("rd-label__code") == len(cast.unit)
        assert clerk.get("/units/labels?state=lost").text.count("rd-label__code") == 0

    @pytest.mark.parametrize("by_code", [False, True])
    def test_many_labels_come_in_parts(
        self,
        sign_in: Callable[[str], FlaskClient],
        cast: Cast,
        monkeypatch: pytest.MonkeyPatch,
        *,
        by_code: bool,
    ) -> None:
        monkeypatch.setattr("rental.inventory.views.printing.MOST", 3)
        monkeypatch.setattr("rental.inventory.views.printing.to_pdf", str.encode)
        clerk, total = sign_in("clerk"), len(cast.unit)
        wanted = {"code": [unit.code for unit in cast.unit.values()] if by_code else []}
        printed: list[str] = []
        for number in range(1, -(-total // 3) + 1):
            asked = {**wanted, "page": number}
            part = clerk.get("/units/labels", query_string=asked).text
            codes = re.findall(r"rd-label__code\">(\w{4}) (\w{4})<", part)
            first = 3 * number - 2
            assert f"第 {first} 到 {first + len(codes) - 1} 张，共 {total} 张" in part
            assert f"page={number}" in re.findall(r"labels\.pdf\?([^\"]*)", part)[0]
            pdf = clerk.get("/units/labels.pdf", query_string=asked).text
            assert re.findall(r"code\">(\w{4})<br>(\w{4})<", pdf) == codes
            printed += map("".join, codes)
        assert sorted(printed) == sorted(unit.code for unit in cast.unit.values())
        assert "一次最多打印" not in clerk.get("/units/labels?state=available&q=x").text

    @pytest.mark.parametrize("page", ["0", "-1", "x", "999999", "9" * 40])
    def test_bears_strange_parts(
        self, sign_in: Callable[[str], FlaskClient], cast: Cast, page: str
    ) -> None:
        clerk = sign_in("clerk")
        for asked in ({"page": page}, {"page": page, "code": cast.unit["dirty"].code}):
            assert clerk.get("/units/labels", query_string=asked).status_code == 200

    def test_a_sheet_is_a_pdf(self, sign_in: Callable[[str], FlaskClient], cast: Cast) -> None:
        answer = sign_in("cleaner").get("/units/labels.pdf?state=available")
        assert answer.status_code == 200
        assert answer.content_type == "application/pdf"
        assert answer.data.startswith(b"%PDF")

    def test_without_the_libraries_the_page_stands_in(
        self,
        sign_in: Callable[[str], FlaskClient],
        cast: Cast,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        def missing(name: str) -> None:
            raise OSError(name)

        monkeypatch.setattr("rental.inventory.labels.importlib.import_module", missing)
        clerk = sign_in("clerk")
        answer = clerk.get("/units/labels.pdf?state=available")
        assert answer.status_code == 303
        assert "/units/labels?state=available" in answer.location
        assert "请在浏览器里打印" in clerk.get(answer.location).text

    def test_refuses_residents_and_strangers(
        self, sign_in: Callable[[str], FlaskClient], cast: Cast
    ) -> None:
        resident = sign_in("sun-lei")
        for address in ("/units/labels", "/units/labels.pdf", "/units/22222222/label"):
            assert resident.get(address).status_code == 403

    def test_sends_strangers_to_sign_in(self, client: FlaskClient) -> None:
        assert client.get("/units/labels.pdf").status_code == 303
