"""Projects in hand at the start against simulated dates, and who must decide by when for a milestone to hold."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from clusterpact.agents.vocabulary import GATE_SWITCHED, GATE_WORKS, GATES, NETWORK_KIND_TABLE
from clusterpact.sim.cluster import Network
from clusterpact.sim.pipeline import DECIDED_STAGES

#: Checks of whether projects in hand fit together, in words.
CHECKS = {
    "volume": "{network}: volume of {users} announced users against its first phase, {unit} a year",
    "extension": "{network}: volume of {users} announced users against what it has to spare before an extension, {unit} a "
    "year",
    "opening": "{network}: planned opening against its first announced user",
    "no_opening": "{network}: an announced user and no planned opening",
    "debt": "debt of projects in hand and not yet decided against lenders' room, {unit}",
}
GRACE_YEARS = 2  #: a project that starts so much later counts as late by little


@dataclass(frozen=True)
class Announcement:
    """A project in hand at the start, of a plant (its technology) or a network (none): planned start, and where it stands.

    agent: plant, unit or network; year: None if no start is stated any more.
    """

    agent: str
    name: str
    technology: str
    year: int | None
    stage: str = "announced"

    @property
    def is_decided(self) -> bool:
        """Whether its FID was taken before the start."""
        return self.stage in DECIDED_STAGES


def gate_in(gates: pd.DataFrame, agent: str, quarter: int, late: "pd.Series[bool]") -> str:
    """The gate that holds a plant back in a quarter in most of the runs in which its project is late; empty if none is.

    late: by run, whether the project is undecided then. A plant that builds, or has switched, where most of its runs are
    undecided, does so with another project.
    """
    mine = gates[(gates["firm"] == agent) & (gates["first_quarter"] <= quarter) & (gates["last_quarter"] >= quarter)]
    mine = mine[mine["run"].isin(late.index)]
    if mine.empty:
        return ""
    gate = int(mine["gate"].mode().iloc[0])
    undecided = float(late[mine.loc[mine["gate"] == gate, "run"]].mean())
    return f"{GATES[gate - 1]}{' (another project)' if gate in (GATE_WORKS, GATE_SWITCHED) and undecided > 0.5 else ''}"


def confront(projects: pd.DataFrame, pipeline: pd.DataFrame, gates: pd.DataFrame, announcements: Sequence[Announcement],
             first_year: int, last_year: int) -> pd.DataFrame:  # fmt: skip
    """The fate of every project in hand at the start under every package: a row each.

    decided_share, given_up_share: runs in which it is decided, or given up; in_time_share, two_years_late_share,
    ever_share: runs in which it runs by the end of its planned year, two years later, or at all; late_share: later than
    planned; anything_share: runs in which the plant runs any project; p10, p50, p90: its start where there is one; gate:
    what holds the plant back in the planned year in most runs. Networks have no record of projects that were given up.
    """
    rows = []
    for policy, mine in projects.groupby("policy", sort=False):
        spells, plans = (table[table["policy"] == policy] for table in (gates, pipeline))
        for announced in announcements:
            own = mine[mine["agent"] == announced.agent]
            fate = own.assign(given_up_year=np.nan)
            if announced.technology:
                fate = plans[(plans["agent"] == announced.agent) & (plans["project"] == announced.name)]
            start = fate["start_year"]
            in_time, two_late, gate = np.nan, np.nan, ""
            if announced.year is not None:
                in_time, two_late = (float((start < announced.year + 1 + years).mean()) for years in (0, GRACE_YEARS))
                quarter = 4 * (min(max(announced.year, first_year), last_year) - first_year) + 3
                end = announced.year + 1
                undecided = (fate["fid_year"].isna() | (fate["fid_year"] >= end)).set_axis(fate["run"])
                is_late = (start.isna() | (start >= end)).to_numpy()
                gate = gate_in(spells, announced.agent, quarter, undecided[is_late])
            ever = float(start.notna().mean())
            dates = start.quantile([0.1, 0.5, 0.9]).to_numpy()
            given_up = float(fate["given_up_year"].notna().mean()) if announced.technology else np.nan
            rows.append({
                "policy": policy, "agent": announced.agent, "project": announced.name, "technology": announced.technology,
                "stage": announced.stage, "announced_year": announced.year,
                "decided_share": float(fate["fid_year"].notna().mean()), "in_time_share": in_time,
                "two_years_late_share": two_late, "late_share": ever - in_time, "ever_share": ever,
                "anything_share": float(own["start_year"].notna().mean()), "given_up_share": given_up,
                "p10": dates[0], "p50": dates[1], "p90": dates[2], "gate": gate,
            })  # fmt: skip
    return pd.DataFrame(rows)


def fits(announcements: Sequence[Announcement], needs: dict[Announcement, dict[str, float]], networks: Sequence[Network],
         capital_meur: dict[Announcement, float], room_meur: float, gearing: float) -> pd.DataFrame:  # fmt: skip
    """Whether projects in hand fit together: with the networks' planned dates and first phases, and with credit.

    needs: volume per network of a plant's project (phases of one plant are not added up); capital_meur: its capital cost;
    room_meur: what lenders may lend to the cluster. What was decided before the start has its money. A row per check: what
    it is in words, its kind (of `CHECKS`), network, users and unit, what is needed and available, and whether that fits.
    """
    rows: list[dict[str, object]] = []
    openings = {a.agent: a.year for a in announcements if not a.technology}
    for network in networks:
        volumes: dict[str, float] = {}
        years = []
        for project in announcements:
            volume = needs.get(project, {}).get(network.id, 0.0)
            if volume > 0:
                volumes[project.agent] = max(volume, volumes.get(project.agent, 0.0))
                years += [] if project.year is None else [project.year]
        if not volumes:
            continue
        total, room = sum(volumes.values()), network.spare_per_year or network.phase_per_year
        kind, unit = "extension" if network.spare_per_year else "volume", NETWORK_KIND_TABLE[network.kind].unit
        rows.append(
            _check(kind, network.name, len(volumes), unit) | {"needed": total, "available": room, "fits": total <= room}
        )
        first, opening = min(years, default=None), openings.get(network.id)
        if first is None or network.spare_per_year:
            continue
        rows.append(_check("opening" if opening else "no_opening", network.name, len(volumes), "year")
                    | {"needed": float(first), "available": float(opening or np.nan),
                       "fits": opening is not None and opening <= first})  # fmt: skip
    debt = gearing * sum(capital_meur[project] for project in capital_meur if not project.is_decided)
    rows.append(_check("debt", "", 0, "MEUR") | {"needed": debt, "available": room_meur, "fits": debt <= room_meur})
    return pd.DataFrame(rows)


def _check(kind: str, network: str, users: int, unit: str) -> dict[str, object]:
    """What a check is, in words and in parts."""
    said = {"network": network, "users": users, "unit": unit}
    return {"check": CHECKS[kind].format(**said), "kind": kind} | said


def carriers(projects: pd.DataFrame, abated_kt: dict[tuple[str, str], float], year: int,
             baseline_kt: float) -> pd.DataFrame:  # fmt: skip
    """Which plants carry a milestone under each package: a row per package and plant, largest first.

    abated_kt: by plant and technology, kt/year less than at the start. running_share: runs in which the plant abates by
    the end of the year; abated_share: mean abatement in that year as a share of the cluster's baseline.
    """
    rows = []
    plants = projects[projects["kind"] == "plant"]
    for (policy, agent), mine in plants.groupby(["policy", "agent"], sort=False):
        on = mine["start_year"].notna() & (mine["start_year"] < year + 1)
        names = mine["technology"].where(on, "").to_list()
        values = np.array([abated_kt.get((str(agent), str(technology)), 0.0) for technology in names])
        if values.any():
            rows.append({"policy": policy, "agent": agent, "year": year, "running_share": float((values > 0).mean()),
                         "abated_share": float(values.mean()) / baseline_kt})  # fmt: skip
    table = pd.DataFrame(rows, columns=["policy", "agent", "year", "running_share", "abated_share"])
    return table.sort_values(["policy", "abated_share"], ascending=[True, False], kind="stable").reset_index(drop=True)


def latest_decisions(projects: pd.DataFrame, year: int, confidence: float) -> pd.DataFrame:
    """By when each FID must fall for a start by the end of a year with a confidence: a row per package, plant or network.

    The time from FID to start (permits, works, waiting for networks) is taken from the runs that have both; its quantile at
    the confidence is counted back from the end of the year. decided_in_time_share: runs whose FID is before that.
    """
    rows = []
    for (policy, agent), mine in projects.groupby(["policy", "agent"], sort=False):
        both = mine["start_year"].notna() & mine["fid_year"].notna()
        if not both.any():
            continue
        lead = float((mine["start_year"] - mine["fid_year"])[both].quantile(confidence))
        latest = year + 1 - lead
        rows.append({"policy": policy, "agent": agent, "year": year, "lead_years": lead, "latest_fid_year": latest,
                     "decided_in_time_share": float((mine["fid_year"] < latest).mean()), "runs": len(mine)})  # fmt: skip
    columns = ["policy", "agent", "year", "lead_years", "latest_fid_year", "decided_in_time_share", "runs"]
    return pd.DataFrame(rows, columns=columns)
