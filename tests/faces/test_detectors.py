"""One suite over every detector, and what each has of its own."""

from pathlib import Path

import numpy as np
import pytest

from animate_cli import toon_networks
from animate_cli.faces.box import Box
from animate_cli.faces.detector import Detection, Detector, Picture
from animate_cli.faces.detectors import (
    DETECTORS,
    Accustomed,
    FirstOf,
    advise,
    choose_detector,
    open_detector,
    open_for_drawings,
)
from animate_cli.faces.lbp import LbpDetector
from tests.faces.scenes import portrait, scene


@pytest.fixture(params=sorted(DETECTORS))
def detector(
    request: pytest.FixtureRequest,
    stand_in_home: Path,
    toon_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Detector:
    monkeypatch.setenv("TORCH_HOME", str(stand_in_home))
    monkeypatch.setattr(toon_networks, "BUNDLED_FOLDERS", (toon_folder,))
    return open_detector(request.param)


def test_finds_a_face_where_it_is(detector: Detector) -> None:
    picture = scene(256, 256, [(64, 96)])
    before = picture.copy()
    picture.flags.writeable = False
    (found,) = detector.detect(picture)
    assert found.box.iou(Box(64, 96, 160, 192)) > 0.5
    assert 0 < found.score <= 1
    np.testing.assert_array_equal(picture, before)


def test_finds_several_the_surest_first(detector: Detector) -> None:
    found = detector.detect(scene(448, 256, [(32, 96), (288, 64)]))
    assert len(found) == 2
    assert found[0].score >= found[1].score
    for truth in (Box(32, 96, 128, 192), Box(288, 64, 384, 160)):
        assert max(one.box.iou(truth) for one in found) > 0.5


def test_boxes_are_in_pixels_of_the_picture_however_large(detector: Detector) -> None:
    large = scene(640, 256, [(64, 96)]).repeat(2, 0).repeat(2, 1)
    (found,) = detector.detect(large)
    assert found.box.iou(Box(128, 192, 320, 384)) > 0.5


def test_no_face_no_detection(detector: Detector) -> None:
    noise = np.random.default_rng(0).integers(0, 120, (160, 200, 3)).astype(np.uint8)
    assert detector.detect(noise) == []
    assert detector.detect(np.full((96, 160, 3), 110, np.uint8)) == []


@pytest.mark.parametrize("size", [(1, 1), (4, 4), (3, 200), (200, 2)])
def test_pictures_too_small_for_a_face(detector: Detector, size: tuple[int, int]) -> None:
    assert detector.detect(np.full((*size, 3), 90, np.uint8)) == []


def test_lbp_finds_a_photographs_face_also_tilted() -> None:
    from PIL import Image

    lbp, picture = open_detector("lbp"), Image.fromarray(portrait())
    (found,) = lbp.detect(portrait())
    assert found.box.iou(Box(177, 66, 276, 165)) > 0.7
    assert lbp.detect(np.asarray(picture.rotate(18, center=(226, 115))))[0].box.iou(found.box) > 0.5


def test_drawings_are_looked_for_where_there_is_no_photograph(
    no_weights: Path, toon_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    red = np.full((256, 256, 3), 100, np.uint8)
    red[80:170, 60:150, 0] = 255
    monkeypatch.setattr(toon_networks, "BUNDLED_FOLDERS", (no_weights,))
    assert open_for_drawings().detect(red) == []
    monkeypatch.setattr(toon_networks, "BUNDLED_FOLDERS", (toon_folder,))
    either = open_for_drawings()
    assert either.name == "lbp or toon"
    assert either.detect(red)[0].box.iou(Box(60, 80, 150, 170)) > 0.5
    assert either.detect(portrait())[0].box.iou(Box(177, 66, 276, 165)) > 0.7


def test_auto_takes_the_better_one_where_its_weights_are(
    no_weights: Path, stand_in_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert choose_detector("auto") == "lbp"
    assert "--detector face-alignment" in (advise("auto") or "")
    assert advise("lbp") is None
    no_weights.mkdir()
    (no_weights / "s3fd-619a316812.pth").touch()
    assert choose_detector("auto") == "face-alignment"
    (no_weights / "s3fd-619a316812.pth").unlink()
    monkeypatch.setenv("TORCH_HOME", str(stand_in_home))
    assert choose_detector("auto") == "face-alignment"
    assert advise("auto") is None


def test_lbp_leaves_out_faces_that_are_too_small() -> None:
    picture = portrait()
    (found,) = open_detector("lbp").detect(picture)
    (again,) = LbpDetector(smallest=0.6 * found.box.side).detect(picture)
    assert again.box.iou(found.box) > 0.8
    assert LbpDetector(smallest=1.5 * found.box.side).detect(picture) == []


class Asked:
    """Finds a face where the picture is bright enough, and counts how often it is asked."""

    def __init__(self, name: str, least: int) -> None:
        self.name, self.least, self.times = name, least, 0

    def prepare(self) -> None: ...

    def detect(self, picture: Picture) -> list[Detection]:
        self.times += 1
        return [Detection(Box(0, 0, 9, 9), 1.0)] if picture.max() >= self.least else []


def test_what_found_the_last_picture_s_faces_is_asked_first() -> None:
    picky, easy = Asked("picky", 200), Asked("easy", 100)
    detector = Accustomed(FirstOf([picky, easy]))
    found = [bool(detector.detect(np.full((9, 9, 3), light, np.uint8))) for light in (150, 150, 250, 0, 250)]
    assert found == [True, True, True, False, True]
    assert picky.times == 3  # in the first picture, in the dark one, and after it
    assert easy.times == 5


def test_a_face_that_shrinks_at_once_is_still_found() -> None:
    large = portrait()
    small = np.full_like(large, 128)
    small[: large.shape[0] // 2, : large.shape[1] // 2] = large[::2, ::2]
    detector = Accustomed(open_detector("lbp"))
    boxes = [detector.detect(picture)[0].box for picture in (large, large, small)]
    assert boxes[1].iou(boxes[0]) > 0.8
    assert boxes[2].side < 0.7 * boxes[0].side
