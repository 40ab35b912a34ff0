"""What people install: an sdist and a wheel of this checkout, tried from another folder in a fresh environment.

The environment lies in somebody's git repository and borrows the libraries of the one that runs the tests, by their plain
folders: an editable clusterpact does not come along. Rules run as plain Python unless a test is slow: another folder's
compiled rules are another cache.
"""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

from tests.commands import ROOT, table_bytes

ROOMS = ("agents", "policies", "sim", "experiments", "results")
QUICK = ("trust", "finance", "ladder", "chance")  #: modules of tests/agents that an unpacked sdist is tried with
SHORT = """\
name = "short"
cluster = "dunkirk"
horizon = [2025, 2026]
runs = 3
policies = ["current-policies", "pact"]
"""


def why_not():
    """What is missing to build here; None if nothing is."""
    missing = []
    for name, least in (("build", 1), ("pip", 23), ("setuptools", 77)):
        try:
            enough = int(version(name).partition(".")[0]) >= least
        except PackageNotFoundError:
            enough = False
        missing += [] if enough else [f"{name}>={least}"]
    missing += [] if (ROOT / ".git").exists() and shutil.which("git") else ["a git checkout"]
    return ", ".join(missing) or None


pytestmark = pytest.mark.skipif(why_not() is not None, reason=f"to build an sdist and a wheel takes {why_not()}")


def shell(*words, **options):
    """Run a command to its end; it must succeed."""
    done = subprocess.run([*map(str, words)], capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, f"{words}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def tracked(*options):
    """The files of this checkout that git tracks, and what else the options of `git ls-files` ask for."""
    names = shell("git", "-C", ROOT, "ls-files", "-z", "--cached", *options).split("\0")
    return {name for name in names if name and (ROOT / name).is_file()}


@dataclass(frozen=True)
class Environment:
    """A fresh environment that holds the wheel."""

    folder: Path

    @property
    def site(self) -> Path:
        """Where its packages lie."""
        return Path(sysconfig.get_path("purelib", "venv", {"base": str(self.folder), "platbase": str(self.folder)}))

    def run(self, *words, where, **changes):
        """Run one of its programs in a folder, without this checkout on the path; returns what it prints."""
        known = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "NUMBA_DISABLE_JIT")}
        known |= {"XDG_CACHE_HOME": str(self.folder / "cache"), "NUMBA_DISABLE_JIT": "1"} | changes
        return shell(self.folder / "bin" / words[0], *words[1:], cwd=where, env=known)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Folder of the sdist, and of the wheel that is built from it; the checkout itself stays as it is."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("dist")
    for name in tracked("--others", "--exclude-standard"):  # a new file is tried before it is committed
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, source / name)
    shell(sys.executable, "-m", "build", "--no-isolation", "--outdir", out, source, cwd=source)
    return out


@pytest.fixture(scope="module")
def installed(built, tmp_path_factory):
    """An environment in somebody's repository, which has one commit."""
    project = tmp_path_factory.mktemp("project")
    git = ("git", "-C", project, "-c", "user.name=Somebody", "-c", "user.email=somebody@example.org")
    shell(*git, "init", "--quiet")
    shell(*git, "commit", "--quiet", "--allow-empty", "--message", "A project of somebody's own")
    environment = Environment(project / ".venv")
    venv.create(environment.folder, with_pip=False)
    install(environment, next(built.glob("*.whl")))
    borrowed = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    (environment.site / "borrowed.pth").write_text("\n".join(borrowed))
    return environment


def install(environment, wheel):
    """Install one wheel and nothing that it needs."""
    pip = (sys.executable, "-m", "pip", "--python", environment.folder / "bin" / "python", "--disable-pip-version-check")
    shell(*pip, "install", "--quiet", "--no-deps", "--no-index", wheel)


@pytest.fixture(scope="module")
def work(installed):
    """A folder of that repository with modules of the user's own that are named as our rooms are."""
    folder = installed.folder.parent / "work"
    shadow(folder)
    (folder / "short.toml").write_text(SHORT)
    return folder


def shadow(folder):
    """Put packages, and one module, of the names of our rooms into a folder; none can be imported."""
    for name in ROOMS[1:]:
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text("raise ImportError('not ours')")
    (folder / "agents.py").write_text("raise ImportError('not ours')")


@pytest.fixture(scope="module")
def result(installed, work):
    """A result of the installed command."""
    installed.run("clusterpact", "run", "short.toml", "--threads", 1, "--no-figures", "--out", "r", where=work)
    return work / "r"


def test_the_wheel_holds_every_file_of_the_rooms_under_one_name_and_nothing_else(built):
    with zipfile.ZipFile(next(built.glob("*.whl"))) as wheel:
        names = {name for name in wheel.namelist() if not name.partition("/")[0].endswith(".dist-info")}
    rooms = {f"clusterpact/{name}" for name in tracked() if name.partition("/")[0] in ROOMS}
    face = {name for name in tracked() if name.startswith("clusterpact/")}
    assert (rooms | face) - names == set()
    assert {name.partition("/")[0] for name in names} == {"clusterpact"}
    assert not [name for name in names if "/tests/" in name or name.endswith(".pyc")]


