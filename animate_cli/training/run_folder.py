"""What a training run leaves behind: config, metrics, sample grids, checkpoints, weights."""

import csv
import json
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import torch

from animate_cli.config import Config
from animate_cli.errors import DataError
from animate_cli.files import atomic_path, explain
from animate_cli.model.motion_model import MotionModel
from animate_cli.presets import load_config, save_config
from animate_cli.training.events import EventFile
from animate_cli.training.keypoint_health import HealthSummary
from animate_cli.weights import WeightsInfo, save_weights

KEPT_CHECKPOINTS = 2


@dataclass(frozen=True)
class RunFacts:
    """What a run began with and its config does not say; None where it is not known."""

    seed: int | None = None
    data: str | None = None


def read_facts(facts: Any) -> RunFacts:  # noqa: ANN401
    """Check what run.json holds.

    Raises:
        ValueError: it holds something else than a run's facts.
    """
    seed, data = (facts.get("seed"), facts.get("data")) if isinstance(facts, dict) else (0.5, None)
    if not (isinstance(seed, int | None) and isinstance(data, str | None)):
        raise ValueError("not a run's facts")
    return RunFacts(seed, data)


class RunFolder:
    """The folder of one run. Each method that writes raises `DataError` where that fails."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.checkpoints = path / "checkpoints"
        self.samples = path / "samples"
        self.weights = path / "weights.safetensors"
        self.metrics = path / "metrics.csv"
        self.health = path / "keypoints.csv"
        self.tests = path / "test.csv"
        self.best = self.checkpoints / "best"
        self.events: EventFile | None = None

    def create(self, config: Config, facts: Mapping[str, Any]) -> None:
        """Make the folder and write the config and the plain facts that reproduce the run.

        Raises:
            DataError: the folder already holds a run.
        """
        self.require_free()
        with explained(self.path):
            self.checkpoints.mkdir(parents=True, exist_ok=True)
            self.samples.mkdir(exist_ok=True)
            with atomic_path(self.path / "run.json") as temporary:
                temporary.write_text(json.dumps(dict(facts), indent=1) + "\n", encoding="utf-8")
            save_config(config, self.path / "config.yaml")

    def require_free(self) -> None:
        """Make sure that the folder holds no run, nor anything else that a run would write over.

        Raises:
            DataError: it does, or is a file.
        """
        if self.path.exists() and not self.path.is_dir():
            raise DataError(f"{self.path}: is a file; choose another --out")
        if (self.path / "config.yaml").exists():
            raise DataError(
                f"{self.path} already holds a run; continue it with --resume, or choose another --out"
            )
        facts = self.path / "run.json"
        tables = (self.metrics, self.tests, self.health)
        for path in (*tables, self.weights, self.checkpoints, self.samples, facts):
            if path.exists():
                raise DataError(f"{self.path} already holds {path.name}; choose another --out")

    def config(self) -> Config:
        """Read the run's config.

        Raises:
            DataError: the folder holds no run.
        """
        path = self.path / "config.yaml"
        if not path.exists():
            raise DataError(f"{self.path} holds no run to resume: config.yaml is missing")
        return load_config(str(path))

    def facts(self) -> RunFacts:
        """Read what `create` was given beside the config.

        Raises:
            DataError: the file is damaged.
        """
        path = self.path / "run.json"
        try:
            facts = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
            return read_facts(facts)
        except (OSError, ValueError, RecursionError):
            raise DataError(f"{path} is damaged; delete it and give --seed and --data again") from None

    def log(self, row: Mapping[str, float], more: Mapping[str, float] = MappingProxyType({})) -> None:
        """Append a row to metrics.csv, and with ``more`` to the events; a loss may begin to count in mid-run."""
        values = {name: value for name, value in {**row, **more}.items() if name != "step"}
        self._add_events(int(row["step"]), values)
        self._append(self.metrics, row)

    def log_health(self, step: int, summary: HealthSummary) -> None:
        """Append how the keypoints are at a step to keypoints.csv."""
        self._append(self.health, {"step": step, **asdict(summary)})

    def _append(self, table: Path, row: Mapping[str, float]) -> None:
        """Append a row to a table; what it is the first to have gets a column, empty in the rows before."""
        with explained(table):
            header, *rows = self._rows(table) or [[]]
            new = [key for key in row if key not in header]
            if new:
                header += new
                _write_rows(table, [header, *(old + [""] * len(new) for old in rows)])
            with table.open("a", newline="", encoding="utf-8") as file:
                values = {key: "" if math.isnan(value) else f"{value:.6g}" for key, value in row.items()}
                csv.DictWriter(file, header, restval="").writerow(values)

    def log_test(self, step: int, l1: float) -> None:
        """Append the L1 of the test pictures to test.csv and to the events."""
        self._add_events(step, {"test_l1": l1})
        self._append(self.tests, {"step": step, "l1": l1})

    def _add_events(self, step: int, values: Mapping[str, float]) -> None:
        """Append to TensorBoard's events, in a file of this process's own."""
        with explained(self.path):
            self.events = self.events or EventFile(self.path, step - 1)
            self.events.add(step, values)

    def forget_after(self, step: int) -> None:
        """Drop what a run that was interrupted left behind a step: rows of tables, files half written."""
        with explained(self.path):
            for unfinished in self.path.rglob(".*.partial"):
                unfinished.unlink()
            for table in (self.metrics, self.tests, self.health):
                rows = self._rows(table)
                kept = rows[:1] + [
                    row for row in rows[1:] if len(row) == len(rows[0]) and _step_of(row) <= step
                ]
                if kept != rows:
                    _write_rows(table, kept)

    @staticmethod
    def _rows(table: Path) -> list[list[str]]:
        if not table.exists():
            return []
        try:
            with table.open(newline="", encoding="utf-8") as file:
                return list(csv.reader(file))
        except (ValueError, csv.Error):
            raise DataError(f"{table} is damaged; move it away and resume") from None

    def save_checkpoint(self, step: int, state: Mapping[str, Any]) -> None:
        """Write checkpoints/step-N and drop all but the last two."""
        target = self.checkpoints / f"step-{step}"
        with explained(target):
            with atomic_path(target) as temporary, temporary.open("wb") as file:
                torch.save(dict(state), file)
            for old in self.saved_checkpoints()[:-KEPT_CHECKPOINTS]:
                old.unlink()

    def save_weights(
        self, model: MotionModel, config: Config, facts: Mapping[str, Any], path: Path | None = None
    ) -> None:
        """Write weights.safetensors, or another path; any command takes it as ``--weights``.

        Raises:
            WeightsError: it cannot be written.
        """
        info = WeightsInfo(
            model.config,
            domain=config.domain,
            style=config.style,
            framing=config.framing,
            keypoint_names=config.data.keypoint_landmarks or None,
            licence=config.licence,
            training=facts,
        )
        save_weights(path or self.weights, model, info)

    def load_checkpoint(self) -> dict[str, Any]:
        """Read the newest checkpoint, tensors and plain values only.

        Raises:
            DataError: there is none, or it is damaged.
        """
        saved = self.saved_checkpoints()
        if not saved:
            raise DataError(f"{self.checkpoints} holds no checkpoint to resume from; start a new run instead")
        try:
            state: dict[str, Any] = torch.load(saved[-1], weights_only=True, map_location="cpu")
        except Exception:  # what a damaged file raises is anyone's guess
            before = f" to resume from {saved[-2].name}" if len(saved) > 1 else " and start a new run"
            raise DataError(f"{saved[-1]} is damaged; delete it{before}") from None
        if not isinstance(state, dict):
            raise DataError(f"{saved[-1]} is no checkpoint of a run; delete it")
        return state

    def saved_checkpoints(self) -> list[Path]:
        """List the checkpoints, oldest first."""
        steps = {path: path.name.removeprefix("step-") for path in self.checkpoints.glob("step-*")}
        return sorted((path for path in steps if steps[path].isdecimal()), key=lambda path: int(steps[path]))


def _write_rows(table: Path, rows: list[list[str]]) -> None:
    with atomic_path(table) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)


def _step_of(row: list[str]) -> float:
    try:
        return float(row[0])
    except ValueError:
        return math.inf


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn a failure to write, such as a full disk, into one line.

    Raises:
        DataError: writing failed inside the block.
    """
    try:
        yield
    except (OSError, RuntimeError) as error:
        reason = explain(error) if isinstance(error, OSError) else "is the disk full?"
        raise DataError(
            f"{path}: cannot be written ({reason}); what was saved before stays: make room and resume"
        ) from error
