"""`python -m gateway.cli` is `maskgate`."""

from gateway.cli.main import main

main()
