"""What `list` and `show` print: the library and the model's vocabulary. Each part is imported when it is asked for."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clusterpact.cli import console
from clusterpact.inputs import InputError, at_home, is_there, read_text, read_toml, usable_path

if TYPE_CHECKING:
    from clusterpact.policies.package import Package


@dataclass(frozen=True)
class Listing:
    """A table for people (its header and rows of text), and the same as data, one dictionary a row, with all there is."""

    header: list[str]
    rows: list[list[str]]
    data: list[dict[str, Any]]


def clusters() -> Listing:
    """Clusters of the library, by the files of their firms alone: nothing is checked."""
    from clusterpact.sim.scenario import CLUSTERS, GROUP_FILE, cluster_names, find_cluster

    data = []
    for name in cluster_names():
        folder = CLUSTERS / name
        group = read_toml(folder / GROUP_FILE) if (folder / GROUP_FILE).is_file() else None
        members = [find_cluster(one, folder) for one in group["clusters"]] if group else [folder]
        firms = [row for member in members for row in _firms(member)]
        title = (group or read_toml(folder / "cluster.toml"))["title"]
        kt = sum(float(row["scope1_kt_per_year"]) for row in firms)
        data.append({"cluster": name, "plants": len(firms), "scope1_kt_per_year": kt, "title": title})
    rows = [[d["cluster"], str(d["plants"]), f"{d['scope1_kt_per_year'] / 1000:.2f}", d["title"]] for d in data]
    return Listing(["cluster", "plants", "Mt CO2e/year", "title"], rows, data)


def _firms(folder: Path) -> list[dict[str, str]]:
    """The rows of a cluster's firms as text."""
    lines = read_text(folder / "firms.csv").splitlines()
    return list(csv.DictReader(line for line in lines if line.strip() and not line.startswith("#")))


def policies() -> Listing:
    """Policy packages of the library."""
    from clusterpact.policies.package import library_names, library_package

    found = {name: library_package(name) for name in library_names()}
    rows = [[name, package.description] for name, package in found.items()]
    return Listing(["policy", "what it stands for"], rows, [vars(package) for package in found.values()])


def instruments() -> Listing:
    """The catalogue of instruments; `show` tells the rest of each."""
    from clusterpact.policies.catalogue import INSTRUMENTS

    found = INSTRUMENTS.values()
    rows = [[i.name, f"{i.low:g}-{i.high:g} {i.unit}", i.meaning] for i in found]
    return Listing(["instrument", "range", "meaning (who sets and pays it: clusterpact show NAME)"], rows,
                   [i.model_dump() for i in found])  # fmt: skip


def parameters() -> Listing:
    """All parameters: those of behaviour first, then finance, investment and market; `show` tells the rest of each."""
    from clusterpact.agents.parameters import PARAMETERS

    found = PARAMETERS.values()
    rows = [[p.name, f"{p.default:g}", f"{p.low:g}-{p.high:g} {p.unit}", p.meaning] for p in found]
    return Listing(["parameter", "default", "range", "meaning (symbol and source: clusterpact show NAME)"], rows,
                   [p.model_dump() for p in found])  # fmt: skip


def experiments() -> Listing:
    """Experiments of the library."""
    from clusterpact.experiments.layers import EXPERIMENTS, experiment_names

    titles = {name: str(read_toml(EXPERIMENTS / f"{name}.toml").get("title", "")) for name in experiment_names()}
    data = [{"experiment": name, "title": title} for name, title in titles.items()]
    return Listing(["experiment", "title"], [[name, title] for name, title in titles.items()], data)


def ensembles() -> Listing:
    """Ensembles of parameters: what a record of the past does not rule out."""
    from pyarrow.parquet import ParquetFile

    from clusterpact.experiments.layers import EXPERIMENTS

    data: list[dict[str, Any]] = []
    for path in sorted((EXPERIMENTS / "ensembles").glob("*.parquet")):  # as shipped, so not checked
        table = ParquetFile(path).read()
        weights = table.column("weight").to_pylist()
        worth = sum(weights) ** 2 / sum(weight**2 for weight in weights)
        parameters = table.num_columns - 1
        data.append({"ensemble": path.stem, "parameters": parameters, "rows": len(weights), "worth_rows": worth})
    rows = [[d["ensemble"], str(d["parameters"]), f"{d['rows']:,}", f"{d['worth_rows']:,.0f}"] for d in data]
    return Listing(["ensemble", "parameters", "rows", "worth, by weights"], rows, data)


