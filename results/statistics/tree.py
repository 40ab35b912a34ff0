"""A tree of futures by whether an event comes (CART; Breiman and others 1984), pruned as far as other runs ask."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from clusterpact.results.statistics.boxes import Limits, inside

LEAST_SHARE = 0.05  #: of the runs, in a leaf
DEEPEST = 4
FOLDS = 5


@dataclass(frozen=True)
class Leaf:
    """A leaf of the tree: limits by dimension, and shares of the runs that it was grown on and (`held_…`) of others.

    density: share of its runs with the event; coverage: share of the runs with the event that are in it; mass: of all runs.
    """

    limits: Limits
    density: float
    coverage: float
    mass: float
    runs: int
    held_density: float
    held_coverage: float
    held_runs: int


def grow(x: np.ndarray, event: np.ndarray, held: np.ndarray, seed: int) -> list[Leaf]:
    """Leaves of a tree, most frequent events first; one leaf where no branch helps in runs that it was not grown on.

    x: (runs, dimensions), without missing values; event: (runs,), both true and false in it; held: runs held out. It is
    pruned (cost complexity) as far as keeps the Brier score in five folds within one standard error of the best.
    """
    from sklearn.tree import DecisionTreeClassifier

    learn = ~held
    least = max(5, int(LEAST_SHARE * learn.sum()))
    tree = DecisionTreeClassifier(max_depth=DEEPEST, min_samples_leaf=least, random_state=seed % 2**32,
                                  ccp_alpha=_pruning(x[learn], event[learn], least, seed))  # fmt: skip
    tree.fit(x[learn], event[learn])
    leaves = []
    for limits in _leaves(tree.tree_, 0, {}):
        within = inside(x, limits)
        one, other = within & learn, within & held
        leaves.append(Leaf(
            limits, float(event[one].mean()), float(event[one].sum() / max(1, event[learn].sum())),
            float(one.sum() / learn.sum()), int(one.sum()), float(event[other].mean()) if other.any() else float("nan"),
            float(event[other].sum() / max(1, event[held].sum())), int(other.sum()),
        ))  # fmt: skip
    return sorted(leaves, key=lambda leaf: -leaf.density)


def _pruning(x: np.ndarray, event: np.ndarray, least: int, seed: int) -> float:
    """The cost of a leaf above which branches are cut: the largest within one standard error of the best in other folds."""
    from sklearn.model_selection import KFold, cross_val_score
    from sklearn.tree import DecisionTreeClassifier

    def tree(cost: float) -> DecisionTreeClassifier:
        return DecisionTreeClassifier(max_depth=DEEPEST, min_samples_leaf=least, random_state=seed % 2**32, ccp_alpha=cost)

    costs = tree(0.0).cost_complexity_pruning_path(x, event).ccp_alphas
    costs = np.append((costs[:-1] + costs[1:]) / 2, costs[-1] * 1.01 + 1e-12)
    folds = KFold(FOLDS, shuffle=True, random_state=seed % 2**32)
    scores = np.array([cross_val_score(tree(float(cost)), x, event, cv=folds, scoring="neg_brier_score") for cost in costs])
    means, best = scores.mean(axis=1), int(scores.mean(axis=1).argmax())
    error = float(scores[best].std(ddof=1)) / FOLDS**0.5
    return float(costs[np.flatnonzero(means >= means[best] - error)[-1]])


def _leaves(tree: Any, node: int, limits: Limits) -> list[Limits]:
    """Limits of every leaf below a node."""
    left, right = int(tree.children_left[node]), int(tree.children_right[node])
    if left < 0:
        return [limits]
    dimension, threshold = int(tree.feature[node]), float(tree.threshold[node])
    low, high = limits.get(dimension, (None, None))
    below, above = (low, threshold), (float(np.nextafter(threshold, np.inf)), high)
    return [*_leaves(tree, left, limits | {dimension: below}), *_leaves(tree, right, limits | {dimension: above})]
