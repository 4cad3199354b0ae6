import json
import sys
from collections import Counter
from datetime import date, timedelta

import pytest
import structlog
from apiflask import APIFlask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, update

from rental.foundation.clock import Moment
from rental.foundation.database import db, reading, transaction
from rental.foundation.jobs import Job
from rental.foundation.words import Named, Sentence
from rental.notices import queries, service, worker
from rental.notices.models import Delivery, Notice
from rental.notices.policy import LEASE, MAX_TRIES, Channel, DeliveryState, NoticeKind
from rental.people.models import Resident
from rental.people.policy import ResidentState
from tests.cast import Cast


class Post:
    """A channel that remembers, and may refuse or die."""

    def __init__(self) -> None:
        self.sent: Counter[int] = Counter()
        self.refuses = False
        self.dies_after = 0

    def __call__(self, parcel: service.Parcel) -> None:
        if self.refuses:
            raise ConnectionError
        self.sent[parcel.notice_id] += 1
        if self.sent.total() == self.dies_after:
            raise SystemExit

    @property
    def channels(self) -> service.Channels:
        return {Channel.CONSOLE: self}


def send(cast: Cast, once: str, at: Moment, *, login: str = "wang-guilan") -> None:
    with transaction() as session:
        service.send(
            session,
            NoticeKind.DUE_TODAY,
            resident_id=cast.resident[login].id,
            once=once,
            at=at,
            params={"kind": Named("轮椅", "wheelchair")},
        )


def dispatch(at: Moment) -> list[int]:
    """Fan out and claim; return what the jobs made would deliver."""
    with transaction() as session:
        service.dispatch(session, at=at)
    return jobs()


def killed(at: Moment) -> None:
    """Begin to fan out, and die before the end."""
    with transaction() as session:
        service.dispatch(session, at=at)
        session.rollback()


def jobs() -> list[int]:
    with transaction() as session:
        rows = session.scalars(
            select(Job).where(Job.name == service.DELIVER, Job.done_at.is_(None)).order_by(Job.id)
        ).all()
        return [json.loads(row.payload)["delivery"] for row in rows]


def deliver(deliveries: list[int], post: Post, at: Moment) -> None:
    for one in deliveries:
        with transaction() as session:
            service.deliver(session, one, channels=post.channels, at=at)
    with transaction() as session:
        session.execute(delete(Job))


def states() -> list[DeliveryState]:
    db.session.rollback()
    return list(reading().scalars(select(Delivery.state).order_by(Delivery.id)))


def later(at: Moment, **spans: float) -> Moment:
    return Moment.of(at.at + timedelta(**spans))


