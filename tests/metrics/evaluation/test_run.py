"""Whole evaluations of tiny models: the figures are those of the definitions, however they are computed."""

from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from animate_cli.animator import Animator
from animate_cli.arrays import to_pictures
from animate_cli.data.toons.values import LANDMARK_NAMES
from animate_cli.errors import DataError
from animate_cli.media import open_writer
from animate_cli.metrics.detectors import DetectorFacts, Detectors
from animate_cli.metrics.evaluation.clips import Clip, ClipFrame
from animate_cli.metrics.evaluation.contenders import Contender, FilesContender, ModelContender, Take
from animate_cli.metrics.evaluation.folder import FolderClips
from animate_cli.metrics.evaluation.plan import Plan, make_plan
from animate_cli.metrics.evaluation.report import build_report, to_json
from animate_cli.metrics.evaluation.run import Row, evaluate
from animate_cli.metrics.evaluation.store import Store
from animate_cli.metrics.table import MEASURES, choose_measures
from animate_cli.metrics.values import Landmarks, Numbers, Picture
from tests.metrics.evaluation.clips import NAMES, MadeClip, MadeClips, Notes, moving
from tests.tiny import tiny_model

CPU = torch.device("cpu")


class Corners:
    """Finds three landmarks where a picture is brightest in each channel; the third only in dark pictures."""

    facts = DetectorFacts("corners", "landmarks", "0" * 64, floor=0.5, names=NAMES)

    def find(self, pictures: Picture) -> Landmarks:
        flat = pictures.reshape(len(pictures), -1, 3).argmax(1)
        places = np.stack([flat % pictures.shape[2], flat // pictures.shape[2]], -1).astype(np.float64)
        present = np.ones(places.shape[:2], bool)
        present[:, 2] = pictures.mean((1, 2, 3)) < 128
        return Landmarks(places, present, NAMES)


class Means:
    """An embedding of mean colours."""

    def __init__(self, kind: str) -> None:
        self.facts = DetectorFacts("means", kind, "1" * 64)  # type: ignore[arg-type]

    def embed(self, pictures: Picture) -> Numbers:
        means: Numbers = pictures.mean((1, 2)) / 255
        return means


DETECTORS = Detectors(Corners(), Means("identity"), Means("features"))


class Counted(ModelContender):
    """A model that remembers which clips it was asked for."""

    def __init__(self, name: str, animator: Animator, fingerprint: str) -> None:
        super().__init__(name, animator, fingerprint)
        self.performed: list[str] = []

    def perform(
        self, clip: Clip, frames: Iterable[ClipFrame], drivers: Sequence[str]
    ) -> Generator[Take, None, None]:
        self.performed.append(clip.name)
        return super().perform(clip, frames, drivers)


def model(name: str = "tiny", seed: int = 0, batch_size: int = 4) -> Counted:
    animator = Animator(tiny_model(seed=seed), device="cpu", precision="fp32", batch_size=batch_size)
    return Counted(name, animator, f"weights {seed}")


def plan(
    contenders: Sequence[Contender], names: Sequence[str], detectors: Detectors = DETECTORS, batch: int = 4
) -> Plan:
    return make_plan(choose_measures(names, "both"), MadeClips(), contenders, detectors, CPU, batch)


def run(
    folder: Path, contenders: Sequence[Contender], names: Sequence[str], batch: int = 4
) -> tuple[list[Row], Plan, Notes]:
    chosen, notes = plan(contenders, names, batch=batch), Notes()
    return evaluate(MadeClips(), contenders, chosen, Store(folder, chosen.setting), notes), chosen, notes


@pytest.fixture(autouse=True)
def _threads() -> None:
    torch.set_num_threads(1)


def reconstruct_plainly(seed: int, clip: MadeClip) -> tuple[np.ndarray, np.ndarray]:
    """Reconstruct with the network itself, frame by frame."""
    network = tiny_model(seed=seed)
    truth = np.stack([frame.picture for frame in clip.frames()])
    images = torch.from_numpy(truth).permute(0, 3, 1, 2).float() / 255
    with torch.inference_mode():
        results = [network(images[:1], image[None])[0].image for image in images]
    return truth, to_pictures(torch.cat(results))


def test_l1_is_the_mean_over_all_frames(tmp_path: Path) -> None:
    rows, chosen, notes = run(tmp_path, [model()], ["l1"])
    errors = []
    for clip in MadeClips().made:
        truth, result = reconstruct_plainly(0, clip)
        errors += np.abs(truth / 255 - result / 255).mean((1, 2, 3)).tolist()
    report = build_report(MadeClips(), [model()], chosen, rows)
    figure = report.models[0].figures["l1"]
    assert figure.mean == pytest.approx(np.mean(errors), abs=2e-4)
    assert (figure.frames, figure.left_out, notes.advanced) == (20, 0, 20)
    assert figure.low <= figure.mean <= figure.high


def test_batches_do_not_matter(tmp_path: Path) -> None:
    names = [name for name in MEASURES if name != "lpips"]
    one = run(tmp_path / "1", [model(batch_size=1)], names, batch=1)[0]
    many = run(tmp_path / "8", [model(batch_size=8)], names, batch=8)[0]
    for row, other in zip(one, many, strict=True):
        for name, score in row.scores[0].scores.items():
            close = pytest.approx(other.scores[0].scores[name].parts, rel=1e-3, abs=0.2, nan_ok=True)
            assert score.parts == close, name


def test_every_measure_is_taken_where_everything_is_known(tmp_path: Path) -> None:
    names = [name for name in MEASURES if name != "lpips"]
    rows, chosen, _ = run(tmp_path, [model()], names)
    assert {measure.name for measure in chosen.measures} == set(names) - {"mouth", "blink", "gaze"}
    wanting = {one.name: one.needs for one in chosen.missing}
    assert set(wanting) == {"mouth", "blink", "gaze"}
    assert "left_eye_lower" in wanting["blink"]  # the detector knows lips and chin alone
    figures = build_report(MadeClips(), [model()], chosen, rows).models[0].figures
    assert [name for name, figure in figures.items() if not np.isfinite(figure.mean)] == []
    assert figures["fid"].mean >= 0


def test_paired_models_and_subsets(tmp_path: Path) -> None:
    contenders = [model("first"), model("second", seed=3), model("again")]
    rows, chosen, _ = run(tmp_path, contenders, ["l1", "psnr"])
    report = build_report(MadeClips(), contenders, chosen, rows)
    first, second, again = (one.figures["l1"] for one in report.models)
    assert (again.mean, again.change.low, again.change.high) == (first.mean, 0, 0)
    assert second.change.mean == pytest.approx(100 * (second.mean / first.mean - 1))
    assert first.best == again.best
    assert first.best != second.best
    hard = report.models[0].subsets["hard"]["l1"]
    assert hard.frames == 9
    assert hard.mean == report.models[0].videos[1].values["l1"]


def test_what_is_missing_is_listed_and_does_not_stop_the_rest(tmp_path: Path) -> None:
    contenders = [model()]
    chosen = plan(contenders, ["l1", "akd", "aed", "fid"], Detectors())
    assert [measure.name for measure in chosen.measures] == ["l1"]
    wanting = {one.name: one.needs for one in chosen.missing}
    assert set(wanting) == {"akd", "akd_pose_evaluation", "aed", "aed_pose_evaluation", "fid"}
    assert "landmarks" in wanting["akd"]
    none = plan(contenders, ["akd"], Detectors())
    with pytest.raises(DataError, match="akd needs a detector of landmarks"):
        evaluate(MadeClips(), contenders, none, Store(tmp_path, ""), Notes())


def test_resumes_by_video(tmp_path: Path) -> None:
    first, chosen, _ = run(tmp_path, [model()], ["l1", "fid"])
    (tmp_path / sorted(file.name for file in tmp_path.iterdir())[0]).unlink()
    resuming = model()
    again, _, notes = run(tmp_path, [resuming], ["l1", "fid"])
    assert len(resuming.performed) == 1
    assert notes.advanced == 20
    reports = [to_json(build_report(MadeClips(), [model()], chosen, rows)) for rows in (first, again)]
    assert reports[0] == reports[1]


def test_other_weights_measures_or_damaged_scores_are_not_taken(tmp_path: Path) -> None:
    def count(seed: int, names: Sequence[str]) -> int:
        one = model(seed=seed)
        run(tmp_path, [one], names)
        return len(one.performed)

    assert [count(0, ["l1"]), count(0, ["l1"])] == [3, 0]
    assert [count(1, ["l1"]), count(0, ["l1", "psnr"])] == [3, 3]
    for file in tmp_path.iterdir():
        file.write_bytes(b"damaged")
    assert count(0, ["l1"]) == 3


def test_clips_at_once_give_the_same_digits(tmp_path: Path) -> None:
    contenders = [model(), model("second", seed=3)]
    names = [name for name in MEASURES if name != "lpips"]
    chosen = plan(contenders, names)
    reports = [
        build_report(MadeClips(), contenders, chosen, evaluate(
            MadeClips(), contenders, chosen, Store(tmp_path / str(lanes), ""), Notes(), lanes
        ))
        for lanes in (1, 2, 3)
    ]  # fmt: skip
    assert to_json(reports[0]) == to_json(reports[1]) == to_json(reports[2])


def test_a_failure_in_one_lane_ends_all(tmp_path: Path) -> None:
    class Broken(MadeClip):
        def frames(self, drivers: Sequence[str] = ()) -> Iterator[ClipFrame]:
            raise MemoryError

    data_set = MadeClips([Broken("broken"), *[MadeClip(str(index), 400) for index in range(3)]])
    chosen = plan([model()], ["l1"])
    notes = Notes()
    with pytest.raises(MemoryError):
        evaluate(data_set, [model()], chosen, Store(tmp_path, ""), notes, 2)
    assert notes.advanced < 400


def write_clip(path: Path, frames: Picture) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with open_writer(path, width=frames.shape[2], height=frames.shape[1], fps=MadeClip("x").fps) as writer:
        for frame in frames:
            writer.write(np.ascontiguousarray(frame))


def compare_folders(tmp_path: Path, notes: Notes, names: Sequence[str] = ("l1", "psnr")) -> list[Row]:
    data_set, contender = FolderClips(tmp_path / "truth"), FilesContender(tmp_path / "result")
    chosen = make_plan(choose_measures(names, "both"), data_set, [contender], Detectors(), CPU, 4)
    return evaluate(data_set, [contender], chosen, Store(tmp_path / "store", chosen.setting), notes)


def test_finished_results_give_the_reconstructions_digits(tmp_path: Path) -> None:
    rows = run(tmp_path / "store-1", [model()], ["l1", "psnr"])[0]
    for clip in MadeClips().made:
        takes = list(model().perform(clip, clip.frames(), []))
        write_clip(tmp_path / "truth" / clip.name, np.stack([take.frame.picture for take in takes]))
        write_clip(tmp_path / "result" / clip.name, np.stack([take.result for take in takes]))
    again = compare_folders(tmp_path, Notes())
    for row, other in zip(rows, again, strict=True):
        assert row.clip.name == other.clip.name
        for name, score in row.scores[0].scores.items():
            assert score.parts == pytest.approx(other.scores[0].scores[name].parts, rel=1e-9)


def test_differing_videos_are_told(tmp_path: Path) -> None:
    write_clip(tmp_path / "truth" / "short", moving(6, 0))
    write_clip(tmp_path / "result" / "short", moving(4, 0))
    write_clip(tmp_path / "truth" / "small", moving(3, 1))
    write_clip(tmp_path / "result" / "small", moving(3, 1)[:, ::2, ::2])
    write_clip(tmp_path / "truth" / "wide", moving(3, 2))
    write_clip(tmp_path / "result" / "wide", moving(3, 2)[:, ::2])
    write_clip(tmp_path / "truth" / "lonely", moving(3, 2))
    write_clip(tmp_path / "result" / "stranger", moving(3, 2))
    notes = Notes()
    rows = compare_folders(tmp_path, notes)
    assert [(row.clip.name, row.scores[0].num_frames) for row in rows] == [("short", 4), ("small", 3)]
    told = "\n".join(notes.warnings)
    for words in ("no result for lonely", "stranger", "4 frames and the truth 6", "32x32", "64x32"):
        assert words in told


def test_nothing_pairs(tmp_path: Path) -> None:
    write_clip(tmp_path / "truth" / "a", moving(3, 0))
    write_clip(tmp_path / "result" / "b", moving(3, 0))
    with pytest.raises(DataError, match="no clip could be evaluated"):
        compare_folders(tmp_path, Notes())


def test_broken_clips_are_left_out(tmp_path: Path) -> None:
    for name in ("truth", "result"):
        write_clip(tmp_path / name / "good", moving(3, 0))
        (tmp_path / name / "bad.mp4").write_bytes(b"nothing" * 50)
    notes = Notes()
    assert [row.clip.name for row in compare_folders(tmp_path, notes)] == ["good"]
    assert "bad is left out" in notes.warnings[0]


def test_masks_and_landmarks_beside_clips(tmp_path: Path) -> None:
    folder = tmp_path / "test"
    write_clip(folder / "x#1.mp4", moving(3, 0))
    mask = np.zeros((3, 64, 64, 3), np.uint8)
    mask[:, 16:48, 16:48] = 255
    write_clip(folder / "x#1.mask.mp4", mask)
    points = np.random.default_rng(0).uniform(0, 63, (3, 29, 2))
    np.savez(
        folder / "x#1.landmarks.npz", points=points, visible=np.ones((3, 29), bool), names=LANDMARK_NAMES
    )
    data_set = FolderClips(tmp_path)
    assert data_set.offers == {"mask", "marks"}
    (clip,) = data_set.clips()
    frame = next(clip.frames())
    assert frame.mask is not None
    assert frame.mask[32, 32]
    assert not frame.mask[2, 2]
    assert frame.marks is not None
    assert frame.marks.points[0].tolist() == points[0].tolist()
    assert "lip_upper" in frame.marks.names
    np.savez(folder / "x#1.landmarks.npz", points=points[0])
    with pytest.raises(DataError, match="holds no landmarks"):
        list(clip.frames())


@pytest.mark.parametrize("lanes", [1, 2])
def test_memory_stays_flat(tmp_path: Path, lanes: int) -> None:
    """However long the clip, only a few batches of it are alive."""
    alive, most = set[int](), 0

    class Watched(MadeClip):
        def frames(self, drivers=()):  # type: ignore[no-untyped-def]
            nonlocal most
            import weakref

            for index, frame in enumerate(MadeClip.frames(self)):
                picture = frame.picture.copy()
                alive.add(index)
                weakref.finalize(picture, alive.discard, index)
                most = max(most, len(alive))
                yield frame._replace(picture=picture)
                del picture

    data_set = replace(MadeClips(), made=[Watched("long", 80)])
    chosen = plan([model()], ["l1"])
    evaluate(data_set, [model()], chosen, Store(tmp_path, chosen.setting), Notes(), lanes)
    assert 0 < most <= 40
