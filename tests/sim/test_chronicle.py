"""The story of a run: as many closures, contracts and projects given up as the books and the pipeline hold."""

import re

import pytest

from clusterpact.agents.parameters import default_parameters
from clusterpact.agents.vocabulary import CLOSED_DOWN, DECIDED, IN_WORKS
from clusterpact.policies.package import library_package
from clusterpact.sim.model import ClusterModel
from clusterpact.sim.scenario import CLUSTERS, read_scenario
from clusterpact.sim.world import build_world

pytestmark = pytest.mark.horizon


def told(name, run=0, policy="four-pillars", years=(2026, 2050), **parameters):
    """A run of a library cluster, to its end."""
    world = build_world(read_scenario(CLUSTERS / name), library_package(policy), *years, seed=4)
    record = default_parameters()
    for key, value in parameters.items():
        record[key] = value
    model = ClusterModel(world, run, record).run()
    model.release()
    return model


@pytest.fixture(scope="module")
def runs():
    """Three runs of Dunkirk in which buyers sign often and leave sometimes."""
    return [told("dunkirk", run, buyer_signs_per_year=0.6, buyer_leaves_per_year=0.1) for run in range(3)]


def count(model, pattern):
    return sum(bool(re.search(pattern, sentence)) for _, _, sentence in model.chronicle.events)


def test_contracts_are_told_as_often_as_the_books_count_them(runs):
    signed = kept = broken = left = 0
    for model in runs:
        years = model.yearly()
        assert count(model, "^signs with .* % of its product$") == years["offtakes_signed"].sum()
        assert count(model, "^has kept its contract with .* to the end$") == years["offtakes_kept"].sum()
        assert count(model, "^(breaks|leaves) its contract with ") == years["offtakes_broken"].sum()
        ended = count(model, "^ends its contract with .*: it closed$")
        running = sum(firm.buyer >= 0 for firm in model.firms)
        assert (
            years["offtakes_signed"].sum() == years["offtakes_kept"].sum() + years["offtakes_broken"].sum() + ended + running
        )
        assert count(model, "^begins to deliver to ") >= years["offtakes_kept"].sum()
        signed, kept = signed + years["offtakes_signed"].sum(), kept + years["offtakes_kept"].sum()
        broken, left = broken + count(model, "^breaks its contract"), left + count(model, "^leaves its contract")
    assert min(signed, kept, broken, left) > 0


def test_who_breaks_a_contract_is_who_tells_it(runs):
    for model in runs:
        buyers, plants = set(model.world.names["buyers"]), set(model.world.firm_names)
        for _, agent, sentence in model.chronicle.events:
            if sentence.startswith("leaves its contract"):
                assert agent in buyers
            if sentence.startswith(("breaks its contract", "has kept its contract", "signs with", "begins to deliver")):
                assert agent in plants


def test_closures_are_told_as_often_as_the_books_count_them(runs):
    closed = 0
    for model in runs:
        assert count(model, "^(closes|is closed by law)$") == model.yearly()["closures"].sum()
        closed += count(model, "^closes$")
        law = {agent for _, agent, sentence in model.chronicle.events if sentence == "is closed by law"}
        assert law <= {
            name for name, firm in zip(model.world.firm_names, model.firms, strict=True) if firm.last_quarter >= 0
        }
    assert closed > 0


def test_blocks_close_by_law_or_stop_until_their_project_starts():
    model = told("nrw", years=(2026, 2033), closure_level=0.0)
    start = model.world.template.firms
    ways = {"is closed by law", "is stopped by law until its project starts"}
    found = []
    for i, firm in enumerate(model.state.firms):
        due = 0 <= firm.last_quarter < model.world.quarters - 1 and firm.base_intact == 1
        if due and start[i].stage != CLOSED_DOWN:
            name = model.world.firm_names[i]
            ends = [(t, sentence) for t, agent, sentence in model.chronicle.events if agent == name and sentence in ways]
            assert ends[0][0] == firm.last_quarter + 1, name
            assert (ends[-1][1] == "is closed by law") == (firm.stage == CLOSED_DOWN), name
            found += ends
    assert "is closed by law" in {sentence for _, sentence in found}
    assert not count(model, "^closes$")


def test_projects_decided_before_the_start_are_not_told_as_decisions_of_the_first_quarter(runs):
    for model in runs:
        before = {model.world.firm_names[plan.firm] for plan in model.world.template.pipeline
                  if plan.stage in (DECIDED, IN_WORKS)}  # fmt: skip
        assert len(before) == 4
        first = [(agent, sentence) for t, agent, sentence in model.chronicle.events if t == 0]
        assert not [agent for agent, sentence in first if agent in before and "FID" in sentence]
        starts = {agent for _, agent, sentence in model.chronicle.events if sentence.startswith("starts ")}
        assert starts & before


def test_projects_given_up_and_begun_are_told_by_name(runs):
    given_up = 0
    for model in runs:
        pipeline = model.state.pipeline
        for q, project in enumerate(model.world.projects):
            found = [t for t, _, sentence in model.chronicle.events if sentence == f"gives up {project.name}"]
            dropped = int(pipeline[q].dropped_quarter)
            assert found == ([dropped] if dropped >= 0 else []), project.name
            given_up += len(found)
        assert count(model, "^begins to prepare ") > 0
    assert given_up > 0


def test_a_decided_project_is_not_given_up(runs):
    """In the quarter of its decision a project is no longer prepared; that is no end of it."""
    decided = 0
    for model in runs:
        events = {(t, agent, sentence) for t, agent, sentence in model.chronicle.events}
        for t, agent, sentence in events:
            found = re.match("takes the FID for (.*): [0-9,]+ MEUR", sentence)
            if found:
                decided += 1
                assert (t, agent, f"gives up {found[1]}") not in events
    assert decided > 10


def test_a_world_without_buyers_and_closures_tells_of_none():
    model = told("brescia", years=(2026, 2035), closure_level=0.0)
    assert not count(model, "contract with|^closes$|by law|deliver to")


def test_a_commitment_that_lapses_says_what_was_missing(runs):
    lapsed = [sentence for model in runs for _, _, sentence in model.chronicle.events if "lapse" in sentence]
    assert lapsed
    for sentence in lapsed:
        trusted = r"bookings that it trusts: [\d,]+ of [\d,]+ \w+( \w+)* a year needed, of [\d,]+ signed"
        why = rf"still undecided \((no open season|{trusted}|its capped tariff would not pay for it)\)"
        assert re.search(rf"^lets its commitment lapse: (no room on .|.* {why})", sentence), sentence
