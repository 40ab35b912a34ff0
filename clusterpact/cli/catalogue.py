"""What `list` and `show` print: the library and the model's vocabulary."""

from pathlib import Path

from clusterpact.agents.parameters import PARAMETERS
from clusterpact.agents.theories import THEORIES
from clusterpact.cli import console
from clusterpact.cli.portrait import portrait
from clusterpact.experiments.ensemble import ENSEMBLES, ensemble_names, read_ensemble
from clusterpact.experiments.layers import EXPERIMENTS, experiment_names
from clusterpact.inputs import InputError, at_home, read_toml
from clusterpact.policies.catalogue import INSTRUMENTS
from clusterpact.policies.package import BUDGET, Package, in_words, library_names, library_package
from clusterpact.policies.package import LIBRARY as POLICY_LIBRARY
from clusterpact.sim.measures import MEASURES
from clusterpact.sim.scenario import CLUSTERS, cluster_names, find_cluster, read_scenario

Table = tuple[list[str], list[list[str]]]


def clusters() -> Table:
    """Clusters of the library."""
    rows = []
    for name in cluster_names():
        scenario = read_scenario(CLUSTERS / name)
        total = sum(plant.scope1_kt_per_year for plant in scenario.plants)
        rows.append([name, str(len(scenario.sites)), f"{total / 1000:.2f}", scenario.file.title])
    return ["cluster", "plants", "Mt CO2e/year", "title"], rows


def policies() -> Table:
    """Policy packages of the library."""
    rows = [[name, library_package(name).description] for name in library_names()]
    return ["policy", "what it stands for"], rows


def instruments() -> Table:
    """The catalogue of instruments."""
    rows = [
        [i.name, i.unit, f"{i.low:g}-{i.high:g}", i.rule, i.controlled_by, i.who_pays,
         f"{i.meaning} (enters: {i.term}). {i.source}"]
        for i in INSTRUMENTS.values()
    ]  # fmt: skip
    return ["instrument", "unit", "range", "rule", "set by", "who pays", "meaning"], rows


def parameters() -> Table:
    """All parameters: 34 of behaviour first, then finance, investment and market."""
    rows = [
        [p.name, p.symbol, p.group, p.unit, f"{p.default:g}", f"{p.low:g}-{p.high:g}", p.confidence,
         f"{p.meaning}. {p.source}"]
        for p in PARAMETERS.values()
    ]  # fmt: skip
    return ["parameter", "symbol", "group", "unit", "default", "range", "confidence", "meaning and source"], rows


def experiments() -> Table:
    """Experiments of the library."""
    rows = [[name, str(read_toml(EXPERIMENTS / f"{name}.toml").get("title", ""))] for name in experiment_names()]
    return ["experiment", "title"], rows


def ensembles() -> Table:
    """Ensembles of parameters: what a record of the past does not rule out."""
    rows = []
    for name in ensemble_names():
        found = read_ensemble(ENSEMBLES / f"{name}.parquet", name)
        worth = found.weights.sum() ** 2 / (found.weights**2).sum()
        rows.append([name, str(len(found.rows)), f"{len(found.weights):,}", f"{worth:,.0f}"])
    return ["ensemble", "parameters", "rows", "worth, by weights"], rows


def measures() -> Table:
    """What is recorded every year."""
    return ["measure", "unit", "kind", "meaning"], [[m.name, m.unit, m.kind, m.meaning] for m in MEASURES]


def rules() -> Table:
    """Decisions whose theory an experiment may choose, the usual one first."""
    rows = [[decision, name, meaning] for decision, named in THEORIES.items() for name, meaning in named.items()]
    return ["decision", "theory", 'what it says (in an experiment: [rules], then decision = "theory")'], rows


def describe(name: str) -> str:
    """Everything that the library says under one name."""
    parts = []
    if name in cluster_names() or _is_folder(name):
        parts.append(_describe_cluster(name))
    shipped = (("policy", POLICY_LIBRARY, library_names()), ("experiment", EXPERIMENTS, experiment_names()))
    for kind, folder, names in shipped:
        path = Path(folder) / f"{name}.toml"
        if name in names and parts:
            parts.append(f"There is an experiment of this name too: {path}")
        elif name in names:
            parts.append(f"{kind} {name}\n\n{path.read_text(encoding='utf-8').rstrip()}")
            parts += [_describe_package(library_package(name))] if kind == "policy" else []
    if name in INSTRUMENTS:
        i = INSTRUMENTS[name]
        parts.append(
            f"instrument {name}\n\n{i.meaning}\nunit: {i.unit}; range: {i.low:g} to {i.high:g}; typical: {i.typical:g}\n"
            f"enters: {i.term} (rule {i.rule})\ncontrolled by: {i.controlled_by}\nwho pays: {i.who_pays}\nsource: {i.source}"
        )
    if name in PARAMETERS:
        p = PARAMETERS[name]
        parts.append(
            f"parameter {name} ({p.symbol or 'no symbol'}, {p.group})\n\n{p.meaning}\nunit: {p.unit}; "
            f"default: {p.default:g}; range: {p.low:g} to {p.high:g}\nsource: {p.source}\nconfidence: {p.confidence}"
        )
    parts += [f"measure {name}\n\n{m.meaning}\nunit: {m.unit}; kind: {m.kind}" for m in MEASURES if m.name == name]
    if not parts:
        known = [*cluster_names(), *library_names(), *experiment_names(), *INSTRUMENTS, *PARAMETERS]
        raise InputError("", "show", name, "no such name", [*known, *(m.name for m in MEASURES)])
    return "\n\n".join(parts)


def _describe_package(package: Package) -> str:
    """A package year by year, with what its base brings."""
    points = package.schedules | {f"{line}{BUDGET}": budget for line, budget in package.budgets.items()}
    lines = [f"{name}: {in_words(schedule, 0)}" for name, schedule in points.items()]
    held = "a strength holds from its year to the next one listed (in steps; prices go in lines from point to point)"
    return "\n".join(
        ["in force as the law of the place, but for:", *lines, held] if lines else ["in force as the law of the place"]
    )


def _is_folder(name: str) -> bool:
    try:
        return at_home(name, "show").is_dir()
    except OSError:  # a name that no file system takes
        return False


def _describe_cluster(name: str) -> str:
    """The portrait of a cluster, and where the rest stands."""
    scenario = read_scenario(find_cluster(name))
    console.warn(scenario.doubts)
    files = [path.name for path in sorted(scenario.folder.iterdir()) if path.is_file()]
    return f"{portrait(scenario)}\nfiles: {scenario.folder} ({', '.join(files)})"


def draw_cluster(name: str, out: Path) -> list[Path]:
    """Write the map and the network of ties of a cluster into a folder; returns their paths."""
    from clusterpact.results.figures.cluster_map import cluster_map, tie_network

    scenario = read_scenario(find_cluster(name))
    out.mkdir(parents=True, exist_ok=True)
    paths = [out / f"{scenario.file.name}-{kind}.png" for kind in ("map", "ties")]
    for path, draw in zip(paths, (cluster_map, tie_network), strict=True):
        draw(scenario).savefig(path, dpi=150)
    return paths
