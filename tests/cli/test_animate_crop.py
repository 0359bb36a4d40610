"""`animate animate` with faces: cropped, put back, several in one picture."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from animate_cli.config import ModelConfig
from animate_cli.faces import weights_files
from animate_cli.media import open_reader, open_writer, read_image
from animate_cli.model.motion_model import MotionModel
from animate_cli.motion_file import load_motion
from animate_cli.pipeline import driving_faces
from animate_cli.weights import WeightsInfo, save_weights
from tests.cli.conftest import Animate, Outcome
from tests.download.site import Handler, open_site
from tests.faces.scenes import scene
from tests.faces.stand_in import write_landmark_stand_in, write_stand_in

Job = Callable[..., Outcome]
RATE = Fraction(25)


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wide picture with a face on the left, one with two, one framed well, and clips of 4 frames."""
    folder = tmp_path_factory.mktemp("clips")
    Image.fromarray(scene(400, 256, [(64, 96)])).save(folder / "wide.png")
    Image.fromarray(scene(416, 256, [(48, 96), (264, 90)])).save(folder / "pair.png")
    Image.fromarray(scene(192, 192, [(48, 48)])).save(folder / "framed.png")
    Image.fromarray(scene(200, 160, [])).save(folder / "empty.png")
    for name, places in (
        ("talk", [(40 + 6 * i, 40) for i in range(4)]),
        ("other", [(90, 20 + 8 * i) for i in range(3)]),
    ):
        with open_writer(folder / f"{name}.mp4", width=272, height=176, fps=RATE) as writer:
            for place in places:
                writer.write(scene(272, 176, [place]))
    with open_writer(folder / "nobody.mp4", width=96, height=64, fps=RATE) as writer:
        for i in range(3):
            writer.write(np.full((64, 96, 3), 90 + i, np.uint8))
    return folder


@pytest.fixture
def job(
    animate: Animate, tiny_weights: Path, clips: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Job:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setenv("ANIMATE_WEIGHTS_DIR", str(tmp_path / "weights"))
    for entry in clips.iterdir():
        Path(entry.name).symlink_to(entry)
    return lambda *words: animate("-w", tiny_weights, "--device", "cpu", "--precision", "fp32", *words)


def size_of(path: str) -> tuple[int, int]:
    with open_reader(path) as reader:
        return reader.info.height, reader.info.width


def test_auto_crops_both_and_says_the_boxes(job: Job) -> None:
    outcome = job("wide.png", "talk.mp4", "-o", "out.mp4")
    assert outcome.code == 0
    assert "wide.png: cropped to " in outcome.stderr
    assert "talk.mp4: cropped to " in outcome.stderr
    assert "found by lbp" in outcome.stderr
    assert size_of("out.mp4") == (64, 64)


def test_another_picture_of_the_source_without_a_face_is_used_whole_or_refused(job: Job) -> None:
    words = ("wide.png", "talk.mp4", "-o", "out.mp4", "--also-source", "empty.png")
    outcome = job(*words)
    assert outcome.code == 0
    assert "empty.png: no face found, so all of it is used" in outcome.stderr
    outcome = job(*words, "--crop", "face")
    assert outcome.code == 1
    assert "error: empty.png: no face found" in outcome.stderr


@pytest.mark.parametrize(("source", "driving"), [("wide.png", "nobody.mp4"), ("empty.png", "talk.mp4")])
def test_auto_leaves_all_as_it_is_without_a_face(job: Job, source: str, driving: str) -> None:
    outcome = job(source, driving, "-o", "out.mp4")
    assert outcome.code == 0
    assert outcome.stderr.count("not cropped: no face found in ") == 1
    assert "cropped to" not in outcome.stderr
    height, width = size_of("out.mp4")
    assert height < width


def test_auto_leaves_a_well_framed_picture_whole(job: Job) -> None:
    outcome = job("framed.png", "framed.png", "-o", "out.png")
    assert outcome.code == 0
    assert "crop" not in outcome.stderr


def test_off_looks_for_no_faces(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    for opening in ("open_detector", "open_for_drawings"):
        monkeypatch.setattr(driving_faces, opening, lambda *_: pytest.fail("was looked for"))
    outcome = job("wide.png", "talk.mp4", "-o", "out.mp4", "--crop", "off")
    assert outcome.code == 0
    assert size_of("out.mp4")[0] < size_of("out.mp4")[1]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("empty.png talk.mp4 -o o.mp4 --crop face", "empty.png: no face found"),
        ("wide.png nobody.mp4 -o o.mp4 --crop face", "nobody.mp4: no face found"),
        ("empty.png talk.mp4 -o o.mp4 --paste-back", "empty.png: no face found"),
        ("pair.png talk.mp4 -o o.mp4 --face 3", "--face 3 is not there; 2 found"),
        ("pair.png talk.mp4 -o o.mp4 --face all --driving-for 2=missing.mp4", "missing.mp4"),
    ],
)
def test_a_face_that_is_needed_and_missing_is_an_error(job: Job, words: str, says: str) -> None:
    outcome = job("-q", *words.split())
    assert outcome.code == 1
    assert len(outcome.lines) == 1
    assert says in outcome.lines[0]


