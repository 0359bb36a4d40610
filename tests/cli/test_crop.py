"""`animate crop` end to end, with the offline detector and clips made on the spot."""

import csv
import signal
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from animate_cli.data.check import check_videos
from animate_cli.media import open_reader, open_writer, read_image
from tests.cli.conftest import Animate, Outcome
from tests.faces.scenes import scene
from tests.media.clips import ffmpeg

Crop = Callable[..., Outcome]
RATE = Fraction(25)
COUNT = 20
WIDTH, HEIGHT = 208, 160


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A face that moves, with sound; one that is there for a while; a picture; one without a face."""
    folder = tmp_path_factory.mktemp("clips")
    with open_writer(folder / "silent.mp4", width=WIDTH, height=HEIGHT, fps=RATE) as writer:
        for i in range(COUNT):
            writer.write(scene(WIDTH, HEIGHT, [(40 + i, 34)]))
    tone = ["-f", "lavfi", "-i", "sine=frequency=440:duration=2"]
    ffmpeg("-i", folder / "silent.mp4", *tone, "-c:v", "copy", "-shortest", folder / "talk.mp4")
    (folder / "silent.mp4").unlink()
    with open_writer(folder / "visit.mp4", width=WIDTH, height=HEIGHT, fps=RATE) as writer:
        for i in range(COUNT):
            writer.write(scene(WIDTH, HEIGHT, [(64, 34)] if 8 <= i < 16 else []))
    Image.fromarray(scene(400, 256, [(64, 96), (256, 90)])).save(folder / "pair.png")
    Image.fromarray(scene(200, 200, [])).save(folder / "empty.jpg")
    return folder


@pytest.fixture
def crop(animate: Animate, clips: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Crop:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setenv("ANIMATE_WEIGHTS_DIR", str(tmp_path / "weights"))
    for entry in clips.iterdir():
        Path(entry.name).symlink_to(entry)
    return lambda *words: animate("crop", *words, "--detector", "lbp")


def manifest(out: str | Path) -> list[dict[str, str]]:
    with (Path(out) / "manifest.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_clip_becomes_a_square_clip_with_its_sound(crop: Crop) -> None:
    outcome = crop("talk.mp4", "-o", "out", "--min-frames", "5", "--size", "128")
    assert (outcome.code, outcome.stdout) == (0, "")
    (row,) = manifest("out")
    assert (row["source"], row["output"], row["frames"]) == ("talk.mp4", "talk#1.mp4", str(COUNT))
    assert (row["detector"], row["size"], row["start"], row["end"]) == ("lbp", "128", "0.0", "0.8")
    with open_reader("out/talk#1.mp4") as reader:
        frames = list(reader)
    assert (reader.info.fps, len(frames), frames[0].image.shape) == (RATE, COUNT, (128, 128, 3))
    assert [frame.time for frame in frames] == [i / RATE for i in range(COUNT)]
    with av.open("out/talk#1.mp4") as container:
        assert abs(float(container.streams.audio[0].duration or 0) / 44100 - 0.8) < 0.06


def test_the_box_holds_the_face_and_is_square(crop: Crop) -> None:
    crop("talk.mp4", "-o", "out", "--min-frames", "5")
    (row,) = manifest("out")
    left, top, right, bottom = (float(row[key]) for key in ("left", "top", "right", "bottom"))
    assert right - left == pytest.approx(bottom - top, abs=0.02)
    assert left < 45
    assert right > 40 + COUNT + 85  # the union over the whole way


def test_follow_keeps_the_face_in_its_place(crop: Crop) -> None:
    for name, option in (("still", "--still"), ("follow", "--follow")):
        crop("talk.mp4", "-o", name, "--min-frames", "5", option)
    moved = {}
    for name in ("still", "follow"):
        with open_reader(f"{name}/talk#1.mp4") as reader:
            reds = [np.nonzero(frame.image[..., 0] > 200)[1].mean() for frame in reader]
        moved[name] = abs(reds[-1] - reds[0])
    assert moved["follow"] < 0.5 * moved["still"]


def test_pictures_give_a_picture_a_face(crop: Crop) -> None:
    outcome = crop("pair.png", "-o", "out", "--size", "96", "--margin", "0")
    assert outcome.code == 0
    assert [row["output"] for row in manifest("out")] == ["pair#1.png", "pair#2.png"]
    assert read_image("out/pair#2.png").shape == (96, 96, 3)
    only = crop("pair.png", "-o", "second", "--face", "2")
    assert "not asked for by --face 2" in only.stderr
    (row,) = manifest("second")
    assert row["track"] == "2"
    assert float(row["left"]) > 200


def test_no_face_is_told_and_an_error(crop: Crop) -> None:
    outcome = crop("empty.jpg", "-o", "out")
    assert outcome.code == 1
    assert "empty.jpg: no face found" in outcome.stderr
    assert outcome.lines[-1].startswith("error: empty.jpg: no face was cut")


def test_short_and_small_tracks_are_dropped_with_the_reason(crop: Crop) -> None:
    outcome = crop("visit.mp4", "-o", "out", "--min-frames", "15")
    assert outcome.code == 1
    assert "fewer than --min-frames 15" in outcome.stderr
    small = crop("talk.mp4", "-o", "out", "--min-frames", "5", "--min-size", "400", "--overwrite")
    assert "less than --min-size 400" in small.stderr
    assert manifest("out") == []
    enlarged = crop("talk.mp4", "-o", "out", "--min-frames", "5", "--size", "400", "--overwrite")
    assert "enlarged from" in enlarged.stderr


def test_long_tracks_are_split_evenly(crop: Crop) -> None:
    crop("talk.mp4", "-o", "out", "--min-frames", "5", "--max-frames", "8")
    rows = manifest("out")
    assert [row["output"] for row in rows] == ["talk#1.mp4", "talk#2.mp4", "talk#3.mp4"]
    assert sum(int(row["frames"]) for row in rows) == COUNT
    assert [float(row["start"]) for row in rows] == [0.0, float(rows[0]["end"]), float(rows[1]["end"])]


def test_frames_as_pictures_and_preview(crop: Crop) -> None:
    assert crop("talk.mp4", "-o", "o", "--min-frames", "5", "--format", "png", "--preview", "look").code == 0
    assert len(list(Path("o/talk#1").iterdir())) == COUNT
    with open_reader("look/talk.mp4") as reader:
        assert len(list(reader)) == COUNT


OURS = "source,start,end,left,top,right,bottom\ntalk.mp4,0.2,0.6,20,30,120,150\npair.png,,,0,0,100,50\n"
PUBLISHED = (
    "bbox,end,fps,height,partition,person_id,start,video_id,width\n"
    "40-60-240-300,15,25.0,320,test,id7,5,talk,416\n"
)


def test_boxes_of_our_own(crop: Crop) -> None:
    Path("boxes.csv").write_text(OURS)
    outcome = crop("talk.mp4", "pair.png", "-o", "out", "--boxes", "boxes.csv", "--min-frames", "5")
    assert outcome.code == 0
    picture, clip = manifest("out")
    assert (clip["frames"], clip["start"], clip["end"], clip["detector"]) == ("10", "0.2", "0.6", "boxes")
    assert [float(clip[key]) for key in ("left", "top", "right", "bottom")] == [10, 30, 130, 150]
    assert [float(picture[key]) for key in ("left", "top", "right", "bottom")] == [0, -25, 100, 75]
    assert clip["score"] == ""


def test_boxes_as_published(crop: Crop) -> None:
    Path("vox.csv").write_text(PUBLISHED)
    assert crop("talk.mp4", "-o", "out", "--boxes", "vox.csv", "--min-frames", "5").code == 0
    (row,) = manifest("out")
    assert row["output"] == "test/id7#talk#000005#000015.mp4"
    assert row["frames"] == "10"
    assert [float(row[key]) for key in ("left", "top", "right", "bottom")] == [10, 30, 130, 150]


def test_published_boxes_without_persons_are_split_and_named_by_video(crop: Crop) -> None:
    Path("taichi.csv").write_text(
        "video_id,start,end,bbox,fps,width,height\ntalk,5,15,40-60-240-300,25.0,416,320\n"
    )
    assert (
        crop("talk.mp4", "-o", "out", "--boxes", "taichi.csv", "--min-frames", "5", "--split", "1:0").code
        == 0
    )
    assert [row["output"] for row in manifest("out")] == ["train/talk#000005#000015.mp4"]


def test_a_person_stays_on_one_side_and_the_published_partition_prevails(crop: Crop, clips: Path) -> None:
    Path("raw").mkdir()
    rows = ["video_id,start,end,bbox,fps,width,height,partition,person_id"]
    for index in range(8):
        Path(f"raw/v{index}.mp4").symlink_to(clips / "talk.mp4")
        partition = "test" if index == 0 else ""
        rows.append(f"v{index},0,10,40-60-240-300,25,416,320,{partition},id{index % 4}")
    Path("vox.csv").write_text("\n".join(rows) + "\n")
    words = ["raw", "-o", "out", "--boxes", "vox.csv", "--min-frames", "5", "--split", "50:50"]
    assert crop(*words).code == 0
    places = {Path(row["output"]).name: Path(row["output"]).parent.name for row in manifest("out")}
    assert places["id0#v0#000000#000010.mp4"] == "test"
    for person in (1, 2, 3):
        assert len({split for name, split in places.items() if name.startswith(f"id{person}#")}) == 1
    assert {"train", "test"} == set(places.values())


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a,b\n1,2\n", "needed are source"),
        ("source,left,top,right,bottom\ntalk.mp4,9,9,5,5\n", "line 2: the box is empty"),
        ("source,start,left,top,right,bottom\ntalk.mp4,soon,1,2,3,4\n", "line 2: 'soon' is not a time"),
        ("", "an empty file"),
    ],
)
def test_wrong_boxes_are_refused_with_the_line(crop: Crop, text: str, says: str) -> None:
    Path("boxes.csv").write_text(text)
    outcome = crop("-q", "talk.mp4", "-o", "out", "--boxes", "boxes.csv")
    assert outcome.code == 1
    assert len(outcome.lines) == 1
    assert says in outcome.lines[0]


def test_resume_skips_what_is_done_and_redoes_what_was_cut_off(crop: Crop) -> None:
    words = ["talk.mp4", "pair.png", "-o", "out", "--min-frames", "5"]
    assert crop(*words).code == 0
    whole = manifest("out")
    talk, pair = Path("out/talk#1.mp4"), Path("out/pair#1.png")
    journal = Path("out/crop.jsonl")
    journal.write_text(journal.read_text()[:-40])  # the last input's line was cut off
    talk_before, pair_before = talk.stat().st_mtime_ns, pair.stat().st_mtime_ns
    outcome = crop(*words, "--resume")
    assert outcome.code == 0
    assert "1 of 2 inputs are done already" in outcome.stderr
    assert talk.stat().st_mtime_ns == talk_before
    assert pair.stat().st_mtime_ns > pair_before
    assert manifest("out") == whole
    talk.unlink()
    crop(*words, "--resume")
    assert talk.exists()
    refused = crop(*words, "--resume", "--size", "64")
    assert refused.code == 1
    assert "--size" in refused.lines[-1]


def test_an_interrupted_run_leaves_a_manifest_of_what_is_done(crop: Crop, tmp_path: Path) -> None:
    with open_writer(tmp_path / "z.mp4", width=WIDTH, height=HEIGHT, fps=RATE) as writer:
        for _ in range(500):
            writer.write(scene(WIDTH, HEIGHT, []))
    words = ["crop", "talk.mp4", "z.mp4", "-o", "out", "--min-frames", "5", "--every", "1"]
    process = subprocess.Popen(
        [sys.executable, "-m", "animate_cli", *words], stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    with process.stderr:
        assert any("talk#1.mp4" in line for line in process.stderr)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
    assert [row["output"] for row in manifest("out")] == ["talk#1.mp4"]
    assert not [path for path in Path("out").iterdir() if path.name.startswith(".")]


def test_jobs_give_the_same(crop: Crop) -> None:
    words = ["talk.mp4", "visit.mp4", "--min-frames", "5"]
    assert crop(*words, "-o", "one").code == crop(*words, "-o", "two", "--jobs", "2").code == 0
    assert manifest("one") == manifest("two")


def test_a_bad_input_does_not_stop_the_others(crop: Crop) -> None:
    Path("broken.mp4").write_text("this is no video " * 50)
    outcome = crop("broken.mp4", "talk.mp4", "-o", "out", "--min-frames", "5")
    assert outcome.code == 1
    assert any(line.startswith("warning: broken.mp4") for line in outcome.lines)
    assert len(manifest("out")) == 1


def test_split_makes_a_data_set_that_training_accepts(crop: Crop, clips: Path) -> None:
    Path("raw/more").mkdir(parents=True)
    for name in ("ann#a", "ann#b", "bob#a", "cy", "more/dee"):
        Path(f"raw/{name}.mp4").symlink_to(clips / "talk.mp4")
    Path("raw/notes.txt").write_text("not a video")
    boxes = "source,left,top,right,bottom\n" + "".join(
        f"{name},30,20,140,130\n" for name in ("ann#a", "ann#b", "bob#a", "cy", "dee")
    )
    Path("boxes.csv").write_text(boxes)
    words = ["raw", "-o", "data", "--boxes", "boxes.csv", "--min-frames", "5", "--split", "75:25"]
    assert crop(*words).code == 0
    people = {}
    for split in ("train", "test"):
        people[split] = {path.name.partition("#")[0] for path in Path("data", split).iterdir()}
    assert people["train"] | people["test"] == {"ann", "bob", "cy", "dee"}
    assert not people["train"] & people["test"]
    assert len(people["test"]) == 1
    assert not [one.problem for one in check_videos(Path("data")) if one.problem]


WRONG = [
    ("talk.mp4 -o out --face none", "--face"),
    ("talk.mp4 -o out --split half", "--split"),
    ("talk.mp4 -o out --min-frames 9 --max-frames 5", "--max-frames"),
    ("talk.mp4 -o out --boxes b.csv --follow", "--follow"),
    ("talk.mp4 -o out --resume --overwrite", "--resume"),
]


@pytest.mark.parametrize(("line", "says"), WRONG, ids=[line for line, _ in WRONG])
def test_wrong_usage(crop: Crop, line: str, says: str) -> None:
    outcome = crop(*line.split())
    assert outcome.code == 2
    assert says in outcome.lines[-1]


PROBLEMS = [
    ("missing.mp4 -o out", "missing.mp4"),
    ("talk.mp4 -o no/out", "does not exist"),
    ("talk.mp4 -o full", "--overwrite"),
    ("hollow -o out", "no pictures or videos"),
    ("talk.mp4 -o out --boxes missing.csv", "missing.csv"),
]


@pytest.mark.parametrize(("line", "says"), PROBLEMS, ids=[line for line, _ in PROBLEMS])
def test_problems_end_in_one_line(crop: Crop, line: str, says: str) -> None:
    Path("full").mkdir()
    Path("full/x").touch()
    Path("hollow").mkdir()
    outcome = crop("-q", *line.split())
    assert outcome.code == 1
    assert len(outcome.lines) == 1
    assert says in outcome.lines[0]
