"""Train the networks that find toons' landmarks and tell toons apart, and measure their floor.

``python examples/train_toon_networks.py --out runs/networks`` goes on with an interrupted run.
"""

import argparse
from pathlib import Path

from animate_cli.training.toon_networks import NetworkOptions, NetworkTraining


def main() -> None:
    """Train, reporting as it goes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("runs/networks"))
    parser.add_argument("--steps", type=int, default=NetworkOptions.steps)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    training = NetworkTraining(NetworkOptions(options.out, options.steps))
    if training.restore():
        print(f"going on from step {training.step}")
    for report in training.run():
        print(", ".join(f"{name} {value:.4g}" for name, value in report.items()), flush=True)


if __name__ == "__main__":
    main()
