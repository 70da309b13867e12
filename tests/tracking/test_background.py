"""Tests of the background worker: its order, its bounded waits, and its first failure."""

import threading
import time

import pytest

from latent.tracking.background import BackgroundWorker

LONG = 60  # seconds; no action here takes that long


def test_actions_run_in_order_in_one_thread() -> None:
    worker = BackgroundWorker(lambda error: pytest.fail(str(error)))
    done: list[int] = []
    threads: set[int] = set()

    def act(number: int) -> None:
        threads.add(threading.get_ident())
        done.append(number)

    for number in range(100):
        worker.submit(lambda number=number: act(number))
    worker.wait(LONG)
    assert done == list(range(100))
    assert len(threads) == 1
    assert threading.get_ident() not in threads


def test_submit_does_not_wait_for_a_slow_action() -> None:
    worker = BackgroundWorker(lambda error: pytest.fail(str(error)))
    proceed = threading.Event()
    done: list[str] = []
    worker.submit(lambda: proceed.wait(LONG))
    submitted = [worker.submit(lambda: done.append("done")) for _ in range(10)]
    # The first action still waits for `proceed`, so none of the others can have run.
    assert done == []
    assert not any(event.is_set() for event in submitted)
    proceed.set()
    worker.wait(LONG)
    assert done == ["done"] * 10
    assert all(event.is_set() for event in submitted)


def test_a_wait_that_times_out_is_a_failure() -> None:
    failures: list[Exception] = []
    done: list[str] = []
    worker = BackgroundWorker(failures.append)
    proceed = threading.Event()
    worker.submit(lambda: proceed.wait(LONG))
    last = worker.submit(lambda: done.append("too late"))
    start = time.monotonic()
    worker.wait(0.2)
    assert 0.2 <= time.monotonic() - start < LONG / 2
    (failure,) = failures
    assert isinstance(failure, TimeoutError)
    assert "0.2 seconds" in str(failure)
    # Actions that were submitted before the failure are skipped too.
    proceed.set()
    assert last.wait(LONG)
    worker.wait(LONG)
    assert done == []
    assert len(failures) == 1


def test_only_the_first_failure_is_reported_and_later_actions_are_skipped() -> None:
    failures: list[Exception] = []
    done: list[str] = []
    worker = BackgroundWorker(failures.append)

    def fail(word: str) -> None:
        raise ValueError(word)

    worker.submit(lambda: done.append("before"))
    worker.submit(lambda: fail("first"))
    after = worker.submit(lambda: done.append("after"))
    worker.submit(lambda: fail("second"))
    worker.wait(LONG)
    assert after.is_set()
    assert [str(failure) for failure in failures] == ["first"]
    assert done == ["before"]
    # After a failure, `wait` returns at once.
    start = time.monotonic()
    worker.wait(LONG)
    assert time.monotonic() - start < LONG / 2
    assert len(failures) == 1


def test_some_actions_run_even_after_a_failure() -> None:
    failures: list[Exception] = []
    done: list[str] = []
    worker = BackgroundWorker(failures.append)
    worker.submit(lambda: 1 / 0)
    worker.submit(lambda: done.append("skipped"))
    worker.submit(lambda: done.append("always"), always=True)
    worker.wait(LONG)
    assert [type(failure) for failure in failures] == [ZeroDivisionError]
    assert done == ["always"]


def test_an_action_that_fails_after_a_timeout_is_not_reported() -> None:
    failures: list[Exception] = []
    worker = BackgroundWorker(failures.append)
    proceed = threading.Event()

    def fail_late() -> None:
        proceed.wait(LONG)
        raise ValueError("late")

    submitted = worker.submit(fail_late)
    worker.wait(0.1)
    proceed.set()
    assert submitted.wait(LONG)
    worker.wait(LONG)
    assert [type(failure) for failure in failures] == [TimeoutError]
