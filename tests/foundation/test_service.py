"""The transaction door, jobs and idempotency on both databases."""

import importlib
import threading
from datetime import timedelta

import pytest
import time_machine
from apiflask import APIFlask
from sqlalchemy import func, select

from rental.foundation import idempotency, jobs
from rental.foundation.clock import Moment
from rental.foundation.database import db, reading, transaction
from rental.foundation.jobs import Job

DAY = timedelta(days=1)
worker = importlib.import_module("rental.cli.worker")


class TestTransaction:
    def test_keeps_nothing_when_the_block_raises(self, app: APIFlask, at: Moment) -> None:
        def break_off() -> None:
            with transaction() as session:
                jobs.enqueue(session, "x", key="1", at=at)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            break_off()
        assert reading().scalar(select(func.count(Job.id))) == 0

    def test_refuses_a_second_one_inside(self, app: APIFlask) -> None:
        with transaction(), pytest.raises(RuntimeError), transaction():
            pass

    def test_writers_wait_for_each_other(self, app: APIFlask, at: Moment) -> None:
        """A read-then-write counter loses nothing under four writers."""
        with transaction() as session:
            jobs.enqueue(session, "count", key="1", at=at, payload={"n": 0})

        def work() -> None:
            with app.app_context():
                for _ in range(5):
                    with transaction() as session:
                        job = session.scalars(select(Job).with_for_update()).one()
                        job.tries += 1
                        session.flush()
                db.session.remove()

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert reading().scalars(select(Job.tries)).one() == 20


class TestJobs:
    def test_enqueues_a_key_once(self, app: APIFlask, at: Moment) -> None:
        with transaction() as session:
            for _ in range(3):
                jobs.enqueue(session, "x", key="1", at=at)
        assert reading().scalar(select(func.count(Job.id))) == 1

    def test_takes_a_job_again_after_its_lease(self, app: APIFlask, at: Moment) -> None:
        later = Moment.of(at.at + jobs.LEASE + timedelta(seconds=1))
        with transaction() as session:
            jobs.enqueue(session, "x", key="1", at=at)
        with transaction() as session:
            first = jobs.take(session, at=at)
        with transaction() as session:
            assert jobs.take(session, at=at) is None
        with transaction() as session:
            again = jobs.take(session, at=later)
        assert first is not None
        assert again is not None
        assert (first.id, again.tries) == (again.id, 2)

    def test_gives_up_after_the_last_try(self, app: APIFlask, at: Moment) -> None:
        with transaction() as session:
            jobs.enqueue(session, "x", key="1", at=at)
        moment = at
        for _ in range(jobs.MAX_TRIES):
            moment = Moment.of(moment.at + timedelta(days=1))
            with transaction() as session:
                taken = jobs.take(session, at=moment)
                assert taken is not None
                jobs.fail(session, taken, at=moment, error="ValueError")
        with transaction() as session:
            assert jobs.take(session, at=Moment.of(moment.at + timedelta(days=9))) is None
        assert jobs.count_given_up(reading()) == 1


class TestBeat:
    def test_comes_again_although_the_clock_was_put_back(
        self, app: APIFlask, at: Moment, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(worker._Beaten, "at", float("-inf"))
        with time_machine.travel(at.at + DAY, tick=False):
            monkeypatch.setattr(worker, "monotonic", lambda: 100.0)
            worker.beat({})
        monkeypatch.setattr(worker, "monotonic", lambda: 110.0)
        worker.beat({})
        assert jobs.last_beat(reading(), "worker") == at.at + DAY
        monkeypatch.setattr(worker, "monotonic", lambda: 120.0)
        worker.beat({})
        assert jobs.last_beat(reading(), "worker") == at.at

    def test_frees_what_was_done_or_leased_in_days_to_come(self, app: APIFlask, at: Moment) -> None:
        ahead = Moment.of(at.at + DAY)
        with transaction() as session:
            jobs.beat(session, "worker", at=ahead)
            jobs.enqueue(session, "tidy", key="tomorrow", at=ahead)
        with transaction() as session:
            done = jobs.take(session, at=ahead)
            assert done is not None
            jobs.finish(session, done, at=ahead)
        with transaction() as session:
            jobs.enqueue(session, "leased", key="1", at=at)
            jobs.take(session, at=ahead)
            jobs.enqueue(session, "waits", key="1", at=ahead)
        with transaction() as session:
            jobs.beat(session, "worker", at=at)
            jobs.enqueue(session, "tidy", key="tomorrow", at=at)
        with transaction() as session:
            due = [jobs.take(session, at=at) for _ in range(3)]
        assert {job.name for job in due if job} == {"leased", "tidy", "waits"}

    def test_leaves_a_lease_of_now_alone(self, app: APIFlask, at: Moment) -> None:
        with transaction() as session:
            jobs.beat(session, "worker", at=Moment.of(at.at + timedelta(seconds=1)))
            jobs.enqueue(session, "x", key="1", at=at)
            jobs.take(session, at=at)
        with transaction() as session:
            jobs.beat(session, "worker", at=at)
            assert jobs.take(session, at=at) is None


class TestIdempotency:
    def test_finds_the_first_answer(self, app: APIFlask, at: Moment) -> None:
        claim = idempotency.Claim(1, "k", "h")
        with transaction() as session:
            assert idempotency.find(session, claim) is None
            idempotency.keep(session, claim, idempotency.Kept(201, "{}"), at=at)
        assert idempotency.find(reading(), claim) == idempotency.Kept(201, "{}")

    def test_refuses_the_key_for_another_request(self, app: APIFlask, at: Moment) -> None:
        with transaction() as session:
            idempotency.keep(
                session, idempotency.Claim(1, "k", "h"), idempotency.Kept(201, "{}"), at=at
            )
        with pytest.raises(idempotency.KeyUsedForSomethingElse):
            idempotency.find(reading(), idempotency.Claim(1, "k", "other"))
