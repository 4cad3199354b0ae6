"""QR symbols, as pictures for pages and printed sheets."""

import base64
import io

from qrcode.constants import ERROR_CORRECT_M
from qrcode.image.pil import PilImage
from qrcode.main import QRCode

#: Quiet zone of the symbol in modules (ISO/IEC 18004).
QUIET_ZONE = 4

#: Pixels of a module: 230 dots an inch on a label of 32 mm.
_PIXELS = 8


def qr_picture(text: str) -> str:
    """Return the text as a QR symbol, quiet zone included: the ``data:`` address of a PNG.

    Black on white in every theme, error correction level M, one bit a pixel.
    """
    symbol: QRCode[PilImage] = QRCode(
        error_correction=ERROR_CORRECT_M,
        border=QUIET_ZONE,
        box_size=_PIXELS,
        image_factory=PilImage,
    )
    symbol.add_data(text)
    out = io.BytesIO()
    symbol.make_image().save(out, format="PNG")
    return f"data:image/png;base64,{base64.b64encode(out.getvalue()).decode()}"