@pytest.mark.parametrize(
    "words",
    [
        "--crop off --paste-back",
        "--face nose",
        "--driving-for 2=talk.mp4",
        "--face all --driving-for talk.mp4",
        "--paste-back --layout grid",
        "--paste-back --background transparent",
    ],
)
def test_options_that_contradict_each_other(job: Job, words: str) -> None:
    outcome = job("pair.png", "talk.mp4", "-o", "o.webm", *words.split())
    assert outcome.code == 2
    assert len(outcome.lines) == 1


def test_paste_back_keeps_every_pixel_outside_of_the_box(job: Job) -> None:
    outcome = job("wide.png", "talk.mp4", "-o", "out", "--paste-back")
    assert outcome.code == 0
    source = read_image("wide.png")
    pictures = [read_image(path) for path in sorted(Path("out").iterdir())]
    assert len(pictures) == 4
    for picture in pictures:
        assert picture.shape == source.shape
        columns = np.nonzero((picture != source).any((0, 2)))[0]
        assert columns.max() < 230
        np.testing.assert_array_equal(picture[:, 230:], source[:, 230:])
    assert (pictures[0] != pictures[3]).any()


def test_every_face_with_a_driving_of_its_own(job: Job) -> None:
    assert job("pair.png", "talk.mp4", "-o", "same", "--face", "all").code == 0
    words = ["--face", "all", "--driving-for", "2=other.mp4", "--layout", "compare"]
    assert job("pair.png", "talk.mp4", "-o", "own", *words).code == 0
    same, own = (read_image(f"{name}/000002.png") for name in ("same", "own"))
    own = own[:, -416:]
    np.testing.assert_array_equal(same[:, :150], own[:, :150])
    assert (same[:, 300:] != own[:, 300:]).any()


def test_one_face_of_several(job: Job) -> None:
    outcome = job("pair.png", "talk.mp4", "-o", "out", "--face", "2", "--paste-back")
    assert "pair.png, face 2 of 2: cropped to" in outcome.stderr
    np.testing.assert_array_equal(read_image("out/000003.png")[:, :150], read_image("pair.png")[:, :150])


def test_grid_shows_the_boxes(job: Job) -> None:
    for name, crop in (("whole", "off"), ("cut", "face")):
        job("framed.png", "talk.mp4", "-o", name, "--layout", "grid", "--crop", crop, "--end", "0.05")
    assert read_image("cut/000000.png").shape[0] == read_image("whole/000000.png").shape[0] + 66


def test_folder_of_sources(job: Job, clips: Path) -> None:
    Path("many").mkdir()
    for name in ("wide.png", "empty.png"):
        Path("many", name).symlink_to(clips / name)
    outcome = job("many", "talk.mp4", "-o", "auto")
    assert outcome.code == 0
    assert "not cropped: no face found in empty.png" in outcome.stderr
    assert size_of("auto/wide.mp4") == (64, 64)
    strict = job("many", "talk.mp4", "-o", "strict", "--crop", "face")
    assert strict.code == 1
    assert sorted(path.name for path in Path("strict").iterdir()) == ["wide.mp4"]


def test_a_saved_motion_has_no_face(job: Job) -> None:
    job("wide.png", "talk.mp4", "-o", "a.mp4", "--save-motion", "m.safetensors")
    outcome = job("wide.png", "m.safetensors", "-o", "b.mp4")
    assert outcome.code == 0
    assert "a saved motion shows no face" in outcome.stderr
    assert "wide.png: cropped" in job("wide.png", "m.safetensors", "-o", "c.mp4", "--crop", "face").stderr


