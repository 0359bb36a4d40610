"""Whether both ways show the same frames: the engine is the same model."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from animate_cli.animator import Animator
from animate_cli.arrays import Picture
from animate_cli.bench.clip import BenchClip
from animate_cli.bench.plain_loop import PlainLoop
from animate_cli.media import open_reader
from animate_cli.pipeline.job import Encoding, Listener
from animate_cli.pipeline.run import run_job

LOSSLESS = Encoding(codec="ffv1", audio=False)


@dataclass(frozen=True)
class Agreement:
    """How far two ways' frames are apart, in steps of 8-bit colour.

    frames: compared. largest, mean: differences in 0 to 255. psnr: in dB, None where nothing differs.
    """

    frames: int
    largest: int
    mean: float
    psnr: float | None


def measure_agreement(
    plain: PlainLoop, engine: Animator, clip: BenchClip, folder: Path, listener: Listener
) -> Agreement:
    """Animate a clip in both ways, the engine from file to a lossless file, and compare every frame."""
    with clip.open() as reader:
        driving = [plain.fit(frame.image) for frame in reader]
    wanted = plain.animate(plain.read_source(clip.source), driving, listener.advance)
    out = folder / "engine.mkv"
    run_job(replace(clip.job(out), encoding=LOSSLESS), engine, listener, lambda: "")
    with open_reader(out) as reader:
        found = [frame.image for frame in reader]
    return compare_frames(wanted, found)


def compare_frames(wanted: Sequence[Picture], found: Sequence[Picture]) -> Agreement:
    """Compare frames uint8 [H, W, 3] one by one."""
    difference = np.stack(wanted).astype(np.int16) - np.stack(found)
    error = float(np.square(difference, dtype=np.float64).mean())
    psnr = 10 * math.log10(255**2 / error) if error else None
    apart = np.abs(difference)
    return Agreement(len(found), int(apart.max()), float(apart.mean()), psnr)
