"""Mistakes of users: edits of the starter folder (what `clusterpact new` writes), and the rows of the tables of mistakes."""

import re

import pytest

CLUSTER, FIRMS, EXPERIMENT = "cluster.toml", "firms.csv", "experiment.toml"
UNITS, PROJECTS, BUYERS = "units.csv", "projects.csv", "buyers.csv"
RUN = ("run", "region/experiment.toml", "--runs", "2", "--no-figures", "--quiet")
RUN_FILE = ("run", "region/experiment.toml", "--no-figures", "--quiet")  # with the file's own number of runs
VALIDATE = ("validate", "region/experiment.toml")
OUT = (*RUN, "--out")


def put(file, old, new):
    """Replace a text, which must be there, once."""

    def edit(folder):
        text = (folder / file).read_text(encoding="utf-8")
        assert old in text, f"the starter's {file} no longer holds {old!r}"
        (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")

    return edit


def put_each(file, old, new):
    """Replace a text everywhere."""

    def edit(folder):
        path = folder / file
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")

    return edit


def add(file, text):
    """Add a text at the end."""

    def edit(folder):
        with (folder / file).open("a", encoding="utf-8") as stream:
            stream.write(text)

    return edit


def write(file, content):
    """Write bytes in the place of a file."""
    return lambda folder: (folder / file).write_bytes(content)


def remove(file):
    """Remove a file."""
    return lambda folder: (folder / file).unlink()


def make_folder(file):
    """Put a folder in the place of a file."""

    def edit(folder):
        (folder / file).unlink()
        (folder / file).mkdir()

    return edit


def drop_tables(name):
    """Remove all [[name]] tables of the cluster file."""

    def edit(folder):
        parts = re.split(r"(?m)^(?=\[)", (folder / CLUSTER).read_text(encoding="utf-8"))
        (folder / CLUSTER).write_text("".join(p for p in parts if not p.startswith(f"[[{name}]]")), encoding="utf-8")

    return edit


def first_row_only(rows=""):
    """Keep the header of firms.csv, put rows below it, and remove what speaks of the other firms."""

    def edit(folder):
        for file in (UNITS, PROJECTS, BUYERS):
            (folder / file).unlink()
        header = (folder / FIRMS).read_text(encoding="utf-8").splitlines()[0]
        (folder / FIRMS).write_text(f"{header}\n{rows}", encoding="utf-8")

    return edit


def both(*edits):
    """Several edits."""

    def edit(folder):
        for one in edits:
            one(folder)

    return edit


def nothing(folder):
    """No edit: the mistake is in the command line."""


def link(source="cement-works", sink="lime-works", heat="5.0"):
    """Add a heat link."""
    return add(
        CLUSTER,
        f'\n[[link]]\nfrom = "{source}"\nto = "{sink}"\nheat_gwh_per_year = {heat}\ncapex_meur = 2.0\n'
        'source = "made up"\nmark = "estimate"\n',
    )


def resource(carrier, available="5000.0"):
    """Add a limited resource."""
    return add(
        CLUSTER,
        f'\n[[resource]]\ncarrier = "{carrier}"\navailable_per_year = {available}\nsource = "made up"\nmark = "estimate"\n',
    )


def guarantee(value):
    """Another value for the instrument of the starter's variant."""
    return put(EXPERIMENT, "{ schedule = [[2026, 0.0], [2028, 0.5]] }", value)


def uncertain(value):
    """Another distribution for `bindingness`."""
    return put(EXPERIMENT, "{ uniform = [0.1, 0.9] }", value)


def variant(text, old='base = "pact"'):
    """Another line in the starter's variant."""
    return put(EXPERIMENT, old, text)


def horizon(value):
    """Another horizon, without targets."""

    def edit(folder):
        text = (folder / EXPERIMENT).read_text(encoding="utf-8").replace("[2026, 2050]", value)
        (folder / EXPERIMENT).write_text(text.partition("[targets]")[0], encoding="utf-8")

    return edit


def listed(value):
    """Another list of policies."""
    return put(EXPERIMENT, 'policies = ["current-policies", "pact", "finance-first"]', f"policies = {value}")


def mistake(name, edit, *words, command=RUN):
    """One row of a table."""
    return pytest.param(edit, command, words, id=name.replace(" ", "-"))


def assert_holds(line, words):
    """Every word is in the line; lines of TOML files, which `validate` tells, are looked at elsewhere."""
    line = re.sub(r"(\.toml):[0-9]+:", r"\1:", line)
    for word in words:
        assert word in line, f"{word!r} is not in {line!r}"
