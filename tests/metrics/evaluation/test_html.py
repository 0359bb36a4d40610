"""The page in a real browser: it opens without errors, its videos play, and names stay names."""

import base64
import json
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from animate_cli.metrics.detectors import Detectors
from animate_cli.metrics.evaluation.html import path, to_html
from animate_cli.metrics.evaluation.job import Outcome
from animate_cli.metrics.evaluation.plan import Missing
from animate_cli.metrics.evaluation.report import MeasureFacts, build_report, show
from animate_cli.metrics.evaluation.run import evaluate
from animate_cli.metrics.evaluation.shows import show_clips
from animate_cli.metrics.evaluation.store import Store
from animate_cli.metrics.evaluation.tables import title, to_csv, to_markdown
from tests.metrics.evaluation.clips import MadeClip, MadeClips, Notes
from tests.metrics.evaluation.test_run import model, plan

EVIL = "<img src=x onerror=alert(1)>\"'&|`=1+1"


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    torch.set_num_threads(1)
    data_set = MadeClips([MadeClip(EVIL, 8), MadeClip("calm", 6, 1, (EVIL,)), MadeClip("third", 5, 2)])
    contenders = [model(EVIL), model("other", seed=3)]
    chosen = plan(contenders, ["l1", "psnr", "leak"], Detectors())
    rows = evaluate(data_set, contenders, chosen, Store(tmp_path_factory.mktemp("s"), ""), Notes())
    report = build_report(data_set, contenders, chosen, rows)
    return Outcome(replace(report, missing=[Missing("lpips", EVIL)]), rows, contenders, chosen)


@pytest.fixture(scope="module")
def page(outcome: Outcome) -> str:
    return to_html(outcome.report, show_clips(outcome, Notes()), reference=True)


def test_names_are_escaped_everywhere(outcome: Outcome, page: str) -> None:
    assert "<img" not in page
    assert "onerror=alert(1)>" not in page
    assert "&lt;img src=x" in page
    assert "<img" not in to_markdown(outcome.report).replace("\\<", "")
    assert f"\n{EVIL}" not in to_csv(outcome.report)


def test_changes_stand_with_their_intervals(outcome: Outcome, page: str) -> None:
    change = outcome.report.models[1].figures["l1"].change
    shown = f"{change.mean:+.1f} [{change.low:+.1f}, {change.high:+.1f}] %"
    assert change.low < change.high
    assert shown in page
    assert shown in to_markdown(outcome.report)


def test_the_best_is_bold(outcome: Outcome, page: str) -> None:
    figures = [model.figures["l1"] for model in outcome.report.models]
    (best,) = (figure for figure in figures if figure.best)
    assert f'<td class="best">{show(best.mean)}' in page
    assert f"**{show(best.mean)}**" in to_markdown(outcome.report)


def test_ceilings_stand_beside_what_they_bound(outcome: Outcome) -> None:
    measure = MeasureFacts("mouth", "mouth opening", "", "higher")
    figure = replace(outcome.report.models[0].figures["l1"], ceiling=0.9312)
    assert title(measure, figure) == "mouth opening (ceiling 0.93) ↑"
    assert (
        title(replace(measure, unit="px", floor=2.0), figure)
        == "mouth opening (px, floor 2.00, ceiling 0.93) ↑"
    )


def test_formulas_in_names_stay_text(outcome: Outcome) -> None:
    from animate_cli.metrics.evaluation.tables import harmless

    assert harmless("=1+1") == "'=1+1"
    assert harmless("plain") == "plain"


def test_the_page_needs_nothing_else(page: str) -> None:
    assert "http:" not in page
    assert "https:" not in page
    assert "<script" not in page
    assert "default-src 'none'" in page


def test_plots_break_where_frames_were_left_out() -> None:
    line = path(np.array([0.0, 1.0, np.nan, 1.0]), 0.0, 1.0)
    assert line.count("M") == 2
    assert path(np.full(3, np.nan), 0, 1) == ""
    assert path(np.array([2.0]), 2.0, 2.0).startswith("M")


class Browser:
    """Chromium behind chromedriver, by the WebDriver protocol."""

    def __init__(self, port: int, profile: Path, binary: str) -> None:
        self.base = f"http://127.0.0.1:{port}"
        arguments = [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--disable-dev-shm-usage", f"--user-data-dir={profile}",
        ]  # fmt: skip
        options = {"binary": binary, "args": arguments}
        wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        answer = self.ask("/session", {"capabilities": {"alwaysMatch": wanted}})
        self.session = f"/session/{answer['sessionId']}"

    def ask(self, place: str, body: dict[str, Any] | None = None, method: str = "POST") -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.base + place, data, {"Content-Type": "application/json"}, method=method
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)["value"]

    def run(self, script: str) -> Any:
        return self.ask(f"{self.session}/execute/sync", {"script": script, "args": []})


@contextmanager
def chromium(profile: Path) -> Iterator[Browser]:
    driver, binary = shutil.which("chromedriver"), shutil.which("chromium") or shutil.which("google-chrome")
    if driver is None or binary is None:
        pytest.skip("there is no chromium with chromedriver here")
    with subprocess.Popen(
        [driver, "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        try:
            port = (
                next(line for line in process.stdout if "successfully on port" in line)
                .rstrip(".\n")
                .rpartition(" ")[2]
            )
            browser = Browser(int(port), profile, binary)
            try:
                yield browser
            finally:
                browser.ask(browser.session, method="DELETE")
        finally:
            process.terminate()


STATE = """return [...document.querySelectorAll('video')].map(
    video => [video.currentTime, video.videoWidth, video.error && video.error.code])"""


def test_opens_without_errors_and_plays(page: str, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(page, encoding="utf-8")
    with chromium(tmp_path / "profile") as browser:
        browser.ask(f"{browser.session}/url", {"url": file.as_uri()})
        browser.run("document.querySelectorAll('video').forEach(v => v.play())")
        states = wait_for_play(browser)
        assert len(states) == 2
        assert all(time > 0 and width > 100 and error is None for time, width, error in states), states
        assert browser.run("return document.querySelectorAll('svg path').length") >= 8
        assert browser.run("return document.querySelectorAll('img, script').length") == 0
        log = browser.ask(f"{browser.session}/se/log", {"type": "browser"})
        assert [entry for entry in log if entry["level"] == "SEVERE"] == []
        picture = base64.b64decode(browser.ask(f"{browser.session}/screenshot", method="GET"))
        (tmp_path / "page.png").write_bytes(picture)


def wait_for_play(browser: Browser, seconds: float = 30) -> Any:
    """Wait until every video has moved on, or for so long."""
    end = time.monotonic() + seconds
    while True:
        states = browser.run(STATE)
        if all(state[0] > 0 for state in states) or time.monotonic() > end:
            return states
        time.sleep(0.1)
