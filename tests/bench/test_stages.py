"""What the networks' thread waits for while a driving is read."""

import time
from types import SimpleNamespace

import pytest

from animate_cli.bench.stages import ReadingWatch
from animate_cli.pipeline.job import ANIMATING, READING
from tests.bench.listening import Heard


def test_waiting_for_pictures_is_decodings_time_and_work_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    animator, heard = SimpleNamespace(spent={"decode": 0.0}, worked=0.0), Heard()
    watch = ReadingWatch(animator, heard)  # type: ignore[arg-type]
    for label in (READING, ANIMATING):
        watch.begin(label, 2)
        now[0], animator.worked = now[0] + 5.0, animator.worked + 3.0
        watch.advance()
        now[0] += 1.0
        watch.advance()
    assert animator.spent["decode"] == pytest.approx(3.0)
    assert (heard.stretches, heard.frames) == ([READING, ANIMATING], 4)
