"""Writes the generated tables of the pages that PAGES lists, such as `docs/odd.md`.

`python -m docs.build` renews them from the code and from `docs/data/` (written by `make scores` and so on). `--check`
changes nothing and exits with 1 if a page is not current.
"""

import argparse
import ast
import csv
import hashlib
import re
import sys
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from clusterpact.agents import chance, records
from clusterpact.agents.parameters import PARAMETERS
from clusterpact.agents.vocabulary import GATES
from clusterpact.experiments.folder import manifest as manifests
from clusterpact.experiments.track_record import RECORD as TRACK_RECORD
from clusterpact.policies.catalogue import INSTRUMENTS
from clusterpact.sim.measures import MEASURES
from clusterpact.sim.schedule import SCHEDULE
from docs import numbers, score_pictures

ROOT = Path(__file__).resolve().parent.parent
NAMES = ("odd", "model", "validation", "manifest", "outlook-2026", "faults", "changes")
PAGES = tuple(ROOT / "docs" / f"{name}.md" for name in NAMES)
DATA = ROOT / "docs" / "data"
MARKER = re.compile(r"(<!-- table: ([a-z-]+) -->\n).*?(<!-- end -->)", re.S)
SHOWN = 12  #: rows of the long tables


def table(header: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A table in Markdown."""
    header = list(header)
    lines = [header, ["---"] * len(header), *([str(cell).replace("|", "\\|") for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def state_variables() -> str:
    """Every record with its fields."""
    parts = []
    for name, kind in records.RECORDS.items():
        rows = [
            (f"`{f.name}`", f.unit, f"{f.meaning}{f' ({len(range(f.shape[0]))} values)' if f.shape else ''}")
            for f in kind.fields
        ]
        parts.append(f"**{name}**\n\n{table(('field', 'unit', 'meaning'), rows)}")
    return "\n".join(parts)


def parameters() -> str:
    """Every parameter with default, range, source and confidence."""
    rows = [
        (p.group, f"`{p.name}`", p.meaning, p.unit, f"{p.default:g}", f"{p.low:g} to {p.high:g}", p.confidence, p.source)
        for p in PARAMETERS.values()
    ]
    return table(("group", "name", "meaning", "unit", "default", "range", "confidence", "source"), rows)


def schedule() -> str:
    """The quarter, rule by rule."""
    return table(("#", "rule", "module", "what it does"),
                 ((s.number, f"`{s.name}`", f"`{s.module}`", s.meaning) for s in SCHEDULE))  # fmt: skip


def instruments() -> str:
    """The catalogue of instruments."""
    rows = [(f"`{i.name}`", i.meaning, i.unit, f"{i.low:g} to {i.high:g}", i.rule, i.term, i.controlled_by, i.who_pays)
            for i in INSTRUMENTS.values()]  # fmt: skip
    return table(("instrument", "meaning", "unit", "range", "rule", "term", "controlled by", "who pays"), rows)


def measures() -> str:
    """What is recorded every year."""
    return table(("measure", "unit", "kind", "meaning"), ((f"`{m.name}`", m.unit, m.kind, m.meaning) for m in MEASURES))


def gates() -> str:
    """The ten gates."""
    return table(("gate", "why a plant has not switched"), enumerate(GATES, start=1))


def streams() -> str:
    """Streams of random numbers, one per kind of decision."""
    names = {
        value: name for name, value in vars(chance).items() if name.isupper() and isinstance(value, int) and 0 < value < 64
    }
    return table(("stream", "draws"), ((number, name.lower().replace("_", " ")) for number, name in sorted(names.items())))


def read(name: str) -> list[dict[str, str]]:
    """A table of `docs/data`, its cells as text."""
    with (DATA / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def percent(cell: str) -> str:
    """A share as a percentage; nothing where there is none."""
    return "" if not cell else f"{100 * float(cell):.1f} %"


def patterns() -> str:
    """The patterns and controls with their verdicts."""
    rows = [
        (r["id"], r["kind"], r["change"], r["expected"], r["measured"], r["runs"], f"**{r['verdict']}**")
        for r in read("patterns")
    ]
    text = table(("id", "kind", "change", "expected", "measured, 95 % interval", "runs", "verdict"), rows)
    notes = "".join(f"- {r['id']}: {r['note']}\n" for r in read("patterns") if r["note"])
    return f"{text}\n{notes}"


def announcements() -> str:
    """Projects in hand against what became of them in runs."""
    rows = [
        (r["project"], r["technology"] or "first phase", r["stage"], r["announced_year"],
         *(percent(r[f"{share}_share"]) for share in ("decided", "in_time", "late", "given_up")), r["gate"])
        for r in read("announcements")
    ]  # fmt: skip
    return table(("project", "technology", "stage in 2026", "planned for", "decided", "in time", "late", "given up",
                  "gate in that year (most runs)"), rows)  # fmt: skip


def milestones() -> str:
    """Published milestones against the baseline."""
    rows = [
        (r["year"], percent(r["target_share"]), percent(r["mean_share"]),
         *(percent(r[f"{cause}_share"]) for cause in ("switched", "closed", "output")),
         f"{percent(r['p5_share'])} to {percent(r['p95_share'])}",
         percent(r["median_share"]), percent(r["met_share"])) for r in read("milestones")
    ]  # fmt: skip
    return table(("year", "target", "mean abated", "by switching", "by closing", "by making less", "5 to 95 % of runs",
                  "median", "runs that meet it"), rows)  # fmt: skip


def swings() -> str:
    """Parameters that the baseline's level hangs on most."""
    rows = [
        (f"`{r['parameter']}`", f"{r['low']} to {r['high']} {r['unit']}",
         *(f"{percent(r[f'low_{year}_share'])} to {percent(r[f'high_{year}_share'])}" for year in (2030, 2040)))
        for r in read("swings")[:SHOWN]
    ]  # fmt: skip
    return table(("parameter", "from its low to its high end", "abated share in 2030", "abated share in 2040"), rows)


def sensitivity() -> str:
    """The strongest factors of the Morris screening, per outcome, against the noise of the luck."""
    parts = []
    rows = read("sensitivity")
    for outcome in dict.fromkeys(r["outcome"] for r in rows):
        mine = [r for r in rows if r["outcome"] == outcome]
        noise = next(r for r in mine if r["factor"] == "luck")
        shown = [r for r in mine if r["factor"] != "luck"][:8]
        columns = ("mu_star", "mu_star_conf", "mu", "sigma", "half_1", "half_2")
        cells = [(f"`{r['factor']}`", *(f"{float(r[k]):.3g}" for k in columns)) for r in shown]
        text = table(("factor", "mu*", "95 % half width", "mu", "sigma", "mu* of one half", "of the other"), cells)
        parts.append(f"**{outcome}** (luck: {float(noise['mu_star']):.3g})\n\n{text}")
    return "\n".join(parts)


def settling() -> str:
    """Runs after which coefficients of variation settled."""
    rows = [(r["policy"], r["outcome"], r["runs"], r["settled_after"] or "not yet", r["mean"], r["standard_error"])
            for r in read("settling")]  # fmt: skip
    return table(("policy", "outcome", "runs", "settled after", "mean", "standard error"), rows)


def provenance() -> str:
    """Where the numbers of the validation come from."""
    return table(("what", "value"), ((r["what"], r["value"]) for r in read("provenance")))


def moves() -> str:
    """Shares of the variance of each world's outcomes by groups of parameters, once they are measured."""
    if not (DATA / "moves.csv").is_file():
        return "Not measured yet: `make monotone MONOTONE='--moves --write'`.\n"
    rows = read("moves")
    groups = list(dict.fromkeys(r["group"] for r in rows))
    found = {(r["world"], r["policy"], r["outcome"], r["group"]): r for r in rows}
    lines = [(*key, *(shared_out(found.get((*key, group))) for group in groups))
             for key in dict.fromkeys((r["world"], r["policy"], r["outcome"]) for r in rows)]  # fmt: skip
    text = table(("world", "policy", "outcome", *groups), lines)
    return f"{text}\nEvery instrument, price and means, one at a time: [more help, no less abatement](monotone.md).\n"


def shared_out(row: dict[str, str] | None) -> str:
    """A share of variance with its 95 % interval; blank where an outcome never varies."""
    if row is None or row["share"] in ("", "nan"):
        return ""
    return f"{100 * float(row['share']):.0f} % [{100 * float(row['low']):.0f}, {100 * float(row['high']):.0f}]"


def track_record() -> str:
    """What the worlds of the past scored, failures first."""
    with TRACK_RECORD.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    verdicts = {"True": "holds", "False": "**fails**"}
    return table(
        ("world", "test", "record, or what is asked", "model, mean and 90 %", "verdict"),
        ((r["world"], r["test"], r["record"], r["model"], verdicts[r["holds"]]) for r in rows if r["world"]),
    )


def unseen() -> str:
    """Clusters of registers that nothing was tried on before, set back in time by `import`."""
    rows = [
        (r["world"], f"`{r['command']}`", r["plants"], r["closed_recorded"], f"{r['inside_90']} of {r['years']}",
         r["skill_nothing_changes"], r["skill_random_walk"], r["counts_outside"]) for r in read("unseen")
    ]  # fmt: skip
    return table(("world", "command", "plants", "closed by the end", "years inside the 90 % band",
                  "skill against nothing changes", "against a random walk", "counts outside"), rows)  # fmt: skip


def identifiability() -> str:
    """What the record says of every parameter, the narrowest first."""
    rows = [
        (f"`{r['parameter']}`", f"{float(r['prior_width']):.2f}", f"{float(r['width']):.2f}",
         f"{100 * float(r['ratio']):.0f} %",
         f"{float(r['low_90']):.3g} to {float(r['high_90']):.3g} {r['unit']}".removesuffix(" -"), r["verdict"])
        for r in sorted(read("identifiability"), key=lambda r: ("nothing" in r["verdict"], float(r["ratio"])))
    ]  # fmt: skip
    return table(("parameter", "prior width", "width left", "left of it", "90 % of what is left", "verdict"), rows)


def matched() -> str:
    """The statistics that calibration set against the record."""
    rows = [
        (f"{r['cluster']}: {r['statistic']} {r['year']}",
         *(f"{float(r[k]):.3f}" for k in ("observed", "prior_mean", "prior_sd")), percent(r["luck_share"]),
         *(f"{float(r[k]):.3f}" for k in ("kept_mean", "kept_sd"))) for r in read("calibration-statistics")
    ]  # fmt: skip
    return table(("statistic", "record", "before: mean", "standard deviation", "luck's share of the variance", "kept: mean",
                  "standard deviation"), rows)  # fmt: skip


def calibrated_levels() -> str:
    """Levels of Dunkirk's baseline before and after calibration."""
    rows = read("calibration-levels")
    found = {(r["parameters"], r["outcome"]): r for r in rows}
    cells = [(outcome, *(f"{float(r['mean']):.3g} ({float(r['q05']):.2g} to {float(r['q95']):.3g})"
                         for r in (found["free ranges", outcome], found["calibrated", outcome])))
             for outcome in dict.fromkeys(r["outcome"] for r in rows)]  # fmt: skip
    return table(("outcome", "free ranges: mean (5 to 95 %)", "calibrated: mean (5 to 95 %)"), cells)


def calibrated_ranking() -> str:
    """The packages by CO2 against the baseline, before and after calibration."""
    rows = [
        (r["policy"], *(f"{r[f'rank_{w}']} ({float(r[f'difference_mt_{w}']):+.1f} ± {float(r[f'error_mt_{w}']):.1f} Mt)"
                        for w in ("before", "after")), "turned" if r["turned"] == "True" else "")
        for r in read("calibration-ranking")
    ]  # fmt: skip
    return table(("package", "rank before (CO2 against the baseline)", "rank after", ""), rows)


def outlook() -> str:
    """What is expected of every announced project."""
    rows = read("outlook-2026")
    found = {(r["cluster"], r["agent"], r["project"], r["by_year"]): r for r in rows}
    cells = []
    for cluster, agent, project in dict.fromkeys((r["cluster"], r["agent"], r["project"]) for r in rows):
        early, late = found[cluster, agent, project, "2028"], found[cluster, agent, project, "2030"]
        year = early["planned_start_year"].removesuffix(".0") or "-"
        cells.append((cluster, project, early["stage"], year, percent(early["fid_chance"]), percent(late["fid_chance"]),
                      percent(late["started_chance"]), percent(late["given_up_chance"])))  # fmt: skip
    return table(("cluster", "project", "stage in January 2026", "planned for", "decided by 2028", "by 2030",
                  "running by 2030", "given up by 2030"), cells)  # fmt: skip


def manifest() -> str:
    """Every field of a manifest."""
    return table(("field", "unit", "meaning"), ((f"`{name}`", unit, meaning) for name, unit, meaning in manifests.fields()))


def counted(name: str) -> str:
    """What `make fuzz` or `make faults` counted, as they wrote it."""
    if not (DATA / f"{name}.csv").is_file():
        return "Not counted yet.\n"
    rows = read(name)
    return table((column.replace("_", " ") for column in rows[0]), (row.values() for row in rows))


TABLES: dict[str, Callable[[], str]] = {
    "state-variables": state_variables, "parameters": parameters, "schedule": schedule, "instruments": instruments,
    "measures": measures, "gates": gates, "streams": streams, "patterns": patterns, "announcements": announcements,
    "milestones": milestones, "swings": swings, "sensitivity": sensitivity, "settling": settling, "provenance": provenance,
    "moves": moves, "manifest": manifest, "track-record": track_record, "unseen": unseen,
    "identifiability": identifiability, "matched": matched, "calibrated-levels": calibrated_levels,
    "calibrated-ranking": calibrated_ranking, "outlook": outlook,
    "fuzz": partial(counted, "fuzz"), "kills": partial(counted, "kills"), "score-pictures": score_pictures.pictures,
    "numbers": lambda: table(*numbers.side_by_side()),
}  # fmt: skip


def fingerprint() -> str:
    """Hash of what the validation depends on: rules, tables of the library, Dunkirk.

    Of a rule its statements count, not the file that it stands in, its imports, its comments or its docstring.
    """
    digest = hashlib.sha256()
    sources = [path for room in ("agents", "policies", "sim") for path in (ROOT / room).glob("*.py")]
    for statement in sorted(text for path in sources for text in statements(path)):
        digest.update(statement.encode())
    library = ROOT / "sim" / "library"
    data = [*(ROOT / "agents").glob("*.csv"), *(ROOT / "policies").glob("**/*.*ml"), *(ROOT / "policies").glob("*.csv"),
            *library.glob("*.csv"), *(library / "clusters" / "dunkirk").glob("*.*"),
            ROOT / "experiments" / "library" / "dunkirk.toml"]  # fmt: skip
    for path in sorted(data):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def statements(path: Path) -> list[str]:
    """The statements of a module at its top level, without imports and docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            vars(node)["body"] = [x for x in body if not (isinstance(x, ast.Expr) and isinstance(x.value, ast.Constant))]
    return [ast.dump(node) for node in tree.body if not isinstance(node, ast.Import | ast.ImportFrom)]


def renewed(text: str) -> str:
    """A page with every table written anew; raises KeyError for a table that nobody makes."""
    return MARKER.sub(lambda found: f"{found[1]}\n{TABLES[found[2]]()}\n{found[3]}", text)


def main() -> None:
    """Renew the pages, or check that they are current."""
    parser = argparse.ArgumentParser(description="Renew the generated tables of the documentation.")
    parser.add_argument("--check", action="store_true", help="change nothing; exit with 1 if a page is not current")
    check = parser.parse_args().check
    stale = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        new = renewed(text)
        if new != text:
            stale.append(page.name)
            if not check:
                page.write_text(new, encoding="utf-8")
    if stale:
        print(f"{', '.join(stale)}: {'not current; run: make docs' if check else 'renewed'}")
    sys.exit(1 if check and stale else 0)


if __name__ == "__main__":
    main()