class TestSend:
    def test_keeps_a_notice_once(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        send(cast, "loan:1", at)
        send(cast, "loan:1", at)
        send(cast, "loan:2", at)
        assert reading().scalar(select(func.count()).select_from(Notice)) == 2

    def test_refuses_a_message_with_gaps(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        with pytest.raises(ValueError, match="due"), transaction() as session:
            service.send(
                session, NoticeKind.ISSUED, resident_id=1, once="x", at=at, params={"kind": "轮椅"}
            )

    @pytest.mark.parametrize("state", [ResidentState.QUIET, ResidentState.ANONYMISED])
    def test_says_nothing_to_the_quiet(
        self, app: APIFlask, cast: Cast, at: Moment, state: ResidentState
    ) -> None:
        with transaction() as session:
            session.execute(update(Resident).values(state=state))
        send(cast, "loan:1", at)
        assert reading().scalar(select(func.count()).select_from(Notice)) == 0

    def test_leaves_with_its_transaction(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        with transaction() as session:
            service.send(
                session,
                NoticeKind.APPLICATION_RECEIVED,
                resident_id=cast.resident["wang-guilan"].id,
                once="x",
                at=at,
            )
            session.rollback()
        assert reading().scalar(select(func.count()).select_from(Notice)) == 0


class TestRead:
    def test_gives_values_back_as_they_were(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        known = cast.resident["wang-guilan"]
        with transaction() as session:
            service.send(
                session,
                NoticeKind.ISSUED,
                resident_id=known.id,
                once="1",
                at=at,
                params={"kind": Named("轮椅", "wheelchair"), "due": date(2026, 12, 31)},
            )
            service.send(
                session,
                NoticeKind.REFUSED,
                resident_id=known.id,
                once="2",
                at=later(at, minutes=1),
                params={"reason": Sentence("缺 %(n)s 份材料。", n=2)},
            )
        newest, oldest = queries.of_resident(reading(), resident_id=known.id)
        assert oldest.title == Sentence("器具已借出")
        assert oldest.body.params == {
            "kind": Named("轮椅", "wheelchair"),
            "due": date(2026, 12, 31),
        }
        assert "缺 2 份材料。" in str(newest.body)
        assert not newest.read

    def test_says_as_before_what_was_sent_before_there_were_variants(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        known, params = (
            cast.resident["wang-guilan"].id,
            '{"kind": "轮椅", "start": "今天", "code": "B"}',
        )
        with transaction() as session:
            session.add_all(
                Notice(
                    resident_id=known,
                    kind=kind,
                    params=values,
                    once_key=kind.value,
                    created_at=at.at,
                )
                for kind, values in (
                    (NoticeKind.RESERVED, params),
                    (NoticeKind.APPLICATION_RECEIVED, "{}"),
                    (NoticeKind.PAPERS_REQUESTED, '{"reason": "身份证。"}'),
                )
            )
        told = [str(each.body) for each in queries.of_resident(reading(), resident_id=known)]
        assert len(told) == 3
        assert not any("%(" in each for each in told)

    def test_counts_and_marks(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        known, other = cast.resident["wang-guilan"], cast.resident["sun-lei"]
        for once in ("1", "2", "3"):
            send(cast, once, at)
        send(cast, "4", at, login="sun-lei")
        assert queries.count_unread(reading(), resident_id=known.id) == 3
        one = queries.of_resident(reading(), resident_id=known.id, limit=1)[0]
        with transaction() as session:
            service.mark_read(session, resident_id=other.id, notice_id=one.id, at=at)
        assert queries.count_unread(reading(), resident_id=known.id) == 3
        with transaction() as session:
            service.mark_read(session, resident_id=known.id, notice_id=one.id, at=at)
        assert queries.count_unread(reading(), resident_id=known.id) == 2
        with transaction() as session:
            service.mark_read(session, resident_id=known.id, at=at)
        assert queries.count_unread(reading(), resident_id=known.id) == 0
        assert queries.count_unread(reading(), resident_id=other.id) == 1


class TestDispatch:
    def test_delivers_each_notice_once(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        post = Post()
        send(cast, "1", at)
        send(cast, "2", at)
        deliver(dispatch(at), post, at)
        deliver(dispatch(later(at, hours=1)), post, later(at, hours=1))
        assert sorted(post.sent.values()) == [1, 1]
        assert states() == [DeliveryState.SENT] * 2

    def test_repeats_safely_when_killed_between_fan_out_and_delivery(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        post = Post()
        send(cast, "1", at)
        lost = dispatch(at)
        with transaction() as session:
            session.execute(delete(Job))  # the worker and its job are gone
        assert dispatch(later(at, minutes=4)) == []
        again = dispatch(Moment.of(at.at + LEASE))
        assert again == lost
        deliver(lost + again, post, Moment.of(at.at + LEASE))  # and then the first one comes late
        assert list(post.sent.values()) == [1]

    def test_repeats_safely_when_killed_in_the_fan_out(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        post = Post()
        send(cast, "1", at)
        killed(at)
        deliver(dispatch(at), post, at)
        assert list(post.sent.values()) == [1]

    def test_waits_longer_and_longer_then_gives_up(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        post, now, tries = Post(), at, 0
        post.refuses = True
        send(cast, "1", at)
        while DeliveryState.PENDING in states() or not tries:
            deliver(dispatch(now), post, now)
            tries += 1
            assert dispatch(now) == []
            now = later(now, minutes=2 ** (tries - 1))
        assert tries == MAX_TRIES
        assert states() == [DeliveryState.FAILED]

    def test_waits_for_no_day_to_which_the_clock_only_seemed_to_have_come(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        send(cast, "1", at)
        lost = dispatch(later(at, days=1))
        with transaction() as session:
            session.execute(delete(Job))
        assert dispatch(at) == lost

    def test_gives_up_on_what_kills_the_worker(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        send(cast, "1", at)
        now = at
        for _ in range(MAX_TRIES):
            assert dispatch(now)
            with transaction() as session:
                session.execute(delete(Job))
            now = Moment.of(now.at + LEASE)
        assert dispatch(now) == []
        assert states() == [DeliveryState.FAILED]

    def test_stops_for_the_quiet_at_every_step(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        post = Post()
        send(cast, "1", at)
        claimed = dispatch(at)
        send(cast, "2", at)
        with transaction() as session:
            session.execute(update(Resident).values(state=ResidentState.QUIET))
        deliver(claimed, post, at)
        deliver(dispatch(at), post, at)
        assert not post.sent
        assert states() == [DeliveryState.CANCELLED]

    def test_sends_at_most_one_again_when_killed_on_the_way(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        post = Post()
        for n in range(6):
            send(cast, str(n), at)
        claimed = dispatch(at)
        post.dies_after = 4
        with pytest.raises(SystemExit):
            deliver(claimed, post, at)
        with transaction() as session:
            session.execute(delete(Job))
        deliver(dispatch(Moment.of(at.at + LEASE)), post, Moment.of(at.at + LEASE))
        assert sorted(post.sent.values()) == [1, 1, 1, 1, 1, 2]
        assert states() == [DeliveryState.SENT] * 6

    def test_is_cancelled_by_hush(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        post = Post()
        send(cast, "1", at)
        send(cast, "2", at, login="sun-lei")
        claimed = dispatch(at)
        with transaction() as session:
            service.hush(session, cast.resident["wang-guilan"].id)
        deliver(claimed, post, at)
        assert sorted(states()) == [DeliveryState.CANCELLED, DeliveryState.SENT]

    def test_asks_for_more_when_a_batch_is_full(
        self, app: APIFlask, cast: Cast, at: Moment, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sys.modules["rental.notices.service.dispatch"], "BATCH", 2)
        for n in range(3):
            send(cast, str(n), at)
        dispatch(at)
        more = select(Job).where(Job.name == service.DISPATCH)
        assert len(reading().scalars(more).all()) == 1

    @settings(
        max_examples=15,
        deadline=None,
        # the data are deleted for each example, and each database is an executor of its own
        suppress_health_check=[
            HealthCheck.function_scoped_fixture,
            HealthCheck.differing_executors,
        ],
    )
    @given(data=st.data())
    def test_never_delivers_a_once_key_twice(
        self, app: APIFlask, cast: Cast, at: Moment, data: st.DataObject
    ) -> None:
        with transaction() as session:
            for row in (Delivery, Notice, Job):
                session.execute(delete(row))
        post, now = Post(), at
        waiting: list[int] = []
        steps = data.draw(
            st.lists(
                st.sampled_from(["send", "dispatch", "deliver", "die", "refuse", "wait", "lose"]),
                max_size=25,
            )
        )
        keys = set()
        for step in [*steps, "wait", "dispatch", "deliver"]:
            match step:
                case "send":
                    key = data.draw(st.sampled_from("abc"))
                    keys.add(key)
                    send(cast, key, now)
                case "dispatch":
                    waiting = dispatch(now)
                case "deliver":
                    post.refuses = False
                    deliver(waiting, post, now)
                case "refuse":
                    post.refuses = True
                    deliver(waiting, post, now)
                case "die":
                    killed(now)
                case "lose":
                    with transaction() as session:
                        session.execute(delete(Job))
                case _:
                    now = later(now, minutes=70)
        assert set(post.sent.values()) <= {1}
        assert len(post.sent) <= len(keys)
        failed = states().count(DeliveryState.FAILED)
        assert len(post.sent) + failed == len(keys)


class TestWorker:
    def test_says_id_and_kind_only(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        send(cast, "1", at)
        with structlog.testing.capture_logs() as logs:
            with transaction() as session:
                worker.HANDLERS["notices.dispatch"](session, {}, at)
            for one in jobs():
                with transaction() as session:
                    worker.HANDLERS["notices.deliver"](session, {"delivery": one}, at)
        notice = reading().scalars(select(Notice.id)).one()
        assert logs == [
            {"event": "notice", "log_level": "info", "notice_id": notice, "kind": "due_today"}
        ]

    def test_serves_every_channel(self) -> None:
        assert set(worker.CHANNELS) == set(Channel)
        assert set(worker.RECURRING) <= set(worker.HANDLERS)
