"""The command line as tests call it, the bytes that it leaves, and runs that are made to raise."""

import sys

import numpy as np
import pytest
from clusterpact.experiments.running import shards
from clusterpact.experiments.running.progress import Silent
from clusterpact.results.store import RECORDING, RECORDINGS, table_path

from clusterpact.cli import app as cli


def call(*arguments):
    """Run the command line; returns its exit code."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["clusterpact", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            cli.main()
    return stop.value.code


class Heard(Silent):
    """Progress that keeps what it is told."""

    def __init__(self):
        self.notes = []

    def note(self, text):
        self.notes.append(text)


def table_bytes(folder):
    """The bytes of all tables of a result at the usual level of recording."""
    return {table: table_path(folder, table).read_bytes() for table in RECORDINGS[RECORDING]}


def poison(monkeypatch, bad):
    """Let some runs raise inside the kernel."""
    healthy = shards.parameters_of

    def spoil(experiment, first_run, runs):
        table = healthy(experiment, first_run, runs)
        for run in bad:
            if first_run <= run < first_run + runs:
                table.capability_start[run - first_run] = np.nan
        return table

    monkeypatch.setattr(shards, "parameters_of", spoil)
