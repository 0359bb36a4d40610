"""Loading stays quick: what would be imported only to build an empty network is left alone."""

import subprocess
import sys


def test_loading_the_bundled_model_imports_no_symbolic_algebra() -> None:
    code = (
        "import sys; from animate_cli.weights import load_model; load_model('toon-face'); "
        "sys.exit('sympy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
