"""The program's first moment: Ctrl-C ends it without a traceback even while it is still loading."""

import os
import sys


def main() -> None:
    """Run the command line."""
    # Threads of its own cost numpy a third more of the processor, on matrices as small as ours.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        from monitor.cli.app import main as run  # noqa: PLC0415 (loading takes a second, and may be interrupted)
    except KeyboardInterrupt:
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
