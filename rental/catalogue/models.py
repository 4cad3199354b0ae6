"""Catalogue rows."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from rental.catalogue.policy import Fitting, Hygiene
from rental.foundation.database import Base, Instant, stored_by_value


class Need(Base):
    """What a resident wants to do again: get up, wash, walk."""

    __tablename__ = "need"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(40), unique=True)
    zh: Mapped[str] = mapped_column(String(40))
    en: Mapped[str] = mapped_column(String(60))
    position: Mapped[int]
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)


class HygieneClass(Base):
    """Name and turn-round of a hygiene class."""

    __tablename__ = "hygiene_class"
    __table_args__ = (CheckConstraint("turnround_open_days >= 0", name="turnround_not_negative"),)

    key: Mapped[Hygiene] = mapped_column(stored_by_value(Hygiene, "key"), primary_key=True)
    zh: Mapped[str] = mapped_column(String(60))
    en: Mapped[str] = mapped_column(String(120))
    turnround_open_days: Mapped[int]


class FittingClass(Base):
    """Name of a fitting class."""

    __tablename__ = "fitting_class"

    key: Mapped[Fitting] = mapped_column(stored_by_value(Fitting, "key"), primary_key=True)
    zh: Mapped[str] = mapped_column(String(60))
    en: Mapped[str] = mapped_column(String(120))


class Category(Base):
    """One of the 42. ``accessories`` and ``consumables`` are JSON lists as in the data file."""

    __tablename__ = "category"
    __table_args__ = (CheckConstraint("loan_days > 0", name="loan_days_positive"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    no: Mapped[int]
    position: Mapped[int] = mapped_column(default=0)
    key: Mapped[str] = mapped_column(String(60), unique=True)
    zh: Mapped[str] = mapped_column(String(60))
    en: Mapped[str] = mapped_column(String(120))
    standard_name_zh: Mapped[str] = mapped_column(String(120))
    code_note: Mapped[str] = mapped_column(String(200))
    hygiene: Mapped[Hygiene] = mapped_column(
        stored_by_value(Hygiene, "hygiene"), ForeignKey("hygiene_class.key")
    )
    fit: Mapped[Fitting] = mapped_column(
        stored_by_value(Fitting, "fit"), ForeignKey("fitting_class.key")
    )
    delivery: Mapped[bool]
    loan_days: Mapped[int]
    accessories: Mapped[str] = mapped_column(Text)
    consumables: Mapped[str] = mapped_column(Text)
    caution_zh: Mapped[str] = mapped_column(Text)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)


class CategoryNeed(Base):
    """A category serves a need."""

    __tablename__ = "category_need"

    category_id: Mapped[int] = mapped_column(ForeignKey("category.id"), primary_key=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"), primary_key=True)
    position: Mapped[int]


class Kind(Base):
    """What a resident asks for.

    ``words`` is what search looks in: names, category, needs, pinyin and initials, lower case
    (``policy.search`` writes and reads it). An empty guide is composed from the category's data.
    """

    __tablename__ = "kind"

    id: Mapped[int] = mapped_column(primary_key=True)
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id"), index=True)
    key: Mapped[str] = mapped_column(String(80), unique=True)
    position: Mapped[int]
    zh: Mapped[str] = mapped_column(String(80))
    en: Mapped[str] = mapped_column(String(120))
    words: Mapped[str] = mapped_column(Text)
    guide_zh: Mapped[str] = mapped_column(Text, default="")
    guide_en: Mapped[str] = mapped_column(Text, default="")
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)


class ClassificationCode(Base):
    """A code in one edition of a standard; of a category, or of one kind where kinds differ."""

    __tablename__ = "classification_code"
    __table_args__ = (
        UniqueConstraint("category_id", "kind_id", "edition", "code"),
        CheckConstraint("(category_id IS NULL) <> (kind_id IS NULL)", name="one_owner"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    category_id: Mapped[int | None] = mapped_column(ForeignKey("category.id"), index=True)
    kind_id: Mapped[int | None] = mapped_column(ForeignKey("kind.id"), index=True)
    edition: Mapped[str] = mapped_column(String(40))
    code: Mapped[str] = mapped_column(String(20))  # empty: not verified
    position: Mapped[int]


class CatalogueNote(Base):
    """What the data file says of itself; one row."""

    __tablename__ = "catalogue_note"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    note: Mapped[str] = mapped_column(Text)
    loaded_at: Mapped[datetime] = mapped_column(Instant)
