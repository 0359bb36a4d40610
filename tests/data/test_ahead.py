import threading

import pytest
import torch

from animate_cli.data.ahead import Ahead
from animate_cli.data.pairs import PairBatch
from animate_cli.errors import DataError


class Numbers:
    """Batches that hold their number, and remember which thread made which."""

    def __init__(self) -> None:
        self.made: list[int] = []
        self.begun = {number: threading.Event() for number in range(10)}

    def batch(self, number: int, size: tuple[int, int]) -> PairBatch:
        self.made.append(number)
        self.begun[number].set()
        if number == 7:
            raise DataError("broken batch")
        picture = torch.full((1, 3, *size), float(number))
        return PairBatch(picture, picture, picture)


def test_batches_are_those_asked_for_in_any_order() -> None:
    ahead = Ahead(Numbers())
    asked = [0, 1, 2, 2, 5, 0]
    assert [float(ahead.batch(number, (4, 4)).source.mean()) for number in asked] == asked
    assert ahead.batch(1, (2, 2)).source.shape == (1, 3, 2, 2)
    ahead.close()


def test_next_batch_is_made_before_it_is_asked_for() -> None:
    numbers = Numbers()
    ahead = Ahead(numbers)
    ahead.batch(3, (4, 4))
    assert numbers.begun[4].wait(5)
    ahead.close()
    assert numbers.made == [3, 4]


def test_error_comes_with_the_batch_that_has_it() -> None:
    ahead = Ahead(Numbers())
    ahead.batch(6, (4, 4))
    with pytest.raises(DataError, match="broken batch"):
        ahead.batch(7, (4, 4))
    ahead.close()
