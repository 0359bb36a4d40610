"""`animate animate` end to end, with a small model and clips made on the spot."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load_file

from animate_cli.media import open_reader, open_writer, read_image
from tests.cli.conftest import Animate, Outcome

Job = Callable[..., Outcome]
RATE = Fraction(30000, 1001)


def blob(height: int, width: int, x: float) -> np.ndarray:
    """A soft bright spot at a share x of the width."""
    ys, xs = np.mgrid[:height, :width]
    spot = np.exp(-((xs - x * width) ** 2 + (ys - height / 2) ** 2) / (height / 4) ** 2)
    return np.repeat((40 + 200 * spot)[..., None], 3, axis=2).astype(np.uint8)


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a source, a clip of nine frames, a picture with alpha, and a folder of pictures."""
    folder = tmp_path_factory.mktemp("clips")
    Image.fromarray(blob(64, 64, 0.5)).save(folder / "source.png")
    Image.fromarray(blob(90, 60, 0.4)).save(folder / "tall.png")
    alpha = np.zeros((64, 64, 4), np.uint8)
    alpha[..., :3], alpha[16:48, 16:48, 3] = blob(64, 64, 0.5), 255
    Image.fromarray(alpha).save(folder / "alpha.png")
    with open_writer(folder / "driving.mp4", width=96, height=64, fps=RATE) as writer:
        for i in range(9):
            writer.write(blob(64, 96, 0.3 + 0.05 * i))
    (folder / "many").mkdir()
    Image.fromarray(blob(64, 64, 0.4)).save(folder / "many" / "one.png")
    Image.fromarray(blob(64, 64, 0.6)).save(folder / "many" / "two.jpg")
    return folder


