"""How personal values look on every screen."""


def masked_phone(phone: str) -> str:
    """Return e.g. ``138****5678``."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 7 else "****"  # ruff: ignore[magic-value-comparison]


def masked_number(number: str) -> str:
    """Return e.g. ``370***********1234``: the first three and last four characters."""
    return f"{number[:3]}{'*' * max(len(number) - 7, 4)}{number[-4:]}"


def masked_address(address: str) -> str:
    """Return e.g. ``和平街道****``: at most the first four characters, a third of a short one."""
    return f"{address[: min(4, len(address) // 3)]}****"


def masked_name(name: str) -> str:
    """Return e.g. ``王**``: the first character only."""
    return name[:1] + "*" * max(len(name) - 1, 1)
