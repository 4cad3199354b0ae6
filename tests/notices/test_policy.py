import re

import pytest

from rental.notices.policy import MAX_TRIES, TEXTS, NoticeKind, pause_after


class TestTexts:
    @pytest.mark.parametrize("kind", NoticeKind)
    def test_say_what_happened_and_what_to_do(self, kind: NoticeKind) -> None:
        text = TEXTS[kind]
        assert len(text.title) <= 12
        for body in (text.body, *text.bodies.values()):
            assert body.endswith(("。", "%(bring)s"))
            assert "%(" not in re.sub(r"%\(\w+\)s", "", body)


class TestPause:
    def test_doubles_and_stays_within_an_hour_or_so(self) -> None:
        pauses = [pause_after(n) for n in range(1, MAX_TRIES + 2)]
        assert pauses[:4] == [1, 2, 4, 8]
        assert max(pauses) == 64
        assert pause_after(0) == 1