@pytest.fixture
def job(
    animate: Animate, tiny_weights: Path, clips: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Job:
    """Run in an empty folder; the clips are in ../clips by their names."""
    monkeypatch.chdir(tmp_path)
    for entry in clips.iterdir():
        Path(entry.name).symlink_to(entry)

    def run(*words: str | Path) -> Outcome:
        return animate("-w", tiny_weights, "--device", "cpu", "--precision", "fp32", *words)

    return run


def test_result_has_the_drivings_rate_and_the_sources_shape(job: Job) -> None:
    outcome = job("tall.png", "driving.mp4", "-o", "out.mp4")
    assert (outcome.code, outcome.stdout) == (0, "")
    with open_reader("out.mp4") as reader:
        frames = list(reader)
    assert (reader.info.fps, len(frames)) == (RATE, 9)
    assert (reader.info.height, reader.info.width) == (96, 64)
    assert [frame.time for frame in frames] == [i / RATE for i in range(9)]


def test_choices_and_reference_are_told_once(job: Job) -> None:
    said = job("source.png", "driving.mp4", "-o", "out.mp4", "--device", "auto").stderr
    assert said.count("computing on ") == 1
    assert said.count("reference frame ") == 1
    assert said.count("trained on cartoons") == 1
    assert said.count("wrote out.mp4: 9 frames, 64x64") == 1
    assert said.count("not cropped: no face found in source.png") == 1
    assert len(said.splitlines()) == 5


def test_quiet_is_silent(job: Job) -> None:
    assert job("-q", "source.png", "driving.mp4", "-o", "out.mp4") == (0, "", "")


def test_range_and_rate(job: Job) -> None:
    job("source.png", "driving.mp4", "-o", "cut.mp4", "--start", "0.1", "--end", "0.25", "--fps", "60")
    with open_reader("cut.mp4") as reader:
        assert reader.info.fps == 60
        assert abs(len(list(reader)) - 9) <= 1


@pytest.mark.parametrize("ending", [".gif", ".webm", ".mov", ".mkv", ".png"])
def test_endings(job: Job, ending: str) -> None:
    assert job("source.png", "driving.mp4", "-o", f"out{ending}", "--end", "0.1").code == 0
    with open_reader(f"out{ending}") as reader:
        assert len(list(reader)) == 3


def test_folder_of_frames_is_not_overwritten_unasked(job: Job) -> None:
    words = ["source.png", "driving.mp4", "-o", "frames", "--end", "0.1"]
    assert job(*words).code == 0
    assert len(list(Path("frames").iterdir())) == 3
    refused = job(*words)
    assert refused.code == 1
    assert "--overwrite" in refused.lines[-1]
    assert job(*words, "--overwrite").code == 0


def test_picture_drives_a_picture(job: Job) -> None:
    assert job("source.png", "tall.png", "-o", "still.jpg").code == 0
    assert read_image("still.jpg").shape == (64, 64, 3)
    assert job("source.png", "driving.mp4", "-o", "still2.jpg").code == 1


@pytest.mark.parametrize(
    ("layout", "size"), [("compare", (96, 64 + 144 + 64 + 4)), ("grid", (96 * 2 + 2, 276))]
)
def test_layouts(job: Job, layout: str, size: tuple[int, int]) -> None:
    assert job("tall.png", "driving.mp4", "-o", "frames", "--layout", layout, "--end", "0.1").code == 0
    pictures = [read_image(path) for path in sorted(Path("frames").iterdir())]
    assert [picture.shape[:2] for picture in pictures] == [size] * 3
    source = pictures[0][:96, :64].astype(int)
    assert (source == pictures[2][:96, :64]).all()
    assert (pictures[0][:96, 66:210] != pictures[2][:96, 66:210]).any()


def test_transparent_result_keeps_the_hole(job: Job) -> None:
    words = ["alpha.png", "alpha.png", "-o", "out.png"]
    assert job(*words, "--background", "transparent").code == 0
    transparent = read_image("out.png", alpha=True)
    assert transparent.shape == (64, 64, 4)
    assert transparent[0, 0, 3] == 0
    assert transparent[32, 32, 3] == 255
    assert job(*words).code == 0
    assert read_image("out.png", alpha=True).shape == (64, 64, 3)


def test_saved_motion_gives_the_same_frames(job: Job) -> None:
    options = ["--reference-frame", "2", "--start", "0.05"]
    assert job("source.png", "driving.mp4", "-o", "a", *options, "--save-motion", "m.safetensors").code == 0
    assert job("source.png", "m.safetensors", "-o", "b", "--reference-frame", "2").code == 0
    assert load_file("m.safetensors")["value"].shape == (7, 5, 2)
    first, second = sorted(Path("a").iterdir()), sorted(Path("b").iterdir())
    assert len(first) == len(second) == 7
    for mine, theirs in zip(first, second, strict=True):
        np.testing.assert_array_equal(read_image(mine), read_image(theirs))


def test_motion_of_other_weights_is_refused_or_doubted(job: Job, published: Path) -> None:
    job("source.png", "driving.mp4", "-o", "a.mp4", "--save-motion", "m.safetensors")
    refused = job("-w", published, "source.png", "m.safetensors", "-o", "b.mp4")
    assert refused.code == 1
    assert "keypoints" in refused.lines[-1]
    assert "--layout grid" in job("source.png", "m.safetensors", "-o", "b.mp4", "--layout", "grid").stderr


def test_folder_of_sources_goes_on_after_a_bad_one(job: Job, clips: Path) -> None:
    many = Path("pictures")
    many.mkdir()
    for path in (clips / "many").iterdir():
        (many / path.name).symlink_to(path)
    (many / "broken.png").write_bytes((clips / "source.png").read_bytes()[:60])
    (many / "notes.txt").write_text("not a picture")
    outcome = job("-q", "pictures", "driving.mp4", "-o", "results", "--end", "0.1")
    assert outcome.code == 1
    assert len(outcome.lines) == 1
    assert "broken.png" in outcome.lines[0]
    assert sorted(path.name for path in Path("results").iterdir()) == ["one.mp4", "two.mp4"]


def test_whole_folder_of_sources_exits_0(job: Job) -> None:
    assert job("many", "driving.mp4", "-o", "results", "--end", "0.1").code == 0
    assert sorted(path.name for path in Path("results").iterdir()) == ["one.mp4", "two.mp4"]


NAMES = ["with space.png", 'it\'s "quoted".png', "100%d.png", "Ünïcödé.png"]


@pytest.mark.parametrize("name", NAMES)
def test_names_of_all_kinds(job: Job, clips: Path, name: str) -> None:
    Path(name).symlink_to(clips / "source.png")
    out = Path(name).with_suffix(".mp4")
    assert job(name, "driving.mp4", "-o", out, "--end", "0.1").code == 0
    assert out.is_file()


def test_stacked_source_is_its_first_frame(job: Job) -> None:
    colors = [(200, 30, 30), (30, 200, 30), (30, 30, 200), (90, 90, 90)]
    frames = [np.full((64, 64, 3), color, np.uint8) for color in colors]
    Image.fromarray(np.hstack(frames)).save("stacked.png")
    assert job("stacked.png", "tall.png", "-o", "out.png", "--layout", "compare").code == 0
    assert (read_image("out.png")[:, :64] == colors[0]).all()


ENCODINGS = [
    ("source.png driving.mp4 -o x.gif --crf 3", 1, "--crf"),
    ("source.png driving.mp4 -o frames --crf 3", 2, "written as pictures"),
    ("source.png tall.png -o x.png --codec h264", 2, "written as pictures"),
    ("many driving.mp4 -o results --codec nonsense", 1, "nonsense"),
    ("many driving.mp4 -o results --background transparent", 2, "one by one"),
    ("-w m.safetensors source.png driving.mp4 -o x.mp4", 1, "give it as DRIVING"),
]


@pytest.mark.parametrize(("line", "code", "says"), ENCODINGS, ids=[line for line, _, _ in ENCODINGS])
def test_options_that_do_not_fit_are_refused_before_the_work(
    job: Job, line: str, code: int, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    job("source.png", "tall.png", "-o", "y.png", "--save-motion", "m.safetensors")
    monkeypatch.setattr("animate_cli.animator.Animator.__init__", lambda *_, **__: pytest.fail("too late"))
    outcome = job("-q", *line.split())
    assert outcome.code == code
    assert len(outcome.lines) == 1
    assert says in outcome.lines[0]


def test_steady_reaches_the_frames_after_the_first(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("animate_cli.model.steady_paint.HIDDEN", 1.0)  # the small model hides little
    for folder, share in (("anew", "0"), ("kept", "1")):
        assert job("source.png", "driving.mp4", "-o", folder, "--steady", share).code == 0
    shown = [[read_image(path) for path in sorted(Path(name).iterdir())] for name in ("anew", "kept")]
    same = [np.array_equal(*pair) for pair in zip(*shown, strict=True)]
    assert same[0]
    assert not any(same[1:])


def test_more_pictures_of_the_source_take_part(job: Job) -> None:
    assert job("source.png", "driving.mp4", "-o", "one", "--size", "96").code == 0
    outcome = job("source.png", "driving.mp4", "-o", "two", "--size", "96", "--also-source", "tall.png")
    assert outcome.code == 0, outcome.stderr
    one, two = (sorted(Path(name).iterdir()) for name in ("one", "two"))
    assert [path.name for path in one] == [path.name for path in two]
    shown = [np.abs(read_image(a).astype(int) - read_image(b)).max() for a, b in zip(one, two, strict=True)]
    assert max(shown) > 0
    again = job("source.png", "driving.mp4", "-o", "three", "--size", "96", "--also-source", "source.png")
    assert again.code == 0
    same = zip(one, sorted(Path("three").iterdir()), strict=True)
    assert max(np.abs(read_image(a).astype(int) - read_image(b)).max() for a, b in same) <= 1


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("many driving.mp4 -o new --also-source tall.png", "not go with a folder of sources"),
        ("source.png driving.mp4 -o a.mp4 --also-source none.png", "none.png: no such file"),
        ("source.png driving.mp4 -o a.mp4 --face all --also-source tall.png", "not go with --face all"),
        ("source.png driving.mp4 -o copy.png --also-source copy.png", "copy.png"),
    ],
)
def test_more_pictures_that_cannot_be_used(job: Job, words: str, says: str) -> None:
    Path("copy.png").write_bytes(Path("source.png").read_bytes())
    before = Path("copy.png").read_bytes()
    outcome = job(*words.split())
    assert outcome.code in (1, 2)
    assert says in " ".join(outcome.stderr.split())
    assert Path("copy.png").read_bytes() == before


def test_names_with_a_leading_dash(job: Job, clips: Path) -> None:
    Path("-s.png").symlink_to(clips / "source.png")
    assert job("-o", "out.mp4", "--end", "0.1", "--", "-s.png", "driving.mp4").code == 0


def test_source_and_driving_may_be_one_file(job: Job) -> None:
    assert job("driving.mp4", "driving.mp4", "-o", "out.mp4", "--end", "0.1").code == 0


PROBLEMS = [
    (["missing.png", "driving.mp4", "-o", "o.mp4"], "missing.png"),
    (["source.png", "missing.mp4", "-o", "o.mp4"], "missing.mp4"),
    (["empty.png", "driving.mp4", "-o", "o.mp4"], "empty"),
    (["source.png", "text.mp4", "-o", "o.mp4"], "text.mp4"),
    (["source.png", "driving.mp4", "-o", "no/o.mp4"], "does not exist"),
    (["source.png", "driving.mp4", "-o", "o.xyz"], ".xyz"),
    (["source.png", "driving.mp4", "-o", "driving.mp4"], "input"),
    (["source.png", "driving.mp4", "-o", "./source.png"], "input"),
    (["many", "driving.mp4", "-o", "o.mp4"], "folder"),
    (["source.png", "driving.mp4", "-o", "o.mp4", "--start", "5"], "driving.mp4"),
    (["source.png", "driving.mp4", "-o", "o.mp4", "--reference-frame", "9"], "9 frames"),
    (["source.png", "driving.mp4", "-o", "o.mp4", "--codec", "nonsense"], "nonsense"),
    (["source.png", "driving.mp4", "-o", "o.mp4", "--device", "cuda:99"], "cuda:99"),
    (["source.png", "driving.mp4", "-o", "o.mp4", "-w", "nonsense"], "nonsense"),
    (["source.png", "driving.mp4", "-o", "o.mp4", "-w", "text.mp4"], "text.mp4"),
    (["source.png", "driving.mp4", "-o", "o.mp4", "--save-motion", "no/m.safetensors"], "does not exist"),
]


@pytest.mark.parametrize(("words", "says"), PROBLEMS, ids=[" ".join(words) for words, _ in PROBLEMS])
def test_problems_end_in_one_line(job: Job, words: list[str], says: str) -> None:
    Path("empty.png").touch()
    Path("text.mp4").write_text("this is not a video " * 50)
    before = sorted(Path().iterdir())
    outcome = job("-q", *words)
    assert (outcome.code, outcome.stdout) == (1, "")
    assert len(outcome.lines) == 1
    assert outcome.lines[0].startswith("error: ")
    assert says in outcome.lines[0]
    assert sorted(Path().iterdir()) == before


def test_failure_leaves_the_old_output(job: Job, clips: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("out.mp4").write_text("the old one")

    def fail(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("animate_cli.media.writer.FrameWriter.require_fit", fail)
    with pytest.raises(RuntimeError, match="a bug"):
        job("source.png", "driving.mp4", "-o", "out.mp4")
    assert Path("out.mp4").read_text() == "the old one"
    assert {path.name for path in Path().iterdir()} == {"out.mp4"} | {path.name for path in clips.iterdir()}


def test_existing_output_is_replaced(job: Job) -> None:
    Path("out.mp4").write_text("the old one")
    assert job("source.png", "driving.mp4", "-o", "out.mp4", "--end", "0.1").code == 0
    with open_reader("out.mp4") as reader:
        assert len(list(reader)) == 3
