"""`animate weights`: what models there are, what a file is, and turning published files into ours."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from animate_cli.catalogue import Domain, ModelListing, cache_folder, list_models
from animate_cli.cli import get
from animate_cli.cli.console import Console, print_result, write_json
from animate_cli.cli.options import HELP_SETTINGS, JsonTarget, PlainUsage, Quiet, Verbose, examples
from animate_cli.errors import AnimateError
from animate_cli.files import is_special, same_place, show_bytes

if TYPE_CHECKING:
    from animate_cli.weights import FileReport, WeightsInfo

EXAMPLES = examples(
    "animate weights list",
    "animate weights get vox",
    "animate weights inspect vox-cpk.pth.tar",
    "animate weights import vox-cpk.pth.tar --domain face -o vox.safetensors",
)

app = typer.Typer(
    help="List and download models, tell what a weights file is, import published checkpoints.",
    rich_markup_mode=None,
    no_args_is_help=True,
    context_settings=HELP_SETTINGS,
    epilog=EXAMPLES,
)

File = Annotated[Path, typer.Argument(metavar="FILE", show_default=False, help="A weights file.")]


@app.command(
    "list",
    cls=PlainUsage,
    epilog=examples(
        "animate weights list", "animate weights list --json -", "animate -w vox s.png d.mp4 -o o.mp4"
    ),
)
def list_(json: JsonTarget = None) -> None:
    """List the models that have a name, and whether each is here.

    The names are what --weights takes. A model that is not here yet is downloaded by `animate weights get` into
    the cache folder, which ANIMATE_WEIGHTS_DIR moves.
    """
    models = list_models()
    if json is not None:
        report = {"schema": 1, "cache": str(cache_folder()), "models": [_facts_of(model) for model in models]}
        write_json(report, json)
    if json != "-":
        print_result("\n\n".join(_paragraph(model) for model in models))


def _facts_of(model: ModelListing) -> dict[str, Any]:
    entry, path = model.entry, model.path
    return {
        "name": entry.name,
        "domain": entry.domain,
        "style": entry.style,
        "trained_on": entry.trained_on,
        "licence": entry.licence,
        "bundled": entry.bundled,
        "bytes": path.stat().st_size if path else entry.size,
        "sha256": entry.sha256,
        "sources": list(entry.sources),
        "path": str(path) if path else None,
    }


def _paragraph(model: ModelListing) -> str:
    facts = _facts_of(model)
    size = f"{show_bytes(facts['bytes'])}, " if facts["bytes"] else ""
    here = f"here: {model.path}" if model.path else f"not here: animate weights get {model.entry.name}"
    return (
        f"{model.entry.name}  ({model.entry.style}, {model.entry.domain})\n"
        f"  trained on {model.entry.trained_on}\n"
        f"  licence: {model.entry.licence}\n"
        f"  {size}{here}"
    )


app.command("get", cls=PlainUsage, epilog=get.EXAMPLES)(get.get)


@app.command(
    cls=PlainUsage,
    epilog=examples(
        "animate weights inspect vox-cpk.pth.tar", "animate weights inspect mine.safetensors --json -"
    ),
)
def inspect(file: File, json: JsonTarget = None) -> None:
    """Tell what FILE is, its sizes and its config; nothing in it is run.

    Knows our weights, published checkpoints of the first order motion model, Git LFS pointers, web pages
    saved by mistake, and files that were cut short.
    """
    from animate_cli.weights import inspect_file

    if json is not None and same_place(file, Path(json)):
        raise AnimateError(f"{json} is the input itself; choose another name for the report")
    report = inspect_file(file)
    if json is not None:
        write_json({"schema": 1, **_report(report)}, json)
    if json != "-":
        print_result("\n".join(_lines(_report(report))))


def _report(report: "FileReport") -> dict[str, Any]:
    """Return what is known as plain values; what is not known is left out."""
    known = {
        "file": str(report.path),
        "kind": report.kind,
        "description": report.description,
        "usable": report.usable,
        "advice": report.advice or None,
        "bytes": report.bytes,
        "parameters": report.parameters,
        "facts": dict(report.facts) or None,
        "info": _info(report.info) if report.info else None,
        "config": asdict(report.config) if report.config else None,
    }
    return {key: value for key, value in known.items() if value is not None}


def _info(info: "WeightsInfo") -> dict[str, Any]:
    facts = asdict(info)
    del facts["config"]
    return {key: value for key, value in facts.items() if value not in (None, {})}


def _lines(values: Mapping[str, Any], indent: str = "") -> list[str]:
    """Lay nested values out as one ``key: value`` a line."""
    lines = []
    for key, value in values.items():
        name = key.replace("_", " ") if not indent else key
        if isinstance(value, Mapping):
            lines += [f"{indent}{name}:", *_lines(value, indent + "  ")]
        else:
            lines.append(f"{indent}{name}: {_plain(key, value)}")
    return lines


def _plain(key: str, value: object) -> str:
    if key == "bytes" and isinstance(value, int):
        return f"{value:,} ({show_bytes(value)})"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


@app.command(
    "import",
    cls=PlainUsage,
    options_metavar="[OPTIONS] -o OUT",
    epilog=examples(
        "animate weights import vox-cpk.pth.tar -o vox.safetensors",
        "animate weights import a.pth.tar --config a.yaml -o a.safetensors",
        "animate weights import vox.safetensors --half -o small.safetensors",
    ),
)
def import_(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", show_default=False, help="A published checkpoint, or weights of ours."
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out", "-o", metavar="OUT", show_default=False, help="Our file, ending in .safetensors."
        ),
    ],
    config: Annotated[
        Path | None,
        typer.Option("--config", metavar="YAML", help="What tensors cannot tell, such as the temperature."),
    ] = None,
    domain: Annotated[
        Domain | None,
        typer.Option("--domain", help="What the model was trained on; default: as far as known."),
    ] = None,
    half: Annotated[bool, typer.Option("--half", help="Store in float16: half the size.")] = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Turn FILE, a published checkpoint, into our format.

    The networks' sizes are read from the tensors. Nothing in the file is run.
    """
    _check_target(file, out)
    from animate_cli.weights import load_model, save_weights

    console = Console(quiet=quiet, verbose=verbose)
    with console.progress("Importing"):
        loaded = load_model(file, config=config, domain=domain)
        save_weights(out, loaded.model, loaded.info, precision="float16" if half else "float32")
    console.detail(f"{loaded.info.config.num_keypoints} keypoints, size {loaded.info.config.size}")
    console.note(f"wrote {out} ({show_bytes(out.stat().st_size)}, domain {loaded.info.domain})")


def _check_target(file: Path, out: Path) -> None:
    if not file.exists():
        raise AnimateError(f"{file}: no such file")
    if out.suffix != ".safetensors":
        raise AnimateError(f"{out}: weights must end in .safetensors")
    if not out.parent.is_dir():
        raise AnimateError(f"{out}: the folder {out.parent} does not exist")
    if is_special(out) or out.is_dir():
        raise AnimateError(f"{out}: is not a regular file; choose another name")
    if same_place(out, file):
        raise AnimateError(f"{out} is the input itself; choose another name")
