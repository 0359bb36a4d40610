"""Motion that is read from the landmarks of a real face instead of by the weights' own network."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np

from animate_cli.animator import Animator
from animate_cli.errors import FaceNotFoundError
from animate_cli.faces.box import Box
from animate_cli.faces.detector import Picture
from animate_cli.faces.landmark_finder import FoundLandmarks, LandmarkFinder
from animate_cli.faces.landmarks import missing_networks
from animate_cli.faces.named_keypoints import Points, can_be_named, name_keypoints
from animate_cli.faces.tracking import Track
from animate_cli.media import FrameReader
from animate_cli.motion_file import MotionClip
from animate_cli.pipeline.driving import Driving
from animate_cli.pipeline.driving_faces import DrivingFaces
from animate_cli.pipeline.fitting import Placement, place_picture
from animate_cli.pipeline.job import AnimateJob, JobError, Listener
from animate_cli.pipeline.stages import ahead

LEAST_SCORE = 0.5
"""With ``auto``, a face whose landmarks are less sure than this in most frames is taken for a drawing."""


def wants_landmarks(job: AnimateJob, animator: Animator) -> bool:
    """Tell whether a job's drivings are to be read by landmarks.

    Raises:
        JobError: they are to be, and the weights' keypoints are not such landmarks.
    """
    if job.keypoints == "model":
        return False
    possible = can_be_named(animator.info.keypoint_names)
    if job.keypoints == "auto":
        return possible and job.motion.relative and not missing_networks()
    if not possible:
        raise JobError(
            "--driving-keypoints landmarks needs weights whose keypoints are named face landmarks, such as "
            "toon-face; these have others, so leave the option out"
        )
    return True


class LandmarkMotion:
    """Puts the landmarks of the driving's face in place of the keypoints that the network found."""

    def __init__(self, job: AnimateJob, animator: Animator, faces: DrivingFaces, listener: Listener) -> None:
        self.job, self.animator, self.faces, self.listener = job, animator, faces, listener
        self._finder = LandmarkFinder(str(animator.acceleration.device))

    def read(self, driving: Driving, reader: FrameReader | MotionClip, path: Path) -> Driving:
        """Return a driving with the keypoints that its face's landmarks show.

        Raises:
            FaceNotFoundError: landmarks were asked for, and there is no face.
            WeightsError: the landmark network cannot be had.
        """
        if isinstance(reader, MotionClip):
            return driving
        count = len(driving.clip.motions)
        found = self._find(reader, boxes_through(self.faces.follow(reader, path), count), path)
        if not found:
            return self._do_without(driving, path, "no photographed face found in it")
        if self.job.keypoints == "auto" and usual_score(found) < LEAST_SCORE:
            return self._do_without(driving, path, "its face does not look like a photograph")
        names = self.animator.info.keypoint_names or ()
        landmarks = to_model(fill_gaps(found, count), driving.box, self._placement(reader, driving))
        motions = name_keypoints(landmarks, driving.clip.motions, names)
        self._tell(path, len(found), count)
        return replace(driving, clip=replace(driving.clip, motions=motions))

    def _find(
        self, reader: FrameReader, boxes: Sequence[Box | None], path: Path
    ) -> dict[int, FoundLandmarks]:
        """Find the landmarks in the frames that have a box."""
        indices = [index for index, box in enumerate(boxes) if box is not None]
        if not indices:
            return {}
        self.listener.begin(f"Finding the landmarks in {path.name}", len(indices))

        def faces() -> Iterator[tuple[Picture, Box]]:
            for frame, box in zip(reader, boxes, strict=False):
                if box is not None:
                    yield frame.image, box

        found = {}
        with closing(ahead(faces(), capacity=2)) as ready:
            for index, one in zip(indices, self._finder.find(ready, self.animator.batch_size), strict=False):
                found[index] = one
                self.listener.advance()
        return found

    def _placement(self, reader: FrameReader, driving: Driving) -> Placement:
        box = driving.box
        size = _size(reader) if box is None else (round(box.height), round(box.width))
        return place_picture(size, self.animator.size, self.job.fit)

    def _do_without(self, driving: Driving, path: Path, why: str) -> Driving:
        if self.job.keypoints == "landmarks":
            raise FaceNotFoundError(f"{path}: {why}; leave --driving-keypoints landmarks out")
        self.listener.note(f"{path.name}: keypoints from the network, because {why}")
        return driving

    def _tell(self, path: Path, seen: int, count: int) -> None:
        where = "" if seen == count else f"; in {count - seen} of {count} frames no face, gaps are bridged"
        other = "" if self.job.keypoints == "landmarks" else " (--driving-keypoints model: from the network)"
        self.listener.note(f"{path.name}: keypoints from the face's landmarks{where}{other}")


def boxes_through(tracks: Sequence[Track], count: int) -> list[Box | None]:
    """Return the box of each of a clip's frames: of the first track that has the frame, None where none has."""
    boxes: list[Box | None] = [None] * count
    for track in tracks:
        start, end = track.start, min(track.end, count)
        for index, row in zip(range(start, end), track.between(start, end).tolist(), strict=True):
            boxes[index] = boxes[index] or Box(*row)
    return boxes


def usual_score(found: Mapping[int, FoundLandmarks]) -> float:
    """Return how sure the landmarks of the median frame are."""
    return float(np.median([one.scores.mean() for one in found.values()]))


def fill_gaps(found: Mapping[int, FoundLandmarks], count: int) -> Points:
    """Return the landmarks of each frame [count, 68, 2], interpolated between frames that have them."""
    rows = np.stack([one.points.ravel() for one in found.values()])
    filled = [np.interp(np.arange(count), list(found), column) for column in rows.T]
    return np.stack(filled, axis=1).reshape(count, -1, 2)


def to_model(pixels: Points, box: Box | None, placement: Placement) -> Points:
    """Take places in pixels of a driving's picture [..., 2] to the model's coordinates.

    Args:
        pixels: (x, y) from the middle of the first pixel.
        box: what of it the model was shown, None for all.
        placement: how that was laid into the model's frame.
    """
    corner = (0.0, 0.0) if box is None else (box.left, box.top)
    top, left, bottom, right = placement.part
    start = np.array([corner[0] + left, corner[1] + top])
    scale = np.array([placement.inner[1] / (right - left), placement.inner[0] / (bottom - top)])
    inside = (pixels + 0.5 - start) * scale + np.array(placement.offset[::-1]) - 0.5
    normal: Points = 2 * inside / (np.array(placement.outer[::-1]) - 1) - 1
    return normal


def _size(reader: FrameReader) -> tuple[int, int]:
    return reader.info.height, reader.info.width
