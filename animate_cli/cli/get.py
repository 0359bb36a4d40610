"""`animate weights get`: download a published model; and the offer to do so where one is needed."""

from typing import TYPE_CHECKING, Annotated

import typer

from animate_cli.catalogue import (
    MODELS,
    ModelEntry,
    NotHereError,
    cache_folder,
    find_entry,
    find_weights,
    list_sources,
)
from animate_cli.cli.console import BYTES, Console, Reporter
from animate_cli.cli.options import Quiet, Verbose, examples
from animate_cli.download import show_url
from animate_cli.errors import WeightsError
from animate_cli.files import show_bytes

if TYPE_CHECKING:
    from animate_cli.weights import GetOptions

EXAMPLES = examples(
    "animate weights get vox",
    "animate weights get vox --half              # half the size",
    "animate weights get mgif --trust            # asks nothing",
    "animate weights get vox --source https://mirror.example/vox-cpk.pth.tar",
)
TRUST = "Trust it, and require the same file from now on?"
USE_ANYWAY = "Use it all the same, now and later?"


def complete_downloads(incomplete: str) -> list[str]:
    """Offer the names of the models that can be downloaded."""
    return [entry.name for entry in MODELS if not entry.bundled and entry.name.startswith(incomplete)]


def get(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            show_default=False,
            help="A model of `animate weights list`.",
            autocompletion=complete_downloads,
        ),
    ],
    half: Annotated[bool, typer.Option("--half", help="Store in float16: half the size.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the published file beside ours.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Get it again and replace what is here.")] = False,
    trust: Annotated[
        bool, typer.Option("--trust", help="Accept a file whose SHA-256 is not the known one.")
    ] = False,
    source: Annotated[
        list[str] | None,
        typer.Option("--source", metavar="URL", help="Try this address of the file first; repeatable."),
    ] = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Download the published model NAME and turn it into our format.

    It goes into the cache folder, which ANIMATE_WEIGHTS_DIR moves. An interrupted download goes on where it
    ended. A published file that lies in that folder already is used. The file's SHA-256 must be the known one;
    where none is known, you are asked once, and later the same file is required. ANIMATE_WEIGHTS_MIRROR, the
    address of a folder with the published files, is tried before their own address.
    """
    console = Console(quiet=quiet, verbose=verbose)
    entry = find_entry(name)
    if entry.bundled:
        console.note(f"{name} comes with the package: {find_weights(name)}")
        return
    from animate_cli.weights import GetOptions

    options = GetOptions(half=half, keep=keep, force=force, sources=tuple(source or ()))
    _get(entry, options, console, trust=trust)


def offer_download(weights: str, console: Console) -> None:
    """Offer to download weights that are not here; what else is wrong is said by those who load them.

    Raises:
        WeightsError: the download failed.
    """
    entry = _missing(weights)
    if entry is not None and console.can_ask and console.ask(_question(entry)):
        from animate_cli.weights import GetOptions

        _get(entry, GetOptions(), console)


def _missing(weights: str) -> ModelEntry | None:
    try:
        find_weights(weights)
    except NotHereError as error:
        return error.entry
    except WeightsError:
        pass
    return None


def _question(entry: ModelEntry) -> str:
    size = f"{show_bytes(entry.size)} " if entry.size else ""
    return f"{entry.name} is not here: download {size}from {show_url(list_sources(entry)[0])}?"


def _get(entry: ModelEntry, options: "GetOptions", console: Console, *, trust: bool = False) -> None:
    from animate_cli.weights import Approve, Doubt, get_model

    console.detail(f"into {cache_folder()}, from {', '.join(options.sources + list_sources(entry))}")
    with console.progress(f"Getting {entry.name}", unit=BYTES) as bar:

        def approve(doubt: Doubt) -> bool:
            with bar.hidden():
                (console.warn if doubt.is_contradicted else console.note)(str(doubt))
                return trust or console.ask(USE_ANYWAY if doubt.is_contradicted else TRUST)

        answer: Approve | None = approve if trust or console.can_ask else None
        path = get_model(entry, options, Reporter(console, bar), answer)
    if path is None:
        console.note(f"{entry.name} is here: {find_weights(entry.name)}; --force gets it again")
    else:
        console.note(f"wrote {path} ({show_bytes(path.stat().st_size)}, domain {entry.domain})")
