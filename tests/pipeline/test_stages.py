"""Stages overlap, stay bounded, and end together."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from animate_cli.pipeline.stages import Behind, ahead


def threads() -> int:
    return threading.active_count()


def feed(stage: Behind[int], count: int, error: BaseException | None = None) -> None:
    with stage:
        for i in range(count):
            stage.put(i)
        if error is not None:
            raise error


def test_ahead_keeps_order() -> None:
    assert list(ahead(range(100), capacity=2)) == list(range(100))


def test_ahead_makes_no_more_than_fits() -> None:
    made = []

    def items() -> Iterator[int]:
        for i in range(100):
            made.append(i)
            yield i

    with closing(ahead(items(), capacity=3)) as stream:
        next(stream)
        time.sleep(0.2)
        assert len(made) <= 5


def test_ahead_raises_what_the_producer_raised() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("broken")

    stream = ahead(items())
    assert next(stream) == 1
    with pytest.raises(ValueError, match="broken"):
        next(stream)


def test_leaving_early_ends_the_producer_and_closes_it() -> None:
    before, closed = threads(), threading.Event()

    def items() -> Iterator[int]:
        try:
            while True:
                yield 1
        finally:
            closed.set()

    with closing(ahead(items())) as stream:
        next(stream)
    assert closed.is_set()
    assert threads() == before


def test_behind_consumes_all_in_order() -> None:
    done: list[int] = []
    with Behind(done.append, capacity=2) as stage:
        for i in range(100):
            stage.put(i)
    assert done == list(range(100))


def test_behind_raises_the_consumers_error_once() -> None:
    def fail(item: int) -> None:
        raise OSError("disk full")

    before = threads()
    with pytest.raises(OSError, match="disk full"):
        feed(Behind(fail, capacity=1), 100)
    assert threads() == before


def test_last_items_error_is_raised_at_the_end() -> None:
    def fail(item: int) -> None:
        time.sleep(0.05)
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"), Behind(fail) as stage:
        stage.put(1)


def test_behind_drops_the_rest_when_the_job_fails() -> None:
    done: list[int] = []

    def slow(item: int) -> None:
        time.sleep(0.02)
        done.append(item)

    before = threads()
    with pytest.raises(KeyboardInterrupt):
        feed(Behind(slow, capacity=50), 50, KeyboardInterrupt())
    assert len(done) < 50
    assert threads() == before
