"""The contract: one line that says where and what is expected, exit code 2, and nothing written."""

import hashlib
import sys

import pytest

from clusterpact.cli import app as cli


def tree_of(folder):
    """Every file below a folder with a hash of its content, and every folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
        for path in sorted(folder.rglob("*"))
    }


@pytest.fixture
def complain(work, monkeypatch, capsys):
    """Run a command that must fail as the contract says; returns the one line."""

    def run(*arguments):
        before = tree_of(work)
        monkeypatch.setattr(sys, "argv", ["clusterpact", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        printed = capsys.readouterr()
        assert stop.value.code == 2, printed.out + printed.err
        assert printed.out == ""
        assert printed.err.endswith("\n")
        assert len(printed.err.splitlines()) == 1, printed.err
        assert printed.err.startswith("clusterpact: ")
        assert "Traceback" not in printed.err
        assert tree_of(work) == before, "something was written"
        return printed.err.rstrip("\n")

    return run
