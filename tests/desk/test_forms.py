import io

import pytest
import qrcode
from PIL import Image

from rental.desk.forms import (
    PhotoUnreadable,
    code_in_photo,
    looks_foreign,
    looks_like_barcode,
    looks_like_code,
)


class Upload:
    def __init__(self, content: bytes) -> None:
        self.stream = io.BytesIO(content)


def picture(text: str | None, *, name: str = "PNG", size: int = 900) -> Upload:
    canvas = Image.new("RGB", (size, size), "white")
    if text:
        code = qrcode.make(text).get_image().convert("RGB").resize((400, 400))
        canvas.paste(code.rotate(20, expand=True, fillcolor="white"), (150, 180))
    out = io.BytesIO()
    canvas.save(out, name)
    return Upload(out.getvalue())


class TestCodeInPhoto:
    @pytest.mark.parametrize("name", ["PNG", "JPEG", "WEBP"])
    def test_reads_the_qr_code(self, name: str) -> None:
        text = "https://rental.example/u/7K3M9QXA"
        assert code_in_photo(picture(text, name=name)) == text

    def test_says_when_there_is_no_code(self) -> None:
        with pytest.raises(PhotoUnreadable) as refused:
            code_in_photo(picture(None))
        assert refused.value.is_picture

    @pytest.mark.parametrize(
        "content",
        [b"", b"not a picture", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"DDS |" + b"\x7c" * 200],
    )
    def test_says_when_it_is_no_picture(self, content: bytes) -> None:
        with pytest.raises(PhotoUnreadable) as refused:
            code_in_photo(Upload(content))
        assert not refused.value.is_picture

    def test_refuses_a_picture_too_large_to_open(self) -> None:
        out = io.BytesIO()
        Image.new("1", (9000, 8000)).save(out, "PNG")
        with pytest.raises(PhotoUnreadable):
            code_in_photo(Upload(out.getvalue()))

    def test_refuses_a_picture_cut_off(self) -> None:
        whole = picture("https://rental.example/u/7K3M9QXA", name="JPEG").stream.getvalue()
        with pytest.raises(PhotoUnreadable):
            code_in_photo(Upload(whole[: len(whole) // 3]))


class TestLooksLikeCode:
    @pytest.mark.parametrize(
        "text", ["7K3M9QXB", "７ｋ３ｍ９ｑｘｂ", "R-7K3", "https://x/u/7K3M9QXB", "A1B2 C3D4"]
    )
    def test_knows_codes_with_mistakes(self, text: str) -> None:
        assert looks_like_code(text)

    @pytest.mark.parametrize("text", ["王桂兰", "wgl", "13900000001", "110101195003072525", "😀"])
    def test_leaves_people_alone(self, text: str) -> None:
        assert not looks_like_code(text)


class TestLooksForeign:
    @pytest.mark.parametrize(
        "text",
        [
            "HTTPS://WEIXIN.QQ.COM/R/ABCDEFG",
            "https://u.wechat.com/MABCDEFGHJKLMN",
            "https://qm.qq.com/q/aBcDeFgH",
            "https://x/1",
            "01069012345678921728123110A213",
        ],
    )
    def test_knows_what_is_not_ours(self, text: str) -> None:
        assert looks_foreign(text)

    @pytest.mark.parametrize(
        "text",
        ["https://x.cn/u/7K3M9QXB", "https://x.cn/r/R-7K3M9QXB", "7K3M9QXB", "王桂兰", "wgl",
         "13900000001", "110101195003072525", "Muhammad bin Abdullah"],
    )  # fmt: skip
    def test_leaves_ours_and_people_alone(self, text: str) -> None:
        assert not looks_foreign(text)


class TestLooksLikeBarcode:
    @pytest.mark.parametrize(
        "text", ["6901234567890", "６９０１２３４５６７８９０", " 690123456789 "]
    )
    def test_knows_numbers_of_goods(self, text: str) -> None:
        assert looks_like_barcode(text)

    @pytest.mark.parametrize("text", ["13900000001", "110101195003072525", "23456789", "王"])
    def test_leaves_telephones_and_identities_alone(self, text: str) -> None:
        assert not looks_like_barcode(text)
