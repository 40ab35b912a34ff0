"""Negative controls: a mechanism switched off takes its effect with it; labels do not matter; split plants converge."""

from dataclasses import replace

import numpy as np

from clusterpact.sim.scenario import Scenario
from tests.patterns.laboratory import ABATED, DUNKIRK, Sample, package, sample, small_world
from tests.patterns.patterns import MIXED, NO_COVER, RULES, SUPPORT
from tests.patterns.statistics import above, below, first_adopter_fails, later_fids, relative, text
from tests.patterns.table import Finding, pattern

ALONE = replace(MIXED, file=MIXED.file.model_copy(update={"network": ()}))
EXACT = "no difference in any run"


def same(one: Sample, other: Sample) -> Finding:
    """Whether two samples agree in every measure of every year of every run."""
    runs = len(one.series)
    differ = sum(one.series[k].tobytes() != other.series[k].tobytes() for k in range(runs))
    return Finding(f"{differ} of {runs} runs differ", differ == 0)


@pattern("N1", "monitoring where broken promises weigh nothing (kappa = 0)", EXACT, 300, "control")
def no_asymmetry(runs: int) -> Finding:
    plain, watched = (
        sample(MIXED, package(**SUPPORT, **RULES[name]), runs, breach_weight=0.0) for name in ("neither", "monitoring")
    )
    return same(plain, watched)


@pattern("N2", "sanctions of no size (sigma_s = 0)", EXACT, 300, "control")
def no_sanction(runs: int) -> Finding:
    plain, ruled = (
        sample(MIXED, package(**SUPPORT, **RULES[name]), runs, sanction_share=0.0) for name in ("neither", "sanctions")
    )
    return same(plain, ruled)


@pattern("N3", "binding signatures (psi 0.9 against 0) in a cluster without networks", EXACT, 300, "control")
def nothing_to_sign(runs: int) -> Finding:
    return same(*(sample(ALONE, package(**SUPPORT), runs, bindingness=psi) for psi in (0.0, 0.9)))


@pattern("N4", "anchor-led against majority in a cluster without networks or rules", EXACT, 300, "control")
def nothing_to_lead(runs: int) -> Finding:
    return same(*(sample(ALONE, package(mode=mode, **SUPPORT), runs) for mode in ("anchor", "majority")))


@pattern("N5", "skills programme where nobody can learn more (capability 1)", "no difference but its cost", 300, "control")
def nothing_to_learn(runs: int) -> Finding:
    plain, taught = (sample(MIXED, package(skills_per_year=rate), runs, capability_start=1.0) for rate in (0.0, 0.05))
    taught.series["skills_meur"][:] = plain.series["skills_meur"]
    return same(plain, taught)


@pattern("N6", "the first adopter's default without contagion, write-down, norm, hurdle premium and learning, small world "
         "without a network", "no change in others' later FIDs beyond Monte Carlo error", 400, "control")  # fmt: skip
def no_contagion(runs: int) -> Finding:
    """With a network one mechanism would be left: a user that fails leaves its share of the cost to the others."""
    off = {"default_contagion_pp": 0.0, "recovery_share": 1.0, "norm_weight": 0.0, "hurdle_premium_pp": 0.0,
           "learning_per_year": 0.0}  # fmt: skip
    fall = relative(
        *(later_fids(ALONE, package(**SUPPORT), runs, first_adopter_fails(on), 12, **off) for on in (True, False))
    )
    return Finding(text(fall, " %", 100, 0), not below(fall) and not above(fall))


def relabelled(scenario: Scenario) -> Scenario:
    """The same plants under other ids: another luck, the same cluster."""
    plants = tuple(sorted((p.model_copy(update={"id": f"x-{p.id[::-1]}"}) for p in scenario.plants), key=lambda p: p.id))
    return replace(scenario, plants=plants)


@pattern("N7", "other ids for the same plants", "no difference beyond Monte Carlo error", 2000, "control")
def labels(runs: int) -> Finding:
    one, other = (sample(world, package(**SUPPORT), runs) for world in (MIXED, relabelled(MIXED)))
    gap = other.measure(ABATED) - one.measure(ABATED)
    error = 1.96 * (one.measure(ABATED).var() / runs + other.measure(ABATED).var() / runs) ** 0.5
    return Finding(f"abated share in 2050 {gap.mean():+.4f}, 95 % error {error:.4f}", bool(abs(gap.mean()) <= error))


def split(parts: int) -> Scenario:
    """Six lime works, each split into equal parts."""
    return small_world([("lime", "PFR kiln, gas", 300.0 / parts)] * (6 * parts))


@pattern(
    "N8",
    "every plant split into 2, 4, 8 and 16 equal parts, at a hub that needs few signatures",
    "steps of the mean shrink to Monte Carlo error",
    2000,
    "control",
)
def splitting(runs: int) -> Finding:
    """A threshold asks for signatures in common, which few large plants give by luck and many small ones do not."""
    means, errors = [], []
    for parts in (1, 2, 4, 8, 16):
        abated = sample(split(parts), package(**SUPPORT), runs, threshold_share=0.02).series[ABATED].mean(axis=1)
        means.append(float(abated.mean()))
        errors.append(float(abated.std(ddof=1)) / runs**0.5)
    steps = np.abs(np.diff(means))
    error = 1.96 * (errors[-1] ** 2 + errors[-2] ** 2) ** 0.5
    measured = (
        f"mean abated share {' -> '.join(f'{m:.3f}' for m in means)}; last step {steps[-1]:.4f}, 95 % error {error:.4f}"
    )
    return Finding(measured, bool(steps[-1] <= max(error, 0.25 * steps.max())))


@pattern("N10", "lenders may finance 80 instead of 70 % of capital cost, Dunkirk", "no less is abated", 1000, "control")
def gearing(runs: int) -> Finding:
    seventy, eighty = (sample(DUNKIRK, package(**SUPPORT), runs, gearing_max=cap) for cap in (0.7, 0.8))
    gain = eighty.series[ABATED].mean(axis=1) - seventy.series[ABATED].mean(axis=1)
    return Finding(f"mean abated share {text(gain, digits=3)}", not below(gain))


@pattern("N9", "no instrument at all, by two packages", EXACT, 200, "control")
def nothing_done(runs: int) -> Finding:
    zero = dict.fromkeys((*NO_COVER, "monitoring", "sanctions", "orchestrator"), 0.0)
    return same(sample(DUNKIRK, package(), runs), sample(DUNKIRK, package(**zero), runs))