def measures() -> Listing:
    """What is recorded every year."""
    from clusterpact.sim.measures import MEASURES

    rows = [[m.name, m.unit, m.kind, m.meaning] for m in MEASURES]
    return Listing(["measure", "unit", "kind", "meaning"], rows, [vars(m) for m in MEASURES])


def rules() -> Listing:
    """Decisions whose theory an experiment may choose, the usual one first."""
    from clusterpact.agents.theories import THEORIES

    rows = [[decision, name, meaning] for decision, named in THEORIES.items() for name, meaning in named.items()]
    data = [dict(zip(("decision", "theory", "meaning"), row, strict=True)) for row in rows]
    return Listing(["decision", "theory", 'what it says (in an experiment: [rules], then decision = "theory")'], rows, data)


def signals() -> Listing:
    """Signals that an instrument may wait for."""
    from clusterpact.agents.vocabulary import SIGNALS

    data = [{"signal": f"{name}.NETWORK" if s.of else name, **s._asdict()} for name, s in SIGNALS.items()]
    rows = [[d["signal"], d["unit"], f"{d['low']:g} to {d['high']:g}", d["meaning"]] for d in data]
    return Listing(["signal", "unit", "range", 'meaning (in a package: when = "SIGNAL >= LEVEL for N years")'], rows, data)


@dataclass(frozen=True)
class Found:
    """One thing under a name: what kind it is, in words, and as data."""

    kind: str
    text: str
    data: dict[str, Any]


def find(name: str) -> list[Found]:
    """Everything that the library has under one name, or the file of a package; raises InputError if that is nothing."""
    from clusterpact.experiments.layers import EXPERIMENTS, PACKAGE, experiment_names
    from clusterpact.policies.package import LIBRARY, library_names, library_package

    parts = [_cluster(name)] if _is_cluster(name) else []
    if name in library_names():
        package = library_package(name)
        parts.append(_policy(package, LIBRARY / f"{name}.toml", vars(package)))
    if name.endswith(PACKAGE) and is_there(path := usable_path(at_home(name, "show"), "show")) and path.is_file():
        parts.append(_own_policy(path))
    if name in experiment_names():
        path = EXPERIMENTS / f"{name}.toml"
        text = f"There is an experiment of this name too: {path}" if parts else f"experiment {name}\n\n{_content(path)}"
        parts.append(Found("experiment", text, read_toml(path)))
    parts += _vocabulary(name)
    if not parts:
        raise InputError("", "show", name, "no such name", _names())
    return parts


def describe(name: str) -> str:
    """Everything that the library says under one name."""
    return "\n\n".join(part.text for part in find(name))


def _names() -> list[str]:
    from clusterpact.agents.parameters import PARAMETERS
    from clusterpact.experiments.layers import experiment_names
    from clusterpact.policies.catalogue import INSTRUMENTS
    from clusterpact.policies.package import library_names
    from clusterpact.sim.measures import MEASURES
    from clusterpact.sim.scenario import cluster_names

    known = [*cluster_names(), *library_names(), *experiment_names(), *INSTRUMENTS, *PARAMETERS]
    return [*known, *(m.name for m in MEASURES)]


def _content(path: Path) -> str:
    return path.read_text(encoding="utf-8").rstrip()


def _policy(package: "Package", path: Path, data: dict[str, Any]) -> Found:
    """A package as its file has it, and year by year, with what its base brings."""
    from clusterpact.policies.package import BUDGET, in_words

    lines = [f"{name}: {package.in_words(name, 0)}" for name in package.schedules]
    lines += [f"{line}{BUDGET}: {in_words(budget, 0)}" for line, budget in package.budgets.items()]
    held = "a strength holds from its year to the next one listed (in steps; prices go in lines from point to point)"
    law = "in force as the law of the place"
    said = "\n".join([f"{law}, but for:", *lines, held]) if lines else law
    return Found("policy", f"policy {package.name}\n\n{_content(path)}\n\n{said}", data)


