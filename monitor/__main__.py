"""The program's first moment: Ctrl-C ends it without a traceback even while it is still loading."""

import sys


def main() -> None:
    """Run the command line."""
    try:
        from monitor.cli.app import main as run  # noqa: PLC0415 (loading takes a second, and may be interrupted)
    except KeyboardInterrupt:
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
