"""What a report says when the service itself wrote it."""

from enum import StrEnum

from rental.foundation.words import N_, Sentence


class OwnWords(StrEnum):
    """Our own sentences, kept in Chinese and said in the reader's language."""

    FOUND_DAMAGED = N_("归还时发现有损坏，要修。")
    FOUND_UNUSABLE = N_("归还时发现不能再用。")
    WIPED = N_("原来写的内容已随个人资料删掉。")


def said(what: str) -> Sentence | str:
    """Return what a report says: our own words to translate, anybody else's as they are."""
    return Sentence(what) if what in set(OwnWords) else what
