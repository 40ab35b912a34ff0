"""Emulators of a stochastic simulator: what it would say at points that it was not run at, and how far to trust that.

Points lie in [0, 1]^factors, and every point was run `replicates` times, each with luck of its own. A statistic has a mean
at a point, emulated by a Gaussian process on the few factors that move it, and a variance from run to run, emulated by a
regression of its logarithm. A mean over replicates is off by luck / replicates, which the process is told point by point
(stochastic kriging); its nugget is left with what the other factors do, and belongs to the variance of a prediction.
Sources: Ankenman, Nelson and Staum (2010), Oper. Res. 58:371; Andrianakis et al. (2015), PLoS Comput. Biol. 11:e1003968.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import linalg, stats
from scipy.stats import qmc

from clusterpact.extras import require

MOST_ACTIVE = 8
LEVEL = 0.01  #: chance that the screen of a statistic which nothing moves lets any factor in
LEAST_SHARE = 0.005  #: a factor that explains less of the variance over points is left to the nugget, until a later wave
TUNED_ON = 320  #: points that length scales are tuned on; a fit on all of them would take a minute
MOST_POINTS = 1024  #: points that a process remembers
CHUNK = 4096  #: points predicted at a time
RESTARTS = 1
LENGTHS = (0.05, 20.0)  #: bounds of length scales, in widths of the region that was run
RIDGE = 1e-3
LEAST_LUCK = 0.05  #: floor of the luck variance, as a share of its mean over all points


@dataclass(frozen=True, eq=False)
class Emulator:
    """One statistic: indices of the factors that move its mean and its luck, and the two fits on these."""

    low: np.ndarray  #: corner of the region that was run, shape (factors,)
    width: np.ndarray  #: its sides, shape (factors,)
    active: tuple[int, ...]
    process: Any  #: of (value - centre) / scale on the active factors; None where no factor is active
    centre: float
    scale: float
    spread: float  #: variance of a prediction where no factor is active
    errors: np.ndarray  #: standardised errors of every point that the fit remembers, predicted from all others
    luck_active: tuple[int, ...]
    luck: Any  #: regression of log(variance / luck_mean); None where no factor is active
    luck_mean: float
    luck_bounds: tuple[float, float]


def sobol_points(count: int, factors: int, seed: int) -> np.ndarray:
    """A scrambled Sobol set in [0, 1), of shape (count, factors); a power of two fills the space best."""
    return np.asarray(sobol(factors, seed).random_base2(max(count - 1, 0).bit_length())[:count])


def sobol(factors: int, seed: int) -> Any:
    """The sequence that `sobol_points` starts."""
    return qmc.Sobol(factors, scramble=True, seed=np.random.default_rng(seed))


def summary(runs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance over replicates of runs (points, replicates, statistics): two arrays (points, statistics)."""
    if runs.ndim != 3 or runs.shape[1] < 2:
        raise ValueError(f"runs of shape {runs.shape}; expected (points, at least 2 replicates, statistics)")
    return runs.mean(axis=1), runs.var(axis=1, ddof=1)


def active_factors(points: np.ndarray, values: np.ndarray, most: int = MOST_ACTIVE, level: float = LEVEL) -> tuple[int, ...]:
    """Indices of the factors that move values (points,), strongest first, by forward F tests.

    A factor enters by its line and parabola, or by its products with those already in; the level is shared among all
    candidates of a step and these two ways in (Bonferroni). Missed: two factors that act only through their product. What
    explains next to nothing stays out: F tests would find the lattice of a Sobol set in a curve that is no parabola.
    """
    x = 2 * scaled(points, *region(points)) - 1
    residual = values - values.mean()
    total = residual @ residual
    known = np.full((len(x), 1), len(x) ** -0.5)  # orthonormal: what the factors already in can say, and the constant
    chosen: list[int] = []
    candidates = [int(factor) for factor in np.flatnonzero(np.ptp(x, axis=0) > 0)]
    while candidates and len(chosen) < most and total > 0:
        tests = []
        for factor in candidates:
            column = x[:, [factor]]
            for columns in (np.hstack([column, column**2]), column * x[:, chosen]):
                if columns.shape[1]:
                    tests.append((*f_test(residual, known, columns), factor))
        p_value, rest, best = min(tests)
        if p_value * len(tests) > level or -rest < LEAST_SHARE * total:
            break
        column = x[:, [best]]
        added = beyond(known, np.hstack([column, column**2, column * x[:, chosen]]))
        known = np.hstack([known, np.linalg.qr(added)[0]])
        residual = residual - known @ (known.T @ residual)
        chosen.append(best)
        candidates.remove(best)
    return tuple(chosen)


