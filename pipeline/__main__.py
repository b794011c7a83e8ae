"""`python -m pipeline` is `safeeditbench`."""

from .cli import main

main()
