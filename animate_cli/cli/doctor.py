"""`animate doctor`: what keeps `animate` from working here."""

import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from animate_cli.cli.console import Console, print_result, write_json
from animate_cli.cli.options import JsonTarget, Quiet, examples

if TYPE_CHECKING:
    from animate_cli.doctor import Finding

EXAMPLES = examples("animate doctor", "animate doctor --json report.json", "animate doctor --quiet")

COLORS = {"ok": typer.colors.GREEN, "note": typer.colors.YELLOW, "problem": typer.colors.RED}
WIDTH = max(map(len, COLORS)) + 2


def doctor(json: JsonTarget = None, quiet: Quiet = False) -> None:
    """Look for what keeps `animate` from working here, and say what to do.

    Looks at Python and its libraries, torch and its devices, ffmpeg and its encoders, weights, detectors and
    folders, and animates a few frames. A note tells of something that the main job does not need; a problem
    keeps it from being done, and makes the exit code 1. --quiet shows problems only.
    """
    from animate_cli.doctor import examine, works

    findings = []
    silent = quiet or json != "-"  # where findings are printed as they come, they are the progress
    with Console(quiet=silent).progress("Looking", "findings") as bar:
        for finding in examine():
            findings.append(finding)
            bar.advance()
            if json != "-" and (not quiet or finding.status == "problem"):
                print_result(_show(finding))
    if json is not None:
        write_json({"schema": 1, "works": works(findings), "findings": list(map(asdict, findings))}, json)
    if json != "-" and not quiet:
        print_result(_sum_up(findings))
    if not works(findings):
        raise typer.Exit(1)


def _show(finding: "Finding") -> str:
    """Lay a finding out: its status, its subject, what was found, and below it what to do."""
    status = f"{finding.status:<{WIDTH}}"
    lines = [f"{_color(status, finding.status)}{finding.subject}: {finding.text}"]
    if finding.advice:
        lines.append(f"{' ' * WIDTH}-> {finding.advice}")
    return "\n".join(lines)


def _color(text: str, status: str) -> str:
    colored = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    return typer.style(text, fg=COLORS[status]) if colored else text


def _sum_up(findings: "Sequence[Finding]") -> str:
    problems = sum(finding.status == "problem" for finding in findings)
    if not problems:
        return "\nanimate works here"
    return f"\nanimate does not work here: {problems} problem{'s' if problems > 1 else ''}"
