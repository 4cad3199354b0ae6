"""``python -m bench.dataset [--times N]``: fill the empty database of the settings."""

import argparse
import contextlib
import sys

from bench.dataset import Size, fill
from rental import create_app


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.dataset")
    parser.add_argument("--times", type=int, default=1, help="how many points' worth of rows")
    arguments = parser.parse_args()
    with contextlib.redirect_stdout(sys.stderr):
        app = create_app()
        fill(app, Size().times(arguments.times) if arguments.times > 1 else Size())


if __name__ == "__main__":
    main()
