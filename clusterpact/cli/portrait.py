"""The portrait of a cluster on one screen: plants, emissions, jobs, networks, lenders, announced projects."""

from collections.abc import Iterable

from clusterpact.agents.vocabulary import NETWORK_KIND_TABLE
from clusterpact.policies.package import Package
from clusterpact.sim.cluster import Plant
from clusterpact.sim.scenario import Scenario

LARGEST = 5  #: plants named one by one
MOST_PROJECTS = 10
MOST_GOVERNMENTS = 8
WIDTH = 120


def portrait(scenario: Scenario) -> str:
    """The portrait as text of about forty lines."""
    file = scenario.file
    head = f"{file.name}: {file.title}"
    parts = [head + (f" ({file.country})" if file.country and not scenario.members else ""), _totals(scenario)]
    if scenario.members:
        parts.append(_rows("clusters", (_member(member) for member in scenario.members), 22))
    parts.append(_sectors(scenario.plants))
    parts.append(_plants(scenario.plants))
    if not scenario.members:
        parts.append(_networks(scenario))
    lenders = (f"{row.name} {row.capital_meur:,.0f} MEUR at {row.base_rate_pct:g} %" for row in file.financier)
    parts.append(_list("lenders", lenders))
    governments = [row.name for row in file.government]
    rest = [f"and {len(governments) - MOST_GOVERNMENTS} more"] if len(governments) > MOST_GOVERNMENTS else []
    parts.append(_list("governments", governments[:MOST_GOVERNMENTS] + rest))
    if scenario.members:
        parts.append(_list("teams", (f"{team.interest}: {len(team.governments)} governments" for team in scenario.teams)))
    else:
        parts.append(_list("law today", (f"{name} {_schedule(scenario.law, name)}" for name in scenario.law.schedules)))
        aims = (f"{year}: {share:.0%} of scope 1" for year, share in sorted(file.milestones.items()))
        parts.append(_list("milestones", (*aims, f"pact by {file.governance}")))
    parts.append(_announced(scenario))
    return "\n".join(part for part in parts if part)


def _totals(scenario: Scenario) -> str:
    plants = scenario.plants
    emitted = sum(plant.scope1_kt_per_year for plant in plants) / 1000
    jobs = sum(_jobs(scenario, plant) for plant in plants)
    planned = sum(plant.status == "planned" for plant in plants)
    extra = f" ({planned} planned)" if planned else ""
    return f"{len(plants)} plants{extra}, {emitted:,.1f} Mt CO2e a year (scope 1), {jobs:,.0f} direct jobs"


def _member(member: Scenario) -> tuple[str, str]:
    emitted = sum(plant.scope1_kt_per_year for plant in member.plants) / 1000
    return member.file.name, f"{emitted:6.1f} Mt {len(member.plants):4d} plants  {member.file.title}"


def _jobs(scenario: Scenario, plant: Plant) -> float:
    if plant.status == "planned":
        return 0.0
    economy = scenario.tables.economy[plant.sector]
    return economy.jobs_per_kunit * plant.capacity if plant.jobs is None else plant.jobs


def _sectors(plants: Iterable[Plant]) -> str:
    totals: dict[str, list[float]] = {}
    for plant in plants:
        row = totals.setdefault(plant.sector, [0, 0.0])
        row[0] += 1
        row[1] += plant.scope1_kt_per_year / 1000
    ranked = sorted(totals.items(), key=lambda item: -item[1][1])
    return _list("sectors", (f"{name.replace('_', ' ')} {total:,.2f} Mt" + (f" ({count} plants)" if count > 1 else "")
                             for name, (count, total) in ranked))  # fmt: skip


def _plants(plants: tuple[Plant, ...]) -> str:
    ranked = sorted(plants, key=lambda plant: -plant.scope1_kt_per_year)[:LARGEST]
    rows = ((f"{plant.scope1_kt_per_year / 1000:6.2f} Mt", f"{plant.name}, {plant.technology}") for plant in ranked)
    return _rows("largest plants", rows, 9)


def _networks(scenario: Scenario) -> str:
    def line(network) -> str:  # type: ignore[no-untyped-def]
        unit = NETWORK_KIND_TABLE[network.kind].unit
        spare = f", {network.spare_per_year:,.0f} {unit} to spare today" if network.spare_per_year else ""
        announced = f", announced {network.announced_year}" if network.announced_year else ""
        return (f"first phase {network.phase_per_year:,.0f} {unit} a year for {network.capex_meur:,.0f} MEUR, "
                f"{network.lead_quarters / 4:g} years to build{announced}{spare}")  # fmt: skip

    return _rows("networks on offer", ((network.name, line(network)) for network in scenario.file.network))


def _announced(scenario: Scenario) -> str:
    plants = [plant for plant in scenario.plants if plant.announced_technology or plant.status == "planned"]
    rows = [
        (str(plant.announced_year or "no year"), f"{plant.name}: {plant.announced_technology or plant.technology}")
        for plant in sorted(plants, key=lambda plant: (plant.announced_year or 9999, plant.id))
    ]
    most = MOST_PROJECTS // 2 if scenario.members else MOST_PROJECTS
    more = [("", f"and {len(rows) - most} more")] if len(rows) > most else []
    return _rows("announced projects", rows[:most] + more, 9) or "announced projects: none"


def _schedule(law: Package, name: str) -> str:
    points = law.schedules[name]
    return f"{points[-1][1]:g}" if len(points) == 1 else f"{points[-1][1]:g} from {points[-1][0]}"


def _rows(title: str, rows: Iterable[tuple[str, str]], width: int = 34) -> str:
    lines = [f"  {first:{width}.{width}}  {second}"[:WIDTH].rstrip() for first, second in rows]
    return "\n".join([f"{title}:", *lines]) if lines else ""


def _list(title: str, items: Iterable[str]) -> str:
    """Items on as many lines as they need, indented under their title."""
    import textwrap

    text = "; ".join(items)
    return textwrap.fill(text, WIDTH, initial_indent=f"{title}: ", subsequent_indent="  ") if text else ""
