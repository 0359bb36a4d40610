"""Cut source and driving to their faces, framed as the faces of the weights' training pictures are."""

from pathlib import Path

import numpy as np

from animate_cli.animator import Animator
from animate_cli.errors import FaceNotFoundError
from animate_cli.faces.box import Box
from animate_cli.faces.detector import Detector
from animate_cli.faces.detectors import AUTO, choose_detector
from animate_cli.faces.tracking import Track
from animate_cli.media import FrameReader
from animate_cli.motion_file import MotionClip, is_motion_file
from animate_cli.pipeline.background import parse_background, split_alpha
from animate_cli.pipeline.driving_faces import DrivingFaces
from animate_cli.pipeline.fitting import Picture, Size
from animate_cli.pipeline.job import AnimateJob, Listener
from animate_cli.weights import Framing

USUAL_FRAMING = Framing(share=0.5, x=0.5, y=0.5)
"""What is taken for weights that do not say how their training pictures were framed."""

ALIKE_SHARE, ALIKE_PLACE = 1.7, 0.15
"""A picture is framed like the training pictures when its face is at most this many times as large or as small,
and its centre at most this share of the picture away."""

ALIKE_SHAPE = 1.25
"""Longer side to shorter side of a picture that can be framed like the square training pictures."""

BREATHING = 0.1
"""Room around a face wherever it moves in the driving, as a share of its size."""


class Cropping:
    """Decides what is cut out of a job's pictures; `tell` says what, once it is certain.

    With ``auto`` a picture that is framed well already stays whole, and one without a face leaves all as it is.
    """

    def __init__(self, job: AnimateJob, animator: Animator, faces: DrivingFaces, listener: Listener) -> None:
        self.job, self.listener = job, listener
        self.framing = animator.info.framing or USUAL_FRAMING
        self._faces = faces
        self.on = self._is_wanted(animator.info.domain)
        self._untold: list[str] = []

    def _is_wanted(self, domain: str) -> bool:
        if self.job.crop == "off":
            return False
        if self.job.needs_face:
            return True
        if domain != "face":
            self.listener.note("not cropped: the weights are not for faces (--crop face crops all the same)")
        elif is_motion_file(self.job.driving):
            self.listener.note("not cropped: a saved motion shows no face (--crop face crops the source)")
        return domain == "face" and not is_motion_file(self.job.driving)

    @property
    def _detector(self) -> Detector:
        return self._faces.detector

    def source_boxes(self, picture: Picture, path: Path) -> list[tuple[int, Box | None]]:
        """Return the box of each face to be moved with its number, from 1, left to right.

        A box of None stands for the whole picture.

        Raises:
            FaceNotFoundError: a face is needed and there is none, or none of that number.
        """
        if not self.on:
            return [(1, None)]
        faces = self._faces_in(picture)
        if not faces:
            self._give_up(path)
            return [(1, None)]
        size = picture.shape[0], picture.shape[1]
        return [
            (
                number,
                self._frame(face, face, size, _name(path, number, len(faces)), exact=self.job.needs_face),
            )
            for number, face in self._choose(faces, path)
        ]

    def also_box(self, picture: Picture, path: Path) -> Box | None:
        """Return the box of the largest face of another picture of the source, None for all of it.

        Raises:
            FaceNotFoundError: there is none, and --crop face asks for one.
        """
        if not self.on:
            return None
        faces = self._faces_in(picture)
        if not faces and self.job.crop == "face":
            raise _no_face(path)
        if not faces:
            self.listener.note(f"{path.name}: no face found, so all of it is used")
            return None
        face = max(faces, key=lambda box: box.area)
        size = picture.shape[0], picture.shape[1]
        return self._frame(face, face, size, path.name, exact=self.job.needs_face)

    def driving_box(self, reader: FrameReader | MotionClip, path: Path) -> Box | None:
        """Return the one box that a driving is cut to from beginning to end, None for all of it.

        Raises:
            FaceNotFoundError: a face is needed and there is none.
            MediaError: the driving cannot be read.
        """
        if not self.on or isinstance(reader, MotionClip):
            return None
        tracks = self._faces.follow(reader, path)
        size = reader.info.height, reader.info.width
        if not tracks:
            self._give_up(path)
            return None
        usual, everywhere = _places(tracks[0])
        return self._frame(usual, everywhere, size, path.name, exact=self.job.crop == "face")

    def tell(self) -> None:
        """Say what is cut out."""
        for text in self._untold:
            self.listener.note(text)
        self._untold.clear()

    def _faces_in(self, picture: Picture) -> list[Box]:
        """Return the faces of a picture, from left to right."""
        opaque, _ = split_alpha(picture, parse_background(self.job.background))
        found = [one.box for one in self._detector.detect(np.ascontiguousarray(opaque))]
        return sorted(found, key=lambda box: box.centre)

    def _choose(self, faces: list[Box], path: Path) -> list[tuple[int, Box]]:
        """Pick the faces that the job asks for, with their numbers."""
        numbered = list(enumerate(faces, start=1))
        if self.job.face == "all":
            return numbered
        if self.job.face == "largest":
            return [max(numbered, key=lambda one: one[1].area)]
        number = int(self.job.face)
        if number > len(faces):
            raise FaceNotFoundError(
                f"{path}: --face {number} is not there; {len(faces)} found, counted from the left from 1"
            )
        return [numbered[number - 1]]

    def _frame(self, usual: Box, everywhere: Box, size: Size, name: str, *, exact: bool) -> Box | None:
        """Return the box to cut; unless it has to be exact, None where the picture is framed well already."""
        if not exact and is_framed(usual, size, self.framing):
            return None
        box = frame_face(usual, self.framing)
        room = everywhere.expanded(BREATHING)
        if room.union(box) != box:
            box = room.union(box).squared().rounded()
        if not exact and box.side >= max(size):
            return None  # the face is nearly everywhere: nothing is gained
        self._untold.append(f"{name}: cropped to {box} (face found by {self._detector.name})")
        return box

    def _give_up(self, path: Path) -> None:
        if self.job.needs_face:
            raise _no_face(path)
        self.listener.note(f"not cropped: no face found in {path.name}{_better_detector()}")
        self._untold.clear()
        self.on = self.job.source.is_dir() and path != self.job.driving  # another picture may have one


