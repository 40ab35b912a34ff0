"""Words that the model never knew, added to a copy of it: how many files that takes, and that it runs with them.

Each case edits a copy of the checkout as a contributor would (docs/contributing.md), and looks at a run of it.
"""

import pytest

from tests.commands import ROOT
from tests.worlds.copies import Copy

pytestmark = pytest.mark.horizon
START = """
import numpy as np
from clusterpact.agents.vocabulary import *
from clusterpact.agents.records import RECORDS
from clusterpact.policies.package import library_package
from clusterpact.sim.runs import simulate
from clusterpact.sim.scenario import CLUSTERS, read_scenario
from clusterpact.sim.world import build_world, parameter_records

def world_of(policy="current-policies", check_books=True):
    return build_world(read_scenario(CLUSTERS / "dunkirk"), library_package(policy), 2025, 2028, 1, check_books)

def run(world, **parameters):
    records = parameter_records({name: np.array([value]) for name, value in parameters.items()}, 1)
    return simulate(world, records, np.zeros(1, np.uint64)).series[0]
"""


@pytest.fixture
def copy(tmp_path):
    return Copy(tmp_path)


def test_a_carrier_takes_five_files(copy):
    copy.append("agents/carriers.csv", "ammonia,ammonia_mwh_per_unit,,0,0,ammonia,made up")
    with (ROOT / "agents" / "parameters.csv").open(encoding="utf-8") as file:
        row = next(line for line in file if line.startswith("market,scrap_price_level"))
    copy.edit("agents/parameters.csv", (row, row + row.replace("scrap", "ammonia")))
    prices = [f"ammonia,{year},50,80,120,EUR/MWh,made up,estimate" for year in (2025, 2050)]
    copy.append("sim/library/prices.csv", *prices)
    copy.append("sim/library/volatility.csv", "ammonia,0.5,0.2,made up,estimate")
    table = (copy.folder / "sim/library/technologies.csv").read_text(encoding="utf-8").splitlines()
    with_column = [line + (",ammonia_mwh_per_unit" if number == 0 else ",1.5" if ",BF-BOF+CCS" in line else ",0")
                   for number, line in enumerate(table)]  # fmt: skip
    (copy.folder / "sim/library/technologies.csv").write_text("\n".join(with_column) + "\n", encoding="utf-8")
    copy.edited.add("sim/library/technologies.csv")
    assert len(copy.edited) <= 5
    assert (
        copy.say(
            START
            + """
world = world_of()
state = world.template
buyers = np.flatnonzero(state.options.energy_gwh[:, CARRIERS.index("ammonia")] > 0)
names = {name for i, names in enumerate(world.option_names) for k, name in enumerate(names)
         if state.firms[i].first_option + k in buyers}
series = run(world, ammonia_price_level=1.0)
print(len(CARRIERS), state.spots.price.shape[1], names, series["scope1_kt"][0] > 0, sep=" | ")
"""
        )
        == "12 | 12 | {'BF-BOF+CCS (end-of-pipe)'} | True"
    )


def test_a_kind_of_network_takes_four_files(copy):
    copy.append("agents/network_kinds.csv", "biomass_terminal,biomass,0,GWh,biomass,biomass,")
    table = (copy.folder / "sim/library/technologies.csv").read_text(encoding="utf-8")
    row = next(line for line in table.splitlines() if line.startswith("process_heat,") and "biomass" in line.lower())
    copy.edit("sim/library/technologies.csv", (row, row.replace(",none,", ",biomass_terminal,", 1)))
    copy.append("sim/library/clusters/dunkirk/cluster.toml", "[[network]]", 'id = "biomass-terminal"', 'name = "Terminal"',
                'kind = "biomass_terminal"', "phase_per_year = 500", "capex_meur = 20", "scale_exponent = 0.6",
                "opex_share_per_year = 0.03", "lead_quarters = 4", "life_years = 30", "tariff_cap_eur_per_unit = 20",
                "first_season_year = 2026", "spare_per_year = 300", 'source = "made up"', 'mark = "estimate"')  # fmt: skip
    assert len(copy.edited) <= 4
    assert (
        copy.say(
            START
            + """
world = world_of()
kind = NETWORK_KINDS.index("biomass_terminal")
series = run(world)
needed = world.template.options.volume[:, kind]
bought = world.template.options.energy_gwh[:, CARRIERS.index("biomass")]
within = (needed <= np.maximum(0, bought) + 1e-9).all()
print((needed > 0).any(), within, series["biomass_terminal_capacity"][-1], sep=" | ")
"""
        )
        == "True | True | 300.0"
    )


