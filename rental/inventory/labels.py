"""QR labels: one as a picture, many as sheets of A4."""

import importlib
from dataclasses import dataclass

from rental.foundation.codes import spaced

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
        qr: The picture's ``data:`` address.
    """

    code: str
    address: str
    name: str
    site: str
    phone: str
    qr: str

    @property
    def spaced(self) -> str:
        """The code in groups of four, to be read aloud."""
        return spaced(self.code)


def address_of(base: str, code: str) -> str:
    """Return what a unit's QR holds: ``<public base address>/u/<CODE>``."""
    return f"{base}/u/{code}"


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