def test_the_sdist_holds_every_file_of_the_checkout(built):
    with tarfile.open(next(built.glob("*.tar.gz"))) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    assert tracked() - names == set()


def test_the_code_that_runs_is_that_of_the_wheel(installed, tmp_path):
    rooms = "; ".join(f"import clusterpact.{room}; print(clusterpact.{room}.__file__)" for room in ROOMS)
    for file in installed.run("python", "-c", rooms, where=tmp_path).splitlines():
        assert Path(file).is_relative_to(installed.site / "clusterpact")


def test_the_installed_command_says_its_version_and_what_it_can_do(installed, tmp_path):
    assert installed.run("clusterpact", "--version", where=tmp_path) == f"clusterpact {version('clusterpact')}\n"
    assert "slurm-script" in installed.run("python", "-m", "clusterpact", "--help", where=tmp_path)


def test_modules_of_the_working_folder_are_not_taken_for_ours(installed, work, result):
    assert (result / "complete.json").is_file()
    assert "short.toml: fine" in installed.run("python", "-m", "clusterpact", "validate", "short.toml", where=work)


def test_somebodys_commit_is_not_given_for_ours(result):
    manifest = json.loads((result / "manifest.json").read_text())
    assert (manifest["commit"], manifest["dirty"]) == ("", False)
    assert manifest["versions"]["clusterpact"] == version("clusterpact")


def test_an_installed_result_is_compared_and_reported(installed, work, result):
    options = ("--lever-runs", 0, "--threads", 1, "--outcome", "cumulative_mt")
    assert "tables:" in installed.run("clusterpact", "compare", result, *options, where=work)
    installed.run("clusterpact", "report", result, *options, where=work)
    assert "</html>" in (result / "report.html").read_text(encoding="utf-8")


def test_it_runs_beside_a_distribution_that_installs_packages_of_the_same_names(installed, work, tmp_path):
    before = set(installed.site.iterdir())
    shadow(installed.site)
    try:
        code = "try: import agents\nexcept ImportError as error: print(error)"
        assert installed.run("python", "-c", code, where=tmp_path) == "not ours\n"
        installed.run("clusterpact", "run", work / "short.toml", "--runs", 1, "--threads", 1, "--no-figures", where=tmp_path)
    finally:
        for path in set(installed.site.iterdir()) - before:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert list((tmp_path / "runs").glob("short-*/complete.json"))


@pytest.mark.slow
def test_it_runs_beside_the_real_distribution_with_a_package_named_agents(installed, work, tmp_path):
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    download = [*pip, "download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest", str(tmp_path), "openai-agents"]
    found = subprocess.run(download, capture_output=True, text=True, check=False)
    if found.returncode != 0:
        pytest.skip(f"openai-agents cannot be had here: {found.stderr.splitlines()[-1:]}")
    install(installed, next(tmp_path.glob("*.whl")))
    remove = (*pip, "--python", installed.folder / "bin" / "python", "uninstall", "--quiet", "--yes", "openai-agents")
    try:
        assert (installed.site / "agents" / "__init__.py").is_file()
        installed.run("clusterpact", "run", work / "short.toml", "--runs", 1, "--threads", 1, "--no-figures", where=tmp_path)
    finally:
        shell(*remove)
    assert (installed.site / "clusterpact" / "agents" / "__init__.py").is_file()
    assert "dunkirk" in installed.run("clusterpact", "list", "clusters", where=tmp_path)


def test_quick_tests_of_the_unpacked_sdist_hold_for_the_installed_wheel(built, installed, tmp_path):
    with tarfile.open(next(built.glob("*.tar.gz"))) as sdist:
        sdist.extractall(tmp_path, filter="data")
    (top,) = tmp_path.iterdir()
    for room in (*ROOMS, "clusterpact"):
        shutil.rmtree(top / room)
    files = [f"tests/agents/test_{name}.py" for name in QUICK]
    answer = installed.run("python", "-m", "pytest", "-p", "no:cacheprovider", *files, where=top)
    assert " passed" in answer
    assert "failed" not in answer


@pytest.mark.slow
def test_the_installed_command_compiles_and_gives_the_bytes_of_the_checkout(installed, work, tmp_path):
    """Four runs of Dunkirk, compared with levers and reported, as a newcomer would."""
    from clusterpact.experiments.experiment import load_experiment
    from clusterpact.experiments.running.session import RunOptions, run_experiment

    def compiled(*words):
        return installed.run("clusterpact", *words, "--threads", 1, where=work, NUMBA_DISABLE_JIT="0")

    compiled("run", "dunkirk", "--runs", 4, "--no-figures", "--out", "d")
    run_experiment(load_experiment("dunkirk", runs=4), tmp_path / "r", RunOptions(threads=1))
    assert table_bytes(work / "d") == table_bytes(tmp_path / "r")
    compiled("compare", "d", "--lever-runs", 2)
    compiled("report", "d", "--lever-runs", 2)
    assert (work / "d" / "report.html").is_file()
