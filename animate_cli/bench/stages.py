"""Where the engine's time goes, stage by stage.

The stages overlap: a thread decodes ahead and another encodes behind while a third runs the networks. So there are
two answers: what the networks' thread spends and waits for as the job really runs, which adds up to the whole, and
what each stage takes alone.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

from torch import Tensor, nn

from animate_cli.animator import Animator, Source
from animate_cli.arrays import Picture
from animate_cli.bench.clip import BenchClip
from animate_cli.bench.limit import wait_for
from animate_cli.bench.overlap import NETWORKS, NETWORKS_THREAD, PICTURES, REST, STAGES, THREADS
from animate_cli.media import open_writer
from animate_cli.motion import Motion, MotionOptions
from animate_cli.pipeline.fitting import fit_picture, place_picture
from animate_cli.pipeline.inputs import read_source
from animate_cli.pipeline.job import READING, Listener
from animate_cli.pipeline.run import run_job
from animate_cli.pipeline.source import Shown, encode_source
from animate_cli.rendered import Rendered

STEPS = ("_detect", "_follow", "_launch", "_finish")
"""What an animator's work consists of, in the networks' thread."""

Result = TypeVar("Result")


class WatchedAnimator(Animator):
    """An animator that keeps account of its networks' time and of how long it is kept waiting.

    spent: seconds by stage; what the source alone needs is in none of them.
    """

    captures = False  # what is replayed from a recording has no stages

    def __init__(self, model: Any, **options: Any) -> None:  # noqa: ANN401  (as the class above)
        super().__init__(model, **options)
        self.spent = dict.fromkeys(STAGES, 0.0)
        self.ended = 0.0
        _watch(self.model.detector, lambda seconds: self._add("keypoints", seconds), self.wait)
        _watch(self.model.motion, lambda seconds: self._add("motion", seconds), self.wait)
        _watch(self.model.generator, lambda seconds: self._add("generator", seconds), self.wait)
        for step in STEPS:
            setattr(self, step, self._counted(getattr(self, step)))

    def wait(self) -> None:
        """Wait for the device."""
        wait_for(self.acceleration.device)

    def _add(self, stage: str, seconds: float) -> None:
        self.spent[stage] += seconds

    def _counted(self, step: Callable[..., Result]) -> Callable[..., Result]:
        """Count as pictures' time what the networks do not take of a step."""

        def count(*given: Any) -> Result:  # noqa: ANN401  (whatever the step takes)
            start, before = time.perf_counter(), self._networks()
            result = step(*given)
            self._add(PICTURES, time.perf_counter() - start - (self._networks() - before))
            return result

        return count

    @property
    def worked(self) -> float:
        """Seconds that the networks' thread was at work."""
        return sum(self.spent[stage] for stage in THREADS[NETWORKS_THREAD])

    def _networks(self) -> float:
        return sum(self.spent[stage] for stage in NETWORKS)

    def set_source(
        self,
        image: Picture,
        canvas: Picture | None = None,
        alpha: Picture | None = None,
        also: Sequence[tuple[Picture, Picture]] = (),
    ) -> Source:
        """Encode a source, off the account."""
        before = self.spent.copy()
        source = super().set_source(image, canvas, alpha, also)
        self.spent = before
        return source

    def animate(
        self,
        source: Source,
        motions: Iterable[tuple[Motion, Fraction]],
        reference: Motion | None = None,
        options: MotionOptions | None = None,
    ) -> Iterator[Rendered]:
        """Animate; until the next frame is asked for is the time of encoding."""
        for rendered in super().animate(source, motions, reference, options):
            start = time.perf_counter()
            yield rendered
            self._add("encode", time.perf_counter() - start)
        self.ended = time.perf_counter()


class ReadingWatch:
    """Passes on how far a job is; what its reading waits for pictures is counted as the time of decoding."""

    def __init__(self, animator: WatchedAnimator, listener: Listener) -> None:
        self.animator, self.listener = animator, listener
        self.note, self.warn = listener.note, listener.warn
        self._reading = False
        self._mark()

    def begin(self, label: str, total: int | None) -> None:
        """Pass on the start of a stretch of work."""
        self._reading = label == READING
        self._mark()
        self.listener.begin(label, total)

    def advance(self) -> None:
        """Pass on a frame done."""
        if self._reading:
            work = self.animator.worked - self._worked
            self.animator.spent["decode"] += max(0.0, time.perf_counter() - self._start - work)
            self._mark()
        self.listener.advance()

    def _mark(self) -> None:
        self._start, self._worked = time.perf_counter(), self.animator.worked


def _watch(module: nn.Module, spent: Callable[[float], None], wait: Callable[[], None]) -> None:
    """Tell the seconds of every call of a network."""
    starts: list[float] = []

    def before(module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        wait()
        starts.append(time.perf_counter())

    def after(module: nn.Module, inputs: tuple[Tensor, ...], result: object) -> None:
        wait()
        spent(time.perf_counter() - starts.pop())

    module.register_forward_pre_hook(before)
    module.register_forward_hook(after)


def stages_in_job(
    animator: WatchedAnimator, clip: BenchClip, out: Path, listener: Listener
) -> dict[str, float]:
    """Run the job and return the seconds a frame that its networks' thread spent on each stage or waited for it.

    They add up to the whole.
    """
    animator.spent = dict.fromkeys(STAGES, 0.0)
    start = time.perf_counter()
    run_job(clip.job(out), animator, ReadingWatch(animator, listener), lambda: "")
    end = time.perf_counter()
    animator.spent["encode"] += end - animator.ended
    rest = end - start - sum(animator.spent.values())
    seconds = {**animator.spent, REST: max(0.0, rest)}
    return {stage: value / clip.num_frames for stage, value in seconds.items()}


def stages_alone(animator: WatchedAnimator, clip: BenchClip, out: Path) -> dict[str, float]:
    """Run one stage after the other, nothing beside it, and return the seconds a frame of each."""
    animator.spent = dict.fromkeys(STAGES, 0.0)
    decode, frames = _clock(lambda: _decode(clip, animator.size))
    job = clip.job(out)
    source, _ = encode_source(Shown(read_source(clip.source)), job, animator)
    motions = list(animator.detect(frames))
    times = [Fraction(index, 25) for index in range(len(motions))]
    rendered = animator.animate(source, zip(motions, times, strict=True), motions[0])
    pictures = [step.image for step in rendered]
    encode, _ = _clock(lambda: _encode(pictures, out))
    seconds = {**animator.spent, "decode": decode, "encode": encode}
    return {stage: value / len(frames) for stage, value in seconds.items()}


def _decode(clip: BenchClip, size: tuple[int, int]) -> list[Picture]:
    with clip.open() as reader:
        placement = place_picture((reader.info.height, reader.info.width), size, "stretch")
        return [fit_picture(frame.image, placement) for frame in reader]


def _encode(pictures: list[Picture], out: Path) -> None:
    height, width = pictures[0].shape[:2]
    with open_writer(out, width=width, height=height, fps=Fraction(25)) as writer:
        for picture in pictures:
            writer.write(picture)


def _clock(work: Callable[[], Result]) -> tuple[float, Result]:
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result
