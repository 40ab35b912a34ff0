"""Every leaf of a result's own files set to values that nobody should write, and what the command line makes of them."""

import copy
import json
import re
import shutil

from clusterpact.experiments.experiment import id_of
from tests.commands import call
from tests.experiments.provenance.forgery import refit, refresh
from tests.fuzz.words import SEARCH

FILES = ("manifest.json", "complete.json", "failures.json", "ledger")
COMMANDS = (
    "status", "verify", "merge", "archive", "replay", "outlook", "compare", "timing", "search", "score",
    "export", "extend",
)  # fmt: skip
VALUES = (
    None, True, -1, 0, 3, 10**30, 1e300, -0.5, float("nan"), float("inf"), "", "x" * 5000, "../../etc/passwd", "a/b\\c",
    "\x1b[31mred\x07\n", "\udcff", "2050", [], [[]], [3, "x"], {}, {"x": {"y": []}},
)  # fmt: skip
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
OPTIONS = {"verify": ("--runs", 1), "compare": ("--lever-runs", 0), "export": ("--xlsx", "x.xlsx", "--iamc", "x.csv"),
           "timing": ("--runs", 2, "--every", 80, "--instrument", "lock_in"), "search": SEARCH,
           "extend": ("--runs", 6, "--out", "grown", "--no-figures", "-q")}  # fmt: skip


def leaves(data, place=()):
    """The place of everything in a JSON document, containers too."""
    yield place
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield from leaves(value, (*place, key))


def with_value(data, place, value):
    """A document with another value at a place."""
    if not place:
        return value
    changed = copy.deepcopy(data)
    target = changed
    for key in place[:-1]:
        target = target[key]
    target[place[-1]] = value
    return changed


def path_of(folder, file):
    """A file of a result; of the ledger, its first entry."""
    return sorted((folder / "ledger").glob("*.json"))[0] if file == "ledger" else folder / file


def cases(folder):
    """Every file, place and value."""
    for file in FILES:
        data = json.loads(path_of(folder, file).read_text())
        for place in leaves(data):
            yield from ((file, place, value) for value in VALUES)


def spoil(folder, file, place, value):
    """Put a value into a file, and make ids and checksums fit as a forger would."""
    path = path_of(folder, file)
    data = with_value(json.loads(path.read_text()), place, value)
    path.write_text(json.dumps(data))
    if file == "manifest.json" and isinstance(data, dict) and place[:1] == ("experiment",):
        try:
            id_of(data["experiment"])
        except (TypeError, ValueError, UnicodeError):
            return
        refit(folder)
    if file == "failures.json":
        refresh(folder)


def assert_told(folder, command, capsys):
    """A command does what it is to do, or says what is wrong in one line that a terminal can show."""
    shutil.rmtree("grown", ignore_errors=True)
    code = call(command, folder, *OPTIONS.get(command, ()))
    printed = capsys.readouterr()
    assert code in ((0, 1, 2) if command in ("verify", "merge", "replay", "extend") else (0, 2)), printed.err
    told = [line for line in printed.err.splitlines() if line.startswith("clusterpact: ")]
    assert len(told) == (code == 2 or (command, code) == ("extend", 1)), printed.err  # runs that failed are told too
    assert all(len(line) < 1000 for line in told)
    assert not CONTROL.search(printed.out + printed.err), ascii(printed.out + printed.err)
