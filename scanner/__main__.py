"""`python -m scanner`, the same as the `govscan` command."""

from scanner.cli import run

if __name__ == "__main__":
    run()
