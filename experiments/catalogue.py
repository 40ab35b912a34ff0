"""What `list` and `show` print: the library and the model's vocabulary."""

from pathlib import Path

from agents.parameters import PARAMETERS
from experiments.experiment import EXPERIMENTS, experiment_names
from policies.inputs import InputError, read_toml
from policies.instruments import INSTRUMENTS
from policies.package import LIBRARY as POLICY_LIBRARY
from policies.package import library_names, library_package
from sim.measures import MEASURES
from sim.scenario import CLUSTERS, cluster_names, read_scenario

Table = tuple[list[str], list[list[str]]]


def clusters() -> Table:
    """Clusters of the library."""
    rows = []
    for name in cluster_names():
        scenario = read_scenario(CLUSTERS / name)
        total = sum(plant.scope1_kt_per_year for plant in scenario.plants)
        rows.append([name, str(len(scenario.plants)), f"{total / 1000:.2f}", scenario.file.title])
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


def measures() -> Table:
    """What is recorded every year."""
    return ["measure", "unit", "kind", "meaning"], [[m.name, m.unit, m.kind, m.meaning] for m in MEASURES]


def describe(name: str) -> str:
    """Everything that the library says under one name."""
    parts = []
    if name in cluster_names():
        parts.append(_describe_cluster(name))
    shipped = (("policy", POLICY_LIBRARY, library_names()), ("experiment", EXPERIMENTS, experiment_names()))
    for kind, folder, names in shipped:
        path = Path(folder) / f"{name}.toml"
        if name in names:
            parts.append(f"{kind} {name}\n\n{path.read_text(encoding='utf-8').rstrip()}")
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


def _describe_cluster(name: str) -> str:
    """A cluster's plants, networks, lenders and governments as text."""
    scenario = read_scenario(CLUSTERS / name)
    lines = [
        f"cluster {name}: {scenario.file.title}",
        "",
        f"{'plant':44} {'kt CO2e/yr':>10}  {'technology':34} announced",
    ]
    for plant in sorted(scenario.plants, key=lambda plant: -plant.scope1_kt_per_year):
        announced = f"{plant.announced_year or ''} {plant.announced_technology or ''}".strip()
        technology = plant.technology if plant.status == "operating" else f"(planned) {plant.technology}"
        lines.append(f"{plant.name[:44]:44} {plant.scope1_kt_per_year:10,.1f}  {technology[:34]:34} {announced}".rstrip())
    total = sum(plant.scope1_kt_per_year for plant in scenario.plants)
    lines += [f"{'total':44} {total:10,.1f}", ""]
    lines += [f"network: {net.name} ({net.kind}), first phase {net.phase_per_year:,.0f} "
              f"{'kt' if net.kind == 'co2_ts' else 'GWh'} a year, {net.capex_meur:,.0f} MEUR"
              for net in scenario.file.network]  # fmt: skip
    lines += [f"financier: {f.name}, {f.capital_meur:,.0f} MEUR, {f.base_rate_pct:g} %" for f in scenario.file.financier]
    lines += [f"government: {g.name} ({g.level})" for g in scenario.file.government]
    sources = scenario.folder / "sources.md"
    if sources.is_file():
        lines += ["", sources.read_text(encoding="utf-8").rstrip()]
    return "\n".join(lines)
