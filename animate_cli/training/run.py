"""Start or resume a run: choose the data and the length, then train."""

import math
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from animate_cli.config import AugmentationConfig, Config
from animate_cli.data.ahead import Ahead
from animate_cli.data.pairs import PairSource
from animate_cli.data.splits import list_splits
from animate_cli.data.toon_stream import ToonStream
from animate_cli.data.video_pairs import VideoPairs
from animate_cli.errors import ConfigError, DataError
from animate_cli.training.distribution import follows, open_processes, plan_crew
from animate_cli.training.held_out import HeldOutPairs
from animate_cli.training.run_folder import RunFolder
from animate_cli.training.starting_weights import load_start
from animate_cli.training.trainer import ENDLESS, SAMPLE_NUMBER, StepReport, Trainer, TrainOptions

FIRST_TEST = SAMPLE_NUMBER + 1
"""The batch of toons that testing begins with: beyond those that are trained on or shown."""

TEST_SEED = 0
"""Decides the pairs of test clips, in every run alike."""


def train(
    config: Config | None, options: TrainOptions, pairs: PairSource | None = None
) -> Iterator[StepReport]:
    """Train a model, yielding reports, the first as soon as training begins.

    With ``options.resume`` the run's own config and seed are used. ``pairs`` are trained on instead of what the
    config says; the length stays the config's.

    Raises:
        ConfigError: there is no config, or it cannot be trained.
        DataError: the data is missing or too small, the run folder is taken or cannot be written, or a loss is
            not a number.
        WeightsError: the starting weights are missing or do not fit.
    """
    if options.resume:
        yield from _resume(options, pairs)
    elif config is None:
        raise ConfigError("name a preset or a YAML file to train, or a run with --resume")
    else:
        yield from _start(config, options, pairs)


def _start(config: Config, options: TrainOptions, given: PairSource | None) -> Iterator[StepReport]:
    crew = plan_crew(options.devices, options.nodes)
    if not follows(crew):
        RunFolder(options.out).require_free()
    with open_processes(options.device, crew) as (processes, device):
        options = replace(options, out=processes.first(options.out))
        pairs, total_steps = open_data(config, options)
        start = load_start(config, options.init_from)
        with closing(Ahead(given or pairs)) as ahead:
            test = open_test(config, options)
            trainer = Trainer(
                config, ahead, total_steps, options, test=test, processes=processes, device=device
            )
            note = None if start is None else trainer.adopt(start)
            if trainer.writes:
                trainer.folder.create(config, to_facts(options))
                trainer.save_checkpoint()
            yield StepReport(0, total_steps, {}, 0.0, (note,) if note else ())
            yield from trainer.run()


def _resume(options: TrainOptions, given: PairSource | None) -> Iterator[StepReport]:
    crew = plan_crew(options.devices, options.nodes)
    folder = RunFolder(options.out)
    config, options = folder.config(), recall(options, folder)
    with open_processes(options.device, crew) as (processes, device):
        pairs, total_steps = open_data(config, options)
        with closing(Ahead(given or pairs)) as ahead:
            test = open_test(config, options)
            trainer = Trainer(
                config, ahead, total_steps, options, test=test, processes=processes, device=device
            )
            trainer.restore()
            note = f"going on from step {trainer.step}"
            yield StepReport(trainer.step, total_steps, {}, 0.0, (note,))
            yield from trainer.run()


def to_facts(options: TrainOptions) -> dict[str, object]:
    """List what a resumed run must do alike and the config does not say."""
    return {"seed": options.seed, "data": None if options.data is None else str(options.data.resolve())}


def recall(options: TrainOptions, folder: RunFolder) -> TrainOptions:
    """Return options with the seed that a run began with, and its data unless it has moved.

    Raises:
        ConfigError: another seed is asked for.
        DataError: the run's facts are damaged.
    """
    facts = folder.facts()
    began = None if facts.data is None else Path(facts.data)
    seed = options.seed if facts.seed is None else facts.seed
    if options.seed not in {seed, TrainOptions.seed}:
        raise ConfigError(f"{folder.path} began with seed {seed} and goes on with it: leave out --seed")
    return replace(options, seed=seed, data=options.data or began)


def open_data(config: Config, options: TrainOptions) -> tuple[PairSource, int]:
    """Open the training data and tell the run's length in steps.

    Raises:
        ConfigError: an endless stream has no length, a folder of videos is not given, or the keypoints to
            supervise are not those of the model.
        DataError: the folder is missing or holds no videos.
    """
    optimizer, steps = config.optimizer, config.optimizer.max_steps
    _check_landmarks(config)
    if config.data.toons == "none":
        return _open_videos(config, options)
    if steps is None and options.max_time is None:
        raise ConfigError("toons never end: set the length with --max-steps or --max-time")
    if config.model.size[0] != config.model.size[1]:
        raise ConfigError(f"toons are square: model.size must be too, not {list(config.model.size)}")
    return ToonStream(config.data, optimizer.batch_size, options.seed), steps or ENDLESS


def open_test(config: Config, options: TrainOptions) -> HeldOutPairs | None:
    """Open pictures to test on: toons that nobody trains on, or the data's test split; None without one."""
    batch_size = config.optimizer.batch_size
    if config.data.toons != "none":
        return HeldOutPairs(ToonStream(config.data, batch_size, options.seed), batch_size, FIRST_TEST)
    videos = None if options.data is None else list_splits(options.data).get("test")
    if not videos:
        return None
    plain = replace(config.data, augmentation=AugmentationConfig(horizontal_flip=False, time_flip=False))
    return HeldOutPairs(VideoPairs(plain, videos, options.out / "cache", batch_size, TEST_SEED), batch_size)


def _open_videos(config: Config, options: TrainOptions) -> tuple[PairSource, int]:
    if options.data is None:
        raise ConfigError(f"{config.name} trains on videos: name their folder with --data")
    _keep_apart(options.data, options.out)
    optimizer, videos = config.optimizer, list_splits(options.data)["train"]
    pairs = VideoPairs(config.data, videos, options.out / "cache", optimizer.batch_size, options.seed)
    samples = optimizer.epochs * config.data.repeats * len(pairs.groups)
    return pairs, optimizer.max_steps or math.ceil(samples / optimizer.batch_size)


def _keep_apart(data: Path, out: Path) -> None:
    """Make sure that the run does not become a part of its data, where it would be read as a video."""
    videos = data / "train" if (data / "train").is_dir() else data
    if videos.resolve() in (out.resolve(), *out.resolve().parents):
        raise DataError(f"{out}: lies among the training videos of {videos}; choose another --out")


def _check_landmarks(config: Config) -> None:
    names, count = config.data.keypoint_landmarks, config.model.num_keypoints
    if len(names) != count and (names or config.loss.keypoint_supervision):
        raise ConfigError(
            f"data.keypoint_landmarks has {len(names)} names, but model.num_keypoints is {count}: name one for "
            "each, or none and set loss.keypoint_supervision to 0"
        )
