"""Clips of toons as files: each a video, with its landmarks and its mask beside it."""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from animate_cli.arrays import to_pictures
from animate_cli.data.seeding import numbered_generator
from animate_cli.data.toons.families import FAMILIES
from animate_cli.data.toons.trees import take, tree_map
from animate_cli.data.toons.values import ToonFrame
from animate_cli.errors import DataError
from animate_cli.media import check_output, open_writer
from animate_cli.temporary import real_place, remove, remove_stale, temporary_beside

BATCH = 16
"""Frames drawn at once."""

CRF = 10
"""Quality of the videos: the truth should survive the encoding."""


@dataclass(frozen=True)
class ClipPlan:
    """What decides a clip: drawn again from the same plan, it is the same.

    split: identities of different splits never meet. identity, clip: numbers, the latter of the identity's
    clips. num_frames, fps: length and rate. size: side of the pictures.
    """

    family: str
    seed: int
    split: str
    identity: int
    clip: int
    num_frames: int
    fps: Fraction
    size: int

    @property
    def name(self) -> str:
        """IDENTITY#CLIP, the name of its files without their endings."""
        return f"{self.identity:05d}#{self.clip:02d}"


class ClipTruth(NamedTuple):
    """A clip and its truth.

    images: uint8 [T, H, W, 3]. masks: uint8 [T, H, W, 3], white on the toon. points: float32 [T, L, 2], (x, y)
    in pixels from the middle of the first. visible: bool [T, L], inside the picture and not hidden.
    """

    images: NDArray[np.uint8]
    masks: NDArray[np.uint8]
    points: NDArray[np.float32]
    visible: NDArray[np.bool_]


@dataclass(frozen=True)
class ClipReport:
    """What was written: the clip's name, its frames, the share of landmarks visible, and how far they move.

    moved: greatest distance of a landmark from where it began, averaged over landmarks, in pixels.
    """

    name: str
    frames: int
    visible: float
    moved: float


def plan_clips(
    family: str,
    *,
    identities: int,
    clips: int,
    num_frames: int,
    fps: Fraction,
    size: int,
    seed: int,
    split: str,
) -> list[ClipPlan]:
    """List the clips of a data set: as many of each identity."""
    return [
        ClipPlan(family, seed, split, identity, clip, num_frames, fps, size)
        for identity in range(identities)
        for clip in range(clips)
    ]


def cast_clip(plan: ClipPlan) -> tuple[Any, Any]:
    """Invent the toon of a clip and its motion: identities and poses [T], the same toon in each frame."""
    family = FAMILIES[plan.family]
    stream = f"{plan.family} {plan.split}"
    who = family.random_identity(numbered_generator(f"{stream} identity", plan.seed, plan.identity), 1)
    generator = numbered_generator(f"{stream} {plan.identity} clip", plan.seed, plan.clip)
    clip = family.random_motion(generator, 1, plan.num_frames, float(plan.fps))
    same = take(who, torch.zeros(plan.num_frames, dtype=torch.long))
    return same, tree_map(lambda values: values[0], clip)


def draw_frames(plan: ClipPlan, who: Any, poses: Any) -> ToonFrame:  # noqa: ANN401
    """Draw identities [T] in poses [T] at the plan's size."""
    parts = [slice(start, start + BATCH) for start in range(0, plan.num_frames, BATCH)]
    render = FAMILIES[plan.family].render
    frames = [render(take(who, part), take(poses, part), plan.size) for part in parts]
    return ToonFrame(*(torch.cat(values) for values in zip(*frames, strict=True)))


def draw_clip(plan: ClipPlan) -> ClipTruth:
    """Draw a clip with its truth."""
    return to_truth(draw_frames(plan, *cast_clip(plan)))


def to_truth(frames: ToonFrame) -> ClipTruth:
    """Turn drawn frames into pictures and places in pixels."""
    size = frames.image.shape[-1]
    points = ((frames.landmarks + 1) * 0.5 * (size - 1)).numpy().astype(np.float32)
    masks = to_pictures(frames.mask[:, None].expand(-1, 3, -1, -1))
    return ClipTruth(to_pictures(frames.image), masks, points, frames.visible.numpy())


def write_clip(plan: ClipPlan, folder: Path) -> ClipReport:
    """Draw a clip and write NAME.mp4, NAME.landmarks.npz and NAME.mask.mp4 into a folder.

    Raises:
        DataError: the truth cannot be written.
        MediaError: a video cannot be written.
    """
    truth = draw_clip(plan)
    for ending, pictures in ((".mp4", truth.images), (".mask.mp4", truth.masks)):
        path = folder / f"{plan.name}{ending}"
        with open_writer(path, width=plan.size, height=plan.size, fps=plan.fps, crf=CRF) as writer:
            for picture in pictures:
                writer.write(picture)
    path = folder / f"{plan.name}.landmarks.npz"
    try:
        np.savez_compressed(
            path, points=truth.points, visible=truth.visible, names=np.array(FAMILIES[plan.family].landmarks)
        )
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error.strerror or error})") from error
    moved = np.linalg.norm(truth.points - truth.points[:1], axis=-1).max(0).mean()
    return ClipReport(plan.name, plan.num_frames, float(truth.visible.mean()), float(moved))


def write_clips(
    plans: Sequence[ClipPlan], folder: Path, *, jobs: int = 1, overwrite: bool = False
) -> Iterator[ClipReport]:
    """Write clips of one split into FOLDER/SPLIT, which appears or is replaced when all are there.

    Raises:
        DataError: FOLDER/SPLIT cannot be written, or holds something already and ``overwrite`` is off; or one of
            several processes was ended.
        MediaError: a video cannot be written.
    """
    with _new_folder(folder, plans[0].split, overwrite) as draft:
        if jobs == 1:
            for plan in plans:
                yield write_clip(plan, draft)
            return
        yield from _in_processes(plans, draft, jobs, write_clip)


def _in_processes(
    plans: Sequence[ClipPlan], draft: Path, jobs: int, work: Callable[[ClipPlan, Path], ClipReport]
) -> Iterator[ClipReport]:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, context, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        running = [pool.submit(work, plan, draft) for plan in plans]
        try:
            for done in as_completed(running):
                yield done.result()
        except BrokenProcessPool as error:
            raise DataError(
                f"a process of --jobs {jobs} was ended, perhaps for lack of memory; use fewer, or a smaller --size"
            ) from error
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _new_folder(folder: Path, split: str, overwrite: bool) -> Iterator[Path]:
    """Give a draft of FOLDER/SPLIT; put it in place when the block ends well, else remove it.

    A link stays, and what it points to is replaced.
    """
    check_output(folder, overwrite=True)
    if not folder.is_dir() and folder.suffix:
        raise DataError(f"{folder}: give the name of a folder; the clips go into {folder.stem}/{split}")
    target = folder / split
    if target.exists() and not target.is_dir():
        raise DataError(f"{target}: is a file; remove it or choose another folder")
    if target.is_dir() and any(target.iterdir()) and not overwrite:
        raise DataError(f"{target}: the folder is not empty; use --overwrite or choose another")
    made, place = not folder.exists(), real_place(target)
    draft = temporary_beside(place, "")
    try:
        folder.mkdir(exist_ok=True)
        remove_stale(place.parent)
        draft.mkdir()
        yield draft
        old = temporary_beside(place, "")
        if place.exists():
            place.rename(old)
        draft.rename(place)
        remove(old)
    except OSError as error:
        raise DataError(f"{target}: cannot be written ({error.strerror or error})") from error
    finally:
        remove(draft)
        if made and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
