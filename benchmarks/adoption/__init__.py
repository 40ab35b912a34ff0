"""A trivial world of adoption, written once for each framework in its own idiom, so that their speeds can be compared.

N firms may adopt a technology. In quarter t = 0, 1, … each that has not yet does so with the hazard

    h(t) = p + q s(t-1),   s(t) = adopters at the end of quarter t / N,   s(-1) = 0      (Bass 1969, per quarter)

namely if its draw u(i, t), uniform in [0, 1), lies below h(t). All firms see the share of the quarter before, so that the
order in which they act is of no matter. The result is s at the end of every year: a curve of QUARTERS / 4 shares.

Every module here has `curves(worlds, firms, told)`, which returns the curves of so many worlds, float64 (worlds, years).
told: the draws of each world (worlds, quarters, firms), in place of those of the framework's usual generator: with the same
draws all frameworks must give the same curves. Only NumPy is imported here: a peer may run in an environment of its own.
"""

import numpy as np

FIRMS = 60
QUARTERS = 104
INNOVATION = 0.002  #: p
IMITATION = 0.03  #: q


def hazard(share: float) -> float:
    """Chance that a firm which has not adopted does so in a quarter, after a share of all firms has.

    >>> hazard(0.0), hazard(0.5)
    (0.002, 0.017)
    """
    return INNOVATION + IMITATION * share


def reference(told: np.ndarray) -> np.ndarray:
    """The curves by the definition, firm by firm; told: draws (worlds, quarters, firms)."""
    worlds, quarters, firms = told.shape
    curves = np.zeros((worlds, quarters // 4))
    for world in range(worlds):
        adopted = [False] * firms
        share = 0.0
        for quarter in range(quarters):
            chance = hazard(share)
            for firm in range(firms):
                if told[world, quarter, firm] < chance:
                    adopted[firm] = True
            share = sum(adopted) / firms
            if quarter % 4 == 3:
                curves[world, quarter // 4] = share
    return curves
