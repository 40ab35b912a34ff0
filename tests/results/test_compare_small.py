"""The statistics of `compare` on a real small result: every row again, by other code."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from clusterpact.results.statistics.compare import compare, shapes
from clusterpact.results.summary import read_table
from tests.results.made import small_result


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """Outcomes of a baseline, a package that helps, and one that is the baseline but for its name; 60 runs each."""
    return read_table(small_result(tmp_path_factory.mktemp("compare")), "outcomes")


@pytest.fixture(scope="module")
def found(outcomes):
    return compare(outcomes, "current-policies")


FEWER_IS_BETTER = {"cumulative_mt", "half_abated_year", "fid_year_co2-hub", "fid_year_grid", "public_meur",
                   "public_eur_per_t", "stranded_meur", "defaults", "reversals"}  # fmt: skip
MORE_IS_BETTER = {"target_2030_met", "abated_share_2030", "switched_share_2030", "half_reached", "fid_co2-hub", "fid_grid",
                  "private_per_public", "jobs_direct", "jobs_total", "gva_total_meur", "trust_in_firms",
                  "trust_in_governments", "trust_in_operators"}  # fmt: skip
CLOSED = {f"gate_{gate}_share" for gate in range(1, 13)}  # neither is better behind a closed gate
NEITHER = CLOSED | {
    "private_meur",
    "loans_meur",
    "most_guaranteed_meur",
    "closed_share_2030",
    "output_share_2030",
}  # nor that plants close
SHARES = (*CLOSED, "switched_share_2030", "closed_share_2030", "output_share_2030")
DERIVED = {name: (lambda t, name=name: 100.0 * t[name]) for name in SHARES} | {
    "target_2030_met": lambda t: 100.0 * t["target_2030_met"],
    "abated_share_2030": lambda t: 100.0 * t["abated_share_2030"],
    "half_reached": lambda t: 100.0 * t["half_abated_year"].notna(),
    "fid_co2-hub": lambda t: 100.0 * t["fid_year_co2-hub"].notna(),
    "fid_grid": lambda t: 100.0 * t["fid_year_grid"].notna(),
    "private_per_public": lambda t: t["private_meur"] / t["public_meur"].where(t["public_meur"] > 0),
}


def pairs_of(outcomes, policy, outcome):
    """Values of a package and of the baseline in the runs in which both have one."""
    tables = [outcomes[outcomes["policy"] == name].set_index("run") for name in (policy, "current-policies")]
    columns = [DERIVED.get(outcome, lambda t: t[outcome])(table).rename(k) for k, table in enumerate(tables)]
    both = pd.concat(columns, axis=1, join="inner").dropna()
    return both[0].to_numpy(float), both[1].to_numpy(float)


def test_every_outcome_is_compared_once_per_package(outcomes, found):
    expected = FEWER_IS_BETTER | MORE_IS_BETTER | NEITHER
    assert not (outcomes["public_meur"] > 0).all()  # so that the ratio above needs its rule
    for policy in ("help", "same"):
        assert sorted(found.loc[found["policy"] == policy, "outcome"]) == sorted(expected)
    assert set(found["policy"]) == {"help", "same"}
    assert set(found.loc[found["better"] == -1, "outcome"]) == FEWER_IS_BETTER
    assert set(found.loc[found["better"] == 1, "outcome"]) == MORE_IS_BETTER


def test_every_row_is_what_scipy_finds(outcomes, found):
    close = {"rel": 1e-9, "abs": 1e-9, "nan_ok": True}
    spread_out = 0
    for row in found.to_dict("records"):
        a, b = pairs_of(outcomes, row["policy"], row["outcome"])
        assert row["pairs"] == len(a)
        if len(a) < 2:
            assert np.isnan([row["difference"], row["low"], row["high"], row["p_value"]]).all()
            continue
        gap = [x - y for x, y in zip(a, b, strict=True)]
        mean = sum(gap) / len(gap)
        assert (row["mean"], row["baseline_mean"]) == pytest.approx((sum(a) / len(a), sum(b) / len(b)), **close)
        assert row["difference"] == pytest.approx(mean, **close)
        if len(set(gap)) > 1:
            spread_out += 1
            test = stats.ttest_rel(a, b)
            interval = test.confidence_interval(0.95)
            assert (row["low"], row["high"]) == pytest.approx((interval.low, interval.high), **close)
            assert row["p_value"] == pytest.approx(test.pvalue, rel=1e-9, abs=1e-300)
        else:
            assert (row["low"], row["high"]) == (mean, mean)
            assert row["p_value"] == (1.0 if mean == 0 else 0.0)
        sign = -1 if row["outcome"] in FEWER_IS_BETTER else 1
        assert row["better_share"] == pytest.approx(sum(sign * x > 0 for x in gap) / len(gap), **close)
        assert row["worse_share"] == pytest.approx(sum(sign * x < 0 for x in gap) / len(gap), **close)
        apart = pd.Series(a).var() + pd.Series(b).var()
        saved = 1 - pd.Series(gap).var() / apart if apart > 0 else 1.0
        assert row["variance_reduction"] == pytest.approx(saved, **close)
    assert spread_out >= 10


def textbook_holm(p):
    """Holm: the k-th smallest of m times m - k + 1, never less than the one before, at most 1."""
    adjusted, so_far = {}, 0.0
    ordered = sorted(range(len(p)), key=lambda i: p[i])
    for rank, i in enumerate(ordered, start=1):
        so_far = max(so_far, (len(p) - rank + 1) * p[i])
        adjusted[i] = min(1.0, so_far)
    return [adjusted[i] for i in range(len(p))]


def test_all_rows_are_adjusted_together(found):
    known = found[found["p_value"].notna()]
    assert len(known) > 30
    assert known["p_holm"].to_list() == pytest.approx(textbook_holm(known["p_value"].to_list()), abs=1e-9)
    assert found.loc[found["p_value"].isna(), "p_holm"].isna().all()


def test_verdicts_follow_from_the_adjusted_values(found):
    for row in found.to_dict("records"):
        if row["p_holm"] != row["p_holm"]:
            expected = "undefined"
        elif max(abs(row["low"]), abs(row["high"])) < row["smallest"] or row["low"] == row["high"] == 0:
            expected = "alike"
        elif row["p_holm"] >= 0.05:
            expected = "tied"
        elif row["outcome"] in NEITHER:
            expected = "different"
        else:
            expected = "better" if (row["difference"] < 0) == (row["outcome"] in FEWER_IS_BETTER) else "worse"
        assert row["verdict"] == expected
    decided = found[found["verdict"].isin(["better", "worse"])]
    assert len(decided) >= 2
    assert not ((decided["low"] <= 0) & (decided["high"] >= 0)).any()


def test_a_package_that_is_the_baseline_differs_by_exactly_nothing(found):
    same = found[(found["policy"] == "same") & (found["pairs"] > 1)]
    assert len(same) >= 20
    for column in ("difference", "low", "high", "better_share", "worse_share"):
        assert (same[column] == 0.0).all()
    assert (same["variance_reduction"] == 1.0).all()
    assert (same["p_value"] == 1.0).all()
    assert (same["verdict"] == "alike").all()


def test_shapes_are_those_of_the_runs(outcomes):
    for row in shapes(outcomes).to_dict("records"):
        mine = outcomes[outcomes["policy"] == row["policy"]]
        x = DERIVED.get(row["outcome"], lambda t, name=row["outcome"]: t[name])(mine).dropna()
        assert row["runs"] == len(x)
        assert (row["mean"], row["p5"], row["p50"]) == pytest.approx((x.mean(), x.quantile(0.05), x.median()), nan_ok=True)
        assert len(row["mode_values"].split("; ")) == max(1, row["modes"])


def test_shares_by_cause_add_up_to_what_is_abated(outcomes):
    parts = outcomes[["switched_share_2030", "closed_share_2030", "output_share_2030"]]
    assert parts.sum(axis=1).to_list() == pytest.approx(outcomes["abated_share_2030"].to_list(), abs=1e-9)
    assert (parts != 0).any().all()  # each of them in some run
