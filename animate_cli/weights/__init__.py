"""Weights: our file format, loading by name or file, and the import of published checkpoints."""

from animate_cli.catalogue import DEFAULT_MODEL, ModelEntry, ModelListing, cache_folder, list_models
from animate_cli.weights.info import Framing, WeightsInfo
from animate_cli.weights.load import LoadedModel, load_model
from animate_cli.weights.storage import Precision, build_model, save_weights

__all__ = [
    "DEFAULT_MODEL",
    "Framing",
    "LoadedModel",
    "ModelEntry",
    "ModelListing",
    "Precision",
    "WeightsInfo",
    "build_model",
    "cache_folder",
    "list_models",
    "load_model",
    "save_weights",
]
