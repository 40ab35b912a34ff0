"""`python -m clusterpact`: the command line."""

from clusterpact.cli.app import main

main()
