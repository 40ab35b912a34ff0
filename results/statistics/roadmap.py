"""Announced projects against simulated dates, and who must decide by when for a milestone to hold."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from clusterpact.agents.vocabulary import GATES
from clusterpact.sim.cluster import Network

GRACE_YEARS = 2  #: a project that starts so much later counts as late by little


@dataclass(frozen=True)
class Announcement:
    """An announced project of a plant (its technology) or a network (no technology), and the year of its announced start."""

    agent: str
    name: str
    technology: str
    year: int


def gate_in(gates: pd.DataFrame, agent: str, quarter: int) -> str:
    """The gate that holds a plant back in a quarter in most runs; empty for a network."""
    mine = gates[(gates["firm"] == agent) & (gates["first_quarter"] <= quarter) & (gates["last_quarter"] >= quarter)]
    return GATES[int(mine["gate"].mode().iloc[0]) - 1] if len(mine) else ""


def confront(projects: pd.DataFrame, gates: pd.DataFrame, announcements: Sequence[Announcement], first_year: int,
             last_year: int) -> pd.DataFrame:  # fmt: skip
    """Every announced project under every package: a row each.

    in_time_share, two_years_late_share, ever_share: runs in which the announced project runs by the end of the announced
    year, two years later, or at all; anything_share: runs in which the plant runs any project; p10, p50, p90: start of the
    announced project where there is one; gate: what holds the plant back in the announced year in most runs.
    """
    rows = []
    for policy, mine in projects.groupby("policy", sort=False):
        spells = gates[gates["policy"] == policy]
        for announced in announcements:
            project = mine[mine["agent"] == announced.agent]
            start = project["start_year"]
            right = start.notna() & ((project["technology"] == announced.technology) | (announced.technology == ""))
            quarter = 4 * (min(max(announced.year, first_year), last_year) - first_year) + 3
            dates = start[right].quantile([0.1, 0.5, 0.9]).to_numpy() if right.any() else np.full(3, np.nan)
            rows.append({
                "policy": policy, "agent": announced.agent, "project": announced.name, "technology": announced.technology,
                "announced_year": announced.year,
                "in_time_share": float((right & (start < announced.year + 1)).mean()),
                "two_years_late_share": float((right & (start < announced.year + 1 + GRACE_YEARS)).mean()),
                "ever_share": float(right.mean()), "anything_share": float(start.notna().mean()),
                "p10": dates[0], "p50": dates[1], "p90": dates[2], "gate": gate_in(spells, announced.agent, quarter),
            })  # fmt: skip
    return pd.DataFrame(rows)


def fits(announcements: Sequence[Announcement], needs: dict[str, dict[str, float]], networks: Sequence[Network],
         capital_meur: dict[str, float], room_meur: float, gearing: float) -> pd.DataFrame:  # fmt: skip
    """Whether the announced roadmaps fit together: with the networks' announced dates and first phases, and with credit.

    needs: volume per network by announced plant; capital_meur: capital cost by announced plant; room_meur: what lenders may
    lend to the cluster. A row per check.
    """
    rows: list[dict[str, object]] = []
    for network in networks:
        users = [a for a in announcements if needs.get(a.agent, {}).get(network.id, 0.0) > 0]
        if not users:
            continue
        volume = sum(needs[a.agent][network.id] for a in users)
        first = min(a.year for a in users)
        room = network.spare_per_year or network.phase_per_year
        rows.append({"check": f"{network.name}: volume of {len(users)} announced users against its first phase",
                     "needed": volume, "available": room, "fits": volume <= room})  # fmt: skip
        if network.announced_year:
            rows.append({"check": f"{network.name}: announced opening against its first announced user",
                         "needed": float(first), "available": float(network.announced_year),
                         "fits": network.announced_year <= first})  # fmt: skip
        elif not network.spare_per_year:
            rows.append({"check": f"{network.name}: an announced user and no announced opening", "needed": float(first),
                         "available": np.nan, "fits": False})  # fmt: skip
    debt = gearing * sum(capital_meur.values())
    rows.append({"check": "debt of all announced projects against lenders' room, MEUR", "needed": debt,
                 "available": room_meur, "fits": debt <= room_meur})  # fmt: skip
    return pd.DataFrame(rows)


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
