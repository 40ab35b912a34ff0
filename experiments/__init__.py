"""Asking questions of the model: experiment files, their plan and ledger, the command line."""
