"""Posted words and pictures of the desk."""

import re
import unicodedata
from itertools import starmap
from typing import Any

import zxingcpp
from flask_babel import lazy_gettext as _l
from PIL import Image
from wtforms import BooleanField, FileField, RadioField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from rental.desk.policy import Mode
from rental.foundation.codes import CodeKind, CodeUnreadable, is_code, read_code
from rental.loans.policy import CONDITION_NAMES, Condition
from rental.loans.policy.acts import MAX_NOTE, MAX_REASON, MIN_REASON, ReasonTooShort
from rental.web.forms import AtMost, Form, LongTextField, TextField, ThreePartDateField
from rental.web.say import say

MOST_PIXELS = 60_000_000
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")
_SIDE = 2000
LEAST_KG, MOST_KG = 2, 400
MOST_TYPED = 18


class ScanForm(Form):
    """What was scanned, typed or photographed, and what lay on the desk before."""

    code = TextField(_l("编号"), [AtMost(200)])
    photo = FileField(_l("照片"))
    mode = TextField()
    resident = TextField()
    unit = TextField()
    here = TextField()

    @property
    def busy_with(self) -> Mode:
        """What the reader is busy with."""
        return Mode.named(self.mode.data)

    @property
    def resident_code(self) -> str | None:
        """The resident at the desk."""
        said = self.resident.data or ""
        return said if is_code(CodeKind.RESIDENT, said) else None

    @property
    def unit_code(self) -> str | None:
        """The unit on the desk, to be lent."""
        said = self.unit.data or ""
        return said if is_code(CodeKind.UNIT, said) else None

    @property
    def here_code(self) -> str | None:
        """The unit that is open in any other way."""
        said = self.here.data or ""
        return said if is_code(CodeKind.UNIT, said) else None

    @property
    def has_photo(self) -> bool:
        """Whether a picture was sent."""
        return bool(self.photo.data and getattr(self.photo.data, "filename", ""))


class PhotoUnreadable(ValueError):
    """The file is no picture, or there is no code of ours in it."""

    def __init__(self, *, is_picture: bool) -> None:
        """Keep whether at least it is a picture."""
        super().__init__()
        self.is_picture = is_picture


def code_in_photo(upload: Any) -> str:
    """Return the text of the QR code in the picture; one of our codes first.

    Raises:
        PhotoUnreadable: If the file is no picture, is too large, or shows no code.
    """
    try:
        picture = Image.open(upload.stream, formats=_FORMATS)
        if picture.width * picture.height > MOST_PIXELS:
            raise PhotoUnreadable(is_picture=False)
        picture.draft("L", (_SIDE, _SIDE))
        grey = picture.convert("L")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError, Warning) as error:
        raise PhotoUnreadable(is_picture=False) from error
    grey.thumbnail((_SIDE, _SIDE))
    texts = [found.text for found in zxingcpp.read_barcodes(grey) if found.text]
    if not texts:
        raise PhotoUnreadable(is_picture=True)
    return next((text for text in texts if _is_ours(text)), texts[0])


def looks_like_code(text: str) -> bool:
    """Tell whether somebody meant a code of ours, not a name or a telephone number."""
    pattern = r"([A-Z]-)[A-Z0-9]*|[A-Z0-9]{8}|.*/[UR]/([A-Z]-)?[A-Z0-9]{8}"
    return bool(re.fullmatch(pattern, _folded(text)))


def looks_like_barcode(text: str) -> bool:
    """Tell whether the text is the number under the bars of something from a shop."""
    return bool(re.fullmatch(r"[0-9]{12,14}", _folded(text)))


def looks_foreign(text: str) -> bool:
    """Tell whether the text comes from somebody else's code: an address, or a long number.

    Nobody types more than the 18 characters of a citizen number, but for a name, and names have no
    digits.
    """
    folded = _folded(text)
    is_long = folded.isascii() and len(folded) > MOST_TYPED and any(map(str.isdigit, folded))
    return not looks_like_code(text) and ("/" in folded or is_long)


def _folded(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).upper()


def _is_ours(text: str) -> bool:
    try:
        read_code(text)
    except CodeUnreadable:
        return False
    return True


class IssueForm(Form):
    """The button of a hand-over, and what is said with it."""

    unit = TextField()
    reservation = TextField()
    resident_kg = TextField(_l("使用者体重（公斤）"))
    taught = BooleanField(_l("已评估，并当面教会使用"))
    due_on = ThreePartDateField(_l("归还日期"))
    force_reason = TextField(_l("为什么仍要借出"), [AtMost(MAX_REASON)])
    forced = BooleanField()

    @property
    def kg(self) -> int | None:
        """What the resident weighs, None when nobody said so understandably."""
        text = unicodedata.normalize("NFKC", self.resident_kg.data or "").strip()
        short = text.isascii() and text.isdigit() and len(text) <= len(str(MOST_KG))
        return int(text) if short and LEAST_KG <= int(text) <= MOST_KG else None

    def validate_force_reason(self, field: Any) -> None:
        """Ask for the reason when the button beside it was pressed."""
        if self.forced.data and not (field.data or "").strip():
            raise ValidationError(say(ReasonTooShort(n=MIN_REASON).said))

    def validate_resident_kg(self, field: Any) -> None:
        """Refuse what is no weight of a person."""
        if field.data and self.kg is None:
            said = _l(
                "请填 %(lowest)s 到 %(highest)s 之间的整数。", lowest=LEAST_KG, highest=MOST_KG
            )
            raise ValidationError(str(said))


class ReturnForm(Form):
    """How a unit came back."""

    condition = RadioField(
        _l("器具状况"),
        choices=[SelectChoice(each.value, name) for each, name in CONDITION_NAMES.items()],
        validate_choice=False,
    )
    missing = SelectMultipleField(
        _l("缺少的配件"),
        choices=[],
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
        validate_choice=False,
    )
    note = LongTextField(_l("备注"), [AtMost(MAX_NOTE)])

    def offer(self, accessories: list[tuple[str, Any]]) -> None:
        """Offer the accessories of the unit; what isn't among them is dropped."""
        self.missing.choices = list(starmap(SelectChoice, accessories))
        known = {name for name, _ in accessories}
        self.missing.data = [name for name in self.missing.data or [] if name in known]

    def validate_condition(self, field: Any) -> None:
        """Refuse a condition that isn't on the page."""
        if field.data not in set(Condition):
            raise ValidationError(str(_l("请选择器具现在的状况。")))
