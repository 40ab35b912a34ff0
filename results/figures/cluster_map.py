"""Pictures of a place: where its plants stand, and who depends on whom before anything is decided."""

import math
from typing import Any

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from clusterpact.agents.vocabulary import NETWORK_KIND_TABLE
from clusterpact.results.figures.placed import NAMED, circle_areas, draw_plants
from clusterpact.results.figures.style import COLOURS, PAGE, Numbers, Picture, fitted, frame
from clusterpact.results.language import _, written
from clusterpact.sim.cluster import Plant
from clusterpact.sim.options import plant_options
from clusterpact.sim.scenario import Scenario
from clusterpact.texts import shortened

GREY = "#9A9A9A"


def sector_colours(scenario: Scenario) -> dict[str, str]:
    """A colour for each of the sectors that emit most, grey for the others."""
    totals: dict[str, float] = {}
    for plant in scenario.whole_plants:
        totals[plant.sector] = totals.get(plant.sector, 0.0) + plant.scope1_kt_per_year
    ranked = sorted(totals, key=lambda sector: -totals[sector])
    return {sector: COLOURS[k] if k < len(COLOURS) - 1 else GREY for k, sector in enumerate(ranked)}


def cluster_map(scenario: Scenario) -> Figure:
    """Where are the plants? Circles by emissions and sector; those without coordinates as bars by sector. A network of
    clusters has a bar per cluster instead."""
    colours = sector_colours(scenario)
    placed = [plant for plant in scenario.whole_plants if plant.latitude is not None and plant.longitude is not None]
    lost = [plant for plant in scenario.whole_plants if plant.latitude is None or plant.longitude is None]
    if scenario.members:
        rows = [(member.file.title, list(member.whole_plants)) for member in scenario.members]
        figure = Picture(figsize=(PAGE, 1.6 + 0.42 * len(rows)))
        _schematic(figure.add_axes((0.34, 0.07, 0.46, 0.86)), rows, colours)
    elif not placed:
        figure = Picture(figsize=(PAGE, 1.6 + 0.5 * len(colours)))
        _schematic(figure.add_axes((0.20, 0.10, 0.60, 0.78)), _by_sector(lost), colours)
    elif lost:
        rows = _by_sector(lost)
        figure = Picture(figsize=(PAGE, 6.3))
        draw_plants(figure.add_axes((0.01, 0.06, 0.68, 0.85)), placed, colours, _links(scenario))
        axis = figure.add_axes((0.81, 0.13, 0.17, min(0.4, 0.05 + 0.05 * len(rows))))
        axis.set_title(_("without coordinates"), fontsize=9, loc="left")
        _schematic(axis, rows, colours, 1.1)
    else:
        figure = Picture(figsize=(PAGE, 6.3))
        draw_plants(figure.add_axes((0.01, 0.06, 0.80, 0.85)), placed, colours, _links(scenario))
    handles = [Line2D([], [], marker="o", ls="none", ms=8, color=colour, label=_(sector.replace("_", " ")))
               for sector, colour in colours.items() if colour != GREY]  # fmt: skip
    if GREY in colours.values():
        handles.append(Line2D([], [], marker="o", ls="none", ms=8, color=GREY, label=_("other sectors")))
    beside = {"loc": "center right"} if not (placed and lost) else {"loc": "upper left", "bbox_to_anchor": (0.70, 0.92)}
    figure.legend(handles=handles, frameon=False, fontsize=9, **beside)
    total = sum(plant.scope1_kt_per_year for plant in scenario.plants) / 1000
    question = _("{place}: {plants} plants, {total} Mt CO2e a year").format(
        place=shortened(scenario.file.title, 60),
        plants=written(f"{len(scenario.sites):,}"),
        total=written(f"{total:,.1f}"),
    )
    on_map = _("area of a circle: scope 1 at the start; +: where a plant stands that is drawn beside · coast, borders, "
               "places: Natural Earth")  # fmt: skip
    frame(figure, question, _("a piece is a plant") if scenario.members or not placed else on_map)  # fmt: skip
    return figure


def _links(scenario: Scenario) -> list[tuple[str, str]]:
    """Pairs of plants with a heat link on offer."""
    site = _site_of(scenario)
    return [(site[link.source_firm], site[link.sink_firm]) for link in scenario.file.link]


def _by_sector(plants: list[Plant]) -> list[tuple[str, list[Plant]]]:
    rows: dict[str, list[Plant]] = {}
    for plant in sorted(plants, key=lambda plant: -plant.scope1_kt_per_year):
        rows.setdefault(plant.sector, []).append(plant)
    return [(_(sector.replace("_", " ")), members) for sector, members in rows.items()]


