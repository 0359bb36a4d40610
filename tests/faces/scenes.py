"""Pictures with faces in known places, and detectors that know them."""

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from animate_cli.faces.box import Box
from animate_cli.faces.detector import Detection

Picture = NDArray[np.uint8]


@cache
def portrait() -> Picture:
    """A photograph in the public domain, with one face [512, 512, 3]."""
    from skimage.data import astronaut

    return np.asarray(astronaut())


HEAD_SIDE, FACE_AT = 160, (35, 33)
"""A head as it is put into scenes, and where its face of 96 pixels is in it."""


def scene(width: int, height: int, faces: Sequence[tuple[int, int]]) -> Picture:
    """Put faces of 96 pixels into a grey picture, each at (left, top).

    They are red besides, which the stand-in for face-alignment knows a face by; nothing else is.
    """
    picture = np.full((height, width, 3), 128, np.uint8)
    head = Image.fromarray(portrait()[36:206, 140:310]).resize((HEAD_SIDE, HEAD_SIDE))
    for left, top in faces:
        x, y = left - FACE_AT[0], top - FACE_AT[1]
        rows, columns = slice(max(0, y), y + HEAD_SIDE), slice(max(0, x), x + HEAD_SIDE)
        room = picture[rows, columns]
        room[:] = np.asarray(head)[rows.start - y :, columns.start - x :][: room.shape[0], : room.shape[1]]
    picture[..., 0] = np.minimum(picture[..., 0], 120)
    for left, top in faces:
        picture[top : top + 96, left : left + 96, 0] = 255
    return picture


class Planted:
    """A detector that is told where the faces of each picture are, by the picture's first value."""

    name = "planted"

    def __init__(self, boxes: Mapping[int, Sequence[Box]]) -> None:
        self.boxes, self.searched = boxes, list[int]()

    def prepare(self) -> None:
        """Have nothing to load."""

    def detect(self, picture: Picture) -> list[Detection]:
        index = int(picture[0, 0, 0]) + 256 * int(picture[0, 0, 1])
        self.searched.append(index)
        return [Detection(box, 0.9) for box in self.boxes.get(index, [])]


def numbered(count: int) -> list[Picture]:
    """Make pictures that carry their number and are alike to the eye."""
    pictures = [np.full((32, 32, 3), 90, np.uint8) for _ in range(count)]
    for index, picture in enumerate(pictures):
        picture[0, 0, :2] = index % 256, index // 256
    return pictures