def _no_face(path: Path) -> FaceNotFoundError:
    hint = _better_detector()
    return FaceNotFoundError(f"{path}: no face found{hint}; use --crop off, or crop it by hand")


def _better_detector() -> str:
    if choose_detector(AUTO) != "lbp":
        return ""
    return "; lbp sees frontal faces only, `animate crop --detector face-alignment` downloads a better one"


def _name(path: Path, number: int, count: int) -> str:
    return path.name if count == 1 else f"{path.name}, face {number} of {count}"


def frame_face(face: Box, framing: Framing) -> Box:
    """Return the square of whole pixels in which a face has its usual share and place."""
    side, (x, y) = face.side / framing.share, face.centre
    left, top = x - framing.x * side, y - framing.y * side
    return Box(left, top, left + side, top + side).rounded()


def is_framed(face: Box, size: Size, framing: Framing) -> bool:
    """Tell whether a picture of (height, width), padded to a square, shows its face about as usual."""
    side = max(size)
    if side > ALIKE_SHAPE * min(size):
        return False
    ratio = face.side / side / framing.share
    x = (face.centre[0] + (side - size[1]) / 2) / side
    y = (face.centre[1] + (side - size[0]) / 2) / side
    near = max(abs(x - framing.x), abs(y - framing.y)) <= ALIKE_PLACE
    return near and 1 / ALIKE_SHARE <= ratio <= ALIKE_SHARE


def _places(track: Track) -> tuple[Box, Box]:
    """Return where a face usually is, and the box around all of its places."""
    rows = track.between(track.start, track.end)
    usual = Box(*np.median(rows, axis=0).tolist())
    return usual, Box(*rows[:, :2].min(0).tolist(), *rows[:, 2:].max(0).tolist())
