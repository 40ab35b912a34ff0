"""The portrait of a cluster on one screen: plants, units, emissions, networks, lenders, buyers, resources, projects."""

from collections import Counter
from collections.abc import Iterable, Iterator

from clusterpact.agents.vocabulary import NETWORK_KIND_TABLE, PROJECT_STAGES
from clusterpact.sim.cluster import Plant, Resource
from clusterpact.sim.scenario import Scenario
from clusterpact.sim.units import unit_name
from clusterpact.texts import padded, shortened, wrapped

LARGEST = 5  #: plants named one by one
MOST_MEMBERS = 20  #: clusters of a network named one by one; of more, only the largest
MOST_PROJECTS = 14
MOST_SPLIT = 4  #: plants whose units are named, the largest
MOST_GOVERNMENTS = 8
WIDTH = 120


def portrait(scenario: Scenario) -> str:
    """The portrait as text of about forty lines."""
    file = scenario.file
    head = f"{file.name}: {file.title}"
    head += f" ({file.country})" if file.country and not scenario.members else ""
    parts = ["\n".join(wrapped(head, WIDTH)), _totals(scenario)]
    if scenario.members:
        parts.append(_members(scenario.members))
    parts.append(_sectors(scenario.whole_plants))
    parts.append(_plants(scenario.whole_plants))
    if not scenario.members:
        parts.append(_units(scenario))
        parts.append(_networks(scenario))
    lenders = (f"{row.name} {row.capital_meur:,.0f} MEUR at {row.base_rate_pct:g} %" for row in file.financier)
    parts.append(_list("lenders", lenders))
    governments = [row.name for row in file.government]
    rest = [f"and {len(governments) - MOST_GOVERNMENTS} more"] if len(governments) > MOST_GOVERNMENTS else []
    parts.append(_list("governments", governments[:MOST_GOVERNMENTS] + rest))
    if scenario.members:
        parts.append(_list("teams", (f"{team.interest}: {len(team.governments)} governments" for team in scenario.teams)))
    else:
        parts.append(_list("law", (f"{name} {scenario.law.in_words(name)}" for name in scenario.law.schedules)))
        aims = (f"{year}: {share:.0%} of scope 1" for year, share in sorted(file.milestones.items()))
        parts.append(_list("milestones", (*aims, f"pact by {file.governance}")))
    parts.append(_list("buyers of low-carbon products, at a premium", _buyers(scenario)))
    if not scenario.members:
        parts.append(_list("limited", map(_limit, file.resource)))
    parts.append(_projects(scenario))
    return "\n".join(part for part in parts if part)


def _totals(scenario: Scenario) -> str:
    plants = scenario.whole_plants
    emitted = sum(plant.scope1_kt_per_year for plant in plants) / 1000
    jobs = sum(_jobs(scenario, plant) for plant in plants)
    planned = sum(plant.status == "planned" for plant in plants)
    notes = [f"{planned} planned"] if planned else []
    notes += [f"{len(scenario.plants)} units"] if len(scenario.plants) > len(plants) else []
    extra = f" ({', '.join(notes)})" if notes else ""
    return f"{len(plants)} plants{extra}, {emitted:,.1f} Mt CO2e a year (scope 1), {jobs:,.0f} direct jobs"


def _members(members: tuple[Scenario, ...]) -> str:
    """The clusters of a network in their order; of more than fit on a screen the largest, and what the others sum to."""
    if len(members) <= MOST_MEMBERS:
        return _rows("clusters", map(_member, members), 22)
    ranked = sorted(members, key=_emitted_mt, reverse=True)
    named, others = ranked[: MOST_MEMBERS - 3], ranked[MOST_MEMBERS - 3 :]
    rest = (f"and {len(others)} more", f"{sum(map(_emitted_mt, others)):6.1f} Mt")
    return _rows("largest clusters", (*map(_member, named), rest), 22)


def _member(member: Scenario) -> tuple[str, str]:
    return (
        member.file.name,
        f"{_emitted_mt(member):6.1f} Mt {len(member.sites):4d} plants  {shortened(member.file.title, 70)}",
    )


def _emitted_mt(member: Scenario) -> float:
    return sum(plant.scope1_kt_per_year for plant in member.plants) / 1000


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
    return _list("sectors", (f"{_in_words(name)} {total:,.2f} Mt" + (f" ({count} plants)" if count > 1 else "")
                             for name, (count, total) in ranked))  # fmt: skip


def _plants(plants: tuple[Plant, ...]) -> str:
    ranked = sorted(plants, key=lambda plant: -plant.scope1_kt_per_year)[:LARGEST]
    rows = ((f"{plant.scope1_kt_per_year / 1000:6.2f} Mt", f"{plant.name}, {plant.technology}") for plant in ranked)
    return _rows("largest plants", rows, 9)


