"""Whatever ends a command, nothing of it is left: no process, and nobody who waits for what it says waits for ever."""

import os
import platform
import pty
import signal
import subprocess
import sys
import time
from contextlib import suppress

import psutil
import pytest

from clusterpact.cli import app as cli
from clusterpact.files import write_atomically
from tests.commands import environment, hear_the_keyboard, printed, wait_until

SECONDS = 20.0  #: in which all processes of a command are gone once it has ended, on a busy machine
INTERRUPTED = "clusterpact: interrupted; the same command resumes where it stopped"


def processes_of(session):
    """Processes of a session that have not ended."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, ProcessLookupError):
            if os.getsid(process.pid) == session and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def command(folder, *options, runs=400):
    words = [sys.executable, "-m", "clusterpact", "run", "dunkirk", "--runs", runs, "--shard-runs", 20]
    return [*words, "--out", folder, *options]


def start(words, **streams):
    """A command that leads a session of its own."""
    return subprocess.Popen([str(word) for word in words], env=environment(), text=True, start_new_session=True,
                            preexec_fn=hear_the_keyboard, **streams)  # fmt: skip


def is_reached(moment, folder, process):
    """Whether a command that draws is at some moment of its life."""
    if moment == "figures":
        return (folder / "figures").exists()
    return len(processes_of(process.pid)) >= moment


@pytest.fixture
def ended():
    """Kills what a test has left."""
    sessions = []
    yield sessions.append
    for session in sessions:
        for process in processes_of(session):
            process.kill()


# One process; the first that helps; all that draw, before they have their libraries; at work on figures.
@pytest.mark.parametrize("moment", [1, 2, 4, "figures"])
@pytest.mark.parametrize("way", ["SIGKILL", "SIGHUP"])
def test_what_draws_ends_with_the_command(way, moment, tmp_path, ended):
    folder = tmp_path / "r"
    process = start(command(folder, runs=20), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    ended(process.pid)
    wait_until(lambda: (folder / "manifest.json").exists(), "a command that is at work")
    wait_until(lambda: is_reached(moment, folder, process) or process.poll() is not None, "that moment", pause=0.002)
    process.send_signal(getattr(signal, way))
    error = process.communicate(timeout=SECONDS)[1]  # it ends as soon as nobody holds stderr
    wait_until(lambda: not processes_of(process.pid), f"left: {processes_of(process.pid)}", SECONDS)
    if way == "SIGKILL":
        assert process.returncode == -signal.SIGKILL
    else:
        assert (process.returncode, error.splitlines()[-1]) == (cli.INTERRUPTED, INTERRUPTED)
    again = subprocess.run([str(word) for word in command(folder, "-q", runs=20)], env=environment(), check=False)
    assert again.returncode == 0
    assert len(list((folder / "figures").glob("*.png"))) == 5


def test_a_closed_terminal_stops_a_command_that_goes_on_later(tmp_path, ended):
    """Lines to a terminal that is gone are lost, and lose nothing else."""
    folder = tmp_path / "r"
    keyboard, terminal = pty.openpty()
    script = f"import fcntl, os, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv({sys.executable!r}, {{}})"
    words = [str(word) for word in command(folder, "--threads", 1)]
    process = start([sys.executable, "-c", script.format(words)], stdin=terminal, stdout=terminal, stderr=terminal)
    ended(process.pid)
    os.close(terminal)
    wait_until(lambda: len(list(folder.glob("ledger/*.json"))) > 1, "some shards")
    os.close(keyboard)
    assert process.wait(SECONDS) == cli.INTERRUPTED
    wait_until(lambda: not processes_of(process.pid), "nothing is left", SECONDS)
    assert len(list(folder.glob("ledger/*.json"))) < 80
    assert not list(folder.rglob("*.json.*"))


def test_a_command_that_ignores_a_closed_terminal_runs_on(tmp_path, ended):
    process = start(["nohup", *command(tmp_path / "r", "--no-figures", "-q", runs=20)], stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)  # fmt: skip
    ended(process.pid)
    wait_until((tmp_path / "r" / "manifest.json").exists, "a command that is at work")
    process.send_signal(signal.SIGHUP)
    time.sleep(0.1)
    assert process.communicate(timeout=240)[0].strip() == str(tmp_path / "r")
    assert process.returncode == 0


def test_a_file_that_a_killed_process_had_begun_is_removed_by_the_next_that_writes_it(tmp_path) -> None:
    """Of any name; what a living process has begun stays."""
    node = platform.node()
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    for name in ("summary.csv", "report.html", "odd [name].csv"):
        dead, living, other = (tmp_path / f".{name}.{node}.{pid}.1" for pid in (gone.pid, os.getpid(), "x-y"))
        far = tmp_path / f".{name}.elsewhere.{gone.pid}.1"
        for left in (dead, living, other, far):
            left.write_text("half")
        write_atomically(tmp_path / name, b"whole")
        assert (tmp_path / name).read_bytes() == b"whole"
        assert (dead.exists(), other.exists()) == (False, False)
        assert (living.exists(), far.exists()) == (True, True)


def test_a_script_that_starts_the_command_is_not_run_again_by_those_who_draw(tmp_path) -> None:
    script = tmp_path / "clusterpact"
    script.write_text("print('script', __name__, flush=True)\nfrom clusterpact.cli.app import main\n"
                      "if __name__ == '__main__':\n    main()\n")  # fmt: skip
    said = printed(script, "run", "dunkirk", "--runs", 3, "--out", tmp_path / "r")
    assert [line for line in said.splitlines() if line.startswith("script")] == ["script __main__"]
    assert len(list((tmp_path / "r" / "figures").glob("*.png"))) == 5