def _schematic(axis: Any, rows: list[tuple[str, list[Plant]]], colours: dict[str, str], names: float = 3.0) -> None:
    """A bar per group of plants, a piece per plant with the largest first in each sector; its sum stands at its end.

    names: inches for the groups' names.
    """
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)
    order = {sector: k for k, sector in enumerate(colours)}
    sums = [sum(plant.scope1_kt_per_year for plant in plants) / 1000 for _name, plants in rows]
    for y, (_name, plants) in enumerate(rows):
        left = 0.0
        for plant in sorted(plants, key=lambda plant: (order[plant.sector], -plant.scope1_kt_per_year)):
            width = plant.scope1_kt_per_year / 1000
            axis.barh(y, width, left=left, height=0.7, color=colours[plant.sector], edgecolor="white", lw=0.4)
            left += width
        text = _("{total} Mt").format(total=written(f"{left:,.2f}" if left < 1 else f"{left:,.1f}"))
        axis.annotate(text, (left, y), xytext=(4, 0), textcoords="offset points", fontsize=7, va="center", color="#444444")
    axis.set_yticks(range(len(rows)), [fitted(name, names, 8) for name, _ in rows], fontsize=8)
    axis.set_xlim(0, (1.15 if names > 2 else 1.6) * max([*sums, 1e-9]))
    axis.set_ylim(len(rows) - 0.4, -0.8)
    axis.tick_params(axis="y", length=0)
    axis.tick_params(axis="x", labelsize=8)
    axis.xaxis.set_major_formatter(Numbers())
    axis.set_xlabel(fitted(_("scope 1 at the start, Mt CO2e a year"), names + 0.8, 8, 3), fontsize=8)


def tie_network(scenario: Scenario) -> Figure:
    """Who depends on whom: plants around, the networks that their options need inside, lenders and governments beside.

    Of a network of clusters: the clusters around, and what ties them.
    """
    if scenario.members:
        return _ties_of_clusters(scenario)
    colours = sector_colours(scenario)
    order = {sector: k for k, sector in enumerate(colours)}
    plants = sorted(scenario.whole_plants, key=lambda plant: (order[plant.sector], -plant.scope1_kt_per_year))
    figure, axis = _round()
    places = {plant.id: _on_circle(k, len(plants), 1.0) for k, plant in enumerate(plants)}
    for number, network in enumerate(scenario.file.network):
        users = [places[plant.id] for plant in plants if network.kind in _needs(scenario, plant.id)]
        at = _on_circle(number, len(scenario.file.network), 0.5)
        axis.plot(*at, marker="s", ms=9, color="#444444", zorder=3)
        axis.annotate(f"{NETWORK_KIND_TABLE[network.kind].label}\n{len(users)} plants could use it", at, (0, 12),
                      textcoords="offset points", ha="center", fontsize=8, zorder=4,
                      bbox={"facecolor": "white", "alpha": 0.75, "lw": 0})  # fmt: skip
        for user in users:
            axis.plot(*zip(at, user, strict=True), color="#BBBBBB", lw=0.5, zorder=1)
    site = _site_of(scenario)
    for link in scenario.file.link:
        ends = [places[site[end]] for end in (link.source_firm, link.sink_firm)]
        axis.plot(*zip(*ends, strict=True), color="#D55E00", lw=1.4, zorder=2)
    for plant in plants:
        if plant.gas_from:
            axis.plot(*zip(places[plant.gas_from], places[plant.id], strict=True), color="#0072B2", lw=1.4, zorder=2)
    largest = max((plant.scope1_kt_per_year for plant in plants), default=1.0)
    xs, ys = zip(*places.values(), strict=True)
    axis.scatter(xs, ys, s=[0.6 * area for area in circle_areas(plants, largest)],
                 c=[colours[plant.sector] for plant in plants], edgecolors="white", linewidths=0.6, zorder=3)  # fmt: skip
    for plant in sorted(plants, key=lambda plant: -plant.scope1_kt_per_year)[:NAMED]:
        _label(axis, places[plant.id], shortened(plant.name, 30))
    handles = [
        *(Line2D([], [], marker="o", ls="none", ms=7, color=colour, label=sector.replace("_", " "))
          for sector, colour in colours.items() if colour != GREY),
        Line2D([], [], marker="s", ls="none", ms=7, color="#444444", label="network on offer"),
        Line2D([], [], color="#BBBBBB", label="an option needs it"),
        Line2D([], [], color="#D55E00", label="heat link on offer"),
        Line2D([], [], color="#0072B2", label="burns its gases"),
    ]  # fmt: skip
    _beside(figure, scenario, handles)
    return figure


