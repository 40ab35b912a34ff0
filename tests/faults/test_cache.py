"""Compiled rules are unpickled: nobody else's are ever read, and damaged ones are compiled anew."""

import os
import pickle
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from clusterpact import cache
from tests.commands import ROOT, environment

PROBE = """
from clusterpact.agents.compiled import rule

@rule
def double(x):
    return 2 * x

print(double(21), double.stats.cache_hits.total(), double.stats.cache_path)
"""
NOBODY = 65534


class Poison:
    """What an attacker pickles: it runs when it is read."""

    def __init__(self, place):
        self.place = place

    def __reduce__(self):
        return os.mkdir, (str(self.place),)


class Home:
    """A cache home and a folder for temporary files, and processes that compile one rule there."""

    def __init__(self, folder, script):
        self.cache, self.temporary, self.script, self.poisoned = (
            folder / "home", folder / "temporary", script, folder / "poisoned"
        )  # fmt: skip
        self.temporary.mkdir(mode=0o700)

    def probe(self, **changes):
        """What a process prints that compiles the rule: whether it was kept, where, and what is said of that."""
        known = environment(XDG_CACHE_HOME=str(self.cache), TMPDIR=str(self.temporary)) | changes
        done = subprocess.run([sys.executable, str(self.script)], env=known, capture_output=True,
                              text=True, timeout=240, check=False)  # fmt: skip
        assert done.returncode == 0, done.stderr
        answer, hits, where = done.stdout.strip().split(maxsplit=2)
        assert answer == "42"
        return int(hits), where, done.stderr

    def files(self):
        """Everything that is kept, but for locks."""
        return sorted(path for path in self.cache.rglob("*.nb?"))

    def poison(self):
        """Make all that is kept run what an attacker wants."""
        assert len(self.files()) == 2
        for path in self.files():
            path.write_bytes(pickle.dumps(Poison(self.poisoned)))
        return self.files()[0].parent.parent

    def refuses(self, **changes):
        """The one line on why nothing is read there; what is kept goes with the process."""
        hits, where, error = self.probe(**changes)
        assert hits == 0
        assert not self.poisoned.exists()
        assert where.startswith(str(self.temporary))
        assert list(self.temporary.iterdir()) == []
        assert len(error.splitlines()) == 1
        assert error.startswith("clusterpact: note: ")
        return error


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A home in which the rule has been compiled."""
    folder = tmp_path_factory.mktemp("kept")
    (folder / "probe.py").write_text(PROBE)
    (folder / "home").mkdir(mode=0o700)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(cache.SHARED, raising=False)
        assert Home(folder, folder / "probe.py").probe()[::2] == (0, "")
    return folder


@pytest.fixture
def home(kept, tmp_path, monkeypatch):
    monkeypatch.delenv(cache.SHARED, raising=False)
    shutil.copytree(kept / "home", tmp_path / "home")
    return Home(tmp_path, kept / "probe.py")


def test_what_is_kept_is_private_and_read_again(home):
    assert home.probe()[::2] == (1, "")
    assert {stat.S_IMODE(path.stat().st_mode) for path in (home.cache / "clusterpact", *home.cache.glob("*/*/"))} == {0o700}


def test_what_this_user_keeps_is_unpickled(home):
    """Else the tests below would say nothing."""
    home.poison()
    home.probe()
    assert home.poisoned.exists()


def test_a_folder_of_another_user_is_no_cache(tmp_path, monkeypatch):
    cache._private(tmp_path / "mine", "rules")
    monkeypatch.setattr(os, "geteuid", lambda: NOBODY)
    with pytest.raises(PermissionError, match="belongs to another user"):
        cache._private(tmp_path / "mine", "rules")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may give files away")
@pytest.mark.parametrize("level", ["home", "clusterpact", "rules"])
def test_what_another_user_keeps_is_not_read(level, home):
    folder = home.poison()
    os.chown({"home": home.cache, "clusterpact": folder.parent, "rules": folder}[level], NOBODY, NOBODY)
    assert "belongs to another user" in home.refuses()


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o707, 0o1777])
def test_rules_that_others_could_write_are_not_read(mode, home):
    home.poison().chmod(mode)
    assert "other users could write there; remove it" in home.refuses()


def test_a_folder_of_caches_that_others_could_write_is_made_private(home):
    folder = home.poison()
    folder.parent.chmod(0o775)
    shutil.rmtree(folder)
    assert home.probe()[::2] == (0, "")
    assert not home.poisoned.exists()
    assert stat.S_IMODE(folder.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("dangling", [False, True])
@pytest.mark.parametrize("level", ["clusterpact", "rules"])
def test_a_link_is_not_followed(level, dangling, home, tmp_path):
    folder = home.poison()
    place = folder.parent if level == "clusterpact" else folder
    place.rename(tmp_path / "elsewhere")
    place.symlink_to(tmp_path / ("nowhere" if dangling else "elsewhere"))
    home.refuses()
    assert not (tmp_path / "nowhere").exists()


def test_a_cache_home_in_which_any_user_can_rename_is_not_used(home):
    home.poison()
    home.cache.chmod(0o777)
    home.cache.parent.chmod(0o755)
    ways = [path for path in home.cache.parents if not path.stat().st_mode & 0o011]
    if ways:  # nobody else gets there
        assert not cache._check_above(home.cache)
    else:
        assert "any user can write there" in home.refuses()


def test_a_cache_home_like_a_folder_for_temporary_files_is_used(home):
    home.cache.chmod(0o1777)
    assert home.probe()[::2] == (1, "")


def test_a_home_that_cannot_be_written_is_said_once_and_nothing_stays(home):
    planted = home.temporary.parent / f"clusterpact-{os.getuid()}"
    planted.mkdir()
    line = home.refuses(XDG_CACHE_HOME="/proc/self/nowhere")
    assert "/proc/self" in line
    assert "set XDG_CACHE_HOME" in line


def test_no_cache_that_the_environment_names_for_numba_is_read(home):
    folder = home.poison()
    fresh = home.cache / "fresh"
    fresh.mkdir()
    assert home.probe(XDG_CACHE_HOME=str(fresh), NUMBA_CACHE_DIR=str(folder))[::2] == (0, "")
    assert not home.poisoned.exists()


def test_processes_that_one_starts_share_its_temporary_folder(home):
    code = (
        "import subprocess, sys; import clusterpact.agents.compiled; "
        "[subprocess.run([sys.executable, sys.argv[1]], check=True) for _ in range(2)]"
    )
    done = subprocess.run([sys.executable, "-c", code, home.script], capture_output=True, text=True, check=True, timeout=240,
                          env=environment(XDG_CACHE_HOME="/proc/self/no", TMPDIR=str(home.temporary)))  # fmt: skip
    assert [line.split()[:2] for line in done.stdout.splitlines()] == [["42", "0"], ["42", "1"]]
    assert len(done.stderr.splitlines()) == 1
    assert list(home.temporary.iterdir()) == []


# --- damaged


def folder_instead(path):
    path.unlink()
    (path / "inner").mkdir(parents=True)


DAMAGES = {
    "empty": lambda path: path.write_bytes(b""),
    "truncated": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "garbage": lambda path: path.write_bytes(b"\xff garbage " * 50),
    "another": lambda path: path.write_bytes(pickle.dumps(["something", "else"])),
    "one bit": lambda path: path.write_bytes(flipped(path.read_bytes())),
    "a folder": folder_instead,
}


def flipped(content):
    """One bit changed, far behind what says what the file is: in machine code, where it is long enough."""
    place = len(content) * 3 // 4
    return content[:place] + bytes([content[place] ^ 16]) + content[place + 1 :]


@pytest.mark.parametrize("kind", ["nbi", "nbc"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_set_aside_and_said_once(damage, kind, home):
    (path,) = home.cache.rglob(f"*.{kind}")
    DAMAGES[damage](path)
    hits, _, error = home.probe()
    assert hits == 0
    if kind == "nbc" or damage not in ("one bit", "another"):  # an index of other signatures, or of another Numba, is sound
        assert error == f"clusterpact: note: compiled rules in {path.parent} were damaged and are compiled anew\n"
    assert home.probe()[::2] == (1, "")


def test_a_cache_on_a_full_disk_is_said_once_and_the_rule_runs(home, tmp_path):
    """The disk fills up once the folder is open: nothing of the rule can be kept."""
    shutil.rmtree(home.cache / "clusterpact")
    (tmp_path / "sitecustomize.py").write_text(FULL)
    hits, where, error = home.probe(PYTHONPATH=os.pathsep.join([str(tmp_path), str(ROOT)]))
    assert hits == 0
    assert error == f"clusterpact: note: {Path(where).parent} cannot keep compiled rules (No space left on device)\n"
    assert home.probe()[::2] == (0, "")


FULL = """
import errno, os
def full(*arguments):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
os.replace = full
"""


def test_a_file_in_place_of_a_folder_is_set_aside(home):
    folder = home.files()[0].parent
    shutil.rmtree(folder)
    folder.write_text("no folder")
    hits, where, error = home.probe()
    assert (hits, where) == (0, str(folder))
    assert len(error.splitlines()) == 1
    assert home.probe()[::2] == (1, "")
