"""Train at half the pictures' size first: a twin of the model that shares its every weight."""

from dataclasses import replace

from animate_cli.config import ModelConfig
from animate_cli.model.motion_model import MotionModel


def half_size_twin(model: MotionModel) -> MotionModel:
    """Make a model for pictures half as large that shares every weight and statistic of a model.

    Raises:
        ConfigError: pictures of half the size do not fit the networks.
    """
    twin = MotionModel(half_size_config(model.config))
    twin.load_state_dict(model.state_dict(keep_vars=True), assign=True)
    return twin.to(next(model.parameters()).device)


def half_size_config(config: ModelConfig) -> ModelConfig:
    """Halve the pictures and their downscaling; the motion networks work at the resolution they had."""
    height, width = config.size
    return replace(
        config,
        size=(height // 2, width // 2),
        detector=replace(config.detector, scale=min(1.0, 2 * config.detector.scale)),
        motion=replace(config.motion, scale=min(1.0, 2 * config.motion.scale)),
    )
