"""Train the networks that find toons' landmarks and tell toons apart.

``python examples/train_toon_networks.py toon-face --out runs/networks`` goes on with an interrupted run;
``--threads 1`` leaves the other cores alone. At its end, or with ``--steps 0`` at any time, the networks are
measured on true frames of the frozen test split, and what is found is written into their files.
"""

import argparse
import time
from pathlib import Path

import torch

from animate_cli.data.toons.families import FAMILIES
from animate_cli.training.toon_network_figures import state_figures
from animate_cli.training.toon_networks import NetworkOptions, NetworkTraining


def main() -> None:
    """Train, reporting as it goes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("family", choices=FAMILIES)
    parser.add_argument("--out", type=Path, default=Path("runs/networks"))
    parser.add_argument("--steps", type=int, default=NetworkOptions.steps)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    given.out.mkdir(parents=True, exist_ok=True)
    training = NetworkTraining(NetworkOptions(given.out, given.family, given.steps))
    if training.restore():
        print(f"going on from step {training.step}")
    start = time.monotonic()
    for report in training.run():
        told = ", ".join(f"{name} {value:.4g}" for name, value in report.items())
        print(f"{told}, {time.monotonic() - start:.0f} s", flush=True)
    training.save()
    print(*state_figures(given.family, given.out), sep="\n")


if __name__ == "__main__":
    main()
