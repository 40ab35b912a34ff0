"""Public budgets as written: a mistake in those of a cluster or a policy is one clear line, and a manifest carries them."""

import json

import pytest

from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.folder.reopen import reopen
from clusterpact.experiments.running.session import RunOptions, run_experiment
from tests.cli.mistakes.edits import CLUSTER, EXPERIMENT, VALIDATE, add, assert_holds, mistake, variant


def of_policy(text):
    """Budgets of the starter's variant."""
    return variant(f'base = "pact"\nbudgets = {text}')


def of_place(text):
    """Budgets of the starter's cluster."""
    return add(CLUSTER, f"\n[budgets]\n{text}\n")


BUDGET_MISTAKES = [
    mistake("a line unknown", of_policy("{ grant_meur_per_year = 5 }"), "policy.budgets.grant_meur_per_year",
            "unknown budget", "'grants_meur_per_year'", command=VALIDATE),
    mistake("a line without its unit", of_policy("{ grants = 5 }"), "policy.budgets.grants", "unknown budget",
            command=VALIDATE),
    mistake("a number in the place of lines", of_policy("5"), "policy.budgets = 5", "line_meur_per_year = amount",
            command=VALIDATE),
    mistake("a budget as text", of_policy('{ credits_meur_per_year = "5" }'), "budgets.credits_meur_per_year = '5'",
            "expected a number", command=VALIDATE),
    mistake("a budget below nothing", of_policy("{ guarantees_meur_per_year = -1 }"),
            "policy.budgets.guarantees_meur_per_year = -1", "expected 0 to", "MEUR/year", command=VALIDATE),
    mistake("a budget that is no number", of_policy("{ networks_meur_per_year = nan }"),
            "budgets.networks_meur_per_year = nan", "expected 0 to", command=VALIDATE),
    mistake("a budget without end", of_policy("{ grants_meur_per_year = inf }"), "budgets.grants_meur_per_year = inf",
            "expected 0 to", command=VALIDATE),
    mistake("years that fall", of_policy("{ grants_meur_per_year = { schedule = [[2030, 5], [2026, 9]] } }"),
            "budgets.grants_meur_per_year = 2026", "years that rise", command=VALIDATE),
    mistake("a schedule with a point below nothing", of_policy("{ grants_meur_per_year = { schedule = [[2030, -5]] } }"),
            "budgets.grants_meur_per_year = -5", "expected 0 to", command=VALIDATE),
    mistake("the place: a line unknown", of_place("concesional_meur_per_year = 5"), "cluster.toml",
            "budgets.concesional_meur_per_year", "unknown budget", "'concessional_meur_per_year'", command=VALIDATE),
    mistake("the place: a budget below nothing", of_place("grants_meur_per_year = -0.5"), "cluster.toml",
            "budgets.grants_meur_per_year = -0.5", "expected 0 to", command=VALIDATE),
    mistake("the place: a table misspelt", add(CLUSTER, "\n[budget]\ngrants_meur_per_year = 5\n"), "cluster.toml", "budget",
            "'budgets'", command=VALIDATE),
    mistake("the policy: a table misspelt", variant('base = "pact"\nbudget = { grants_meur_per_year = 5 }'),
            "policy.budget", "'budgets'", command=VALIDATE),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "command", "words"), BUDGET_MISTAKES)
def test_a_mistake_in_a_budget(edit, command, words, work, complain):
    edit(work / "region")
    assert_holds(complain(*command), words)


def test_a_budget_of_the_policy_stands_in_the_place_of_the_law_line_by_line(work):
    of_place("grants_meur_per_year = 7\ncredits_meur_per_year = { schedule = [[2030, 2], [2040, 0]] }")(work / "region")
    of_policy("{ grants_meur_per_year = 9 }")(work / "region")
    experiment = load_experiment(work / "region" / EXPERIMENT)
    law = experiment.scenario.law
    by_law, by_policy = (
        package.by_year(2025, 2050, law).budget_meur_per_year
        for package in (experiment.policies[0], experiment.policies[-1])
    )
    assert (by_law[:, 0] == 7).all()
    assert (by_policy[:, 0] == 9).all()
    for table in (by_law, by_policy):
        assert table[[0, 5, 14, 15], 3].tolist() == [float("inf"), 2, 2, 0]
        assert (table[:, [1, 2, 4]] == float("inf")).all()


def test_a_manifest_carries_the_budgets_and_a_result_is_opened_with_them(work):
    of_policy("{ grants_meur_per_year = 9, networks_meur_per_year = { schedule = [[2030, 4]] } }")(work / "region")
    experiment, out = load_experiment(work / "region" / EXPERIMENT, runs=2), work / "result"
    run_experiment(experiment, out, RunOptions(threads=1))
    written = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["experiment"]["policies"]
    assert written[-1]["budgets"] == {"grants": [[0, 9.0]], "networks": [[2030, 4.0]]}
    assert "budgets" not in written[0]
    assert reopen(out).policies[-1].budgets == {"grants": ((0, 9.0),), "networks": ((2030, 4.0),)}
    assert reopen(out).id == experiment.id
    without = load_experiment(work / "region" / EXPERIMENT, runs=2)
    variant("", "budgets = { grants_meur_per_year = 9, networks_meur_per_year = { schedule = [[2030, 4]] } }")(
        work / "region"
    )
    assert load_experiment(work / "region" / EXPERIMENT, runs=2).id != without.id