def _own_policy(path: Path) -> Found:
    """A package of a file."""
    from clusterpact.experiments.variant import package_data
    from clusterpact.policies.package import parse_package

    data = read_toml(path)
    if of_experiment := [key for key in ("cluster", "policies", "policy", "horizon") if key in data]:
        expected = (
            "is a key of an experiment; expected the file of a package (clusterpact validate says what is in this one)"
        )
        raise InputError(path, of_experiment[0], None, expected)
    package = parse_package(data, path)
    return _policy(package, path, package_data(package))


def _vocabulary(name: str) -> list[Found]:
    """The instrument, the parameter and the measure of a name."""
    from clusterpact.agents.parameters import PARAMETERS
    from clusterpact.policies.catalogue import INSTRUMENTS
    from clusterpact.policies.targets import KEYS_OF
    from clusterpact.sim.measures import MEASURES

    parts = []
    if name in INSTRUMENTS:
        i = INSTRUMENTS[name]
        text = (
            f"instrument {name}\n\n{i.meaning}\nunit: {i.unit}; range: {i.low:g} to {i.high:g}; typical: {i.typical:g}\n"
            f"may be for: {', '.join(KEYS_OF[i.acts_on]) or 'everyone only'}\n"
            f"enters: {i.term} (rule {i.rule})\ncontrolled by: {i.controlled_by}\nwho pays: {i.who_pays}\nsource: {i.source}"
        )
        parts.append(Found("instrument", text, i.model_dump()))
    if name in PARAMETERS:
        p = PARAMETERS[name]
        text = (
            f"parameter {name} ({p.symbol or 'no symbol'}, {p.group})\n\n{p.meaning}\nunit: {p.unit}; "
            f"default: {p.default:g}; range: {p.low:g} to {p.high:g}\nsource: {p.source}\nconfidence: {p.confidence}"
        )
        parts.append(Found("parameter", text, p.model_dump()))
    for m in MEASURES:
        if m.name == name:
            parts.append(Found("measure", f"measure {name}\n\n{m.meaning}\nunit: {m.unit}; kind: {m.kind}", vars(m)))
    return parts


def _is_cluster(name: str) -> bool:
    from clusterpact.sim.scenario import cluster_names

    if name in cluster_names():
        return True
    try:
        return at_home(name, "show").is_dir()
    except OSError:  # a name that no file system takes
        return False


def _cluster(name: str) -> Found:
    """The portrait of a cluster, and where the rest stands."""
    from clusterpact.cli.portrait import portrait
    from clusterpact.sim.scenario import find_cluster, read_scenario

    scenario = read_scenario(find_cluster(name))
    console.warn(scenario.doubts)
    files = [path.name for path in sorted(scenario.folder.iterdir()) if path.is_file()]
    data = scenario.file.model_dump(mode="json") | {
        "folder": str(scenario.folder),
        "plants": [plant.model_dump(mode="json") for plant in scenario.plants],
        "projects": [project.model_dump(mode="json") for project in scenario.projects],
        "buyers": [buyer.model_dump(mode="json") for buyer in scenario.buyers],
    }
    return Found("cluster", f"{portrait(scenario)}\nfiles: {scenario.folder} ({', '.join(files)})", data)


def draw_cluster(name: str, out: Path) -> list[Path]:
    """Write the map and the network of ties of a cluster into a folder; returns their paths."""
    from clusterpact.results.figures.cluster_map import cluster_map, tie_network
    from clusterpact.sim.scenario import find_cluster, read_scenario

    scenario = read_scenario(find_cluster(name))
    out.mkdir(parents=True, exist_ok=True)
    paths = [out / f"{scenario.file.name}-{kind}.png" for kind in ("map", "ties")]
    for path, draw in zip(paths, (cluster_map, tie_network), strict=True):
        draw(scenario).savefig(path, dpi=150)
    return paths
