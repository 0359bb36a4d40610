"""Weights: our file format, loading by name or file, and the import of published checkpoints."""

from animate_cli.catalogue import (
    DEFAULT_MODEL,
    Domain,
    ModelEntry,
    ModelListing,
    Style,
    cache_folder,
    find_weights,
    list_models,
)
from animate_cli.weights.info import Framing, WeightsInfo
from animate_cli.weights.inspection import FileReport, inspect_file
from animate_cli.weights.load import LoadedModel, load_model
from animate_cli.weights.published import DiscriminatorWeights, import_discriminator
from animate_cli.weights.sniff import FileKind
from animate_cli.weights.storage import Precision, build_model, save_weights

__all__ = [
    "DEFAULT_MODEL",
    "DiscriminatorWeights",
    "Domain",
    "FileKind",
    "FileReport",
    "Framing",
    "LoadedModel",
    "ModelEntry",
    "ModelListing",
    "Precision",
    "Style",
    "WeightsInfo",
    "build_model",
    "cache_folder",
    "find_weights",
    "import_discriminator",
    "inspect_file",
    "list_models",
    "load_model",
    "save_weights",
]
