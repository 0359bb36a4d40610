"""Make the next batch while the last one is being trained on."""

from concurrent.futures import Future, ThreadPoolExecutor

from animate_cli.data.pairs import PairBatch, PairSource

Request = tuple[int, tuple[int, int]]


class Ahead:
    """A `PairSource` that works one batch ahead in a thread; batches are the same as without it."""

    def __init__(self, pairs: PairSource) -> None:
        self.pairs = pairs
        self.worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="batches")
        self.expected: dict[Request, Future[PairBatch]] = {}

    def batch(self, number: int, size: tuple[int, int]) -> PairBatch:
        """Return batch ``number``, waiting for it if need be, and begin the one after it."""
        waiting = self.expected.pop((number, size), None) or self._begin(number, size)
        batch = waiting.result()
        self.expected = {(number + 1, size): self._begin(number + 1, size)}
        return batch

    def close(self) -> None:
        """Stop working; what was begun is dropped."""
        self.worker.shutdown(cancel_futures=True)

    def _begin(self, number: int, size: tuple[int, int]) -> Future[PairBatch]:
        return self.worker.submit(self.pairs.batch, number, size)
