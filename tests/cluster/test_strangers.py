"""Another user of the machine, or of the network, cannot send code to the schedulers and workers that a run starts."""

import http.client
import json
import os
import subprocess
import sys

import psutil
import pytest

from clusterpact import extras
from clusterpact.experiments.running.executors import make_executor
from clusterpact.experiments.running.on_dask import Dask
from clusterpact.experiments.running.on_slurm import Slurm, SlurmJobs
from clusterpact.inputs import InputError
from tests.cluster import bench, ways
from tests.commands import Heard, environment, table_bytes, wait_for_shards, wait_until

pytestmark = pytest.mark.cluster

STRANGER = """
import asyncio, json, logging, sys
from distributed.comm import connect
from distributed.security import Security
logging.disable(logging.CRITICAL)

async def is_answered(scheme, port, security):
    try:
        options = security.get_connection_args("client")
        talk = await asyncio.wait_for(connect(f"{scheme}://127.0.0.1:{port}", timeout=2, **options), 3)
        await talk.write({"op": "identity", "reply": True})
        return bool(await asyncio.wait_for(talk.read(), 3))
    except (OSError, asyncio.TimeoutError, ValueError):
        return False

async def main():
    ways = ("tcp", Security()), ("tls", Security.temporary())
    places = [(scheme, port, security) for port in json.loads(sys.argv[1]) for scheme, security in ways]
    answers = await asyncio.gather(*(is_answered(*place) for place in places))
    print(json.dumps([place[:2] for place, answer in zip(places, answers) if answer]))

asyncio.run(main())
"""


def listening(process):
    """Ports at which a process, or one that it started, listens."""
    found = [each for one in (process, *process.children(recursive=True)) for each in one.net_connections()]
    return {each.laddr.port: each.laddr.ip for each in found if each.status == psutil.CONN_LISTEN}


def stranger(ports):
    """Where somebody without the run's certificate gets an answer."""
    done = subprocess.run([sys.executable, "-c", STRANGER, json.dumps(ports)], env=environment(), capture_output=True,
                          text=True, check=True, timeout=240)  # fmt: skip
    return json.loads(done.stdout)


def is_refused(port, page):
    """Whether a port says nothing about the run to whoever asks for a page."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", page)
        return connection.getresponse().status == 404
    except (OSError, http.client.HTTPException):
        return True


def test_what_listens_for_dask_takes_nobody_without_its_certificate(tmp_path):
    before = listening(psutil.Process())
    with Dask(2).client(tmp_path, Heard()) as (client, _):
        client.wait_for_workers(2, timeout=60)
        assert client.submit(os.getpid).result(timeout=60) != os.getpid()
        ports = {port: ip for port, ip in listening(psutil.Process()).items() if port not in before}
        assert len(ports) >= 3  # a scheduler and two workers
        assert set(ports.values()) == {"127.0.0.1"}
        assert stranger(sorted(ports)) == []
        pages = "/info/main/workers.html", "/json/counts.json", "/health", "/metrics"
        assert all(is_refused(port, page) for port in ports for page in pages)
        assert client.submit(os.getpid, pure=False).result(timeout=60)  # and it works on


def test_slurm_s_workers_come_with_a_certificate_to_a_folder_of_any_name(experiment, reference, slurm_host, tmp_path):
    """The folder's name holds what shells and Slurm expand, and its keys are this user's alone and gone at the end."""
    folder = tmp_path / "$(touch spoilt) `touch spoilt` 'it' \"is\" %j %% é"
    process = bench.start(*bench.run_options(experiment, folder, 2), *ways.JOBS, "--jobs", 1, **slurm_host.environment)
    wait_for_shards(folder, 2, process)
    keys = list(folder.rglob("credentials-*/*"))
    assert len(keys) == 3
    assert all(path.stat().st_mode & 0o077 == 0 for path in (keys[0].parent, *keys))
    ports = sorted(listening(psutil.Process(process.pid)))
    assert ports
    assert stranger(ports) == []
    assert (bench.end(process), process.returncode) == ("", 0)
    assert table_bytes(folder) == reference
    assert not list(folder.rglob("credentials-*"))
    assert len(list(folder.glob("locks/slurm/*.log"))) == 1
    assert not list(tmp_path.rglob("spoilt"))
    wait_until(slurm_host.is_empty, "no job is left", ways.SOON)


@pytest.mark.parametrize("executor", ["dask", "slurm"])
def test_without_what_makes_certificates_one_line_says_what_to_install(executor, monkeypatch):
    known = extras.find_spec
    monkeypatch.setattr(extras, "find_spec", lambda name: None if name == "cryptography" else known(name))
    with pytest.raises(InputError, match="cryptography is not installed; expected: pip install"):
        make_executor(executor, 1, 1)


@pytest.mark.parametrize(
    ("jobs", "said"),
    [
        (SlurmJobs(interface="ib9"), "--interface = 'ib9': no such network interface here"),
        (SlurmJobs(partition="main\n#SBATCH --wrap=x"), "--partition = .*: expected a word"),
        (SlurmJobs(account="a b"), "--account = 'a b': expected a word"),
        (SlurmJobs(memory="2GB;x"), "--memory = '2GB;x': expected a word"),
    ],
)
def test_what_slurm_would_misread_is_one_line(jobs, said):
    with pytest.raises(InputError, match=said):
        Slurm(jobs=jobs)
