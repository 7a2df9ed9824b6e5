"""`python -m sincera` is the command `sincera`, for where scripts are not on the path."""

from __future__ import annotations

from sincera.cli.app import main

if __name__ == "__main__":
    main()
