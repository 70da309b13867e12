"""The line to MLflow: in order, in its own time, and silent after the first failure."""

import threading
import time

import pytest

from latent.tracking.background import Link

LONG = 60  # seconds that nothing here takes


def test_all_is_done_in_order_and_in_one_thread() -> None:
    link = Link(lambda error: pytest.fail(str(error)))
    done: list[int] = []
    threads: set[int] = set()

    def act(number: int) -> None:
        threads.add(threading.get_ident())
        done.append(number)

    for number in range(100):
        link.post(lambda number=number: act(number))
    link.wait(LONG)
    assert done == list(range(100))
    assert len(threads) == 1
    assert threading.get_ident() not in threads


def test_a_slow_action_holds_up_nobody_who_posts() -> None:
    link = Link(lambda error: pytest.fail(str(error)))
    free = threading.Event()
    done: list[str] = []
    link.post(lambda: free.wait(LONG))
    posted = [link.post(lambda: done.append("done")) for _ in range(10)]
    # Nothing of it can have been done, for the first action waits for what comes now.
    assert done == []
    assert not any(event.is_set() for event in posted)
    free.set()
    link.wait(LONG)
    assert done == ["done"] * 10
    assert all(event.is_set() for event in posted)


def test_a_wait_is_bounded_and_its_end_is_a_failure() -> None:
    failures: list[Exception] = []
    done: list[str] = []
    link = Link(failures.append)
    free = threading.Event()
    link.post(lambda: free.wait(LONG))
    last = link.post(lambda: done.append("too late"))
    begun = time.monotonic()
    link.wait(0.2)
    assert 0.2 <= time.monotonic() - begun < LONG / 2
    (failure,) = failures
    assert isinstance(failure, TimeoutError)
    assert "0.2 seconds" in str(failure)
    # What was posted before is not done either, when the answer comes at last.
    free.set()
    assert last.wait(LONG)
    link.wait(LONG)
    assert done == []
    assert len(failures) == 1


def test_the_first_failure_is_told_and_nothing_is_done_after_it() -> None:
    failures: list[Exception] = []
    done: list[str] = []
    link = Link(failures.append)

    def fail(word: str) -> None:
        raise ValueError(word)

    link.post(lambda: done.append("before"))
    link.post(lambda: fail("first"))
    after = link.post(lambda: done.append("after"))
    link.post(lambda: fail("second"))
    link.wait(LONG)
    assert after.is_set()
    assert [str(failure) for failure in failures] == ["first"]
    assert done == ["before"]
    # Nobody waits for a line that is lost.
    begun = time.monotonic()
    link.wait(LONG)
    assert time.monotonic() - begun < LONG / 2
    assert len(failures) == 1


def test_an_action_that_fails_after_a_wait_gave_up_tells_nothing_more() -> None:
    failures: list[Exception] = []
    link = Link(failures.append)
    free = threading.Event()

    def fail_late() -> None:
        free.wait(LONG)
        raise ValueError("late")

    posted = link.post(fail_late)
    link.wait(0.1)
    free.set()
    assert posted.wait(LONG)
    link.wait(LONG)
    assert [type(failure) for failure in failures] == [TimeoutError]
