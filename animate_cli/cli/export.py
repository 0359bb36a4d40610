"""`animate export`: the networks as ONNX graphs."""

from pathlib import Path
from typing import Annotated

import typer

from animate_cli.catalogue import DEFAULT_MODEL
from animate_cli.cli.console import Console
from animate_cli.cli.get import offer_download
from animate_cli.cli.options import Quiet, Verbose, Weights, examples

EXAMPLES = examples(
    "animate export -o onnx",
    "animate export -w vox -o vox-onnx",
    "animate export -w runs/first/weights.safetensors -o onnx --overwrite",
)


def export(
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            "-o",
            metavar="DIR",
            show_default=False,
            help="The folder that the graphs are written to.",
        ),
    ],
    weights: Weights = DEFAULT_MODEL,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Write into a folder that is not empty.")
    ] = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Write a model's networks as ONNX.

    keypoints.onnx finds the keypoints of a picture, source.onnx encodes a source once, frame.onnx moves it to
    keypoints; model.json says what goes in and out. Needs the package onnx.
    """
    console = Console(quiet=quiet, verbose=verbose)
    offer_download(weights, console)
    with console.progress("Exporting") as bar:
        from animate_cli.export.onnx import export_model
        from animate_cli.weights import load_model

        bar.begin("Exporting", 3)
        loaded = load_model(weights)
        files = export_model(loaded.model, loaded.info, out, overwrite=overwrite, advance=bar.advance)
    for file in files:
        console.note(f"wrote {file}")
