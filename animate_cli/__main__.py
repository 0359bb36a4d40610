"""The console script, and `python -m animate_cli`."""

import sys
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line and leave with its exit code; signals end it quietly, also while it still loads."""
    from animate_cli.cli.signals import Signals
    from animate_cli.machine import ask_for_large_pages

    signals = Signals()
    signals.install()
    ask_for_large_pages()
    try:
        from animate_cli.cli.app import run
        from animate_cli.cli.streams import speak_anything

        speak_anything()
        code = run(was_stopped=signals.was_stopped)
    except BaseException:
        if signals.exit_code is None:
            raise
        code = signals.exit_code
    signals.report()
    sys.exit(signals.exit_code or code)


if __name__ == "__main__":
    main()
