"""What is printed reads back."""

import base64
import io
import re
from collections.abc import Callable

import pytest
import zxingcpp
from flask.testing import FlaskClient
from PIL import Image, ImageDraw

from rental.foundation.codes import CodeKind, new_code
from rental.inventory.labels import QUIET_ZONE, address_of, qr_picture, qr_svg, spaced
from tests.cast import Cast

_RUN = re.compile(r"M(\d+) (\d+)h(\d+)v1H\d+z")
_PIXELS = 6


def drawn(svg: str) -> Image.Image:
    """Return the picture that the SVG describes."""
    size = re.search(r'viewBox="0 0 (\d+) \d+"', svg)
    assert size is not None
    side = int(size[1]) * _PIXELS
    image = Image.new("L", (side, side), 255)
    pen = ImageDraw.Draw(image)
    for x, y, width in (tuple(map(int, run)) for run in _RUN.findall(svg)):
        box = (x * _PIXELS, y * _PIXELS, (x + width) * _PIXELS - 1, (y + 1) * _PIXELS - 1)
        pen.rectangle(box, fill=0)
    return image


@pytest.mark.parametrize(
    "base", ["http://127.0.0.1:8000", "https://zulin.example.cn", "https://a.b.example.org:8443/x"]
)
def test_the_qr_reads_back_to_the_address(base: str) -> None:
    for _ in range(5):
        address = address_of(base, new_code(CodeKind.UNIT))
        found = zxingcpp.read_barcodes(drawn(qr_svg(address)))
        assert [code.text for code in found] == [address]


def test_the_printed_picture_reads_back_too() -> None:
    address = address_of("https://zulin.example.cn", new_code(CodeKind.UNIT))
    png = base64.b64decode(str(qr_picture(address)).split("base64,")[1].split('"')[0])
    image = Image.open(io.BytesIO(png)).convert("L")
    assert [code.text for code in zxingcpp.read_barcodes(image)] == [address]


def test_the_quiet_zone_is_four_modules() -> None:
    runs = _RUN.findall(qr_svg("x"))
    assert min(int(x) for x, _, _ in runs) == QUIET_ZONE == 4
    assert min(int(y) for _, y, _ in runs) == 4


def test_a_code_is_read_in_fours() -> None:
    assert spaced("7K3M9QXA") == "7K3M 9QXA"


class TestPages:
    def test_one_label_reads_back(self, sign_in: Callable[[str], FlaskClient], cast: Cast) -> None:
        code = cast.unit["available"].code
        page = sign_in("clerk").get(f"/units/{code}/label")
        assert page.status_code == 200
        svg = re.findall(r'<svg xmlns[^>]*viewBox="0 0 [^<]*<path[^<]*<path[^<]*</svg>', page.text)
        found = zxingcpp.read_barcodes(drawn(svg[0]))
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
