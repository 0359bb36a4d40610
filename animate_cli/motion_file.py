"""Motion saved in a file: the driving's raw keypoints, before anything relative, to be used again."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from animate_cli.errors import MediaError
from animate_cli.files import atomic_path, explain
from animate_cli.motion import Motion

FORMAT = "animate-motion/1"
LARGEST_HEADER = 100_000_000
LARGEST_VALUE = 1e6
LONGEST, SHORTEST_STEP = 1e7, 1e-5
"""Seconds that a motion may last, and that its frames are apart at least."""
FASTEST = 1000


@dataclass(frozen=True)
class MotionClip:
    """Motions with their times in seconds, the clip's rate, and the hash of the weights that found them."""

    motions: Sequence[Motion]
    times: Sequence[Fraction]
    rate: Fraction
    weights: str = ""


def save_motion(path: Path, clip: MotionClip) -> None:
    """Write value [T, K, 2], jacobian [T, K, 2, 2], time [T]; metadata format, rate, times and weights.

    Raises:
        MediaError: the file cannot be written.
    """
    tensors: dict[str, NDArray[Any]] = {
        "value": np.stack([motion.value for motion in clip.motions]).astype(np.float32),
        "jacobian": np.stack([motion.jacobian for motion in clip.motions]).astype(np.float32),
        "time": np.array([float(time) for time in clip.times], dtype=np.float64),
    }
    metadata = {"format": FORMAT, "rate": str(clip.rate), "weights": clip.weights}
    try:
        with atomic_path(path) as temporary:
            save_file(tensors, temporary, metadata)
    except (OSError, SafetensorError) as error:
        raise MediaError(f"{path}: cannot write the motion ({_reason(error)})") from None


def load_motion(path: Path) -> MotionClip:
    """Read a motion file.

    Raises:
        MediaError: the file is not there, damaged, or holds something else.
    """
    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError, TypeError, AttributeError) as error:  # numpy lacks some of its types
        raise MediaError(f"{path}: not a readable motion file ({_reason(error)})") from None
    if metadata.get("format", FORMAT) != FORMAT:
        raise MediaError(f"{path}: not a motion of the format {FORMAT}; save it again with --save-motion")
    _check(path, tensors)
    rate = _read_rate(path, metadata)
    pairs = zip(*(tensors[name].astype(np.float32) for name in ("value", "jacobian")), strict=True)
    return MotionClip(
        [Motion(*pair) for pair in pairs],
        [_exact(time, rate) for time in tensors["time"].tolist()],
        rate,
        metadata.get("weights", ""),
    )


def _check(path: Path, tensors: dict[str, np.ndarray]) -> None:
    if not {"value", "jacobian", "time"} <= tensors.keys():
        raise MediaError(f"{path}: not a motion file; --save-motion writes one (weights go to --weights)")
    value, jacobian, time = tensors["value"], tensors["jacobian"], tensors["time"]
    fits = value.ndim == 3 and value.shape[2] == 2 and jacobian.shape == (*value.shape, 2)
    if not fits or time.shape != value.shape[:1] or not len(time):
        raise MediaError(f"{path}: the motion's tensors do not fit each other")
    limits = {"value": LARGEST_VALUE, "jacobian": LARGEST_VALUE, "time": LONGEST}
    if not all((np.abs(tensors[name]) <= limit).all() for name, limit in limits.items()):
        raise MediaError(f"{path}: the motion holds numbers that cannot be")
    if time[0] < 0 or (np.diff(time) < SHORTEST_STEP).any():
        raise MediaError(f"{path}: the motion's times do not rise")


def _read_rate(path: Path, metadata: dict[str, str]) -> Fraction:
    try:
        rate = Fraction(metadata.get("rate", ""))
    except (ValueError, ZeroDivisionError):
        rate = Fraction(0)
    if not 0 < rate <= FASTEST:
        raise MediaError(f"{path}: the motion's rate is missing or cannot be")
    return rate


def _exact(time: float, rate: Fraction) -> Fraction:
    """Return the time that was saved: a whole number of frames where it is one to a microsecond."""
    frames = round(time * rate)
    whole = frames / rate
    return whole if abs(float(whole) - time) < 1e-6 else Fraction(time).limit_denominator(1_000_000)


def _reason(error: Exception) -> str:
    return " ".join(explain(error).split())


def is_motion_file(path: Path) -> bool:
    """Tell from the first bytes whether a file may hold a motion: a safetensors header."""
    try:
        with path.open("rb") as file:
            head = file.read(9)
    except OSError:
        return False
    return head[8:] == b"{" and int.from_bytes(head[:8], "little") < LARGEST_HEADER


def cut_motion(clip: MotionClip, start: Fraction, end: Fraction | None, fps: Fraction | None) -> MotionClip:
    """Return the motions from start to before end, on a clock that begins at start.

    With ``fps``, the motion that is shown at each tick of the new rate, until the last one's time or the end.
    """
    shown = [
        (motion, time - start)
        for motion, time in zip(clip.motions, clip.times, strict=True)
        if time >= start and (end is None or time < end)
    ]
    if fps is not None and shown:
        over = shown[-1][1] + 1 / clip.rate
        shown = _resampled(shown, fps, over if end is None else min(over, end - start))
    motions, times = [motion for motion, _ in shown], [time for _, time in shown]
    return MotionClip(motions, times, fps or clip.rate, clip.weights)


def _resampled(
    shown: list[tuple[Motion, Fraction]], fps: Fraction, over: Fraction
) -> list[tuple[Motion, Fraction]]:
    """Pick for each tick before ``over`` the motion that began last."""
    ticks = [tick / fps for tick in range(max(1, round(over * fps)))]
    begins = [time for _, time in shown]
    return [(shown[max(0, bisect_right(begins, tick) - 1)][0], tick) for tick in ticks]
