"""What the machine tells of itself."""

import subprocess
import sys
import time

CODE = """
import time
time.sleep(0.2)
from animate_cli.machine import seconds_since_start
print(seconds_since_start())
"""


def test_a_process_knows_how_long_ago_it_began() -> None:
    start = time.perf_counter()
    told = float(subprocess.run([sys.executable, "-c", CODE], capture_output=True, check=True).stdout)
    elapsed = time.perf_counter() - start
    if sys.platform == "linux":
        assert 0.18 < told < elapsed + 0.05