@pytest.fixture(scope="module")
def named_weights(tiny_config: ModelConfig, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights whose keypoints are called after landmarks of faces."""
    torch.manual_seed(0)
    names = ("left_eye_outer", "right_eye_outer", "nose_tip", "chin", "neck")
    info = WeightsInfo(tiny_config, domain="face", style="toon", keypoint_names=names)
    path = tmp_path_factory.mktemp("weights") / "named.safetensors"
    save_weights(path, MotionModel(tiny_config).eval(), info)
    return path


@pytest.fixture(scope="module")
def networks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A torch home with stand-ins for both networks of face-alignment."""
    home = tmp_path_factory.mktemp("torch")
    write_stand_in(home)
    write_landmark_stand_in(home)
    return home


def motion_of(path: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    clip = load_motion(Path(path))
    return np.stack([one.value for one in clip.motions]), np.stack([one.jacobian for one in clip.motions])


def test_a_real_face_drives_by_its_landmarks(
    job: Job, named_weights: Path, networks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(networks))
    words = ["-w", named_weights, "framed.png", "square.mp4", "--crop", "off", "--end", "0.08", "-o", "o.mp4"]
    with open_writer("square.mp4", width=256, height=256, fps=RATE) as writer:
        for left in (64, 96):
            writer.write(scene(256, 256, [(left, 96)]))
    auto = job(*words, "--save-motion", "auto.safetensors")
    assert "square.mp4: keypoints from the face's landmarks (--driving-keypoints model" in auto.stderr
    asked = job(*words, "--driving-keypoints", "landmarks", "--save-motion", "asked.safetensors")
    assert "keypoints from the face's landmarks\n" in asked.stderr
    assert (
        "landmarks"
        not in job(*words, "--driving-keypoints", "model", "--save-motion", "own.safetensors").stderr
    )
    (auto_value, _), (value, jacobian), (own, own_jacobian) = (
        motion_of(f"{name}.safetensors") for name in ("auto", "asked", "own")
    )
    np.testing.assert_array_equal(auto_value, value)
    assert (np.abs(value[:, :4] - own[:, :4]).max(-1) > 1e-3).all()
    np.testing.assert_array_equal(value[:, 4], own[:, 4])  # the neck, which landmarks do not show
    np.testing.assert_array_equal(jacobian[:, 4], own_jacobian[:, 4])
    np.testing.assert_allclose(jacobian[:, 0], jacobian[:, 3])


def test_auto_keeps_the_networks_keypoints_without_a_photograph(
    job: Job, named_weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_stand_in(tmp_path)
    write_landmark_stand_in(tmp_path, sureness=-9)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    words = ["-w", named_weights, "framed.png", "-o", "o.mp4", "--crop", "off", "--end", "0.08"]
    assert "because no photographed face found in it" in job(*words, "nobody.mp4").stderr
    with open_writer("square.mp4", width=256, height=256, fps=RATE) as writer:
        writer.write(scene(256, 256, [(64, 96)]))
    assert "because its face does not look like a photograph" in job(*words, "square.mp4").stderr
    needed = job(*words, "nobody.mp4", "--driving-keypoints", "landmarks")
    assert needed.code == 1
    assert "nobody.mp4: no photographed face found" in needed.lines[-1]


def test_landmarks_that_cannot_be_are_refused(job: Job, named_weights: Path) -> None:
    words = ["framed.png", "talk.mp4", "-o", "o.mp4", "--driving-keypoints", "landmarks"]
    absolute = job("-w", named_weights, *words, "--motion", "absolute")
    assert absolute.code == 2
    assert "--motion absolute" in absolute.lines[-1]
    job("wide.png", "talk.mp4", "-o", "a.mp4", "--save-motion", "m.safetensors")
    saved = job("-w", named_weights, "wide.png", "m.safetensors", *words[2:])
    assert saved.code == 2
    assert "m.safetensors is a saved motion" in saved.lines[-1]


def test_networks_that_are_not_here_are_fetched_and_checked(
    job: Job, named_weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def page(handler: Handler) -> None:
        handler.say(200, {"Content-Length": 3})
        handler.wfile.write(b"no!")

    with open_site() as site:
        site.pages["/mirror/s3fd-619a316812.pth"] = page
        monkeypatch.setattr(weights_files, "mirrored", lambda file, sources: (site.url(f"/mirror/{file}"),))
        words = ["framed.png", "talk.mp4", "-o", "o.mp4", "--driving-keypoints", "landmarks"]
        outcome = job("-w", named_weights, *words)
    assert outcome.code == 1
    assert "downloading s3fd-619a316812.pth (86 MB), once" in outcome.lines
    assert "SHA-256 does not begin with 619a316812" in outcome.lines[-1]