def _ties_of_clusters(scenario: Scenario) -> Figure:
    """Clusters around; lines where governments work in the same teams, or where one government has a say in both."""
    figure, axis = _round()
    members = scenario.members
    places = [_on_circle(k, len(members), 1.0) for k in range(len(members))]
    governments = [{row.id for row in member.file.government} for member in members]
    for a, one in enumerate(governments):
        for b, other in list(enumerate(governments))[:a]:
            teams = sum(bool(one & set(team.governments)) and bool(other & set(team.governments)) for team in scenario.teams)
            if one & other:
                axis.plot(*zip(places[a], places[b], strict=True), color="#BBBBBB", lw=1.2 * len(one & other), zorder=1)
            if teams:
                axis.plot(*zip(places[a], places[b], strict=True), color="#D55E00", lw=1.2 * teams, alpha=0.7, zorder=2)
    totals = [sum(plant.scope1_kt_per_year for plant in member.plants) for member in members]
    areas = [max(14.0, 1100.0 * total / max(totals)) for total in totals]
    axis.scatter(*zip(*places, strict=True), s=areas, color="#0072B2", edgecolors="white", zorder=3)
    for member, at in zip(members, places, strict=True):
        _label(axis, at, shortened(member.file.title, 30))
    handles = [
        Line2D([], [], marker="o", ls="none", ms=8, color="#0072B2", label="cluster (area: scope 1)"),
        Line2D([], [], color="#BBBBBB", lw=1.5, label="a government has a say in both"),
        Line2D([], [], color="#D55E00", lw=1.5, label="their governments share teams"),
    ]
    _beside(figure, scenario, handles)
    return figure


def _round() -> tuple[Figure, Any]:
    """A figure with room for a circle of radius one and labels around it."""
    figure = Picture(figsize=(PAGE, 6.5))
    axis = figure.add_axes((0.01, 0.04, 0.72, 0.88))
    axis.set_aspect("equal")
    axis.set_xlim(-1.62, 1.62)
    axis.set_ylim(-1.15, 1.15)
    axis.set_axis_off()
    return figure, axis


def _label(axis: Any, at: tuple[float, float], name: str) -> None:
    """A name beside a point of the circle, in lines that end before the picture does."""
    left, right = axis.get_xlim()
    inches = axis.get_position().width * axis.figure.get_figwidth() / (right - left)
    room = (right - 1.09 * abs(at[0])) * inches
    side = "left" if at[0] > 0 else "right"
    axis.text(1.09 * at[0], 1.07 * at[1], fitted(name, room, 7, 3), fontsize=7, ha=side, multialignment=side, va="center",
              zorder=4)  # fmt: skip


def _beside(figure: Figure, scenario: Scenario, handles: list[Line2D]) -> None:
    """Title, legend, and the names of lenders and governments."""
    names = [f"{_counted(len(scenario.file.financier), 'lender')}, to all:", *(f.name for f in scenario.file.financier)]
    governments = scenario.file.government
    names += ["", f"{_counted(len(governments), 'government')}:", *(g.name for g in governments[:6])]
    names += [f"and {len(governments) - 6} more"] if len(governments) > 6 else []
    figure.text(0.74, 0.10, "\n".join(fitted(name, 2.4, 8, 3) for name in names), ha="left", va="bottom", fontsize=8)
    figure.legend(handles=handles, loc="upper left", bbox_to_anchor=(0.735, 0.93), frameon=False, fontsize=8)
    frame(
        figure,
        f"{shortened(scenario.file.title, 60)}: who depends on whom",
        "ties that may form; a run's own ties: ClusterModel.ties()",
    )


def _counted(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def _on_circle(place: float, count: int, radius: float) -> tuple[float, float]:
    angle = 2 * math.pi * place / count + math.pi / 6
    return radius * math.cos(angle), radius * math.sin(angle)


def _site_of(scenario: Scenario) -> dict[str, str]:
    """The plant of every id that a link may name: of a unit, or of the plant itself."""
    return {plant.id: plant.site for plant in scenario.plants} | {site: site for site in scenario.sites}


def _needs(scenario: Scenario, site: str) -> set[str]:
    """Kinds of network that some option of a plant, or of one of its units, needs."""
    options = [option for unit in scenario.sites[site] for option in plant_options(unit, scenario.tables)[1:]]
    return {kind for _name, technology in options if technology is not None for kind in technology.networks}
