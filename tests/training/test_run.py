import math
from dataclasses import replace
from pathlib import Path

import pytest

from animate_cli.config import Config
from animate_cli.data.pairs import PairBatch, PairSource
from animate_cli.data.toon_stream import ToonStream
from animate_cli.data.video_pairs import VideoPairs
from animate_cli.errors import AnimateError, ConfigError, DataError, WeightsError
from animate_cli.training.run import open_data, recall, train
from animate_cli.training.run_folder import RunFolder
from animate_cli.training.trainer import TrainOptions
from animate_cli.weights import WeightsInfo, save_weights
from tests.tiny import tiny_model
from tests.training.runs import last_state, on_toons, on_videos, start, write_videos


def test_toons_take_their_length_from_the_config(tmp_path: Path) -> None:
    pairs, steps = open_data(on_toons(max_steps=12), TrainOptions(tmp_path))
    assert isinstance(pairs, ToonStream)
    assert steps == 12


def test_videos_last_their_epochs(tmp_path: Path) -> None:
    config = on_videos(max_steps=None, epochs=3, batch_size=4)
    config = replace(config, data=replace(config.data, repeats=5, id_sampling=True))
    data = write_videos(tmp_path / "data")
    pairs, steps = open_data(config, TrainOptions(tmp_path, data))
    assert isinstance(pairs, VideoPairs)
    assert steps == math.ceil(3 * 5 * 2 / 4)
    assert open_data(on_videos(max_steps=7), TrainOptions(tmp_path, data))[1] == 7


def test_what_cannot_be_trained_is_told(tmp_path: Path) -> None:
    tall = replace(on_toons(), model=replace(on_toons().model, size=(128, 64)))
    few = replace(on_toons(), data=replace(on_toons().data, keypoint_landmarks=("chin",)))
    blind = replace(on_toons(), data=replace(on_toons().data, keypoint_landmarks=()))
    for config, words in (
        (on_videos(), "name their folder with --data"),
        (on_toons(max_steps=None), "--max-steps"),
        (tall, "toons are square"),
        (few, "1 names, but model.num_keypoints is 4"),
        (blind, "keypoint_supervision to 0"),
    ):
        with pytest.raises(ConfigError, match=words):
            open_data(config, TrainOptions(tmp_path))


@pytest.mark.parametrize(
    ("config", "options", "kind"),
    [
        (None, {}, ConfigError),
        (on_videos(), {"data": Path("nowhere")}, DataError),
        (on_toons(), {"init_from": "nothing.safetensors"}, WeightsError),
        (replace(on_toons(), init_from="vox-256"), {}, WeightsError),
    ],
)
def test_a_run_that_cannot_begin_leaves_nothing(
    config: Config | None, options: dict[str, object], kind: type[AnimateError], tmp_path: Path
) -> None:
    with pytest.raises(kind):
        list(train(config, TrainOptions(tmp_path / "run", device="cpu", **options)))  # type: ignore[arg-type]
    assert not (tmp_path / "run").exists()


def test_a_run_is_not_trained_over(tmp_path: Path) -> None:
    data = write_videos(tmp_path / "data")
    list(start(on_videos(max_steps=1), tmp_path / "run", data=data))
    with pytest.raises(DataError, match="already holds a run"):
        list(start(on_videos(max_steps=1), tmp_path / "run", data=data))


def test_a_run_goes_on_with_its_seed_and_no_other(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    folder.create(on_toons(), {"seed": 3, "data": None})
    assert [recall(TrainOptions(tmp_path, seed=seed), folder).seed for seed in (0, 3)] == [3, 3]
    with pytest.raises(ConfigError, match="began with seed 3"):
        recall(TrainOptions(tmp_path, seed=4), folder)


def test_new_tensors_are_told_first(tmp_path: Path) -> None:
    path, model = tmp_path / "fomm.safetensors", tiny_model("fomm")
    save_weights(path, model, WeightsInfo(model.config))
    data = write_videos(tmp_path / "data")
    reports = list(start(on_videos(max_steps=1), tmp_path / "run", data=data, init_from=str(path)))
    assert [(report.step, bool(report.notes)) for report in reports[:2]] == [(0, True), (1, False)]
    assert "are not among these weights and begin anew: motion.attention (6)" in reports[0].notes[0]


class Noted:
    """Pairs that remember which batches were asked for."""

    def __init__(self, pairs: PairSource) -> None:
        self.pairs, self.asked = pairs, list[int]()

    def batch(self, number: int, size: tuple[int, int]) -> PairBatch:
        self.asked.append(number)
        return self.pairs.batch(number, size)


def test_a_run_takes_the_pairs_that_it_is_given(tmp_path: Path) -> None:
    config = on_toons(max_steps=2)
    pairs = Noted(ToonStream(config.data, config.optimizer.batch_size, 5))
    options = TrainOptions(tmp_path / "run", device="cpu", seed=5)
    given = list(train(config, options, pairs))
    assert {0, 1} <= set(pairs.asked)
    plain = list(train(config, replace(options, out=tmp_path / "plain")))
    assert given[-1].losses == plain[-1].losses


def test_a_broken_video_ends_the_run_with_its_name(tmp_path: Path) -> None:
    data = write_videos(tmp_path / "data", ["a"])
    (data / "b.mp4").touch()
    with pytest.raises(DataError, match=r"b\.mp4"):
        list(start(on_videos(max_steps=40, batch_size=8), tmp_path / "run", data=data))


def test_a_broken_test_video_costs_no_step(tmp_path: Path) -> None:
    write_videos(tmp_path / "data" / "train", ["a"])
    (tmp_path / "data" / "test").mkdir()
    (tmp_path / "data" / "test" / "b.mp4").touch()
    with pytest.raises(DataError, match=r"b\.mp4.*--check-data.*--resume"):
        list(start(on_videos(test_every=3), tmp_path / "run", data=tmp_path / "data"))
    assert last_state(tmp_path / "run")["step"] == 3
