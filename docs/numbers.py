"""Headline numbers of the library's experiments as they are now, beside what earlier versions said (`docs/changes.md`).

`make picture` computes them, half a minute, and renews the page. Before a release, `python -m docs.numbers --keep VERSION`
keeps them as those of that version.
"""

import argparse
import csv
import tempfile
from collections.abc import Iterator
from pathlib import Path

import clusterpact as cp

FILE = Path(__file__).with_name("data") / "numbers.csv"
RUNS = {"dunkirk": 400, "nrw": 150}
PACKAGES = ("current-policies", "pact", "finance-first", "four-pillars")
YEARS = (2030, 2040, 2050)
NOW = "now"


def measured(cluster: str, folder: Path, runs: int) -> Iterator[tuple[str, str]]:
    """Headline numbers of an experiment, means over runs: what each is, and its value as the page shows it."""
    result = cp.run(cluster, runs=runs, policies=PACKAGES, out=folder, progress=False)
    shares = result.bands.query("measure == 'abated_share'").set_index(["policy", "year"])["mean"]
    outcomes = result.outcomes.groupby("policy")[["cumulative_mt", "public_meur"]].mean()
    for policy in PACKAGES:
        for year in YEARS:
            yield f"{policy}: abated share in {year}", f"{100 * shares[policy, year]:.1f}%"
        yield f"{policy}: CO2 emitted, Mt", f"{outcomes.loc[policy, 'cumulative_mt']:,.0f}"
        yield f"{policy}: public money, MEUR", f"{outcomes.loc[policy, 'public_meur']:,.0f}"


def read() -> list[dict[str, str]]:
    """The rows of the file: version, cluster, number, value."""
    with FILE.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def side_by_side() -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """The header, and a row per cluster and number with its value in every version, the oldest first."""
    rows = read()
    versions = list(dict.fromkeys(row["version"] for row in rows))
    found = {(row["cluster"], row["number"], row["version"]): row["value"] for row in rows}
    lines = dict.fromkeys((row["cluster"], row["number"]) for row in rows if row["version"] == versions[-1])
    return ("cluster", "number", *versions), [
        (*line, *(found.get((*line, version), "") for version in versions)) for line in lines
    ]


def main() -> None:
    """Compute the numbers of now and write them."""
    parser = argparse.ArgumentParser(description="Renew the numbers of this version.")
    parser.add_argument("--keep", metavar="VERSION", default=NOW, help="keep them as those of a version that is released")
    version = parser.parse_args().keep
    rows = [row for row in read() if row["version"] not in (version, NOW)]
    with tempfile.TemporaryDirectory() as folder:
        for cluster, runs in RUNS.items():
            found = measured(cluster, Path(folder) / cluster, runs)
            rows += [{"version": version, "cluster": cluster, "number": name, "value": value} for name, value in found]
    with FILE.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
