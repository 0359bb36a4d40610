"""Start or resume a run: choose the data and the length, then train."""

import math
from collections.abc import Iterator
from pathlib import Path

from animate_cli.config import Config
from animate_cli.data.ahead import Ahead
from animate_cli.data.pairs import PairSource
from animate_cli.data.toon_stream import ToonStream
from animate_cli.data.video_pairs import VideoPairs
from animate_cli.data.videos import list_videos
from animate_cli.errors import ConfigError
from animate_cli.training.run_folder import RunFolder
from animate_cli.training.trainer import StepReport, Trainer, TrainOptions


def train(config: Config | None, options: TrainOptions) -> Iterator[StepReport]:
    """Train a model, yielding reports; with ``options.resume`` the run's own config is used.

    Raises:
        ConfigError: there is no config, or it cannot be trained.
        DataError: the data is missing or too small, the run folder is taken, or a loss is not a number.
        WeightsError: the starting weights are missing or do not fit.
    """
    folder = RunFolder(options.out)
    if options.resume:
        config = folder.config()
    if config is None:
        raise ConfigError("name a preset or a YAML file to train, or a run with --resume")
    pairs, total_steps = open_data(config, options)
    ahead = Ahead(pairs)
    trainer = Trainer(config, ahead, total_steps, options)
    if not options.resume:
        folder.create(config)
    try:
        yield from trainer.run()
    finally:
        ahead.close()


def open_data(config: Config, options: TrainOptions) -> tuple[PairSource, int]:
    """Open the training data and tell the run's length in steps.

    Raises:
        ConfigError: an endless stream has no length, or a folder of videos is not given.
        DataError: the folder is missing or holds no videos.
    """
    optimizer, steps = config.optimizer, config.optimizer.max_steps
    if config.data.toons != "none":
        if steps is None:
            raise ConfigError("toons never end: set the length with --max-steps")
        return ToonStream(config.data, optimizer.batch_size, options.seed), steps
    if options.data is None:
        raise ConfigError(f"{config.name} trains on videos: name their folder with --data")
    return _open_videos(config, options.data, options)


def _open_videos(config: Config, folder: Path, options: TrainOptions) -> tuple[PairSource, int]:
    optimizer = config.optimizer
    cache = options.out / "cache"
    pairs = VideoPairs(config.data, list_videos(folder), cache, optimizer.batch_size, options.seed)
    samples = optimizer.epochs * config.data.repeats * len(pairs.groups)
    return pairs, optimizer.max_steps or math.ceil(samples / optimizer.batch_size)
