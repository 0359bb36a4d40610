"""`animate visualize-keypoints` end to end, with a small model and clips made on the spot."""

import csv
import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from animate_cli.media import open_reader, open_writer, read_image
from animate_cli.pipeline.visualize.job import LAYERS
from tests.cli.conftest import Animate, Outcome

Job = Callable[..., Outcome]
RATE = Fraction(25)
FRAMES = 12


def picture(x: float, height: int = 64, width: int = 96) -> np.ndarray:
    ys, xs = np.mgrid[:height, :width]
    spot = np.hypot(xs - x * width, ys - height / 2) < height / 4
    ground = 60 + 40 * np.sin(xs / 5) * np.cos(ys / 7)
    return np.repeat(np.where(spot, 220 + 30 * np.sin(ys), ground)[..., None], 3, axis=2).astype(np.uint8)


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a clip, its truth as toons leave it, and two pictures of other shapes."""
    folder = tmp_path_factory.mktemp("clips")
    places = [0.4 + 0.15 * np.sin(index / 2) for index in range(FRAMES)]
    with (
        open_writer(folder / "clip.mp4", width=96, height=64, fps=RATE) as writer,
        open_writer(folder / "other.mask.mp4", width=96, height=64, fps=RATE) as masks,
    ):
        for x in places:
            frame = picture(x)
            writer.write(frame)
            masks.write(np.where(frame > 180, 255, 0).astype(np.uint8))
    (folder / "other.mp4").write_bytes((folder / "clip.mp4").read_bytes())
    Image.fromarray(picture(0.5, 90, 60)).save(folder / "tall.png")
    Image.fromarray(picture(0.5, 64, 64)).save(folder / "square.jpg")
    return folder


@pytest.fixture
def job(
    animate: Animate, tiny_weights: Path, clips: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Job:
    """Run in a folder that holds the clips."""
    monkeypatch.chdir(tmp_path)
    for entry in clips.iterdir():
        Path(entry.name).symlink_to(entry)
    Path("tiny.safetensors").symlink_to(tiny_weights)

    def run(*words: str | Path) -> Outcome:
        shared = ["--device", "cpu", "--precision", "fp32", "--size", "128"]
        if "-w" not in words:
            shared += ["-w", "tiny.safetensors"]
        return animate("visualize-keypoints", *shared, *words)

    return run


def test_clip_becomes_a_video_of_its_length_and_a_table(job: Job) -> None:
    outcome = job("clip.mp4", "-o", "seen.mp4")
    assert outcome.code == 0
    assert "clip.mp4, tiny.safetensors: " in outcome.stdout
    assert "of the keypoints misplaced (12 frames; the object by an estimate)" in outcome.stdout
    with open_reader("seen.mp4") as reader:
        frames = list(reader)
    assert len(frames) == FRAMES
    assert reader.info.fps == RATE
    assert (frames[0].image != frames[6].image).any()


def test_quiet_is_silent_and_table_gives_way_to_json(job: Job) -> None:
    assert job("-q", "clip.mp4", "-o", "seen.png") == (0, "", "")
    report = json.loads(job("clip.mp4", "-o", "seen.png", "--json", "-").stdout)
    assert report["schema"] == 1
    assert report["misplaced_share"] == report["clips"][0]["misplaced_share"]


def test_json_and_csv_tell_the_same_in_pixels_of_the_input(job: Job) -> None:
    assert job("clip.mp4", "-o", "seen.png", "--json", "r.json", "--csv", "r.csv").code == 0
    (clip,) = json.loads(Path("r.json").read_text(encoding="utf-8"))["clips"]
    assert (clip["width"], clip["height"], len(clip["frames"])) == (96, 64, FRAMES)
    with Path("r.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == FRAMES * 5
    row = rows[3 * 5 + 2]
    assert (row["frame"], row["keypoint"]) == ("3", "2")
    assert [float(row["x"]), float(row["y"])] == clip["frames"][3]["places"][2]
    bad = {(int(row["frame"]), int(row["keypoint"])) for row in rows if row["misplaced"] == "1"}
    assert bad == {(frame["frame"], int(key)) for frame in clip["frames"] for key in frame["misplaced"]}
    places = np.array([frame["places"] for frame in clip["frames"]])
    assert ((places > -1) & (places < [97, 65])).all()


def test_every_layer_has_its_panel(job: Job) -> None:
    sizes = {}
    for layer in LAYERS:
        assert job("clip.mp4", "-o", f"{layer}.png", "--layers", layer, "--frame", "5").code == 0
        sizes[layer] = read_image(f"{layer}.png").shape
    assert job("clip.mp4", "-o", "all.png", "--layers", "all", "--frame", "5").code == 0
    plain = sizes["keypoints"]
    assert sizes["occlusion"][1] > 2.5 * plain[1]
    assert all(sizes[layer] == plain for layer in LAYERS if layer != "occlusion")
    assert read_image("all.png").size > 9 * np.prod(plain)


def test_sheet_shows_frames_across_the_clip(job: Job) -> None:
    assert job("clip.mp4", "-o", "one.png").code == 0
    assert job("clip.mp4", "-o", "sheet.png", "--sheet").code == 0
    assert read_image("sheet.png").size > 11 * read_image("one.png").size


def test_pictures_of_different_shapes_share_a_sheet(job: Job) -> None:
    outcome = job("tall.png", "square.jpg", "-o", "both.png")
    assert outcome.code == 0
    assert "tall.png" in outcome.stdout
    assert "not judged: off the object, jumping, leaking, folding, stretching" in outcome.stdout


def test_several_inputs_into_a_folder(job: Job) -> None:
    assert job("clip.mp4", "tall.png", "-o", "seen").code == 0
    assert sorted(path.name for path in Path("seen").iterdir()) == ["clip.mp4", "tall.png"]
    assert job("clip.mp4", "tall.png", "-o", "seen").code == 1
    assert job("clip.mp4", "tall.png", "-o", "seen", "--overwrite").code == 0


def test_each_model_has_a_row(job: Job, published: Path) -> None:
    assert job("clip.mp4", "-o", "one.png", "--frame", "2").code == 0
    outcome = job("-w", "tiny.safetensors", "-w", published, "clip.mp4", "-o", "two.png", "--frame", "2")
    assert outcome.code == 0
    assert outcome.stdout.count("of the keypoints misplaced") == 2
    assert read_image("two.png").shape[0] > 1.9 * read_image("one.png").shape[0]


def test_pair_shows_source_driving_and_result(job: Job) -> None:
    assert job("--source", "tall.png", "--driving", "clip.mp4", "-o", "pair.mp4").code == 0
    with open_reader("pair.mp4") as reader:
        assert len(list(reader)) == FRAMES
        assert reader.info.width > 3 * 128


def test_truth_beside_the_clip_and_given_masks_are_used(job: Job) -> None:
    assert "the object by its true mask" in job("other.mp4", "-o", "a.png").stdout
    assert job("other.mp4", "other.mask.mp4", "-o", "a.mp4").code == 0, "as other*.mp4 is spelt out"
    given = job("clip.mp4", "-o", "b.png", "--mask", "other.mask.mp4", "--json", "given.json")
    assert "the object by the given mask" in given.stdout
    job("other.mp4", "-o", "c.png", "--json", "truth.json")
    reports = [json.loads(Path(name).read_text()) for name in ("given.json", "truth.json")]
    assert reports[0]["misplaced_share"] == reports[1]["misplaced_share"]
    Path("masks").mkdir()
    Path("masks/tall.png").symlink_to(Path("tall.png").resolve())
    assert "off the object" not in job("tall.png", "-o", "d.png", "--mask", "masks", "-v").stderr


def test_a_mask_without_keypoints_on_it_shows_them_all_misplaced(job: Job) -> None:
    mask = np.zeros((64, 96, 3), np.uint8)
    mask[:4, :4] = 255
    Image.fromarray(mask).save("corner.png")
    outcome = job("clip.mp4", "-o", "a.png", "--mask", "corner.png", "--fail-on-misplaced", "0.9")
    assert outcome.code == 1
    assert outcome.lines[-1].startswith("error: 100.0% of the keypoints are misplaced")
    drawn = read_image("a.png").astype(int)
    assert ((drawn[..., 0] > 230) & (drawn[..., 1] < 60) & (drawn[..., 2] < 60)).sum() > 50
    assert job("clip.mp4", "-o", "a.png", "--mask", "corner.png", "--fail-on-misplaced", "1").code == 0


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("missing.mp4 -o a.png", 1, "missing.mp4"),
        ("words.txt -o a.png", 1, "words.txt"),
        ("clip.mp4 -o a.png --start 9", 1, "clip.mp4"),
        ("clip.mp4 -o clip.mp4", 1, "also an input"),
        ("clip.mp4 -o a.xyz", 1, ".xyz"),
        ("-o a.png", 2, "give an INPUT"),
        ("clip.mp4 --source tall.png --driving clip.mp4 -o a.png", 2, "not both"),
        ("--source tall.png -o a.png", 2, "go together"),
        ("clip.mp4 other.mp4 -o a.mp4", 2, "need a folder"),
        ("clip.mp4 -o a.png --layers keypoint", 2, "no layer 'keypoint'"),
        ("clip.mp4 -o a.png --layers ,", 2, "at least one"),
        ("clip.mp4 -o a.mp4 --frame 3", 2, "--frame"),
        ("clip.mp4 -o a.png --frame 99", 1, "has 12 frames"),
        ("clip.mp4 -o a.png --mask nothing.mp4", 1, "nothing.mp4"),
        ("clip.mp4 tall.png -o a.png --mask other.mask.mp4", 1, "several inputs"),
        ("clip.mp4 -o a.png --mask tall.png", 1, "another shape"),
        ("clip.mp4 -o a.png --csv a.png", 1, "also an input or the result"),
        ("clip.mp4 -o a.png --start 2 --end 1", 2, "--start 2 must come before"),
        ("clip.mp4 -o a.png -w nonsense", 1, "nonsense"),
        ("clip.mp4 -o a.png -w tiny.safetensors -w tiny.safetensors", 2, "twice"),
    ],
)
def test_what_cannot_work_is_said_in_one_line_and_leaves_nothing(
    job: Job, words: str, code: int, said: str
) -> None:
    Path("words.txt").write_text("neither picture nor video")
    before = sorted(path.name for path in Path().iterdir())
    outcome = job(*words.split())
    assert outcome.code == code
    assert outcome.lines[-1].startswith("error: ")
    assert "computing on" not in outcome.stderr or "--frame" in words
    assert said in outcome.lines[-1]
    assert sorted(path.name for path in Path().iterdir()) == before
