"""QR labels: one as a picture, many as sheets of A4."""

import base64
import importlib
import struct
import zlib
from dataclasses import dataclass
from itertools import starmap
from typing import Any

from markupsafe import Markup
from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode

#: Quiet zone of the symbol in modules (ISO/IEC 18004).
QUIET_ZONE = 4

#: Pixels of a module in a PDF's picture.
_PIXELS = 8

#: The most labels of one PDF (five sheets); more would keep a worker busy too long.
MOST = 120


class NoPrinter(RuntimeError):
    """The libraries that make PDFs are not installed on this machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What stands on one label.

    Attributes:
        code: The unit's code.
        address: What the QR holds.
        name: The kind's Chinese name.
        site: The point's Chinese name.
        phone: Its telephone.
        qr: The QR as inline SVG or picture, quiet zone included.
    """

    code: str
    address: str
    name: str
    site: str
    phone: str
    qr: Markup

    @property
    def spaced(self) -> str:
        """The code in groups of four, to be read aloud."""
        return spaced(self.code)


def spaced(code: str) -> str:
    """Return a code in groups of four: ``7K3M 9QXA``."""
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))


def address_of(base: str, code: str) -> str:
    """Return what a unit's QR holds: ``<public base address>/u/<CODE>``."""
    return f"{base}/u/{code}"


def qr_svg(text: str) -> Markup:
    """Return the text as a QR symbol in SVG, one path, black on white: for the screen."""
    rows = _modules(text)
    size = len(rows)
    path = "".join(starmap(_row, enumerate(rows)))
    return Markup(  # ruff: ignore[unsafe-markup-use] - numbers only; the text is in the modules
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" '
        f'shape-rendering="crispEdges" aria-hidden="true" focusable="false">'
        f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/><path fill="#000" d="{path}"/></svg>'
    )


def qr_picture(text: str) -> Markup:
    """Return the text as a QR symbol in an ``<img>``: for PDFs, where paths are slow.

    A PNG of one bit a pixel, ``_PIXELS`` pixels a module.
    """
    rows = [row for modules in _modules(text) for row in [_packed(modules)] * _PIXELS]
    side = len(rows)
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row for row in rows))
    png = b"\x89PNG\r\n\x1a\n" + b"".join(
        starmap(_chunk, ((b"IHDR", head), (b"IDAT", data), (b"IEND", b"")))
    )
    source = base64.b64encode(png).decode()
    return Markup('<img alt="" src="data:image/png;base64,{}">').format(source)


def _modules(text: str) -> list[list[bool]]:
    """Return the symbol's rows, level M, quiet zone included; True is dark."""
    symbol: QRCode[Any] = QRCode(error_correction=ERROR_CORRECT_M, border=QUIET_ZONE)
    symbol.add_data(text)
    symbol.make(fit=True)
    return [[bool(module) for module in row] for row in symbol.get_matrix()]


def _packed(modules: list[bool]) -> bytes:
    """Return a row of modules as bits, 1 for white, padded with white."""
    bits = "".join(("0" if dark else "1") * _PIXELS for dark in modules)
    bits += "1" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def _chunk(name: bytes, body: bytes) -> bytes:
    sum_ = zlib.crc32(name + body)
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", sum_)


def _row(y: int, row: list[bool]) -> str:
    """Return a row's dark runs as path commands."""
    found, x = [], 0
    while x < len(row):
        if not row[x]:
            x += 1
            continue
        start = x
        while x < len(row) and row[x]:
            x += 1
        found.append(f"M{start} {y}h{x - start}v1H{start}z")
    return "".join(found)


def to_pdf(html: str) -> bytes:
    """Return the page as PDF.

    Raises:
        NoPrinter: If WeasyPrint or its Pango is missing; show the page instead.
    """
    try:
        weasyprint = importlib.import_module("weasyprint")
    except (ImportError, OSError) as error:
        raise NoPrinter from error
    pdf: bytes = weasyprint.HTML(string=html).write_pdf()
    return pdf
