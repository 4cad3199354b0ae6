"""Policy rows."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column

from rental.foundation.database import Base, Instant


def _scope_key(context: DefaultExecutionContext) -> str:
    """Return the scope as text, because NULLs don't count as equal in a unique constraint."""
    given: dict[str, Any] = context.get_current_parameters()  # type: ignore[no-untyped-call]
    parts = (given.get(name) for name in ("site_id", "ground", "category_id", "kind_id"))
    return "/".join("" if part is None else str(part) for part in parts)


class PolicyValue(Base):
    """One value of one policy, for all or for the narrower scope that its columns name."""

    __tablename__ = "policy_value"
    __table_args__ = (UniqueConstraint("name", "scope_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    scope_key: Mapped[str] = mapped_column(String(120), default=_scope_key)
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))
    ground: Mapped[str | None] = mapped_column(String(32))
    category_id: Mapped[int | None] = mapped_column(ForeignKey("category.id"))
    kind_id: Mapped[int | None] = mapped_column(ForeignKey("kind.id"))
    value: Mapped[str] = mapped_column(Text)
    set_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    set_at: Mapped[datetime | None] = mapped_column(Instant)
