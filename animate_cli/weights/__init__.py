"""Weights: our file format, loading by name or file, and getting and importing published checkpoints."""

from animate_cli.catalogue import (
    DEFAULT_MODEL,
    Domain,
    ModelEntry,
    ModelListing,
    NotHereError,
    Style,
    cache_folder,
    find_weights,
    list_models,
)
from animate_cli.config import Framing
from animate_cli.weights.get import GetOptions, get_model
from animate_cli.weights.info import WeightsInfo
from animate_cli.weights.inspection import FileReport, inspect_file
from animate_cli.weights.load import LoadedModel, load_model
from animate_cli.weights.published import DiscriminatorWeights, import_discriminator
from animate_cli.weights.sniff import FileKind
from animate_cli.weights.storage import Precision, build_model, save_weights
from animate_cli.weights.trust import Approve, Doubt

__all__ = [
    "DEFAULT_MODEL",
    "Approve",
    "DiscriminatorWeights",
    "Domain",
    "Doubt",
    "FileKind",
    "FileReport",
    "Framing",
    "GetOptions",
    "LoadedModel",
    "ModelEntry",
    "ModelListing",
    "NotHereError",
    "Precision",
    "Style",
    "WeightsInfo",
    "build_model",
    "cache_folder",
    "find_weights",
    "get_model",
    "import_discriminator",
    "inspect_file",
    "list_models",
    "load_model",
    "save_weights",
]
