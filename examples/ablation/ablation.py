"""Measure the paper's claim, and what its text leaves open, on toons.

table2: five variants on one family; table1: fomm and paper on three; decisions: the paper's variant changed;
extras: what the bundled weights were trained with beyond the paper, each left out once.

``python examples/ablation/ablation.py table2`` trains and evaluates what is not done yet, and writes tables and
plots; run again, it goes on where it was interrupted. It needs matplotlib. ``--max-time 30m`` stops in time,
``--report`` only writes what is known so far.
"""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from figures import SHOWN, save_figures
from kept import KeptPairs
from reports import write_reports

from animate_cli.cli.options import parse_duration
from animate_cli.config import VARIANTS, Config
from animate_cli.data.toon_stream import ToonStream
from animate_cli.data.toons.families import FAMILIES
from animate_cli.machine import processor_name
from animate_cli.metrics.evaluation.job import EvaluateJob, run_job
from animate_cli.presets import load_config
from animate_cli.training.run import train
from animate_cli.training.trainer import TrainOptions

HERE = Path(__file__).parent
SHARED = "base.yaml"
"""The config of the tables that want nothing but pairs of pictures."""
BATCH = 12
"""Frames that a small model makes at once when it is evaluated."""


@dataclass(frozen=True)
class Variation:
    """What a run trains: a variant of a base config with changes. samples: pairs, unless others are asked for."""

    variant: str = "paper"
    changes: tuple[str, ...] = ()
    base: str = SHARED
    samples: int = 20_000


def extra(*changes: str) -> Variation:
    """Change the bundled model's recipe."""
    return Variation("paper", changes, "extras.yaml", 6_000)


UNSUPERVISED = (
    "loss.keypoint_supervision=0",
    "loss.motion_supervision=0",
    "loss.occlusion_supervision=0",
    "loss.deformed=0",
    "loss.equivariance_value=10",
    "loss.equivariance_jacobian=10",
)
VARIATIONS = {
    **{variant: Variation(variant) for variant in VARIANTS},
    "paper-gate-first": Variation("paper", ("model.generator.occlusion_before_residuals=true",)),
    "paper-large-head": Variation("paper", ("model.occlusion.kernel_size=7",)),
    "paper-nearest": Variation("paper", ("model.generator.upsampling=nearest",)),
    "all-extras": extra(),
    "no-cross-identity": extra("data.cross_identity=0"),
    "no-photometric": extra("data.photometric=0"),
    "no-truth": extra(*UNSUPERVISED),
    "no-skips": extra("model.generator.skips=false"),
    "no-blend": extra("model.generator.blend=false"),
    "no-hints": extra("model.generator.hints=false"),
    "no-detail": extra("loss.detail_weight=0"),
    "gate-first": extra("model.generator.occlusion_before_residuals=true"),
    "with-painted": extra("loss.painted=0.5"),
    "with-context": extra("model.generator.context=true"),
    "with-expressive": extra("data.expressive=0.4"),
    "with-crispness": extra("loss.crispness=20"),
}
"""What is compared, by name."""

TABLES = {
    "table1": [(family, name) for family in FAMILIES for name in ("fomm", "paper")],
    "table2": [("toon-body", name) for name in VARIANTS],
    "decisions": [("toon-body", name) for name in VARIATIONS if name.startswith("paper")],
    "extras": [("toon-face", name) for name, one in VARIATIONS.items() if one.base == "extras.yaml"],
}


@dataclass(frozen=True)
class Trial:
    """One training run: a variation on a family, with a seed."""

    family: str
    name: str
    seed: int

    def __str__(self) -> str:
        return f"{self.family} {self.name}, seed {self.seed}"

    def folder(self, out: Path) -> Path:
        """Where the run and its figures are."""
        return out / self.family / f"{self.name}-{self.seed}"

    def figures(self, results: Path) -> Path:
        """Where its figures are kept."""
        return results / self.family / f"{self.name}-{self.seed}.json"


class Deadline(Exception):  # noqa: N818 - it is no error
    """The time allowed is over; what was done is kept."""


