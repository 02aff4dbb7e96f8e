"""python -m infimum = infimum: the command line, which an interruption ends with one line at any moment."""

import sys


def main() -> None:
    """Run the command line; 130 on an interruption, while it is still loading too."""
    try:
        from infimum.cli import main as commands

        commands()
    except KeyboardInterrupt:
        print("error: interrupted", file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    main()