def test_an_instrument_takes_three_files(copy):
    copy.append("policies/instruments.csv", "tooling_grant_share,pay for tools,share of capital cost for tools,share,0,1,"
                "0.1,R4,grant,government,awards_support,awards_support,plants,state,made up")  # fmt: skip
    copy.edit("agents/support.py", ("return min(GRANT_CAP, instrument_levels(s, firm, t)[0])",
                                    "return min(GRANT_CAP, instrument_levels(s, firm, t)[0]\n"
                                    "               + policy_for(s, firm, t).tooling_grant_share)"))  # fmt: skip
    assert len(copy.edited) <= 2  # and a measure, where it has a line of public money of its own
    assert (
        copy.say(
            START
            + """
from clusterpact.agents.support import promised_grant
world = world_of()
firm = world.template.firms[0]
before = promised_grant(world.template, firm, 100.0, 0)
world.template.policy.tooling_grant_share = 0.25
keen = world_of()
series = run(keen, spontaneous_adoption_per_year=0.05, peer_adoption_per_year=0.0)
adoptable = keen.template.adoptions.size // keen.template.governments.size
print(adoptable, round(promised_grant(world.template, firm, 100.0, 0) - before, 6), series["scope1_kt"][0] > 0, sep=" | ")
"""
        )
        == "5 | 25.0 | True"
    )


def test_a_kind_of_agent_takes_five_files(copy):
    copy.edit("agents/records.py", (
        "#: All kinds of records.",
        'INSURER = (Field("id", "-", "hash of its name", "u8"), whole("claims", "claims so far"))\n\n'
        "#: All kinds of records."),
        ("RECORDS = {\n", 'RECORDS = {\n    "insurer": Kind("insurers", INSURER, agent=True),\n'))  # fmt: skip
    copy.append("agents/insurers.py", '"""Insurers."""', "from clusterpact.agents.compiled import rule", "", "",
                "@rule", "def settle_claims(s, t):", '    """Insurers settle what failed in this quarter."""',
                "    for k in range(s.insurers.size):", "        s.insurers[k].claims += 1")  # fmt: skip
    copy.edit("sim/world.py", ("        pacts=pacts,\n", '        pacts=pacts,\n        insurers=empty("insurer", 2),\n'),
              ("    named[\"pacts\"]", '    named["insurers"] = ("Mutual", "Re")\n    named["pacts"]'))  # fmt: skip
    copy.edit("sim/schedule.py", ("from clusterpact.agents.board", "from clusterpact.agents.insurers import settle_claims\n"
                                  "from clusterpact.agents.board"),
              ("    learn(s, t)\n", "    learn(s, t)\n    settle_claims(s, t)\n"))  # fmt: skip
    assert len(copy.edited) <= 5
    assert (
        copy.say(
            START
            + """
from clusterpact.sim.kernel import start_run
from clusterpact.sim.model import ClusterModel
world = world_of()
model = ClusterModel(world)
for _ in range(3):
    model.step()
claims = [(type(insurer).__name__, insurer.name, insurer.claims) for insurer in model.insurers]
start_run(model.state, world.template, 1, world.template.parameters_words)
print(claims, model.state.insurers.claims.tolist(), sep=" | ")
"""
        )
        == "[('Insurer', 'Mutual', 3), ('Insurer', 'Re', 3)] | [0, 0]"
    )
