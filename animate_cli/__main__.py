"""Run the command line as `python -m animate_cli`."""

from animate_cli.cli.app import main

if __name__ == "__main__":
    main()