def _units(scenario: Scenario) -> str:
    """The units of the largest plants that have several, by the slugs that projects name them by."""
    split = sorted((units for units in scenario.sites.values() if len(units) > 1),
                   key=lambda units: -sum(unit.scope1_kt_per_year for unit in units))  # fmt: skip
    rows = (f"{units[0].site}: " + ", ".join(map(_unit, units)) for units in split[:MOST_SPLIT])
    rest = [f"and those of {len(split) - MOST_SPLIT} more"] if len(split) > MOST_SPLIT else []
    return _list("units", (*rows, *rest))


def _unit(unit: Plant) -> str:
    last = getattr(unit, "last_year", None)
    return f"{unit_name(unit)} {_amount(unit, unit.capacity)}" + (f" until {last}" if last else "")


def _amount(plant: Plant, volume: float) -> str:
    """A yearly volume of what a plant makes."""
    return f"{volume:,.0f} {'GWh' if plant.capacity_kt_per_year is None else 'kt'}"


def _buyers(scenario: Scenario) -> Iterator[str]:
    """What buyers would take of every product, and the premium that they pay."""
    makers = {plant.sector: plant for plant in scenario.plants}
    for product in dict.fromkeys(buyer.product for buyer in scenario.buyers):
        own = [buyer for buyer in scenario.buyers if buyer.product == product]
        volume = _amount(makers[product], sum(buyer.volume_kt_per_year for buyer in own))
        per = "MWh" if makers[product].capacity_kt_per_year is None else "t"
        low, high = (end(buyer.premium_eur_per_t for buyer in own) for end in (min, max))
        premium = f"{low:g}" if low == high else f"{low:g} to {high:g}"
        who = f" by {len(own)}" if len(own) > 1 else ""
        yield f"{_in_words(product)} {volume} a year{who} at {premium} EUR/{per}"


def _in_words(name: str) -> str:
    return name.replace("_", " ")


def _limit(row: Resource) -> str:
    unit = "kt" if row.carrier == "scrap" else "GWh"
    return f"{_in_words(row.carrier)} {row.available_per_year:,.0f} {unit} a year"


def _networks(scenario: Scenario) -> str:
    projects = {project.network: project for project in scenario.projects}

    def line(network) -> str:  # type: ignore[no-untyped-def]
        unit = NETWORK_KIND_TABLE[network.kind].unit
        spare = f", {network.spare_per_year:,.0f} {unit} to spare today" if network.spare_per_year else ""
        project = projects.get(network.id)
        planned = f", {project.stage} ({project.start_year or 'no year'})" if project else ""
        return (f"first phase {network.phase_per_year:,.0f} {unit} a year for {network.capex_meur:,.0f} MEUR, "
                f"{network.lead_quarters / 4:g} years to build{planned}{spare}")  # fmt: skip

    return _rows("networks on offer", ((network.name, line(network)) for network in scenario.file.network))


def _projects(scenario: Scenario) -> str:
    """Projects in hand, the soonest first: planned start, where each stands, grant or contract in hand, what it is.

    Of a network of clusters: how many stand where.
    """
    if not scenario.projects:
        return "projects in hand: none"
    if scenario.members:
        stages = Counter(project.stage for project in scenario.projects)
        return _list("projects in hand", (f"{stages[stage]} {stage}" for stage in PROJECT_STAGES if stages[stage]))
    names = {plant.id: plant.site_name for plant in scenario.plants}
    grants = {network.id: network.grant_meur for network in scenario.file.network}
    ranked = sorted(scenario.projects, key=lambda project: (project.start_year or 9999, project.agent))
    lines = ["projects in hand:", f"  {'start':7}{'stage':17}{'grant or contract':19}project"]
    for project in ranked[:MOST_PROJECTS]:
        grant = project.grant_meur or grants.get(project.network, 0.0)
        money = [f"{grant:,.0f} MEUR"] if grant else []
        money += [f"{project.strike_eur_per_t:g} EUR/t"] if project.strike_eur_per_t else []
        owner = "" if project.network else f"{names[project.agent]}: "
        line = f"  {project.start_year or '-':<7}{project.stage:17}{', '.join(money) or '-':19}"
        lines.append(line + shortened(f"{owner}{project.name}", WIDTH - len(line)))
    rest = [f"  and {len(ranked) - MOST_PROJECTS} more"] if len(ranked) > MOST_PROJECTS else []
    return "\n".join([*lines, *rest])


def _rows(title: str, rows: Iterable[tuple[str, str]], width: int = 34) -> str:
    lines = [f"  {padded(first, width)}  {shortened(second, WIDTH - width - 4)}".rstrip() for first, second in rows]
    return "\n".join([f"{title}:", *lines]) if lines else ""


def _list(title: str, items: Iterable[str]) -> str:
    """Items on as many lines as they need, indented under their title."""
    text = "; ".join(items)
    return "\n  ".join(wrapped(f"{title}: {text}", WIDTH - 2)) if text else ""