def main() -> None:
    """Do what is left to do, then report."""
    options = parse()
    trials = [
        Trial(family, name, seed)
        for seed in options.seeds
        for family, name in TABLES[options.table]
        if not options.only or name in options.only
    ]
    deadline = time.monotonic() + (options.max_time or float("inf"))
    try:
        if not options.report:
            for seed in options.seeds:
                perform([trial for trial in trials if trial.seed == seed], options, deadline)
    except Deadline:
        print("the time is over; the same command goes on from here", file=sys.stderr)
    write_reports(options.table, TABLES[options.table], options.results)


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("table", choices=list(TABLES))
    parser.add_argument("--out", type=Path, default=Path("runs/ablation"), help="where runs are kept")
    parser.add_argument("--results", type=Path, default=HERE / "results", help="where tables are written")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--only", nargs="+", choices=list(VARIATIONS), help="some of the table's rows")
    parser.add_argument("--samples", type=int, help="training pairs a run; 20,000, of extras 6,000")
    parser.add_argument("--size", type=int, default=64, help="side of the pictures")
    parser.add_argument("--clips", type=int, help="only the first clips of the test split")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--max-time", type=parse_duration, help="90, 45m, 2h")
    parser.add_argument("--train-only", action="store_true", help="evaluate another time")
    parser.add_argument("--report", action="store_true", help="train and evaluate nothing")
    return parser.parse_args()


def perform(trials: Sequence[Trial], options: argparse.Namespace, deadline: float) -> None:
    """Train trials whose figures are not known, then evaluate those of a family together: its clips are drawn once.

    Raises:
        Deadline: the time is over.
    """
    trials = [trial for trial in trials if not trial.figures(options.results).exists()]
    for trial in trials:
        if not (trial.folder(options.out) / "done").exists():
            for step, total in learn(trial, options, deadline):
                print(f"{trial}: step {step} of {total}", flush=True)
    for family in FAMILIES:
        new = [trial for trial in trials if trial.family == family]
        if new and not options.train_only:
            examine(new, options)


def learn(trial: Trial, options: argparse.Namespace, deadline: float) -> Iterator[tuple[int, int]]:
    """Train, yielding (step, last step).

    Raises:
        Deadline: the time is over; the run is kept.
    """
    folder = trial.folder(options.out)
    begun = (folder / "config.yaml").exists()
    config = make_config(trial, options)
    allowed = deadline - time.monotonic()
    if allowed <= 0:
        raise Deadline
    run = TrainOptions(
        out=folder, resume=begun, device=options.device, seed=trial.seed, max_time=min(allowed, 1e9)
    )
    last = 0
    for report in train(None if begun else config, run, open_pairs(trial, config, options)):
        last = report.step
        yield last, report.total_steps
    if last < (config.optimizer.max_steps or 0):
        raise Deadline
    (folder / "done").touch()


def open_pairs(trial: Trial, config: Config, options: argparse.Namespace) -> KeptPairs | None:
    """Return the pairs that all trials of a family and seed share; None where a trial wants more than pictures."""
    if VARIATIONS[trial.name].base != SHARED:
        return None
    batch_size = config.optimizer.batch_size
    folder = options.out / "pairs" / f"{trial.family}-{trial.seed}-batches-of-{batch_size}"
    return KeptPairs(ToonStream(config.data, batch_size, trial.seed), folder)


def make_config(trial: Trial, options: argparse.Namespace) -> Config:
    """Return the config of a trial; all trials of a seed see the same pairs in the same order."""
    chosen = VARIATIONS[trial.name]
    config = load_config(str(HERE / chosen.base), variant=chosen.variant, overrides=list(chosen.changes))
    samples = options.samples or chosen.samples
    return replace(
        config,
        model=replace(config.model, size=(options.size, options.size)),
        data=replace(config.data, toons=trial.family),
        optimizer=replace(config.optimizer, max_steps=samples // config.optimizer.batch_size),
    )


def examine(trials: Sequence[Trial], options: argparse.Namespace) -> None:
    """Evaluate trained models on the frozen test split of their family and keep every video's figures."""
    family = trials[0].family
    print(f"evaluating {', '.join(map(str, trials))}", flush=True)
    job = EvaluateJob(
        dataset=family,
        weights=tuple(str(trial.folder(options.out) / "weights.safetensors") for trial in trials),
        metrics=tuple(SHOWN),
        protocol="paper",
        resume=options.out / family / "scores",
        limit=options.clips,
        drawn_at=options.size,
        batch_size=BATCH,
        device=options.device,
    )
    report = run_job(job, Silent()).report
    for index, trial in enumerate(trials):
        config = make_config(trial, options)
        samples = (config.optimizer.max_steps or 0) * config.optimizer.batch_size
        facts = {"size": options.size, "samples": samples, "machine": processor_name()}
        save_figures(trial.figures(options.results), report, index, config=facts)


class Silent:
    """A listener that says only what is wrong."""

    def note(self, text: str) -> None:
        """See Listener."""

    def warn(self, text: str) -> None:
        """See Listener."""
        print(text, file=sys.stderr)

    def begin(self, label: str, total: int | None) -> None:
        """See Listener."""

    def advance(self) -> None:
        """See Listener."""


if __name__ == "__main__":
    main()
