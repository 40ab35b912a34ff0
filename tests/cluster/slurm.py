"""A real Slurm on this one machine, for tests: a controller and a few nodes under a folder of their own.

    python tests/cluster/slurm.py up FOLDER      then: export SLURM_CONF=FOLDER/slurm.conf
    python tests/cluster/slurm.py down FOLDER

Needs root and Debian's packages slurmctld, slurmd, slurm-client and munge. Each node is a slurmd with a name and a port of
its own. Nothing outside the folder is written: keys, sockets, state and logs all lie there. No accounting, no cgroups.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAMS = ("slurmctld", "slurmd", "sbatch", "munged")
SECONDS = 60.0  #: that daemons and nodes may take to come up

CONF = """\
ClusterName=tests
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port}
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmctldPidFile={folder}/slurmctld.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdSpoolDir={folder}/spool-%n
SlurmdPidFile={folder}/%n.pid
SlurmdLogFile={folder}/%n.log
SlurmdParameters=config_overrides
# Processes of a job are found by their parents, not by control groups: a container has none to give.
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,bf_interval=1,sched_interval=1,sched_min_interval=20000
# A lost node is noticed soon, and may come back by itself.
SlurmdTimeout=10
ReturnToService=2
KillWait=5
{nodes}
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE DefMemPerCPU=500 State=UP
"""


def why_not() -> str | None:
    """Why Slurm cannot be started here; None if it can."""
    missing = [name for name in PROGRAMS if shutil.which(name, path=_path()) is None]
    if missing:
        return f"{', '.join(missing)} not found; expected: apt-get install slurmctld slurmd slurm-client munge"
    return None if os.geteuid() == 0 else "Slurm's daemons need root here"


def up(folder: Path, nodes: int = 2, cpus: int = 2) -> dict[str, str]:
    """Start Slurm with so many nodes under a folder; returns the environment in which its commands find it."""
    if (reason := why_not()) is not None:
        raise RuntimeError(reason)
    down(folder)
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "state").mkdir(parents=True)
    folder = folder.resolve()
    environment = {"SLURM_CONF": str(folder / "slurm.conf"), "PATH": _path()}
    _start_munge(folder)
    (folder / "slurm.conf").write_text(_configuration(folder, nodes, cpus))
    (folder / "cgroup.conf").write_text("CgroupAutomount=no\n")
    _daemon(["slurmctld"], environment, folder / "slurmctld.pid")
    for number in range(1, nodes + 1):
        start_node(folder, number)
    until = time.monotonic() + SECONDS
    while len(answer := _ask(environment, "sinfo", "-h", "-N", "-t", "idle", "-o", "%N").split()) < nodes:
        if time.monotonic() > until:
            reasons = _ask(environment, "sinfo", "-R")
            down(folder)
            raise RuntimeError(f"{len(answer)} of {nodes} nodes came up: {reasons}; see the logs in {folder}")
        time.sleep(0.2)
    return environment


def start_node(folder: Path, number: int) -> None:
    """Start a node, for the first time or again after its slurmd was killed."""
    environment = {"SLURM_CONF": str(folder / "slurm.conf"), "PATH": _path()}
    _daemon(["slurmd", "-N", f"n{number}"], environment, folder / f"n{number}.pid")


def kill_node(folder: Path, number: int) -> None:
    """Kill a node's slurmd; what runs there goes on, but nobody looks after it."""
    os.kill(int((folder / f"n{number}.pid").read_text()), signal.SIGKILL)


def down(folder: Path) -> None:
    """Cancel all jobs of the Slurm under a folder and end its daemons, and nothing else."""
    if not (folder / "slurm.conf").is_file():
        return
    environment = {"SLURM_CONF": str(folder / "slurm.conf"), "PATH": _path()}
    if _is_alive(folder / "slurmctld.pid"):
        _ask(environment, "scancel", "--user", "root")
        until = time.monotonic() + 10
        while _ask(environment, "squeue", "-h").strip() and time.monotonic() < until:
            time.sleep(0.2)
    files = [*folder.glob("*.pid"), folder / "munge" / "pid"]
    for number in (signal.SIGTERM, signal.SIGKILL):
        for file in files:
            if _is_alive(file):
                os.kill(int(file.read_text()), number)
        until = time.monotonic() + 5
        while any(_is_alive(file) for file in files) and time.monotonic() < until:
            time.sleep(0.1)
    (folder / "slurm.conf").unlink()


@contextmanager
def slurm(folder: Path, nodes: int = 2, cpus: int = 2) -> Iterator[dict[str, str]]:
    """Slurm under a folder, as long as the context lasts."""
    environment = up(folder, nodes, cpus)
    try:
        yield environment
    finally:
        down(folder)


def _configuration(folder: Path, nodes: int, cpus: int) -> str:
    host = socket.gethostname().partition(".")[0]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    shape = f"CPUs={cpus} Sockets=1 CoresPerSocket={cpus} ThreadsPerCore=1 RealMemory={int(0.9 * memory) // nodes}"
    ports = _free_ports(nodes + 1)
    lines = [
        f"NodeName=n{number} NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[number]} {shape} State=UNKNOWN"
        for number in range(1, nodes + 1)
    ]
    return CONF.format(host=host, port=ports[0], folder=folder, nodes="\n".join(lines))


def _free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now; all are held until the last is found, so that they differ."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def _start_munge(folder: Path) -> None:
    """A munged with its own key and socket, so that one of the system is left alone."""
    place = folder / "munge"
    place.mkdir(mode=0o755)
    (place / "key").write_bytes(secrets.token_bytes(128))
    (place / "key").chmod(0o400)
    options = {"socket": "socket", "key-file": "key", "pid-file": "pid", "log-file": "log", "seed-file": "seed"}
    # --force: the folder of a test may be writable by others above, which munged only warns of then
    command = ["munged", "--force", *(f"--{option}={place / file}" for option, file in options.items())]
    _daemon(command, {"PATH": _path()}, place / "pid")


def _daemon(command: list[str], environment: dict[str, str], pid_file: Path) -> None:
    """Start a program that goes to the background by itself, and wait until it says its number."""
    pid_file.unlink(missing_ok=True)
    answer = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)
    if answer.returncode:
        raise RuntimeError(f"{command[0]}: {answer.stderr.strip() or 'did not start'}")
    until = time.monotonic() + SECONDS
    while not _is_alive(pid_file):
        if time.monotonic() > until:
            raise RuntimeError(f"{command[0]} did not come up; see {pid_file.parent}")
        time.sleep(0.05)


def _is_alive(pid_file: Path) -> bool:
    try:
        number = int(pid_file.read_text())
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (OSError, ValueError):
        return False


def _ask(environment: dict[str, str], *command: str) -> str:
    try:
        return subprocess.run(
            command, env=os.environ | environment, capture_output=True, text=True, timeout=20, check=False
        ).stdout
    except subprocess.TimeoutExpired:
        return ""


def _path() -> str:
    """Debian keeps daemons where only root's login looks."""
    return f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"


def main(arguments: list[str]) -> str | None:
    """Answer `up FOLDER [NODES [CPUS]]` and `down FOLDER`."""
    match arguments:
        case ["up", folder, *counts] if len(counts) <= 2 and all(count.isdigit() for count in counts):
            try:
                environment = up(Path(folder), *map(int, counts))
            except RuntimeError as error:
                return str(error)
            print(f"export SLURM_CONF={environment['SLURM_CONF']}")
            return None
        case ["down", folder]:
            down(Path(folder))
            return None
    return "usage: slurm.py up FOLDER [NODES [CPUS]] | down FOLDER"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
