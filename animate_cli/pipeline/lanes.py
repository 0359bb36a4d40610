"""Lanes: several pieces of work at once, each in a thread of its own with its share of the cores."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

import torch

from animate_cli.machine import memory_bytes
from animate_cli.pipeline.stop import Stop

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")

MOST = 8
MEMORY_EACH = 3 << 30
"""Bytes of the machine's memory that a lane may count on."""


def choose_lanes(pieces: int, device: torch.device) -> int:
    """Tell how many pieces of work to do at once: one where a device does the computing, else a thread each."""
    if device.type != "cpu":
        return 1
    memory = memory_bytes()
    room = MOST if memory is None else memory // MEMORY_EACH
    return max(1, min(pieces, torch.get_num_threads(), MOST, room))


def in_lanes(
    work: Callable[[Item], Outcome], items: Sequence[Item], lanes: int, stop: Stop
) -> Iterator[Outcome]:
    """Yield the outcomes of work on items, in the items' order, worked on in so many threads.

    Each thread computes with an equal share of torch's threads, so that small operations are not cut up over the
    cores. An error in one lane is raised in the place of its outcome; then, and when the outcomes are not wanted
    any more, ``stop`` is set, which ``work`` should look at now and then.
    """
    with (
        _shared_threads(lanes) as share,
        ThreadPoolExecutor(lanes, "lane", torch.set_num_threads, (share,)) as pool,
    ):
        waiting: deque[Future[Outcome]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
            while waiting:
                yield waiting.popleft().result()
        finally:
            stop.set()
            pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _shared_threads(lanes: int) -> Iterator[int]:
    """Give each lane's share of torch's threads; a lane sets the count for later threads, so put it back."""
    whole = torch.get_num_threads()
    try:
        yield max(1, whole // lanes)
    finally:
        torch.set_num_threads(whole)
