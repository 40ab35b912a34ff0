"""Buyers along the value chain: the rows of `buyers.csv`, checked against the plants of their cluster."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

from pydantic import Field

from clusterpact.inputs import InputError, Record, is_there, read_table
from clusterpact.sim.amounts import Eur, Mark, Name, PositiveVolume, Share, Slug, Year
from clusterpact.sim.cluster import Plant

BUYERS_FILE = "buyers.csv"


class Buyer(Record):
    """One row of `buyers.csv`: who would buy a low-carbon product of the cluster's plants at a premium.

    product: a sector of `firms.csv`; volume in thousand product units a year (kt or GWh), premium per product unit (t or
    MWh) over the usual price; public_share: of its purchases that go into public works or tenders.
    """

    id: Slug
    name: Name
    product: str
    volume_kt_per_year: PositiveVolume
    premium_eur_per_t: Eur
    from_year: Year
    contract_years: Annotated[int, Field(ge=1, le=20)] = 8
    public_share: Share = 0.0
    source: str
    mark: Mark
    note: str = ""


def read_buyers(folder: Path, plants: list[Plant], taken: Iterable[str]) -> tuple[Buyer, ...]:
    """The buyers of a cluster folder, in the order of the file; none without the file. taken: ids of other agents."""
    path = folder / BUYERS_FILE
    if not is_there(path):
        return ()
    rows = read_table(path, Buyer, "id")
    sectors = sorted({plant.sector for plant in plants})
    others = set(taken)
    for row in rows:
        if row.id in others:
            raise InputError(path, "id", row.id, "is also the id of a firm or network; expected another one")
        if row.product not in sectors:
            raise InputError(f"{path}: {row.id}", "product", row.product, "no plant of the cluster makes it", sectors)
    return tuple(rows)