def f_test(residual: np.ndarray, known: np.ndarray, columns: np.ndarray) -> tuple[float, float]:
    """P value of columns (points, n) beyond what is known, and minus the sum of squares they explain (it breaks ties)."""
    direction = np.linalg.qr(beyond(known, columns))[0].T @ residual
    explained = float(direction @ direction)
    free = len(residual) - known.shape[1] - columns.shape[1]
    if free < 1:
        return 1.0, -explained
    left = max(float(residual @ residual) - explained, 1e-300)
    return float(stats.f.sf(explained / columns.shape[1] / (left / free), columns.shape[1], free)), -explained


def beyond(known: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """What of the columns an orthonormal basis does not span; both of shape (points, n)."""
    return np.asarray(columns - known @ (known.T @ columns))


def emulate(points: np.ndarray, means: np.ndarray, variances: np.ndarray, replicates: int) -> list[Emulator]:
    """An emulator per statistic, from points (points, factors) and the two arrays of `summary` (points, statistics).

    Raises InputError where scikit-learn is not installed. One BLAS thread: the same arguments give the same bytes.
    """
    with one_thread():
        return [emulator(points, means[:, k], variances[:, k], replicates) for k in range(means.shape[1])]


def emulator(points: np.ndarray, means: np.ndarray, variances: np.ndarray, replicates: int) -> Emulator:
    """The emulator of one statistic, from its means and variances (points,)."""
    if len(points) > MOST_POINTS:
        part = spread_out(len(points), MOST_POINTS)
        points, means, variances = points[part], means[part], variances[part]
    low, width = region(points)
    luck_mean = float(variances.mean())
    luck_bounds = LEAST_LUCK * luck_mean, float(variances.max())
    luck_active: tuple[int, ...] = ()
    luck = None
    if luck_mean > 0:
        relative = np.maximum(variances / luck_mean, LEAST_LUCK)
        luck_active = active_factors(points, np.log(relative))
        if luck_active:
            terms = luck_terms(scaled(points, low, width)[:, luck_active])
            linear = learn().linear_model
            luck = linear.GammaRegressor(alpha=RIDGE, solver="newton-cholesky").fit(terms, relative)
    centre, scale = float(means.mean()), float(means.std(ddof=1))
    found = Emulator(low, width, (), None, centre, scale or 1.0, 0.0, np.zeros(len(means)),
                     luck_active, luck, luck_mean, luck_bounds)  # fmt: skip
    x, y = scaled(points, low, width), (means - centre) / found.scale
    noise = luck_variance(found, points) / replicates / found.scale**2
    active, kernel = tuned(x, y, noise, active_factors(points, means))
    if kernel is None:
        spread = scale**2 * (max(1 - float(noise.mean()), 0.0) + 1 / len(means))
        return replace(found, spread=spread, errors=y)
    process = remembered(x[:, active], y, noise, kernel)
    return replace(found, active=active, process=process, errors=left_out(process))


def tuned(x: np.ndarray, y: np.ndarray, noise: np.ndarray, active: tuple[int, ...]) -> tuple[tuple[int, ...], Any]:
    """The active factors that a process on x (points, factors), y and noise (points,) makes use of, and its kernel.

    The kernel, Matern 5/2 with a length per factor and a nugget, is tuned on a fixed part of the points. A factor that
    hardly moves the process, as one let in by mistake, is dropped, and the rest tuned again. None where nothing is active.
    """
    kernels = learn().gaussian_process.kernels
    part = spread_out(len(x), TUNED_ON)
    while active:
        kernel = kernels.ConstantKernel(1.0, (1e-2, 1e3)) * kernels.Matern(np.ones(len(active)), LENGTHS, nu=2.5)
        kernel += kernels.WhiteKernel(0.1, (1e-6, 2.0))
        z = x[part][:, active]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a weak factor sends its length to the bound, which is as it should be
            process = remembered(z, y[part], noise[part], kernel, optimizer="fmin_l_bfgs_b", n_restarts_optimizer=RESTARTS)
        at_middle = [process.predict(np.where(np.arange(len(active)) == j, 0.5, z)) for j in range(len(active))]
        moved = ((at_middle - process.predict(z)) ** 2).mean(axis=1)
        used = tuple(factor for factor, change in zip(active, moved, strict=True) if change >= LEAST_SHARE)
        if used == active:
            return active, process.kernel_
        active = used
    return (), None


def remembered(x: np.ndarray, y: np.ndarray, noise: np.ndarray, kernel: Any, **options: Any) -> Any:
    """A Gaussian process on x (points, active), y and noise (points,); its kernel is tuned only if options say how."""
    process = learn().gaussian_process.GaussianProcessRegressor
    settings = {"optimizer": None, "random_state": 0} | options
    return process(kernel, alpha=np.maximum(noise, 1e-9), **settings).fit(x, y)


def left_out(process: Any) -> np.ndarray:
    """Standardised error of the process at each of its points, predicted from all others, shape (points,).

    About 1 in size if the variances can be trusted (Rasmussen and Williams 2006, eq. 5.12).
    """
    inverse = linalg.cho_solve((process.L_, True), np.eye(len(process.L_)))
    return np.asarray(np.ravel(process.alpha_) / np.sqrt(np.diag(inverse)))


def predict(emulators: Sequence[Emulator], points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean, variance of that mean, and luck variance of one run at points (points, factors): each (points, statistics)."""
    shape = len(points), len(emulators)
    means, variances, luck = np.empty(shape), np.empty(shape), np.empty(shape)
    with one_thread():
        for k, item in enumerate(emulators):
            luck[:, k] = luck_variance(item, points)
            means[:, k], variances[:, k] = item.centre, item.spread
            if item.process is not None:
                x = scaled(points, item.low, item.width)[:, item.active]
                for start in range(0, len(x), CHUNK):
                    rows = slice(start, start + CHUNK)
                    mean, deviation = item.process.predict(x[rows], return_std=True)
                    means[rows, k] = item.centre + item.scale * mean
                    variances[rows, k] = (item.scale * deviation) ** 2
    return means, variances, luck


def luck_variance(item: Emulator, points: np.ndarray) -> np.ndarray:
    """Variance of a statistic from run to run at points (points, factors), within its bounds: shape (points,).

    The floor stands for luck that the replicates have not met: an event that none of 8 runs saw may have a chance of 0.3.
    """
    found = np.full(len(points), item.luck_mean)
    if item.luck is not None and len(points):
        found *= item.luck.predict(luck_terms(scaled(points, item.low, item.width)[:, item.luck_active]))
    return np.asarray(np.clip(found, *item.luck_bounds))


def luck_terms(x: np.ndarray) -> np.ndarray:
    """Lines and parabolas of x (points, active): shape (points, 2 active)."""
    x = 2 * x - 1
    return np.hstack([x, x**2])


def region(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Corner and sides of the box around points, shape (factors,) each; a side of nothing counts as 1."""
    width = np.ptp(points, axis=0)
    return points.min(axis=0), np.where(width > 0, width, 1.0)


def scaled(points: np.ndarray, low: np.ndarray, width: np.ndarray) -> np.ndarray:
    """Points with the box that was run as [0, 1]^factors."""
    return np.asarray((points - low) / width)


def spread_out(count: int, most: int) -> np.ndarray:
    """Indices of at most `most` of `count` items, evenly spaced."""
    return np.arange(count) if count <= most else np.linspace(0, count - 1, most).astype(int)


def learn() -> Any:
    """Scikit-learn, an extra of the installation."""
    require("calibrate", "calibrate", "sklearn")
    import sklearn.gaussian_process
    import sklearn.linear_model

    return sklearn


def one_thread() -> Any:
    """A context in which BLAS adds up in one order."""
    learn()
    import threadpoolctl

    return threadpoolctl.threadpool_limits(1)
