"""Measures this project beside other frameworks, and how it grows, in one run; writes `benchmarks/peers.md`.

    make bench-peers          (about six minutes)

The trivial world of `benchmarks.adoption` in every framework, each in a process of its own on one core, after it was checked
that all give the same curves; then this model's own rules in Mesa without compilation; then growth and memory. Rounds of all
that is compared, ratios within a round, since the machines are shared.
"""

import argparse
import os
import platform
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.adoption import FIRMS, IMITATION, INNOVATION, QUARTERS, reference
from benchmarks.adoption.in_clusterpact import curves, draws_of
from benchmarks.growth import Row, growth, growth_rows, peak_memory
from benchmarks.processes import PeerError, Process
from benchmarks.timing import Interval, interval, processor, rounds

SIZES = (FIRMS, 100 * FIRMS)  #: firms in a world: a cluster's, and so many that a frame or an array is worth its while
ENOUGH = 0.15  #: seconds of one measurement, at least
CHECKED, TOLD = 100, 10  #: worlds whose means are checked, and whose curves are, with the same draws
REFERENCE = 4000  #: worlds of the mean that they are held against
STANDARD_ERRORS = 4.0
RULE_ROUNDS, RULE_RUNS = 6, 50  #: of this model's rules: rounds, and runs of the kernel in each
DRAWS = 1_000_000  #: of which one is timed
MEMORY, SHARD = (
    (1000, 4000, 8000),
    500,
)  #: runs per policy, and per shard: `run` takes larger shards for more runs, up to a limit

OURS, FRAMES = "clusterpact", "mesa-frames"


class Peer(NamedTuple):
    """A framework: the module that has the world in it, and the packages that it is made of."""

    module: str
    packages: tuple[str, ...]


PEERS = {
    OURS: Peer("in_clusterpact", ("numba",)),
    "NumPy, all worlds at once": Peer("in_numpy", ("numpy",)),
    "Mesa": Peer("in_mesa", ("mesa",)),
    "AgentPy": Peer("in_agentpy", ("agentpy",)),
    FRAMES: Peer("in_mesa_frames", ("mesa_frames", "polars")),
}


class Speed(NamedTuple):
    """Worlds a second, and how many times the reference does in the same round."""

    worlds: Interval
    ratio: Interval


class Measured(NamedTuple):
    """What the page tells.

    adoption: speeds of the trivial world, by firms in it and by framework; rules: speeds of this model's, with `steps`
    agent-steps a run; draw_ns: nanoseconds of a random draw; peaks: MiB by runs.
    """

    adoption: dict[int, dict[str, Speed]]
    versions: list[str]
    draw_ns: float
    rules: dict[str, Speed]
    steps: int
    growth: dict[str, list[Row]]
    peaks: list[tuple[int, float]]
    rounds: int
    growth_rounds: int


def check(name: str, peer: Process, place: Path) -> None:
    """Raise PeerError unless a framework gives the curves of the definition: with the same draws, and in the mean."""
    told = draws_of(TOLD, FIRMS)
    np.save(place / "told.npy", told)
    draws = {} if name == OURS else {"told": str(place / "told.npy")}
    found = peer.ask("curves", worlds=TOLD, firms=FIRMS, **draws)["answer"]
    if not np.array_equal(found, reference(told)):
        raise PeerError(f"{name}: other curves than those of the definition, with the same draws")
    own = np.array(peer.ask("curves", worlds=CHECKED, firms=FIRMS)["answer"])
    if (far := distance(own)) > STANDARD_ERRORS:
        raise PeerError(f"{name}: a mean lies {far:.1f} standard errors from the reference; expected {STANDARD_ERRORS:g}")


def distance(own: np.ndarray) -> float:
    """How far the mean curve of worlds (worlds, years) lies from the reference's, in standard errors, at its farthest."""
    ours = curves(REFERENCE, FIRMS)
    errors = np.sqrt(own.var(axis=0, ddof=1) / len(own) + ours.var(axis=0, ddof=1) / len(ours))
    return float((np.abs(own.mean(axis=0) - ours.mean(axis=0)) / errors).max())


def enough_worlds(peer: Process, firms: int) -> int:
    """Worlds of one measurement: as many as take `ENOUGH` seconds."""
    worlds = 1
    while (taken := peer.seconds("curves", worlds=worlds, firms=firms)) < ENOUGH:
        worlds = max(2 * worlds, int(worlds * ENOUGH / taken))
    return worlds


def speeds(peers: dict[str, Process], firms: int, times: int) -> dict[str, Speed]:
    """The speed of each framework at worlds of so many firms, in rounds of all."""
    worlds = {name: enough_worlds(peer, firms) for name, peer in peers.items()}
    taken: dict[str, list[float]] = {name: [] for name in peers}
    for _ in range(times):
        for name, peer in peers.items():
            taken[name].append(peer.seconds("curves", worlds=worlds[name], firms=firms) / worlds[name])
    return compared(taken, OURS)


def adoption(frames: str, times: int) -> tuple[dict[int, dict[str, Speed]], list[str], float]:
    """Check and measure all frameworks: by firms in a world, versions of what was measured, nanoseconds of a draw of ours.

    frames: a Python that has mesa-frames, or none; times: rounds.
    """
    with ExitStack() as stack, tempfile.TemporaryDirectory() as place:
        started: dict[str, Process] = {}
        for name, (module, _) in PEERS.items():
            if name != FRAMES or frames:
                python = str(Path(frames).absolute()) if name == FRAMES else sys.executable
                started[name] = stack.enter_context(Process(f"benchmarks.adoption.{module}", python))
        versions = [one for name, peer in started.items()
                    for one in peer.ask("version_of", names=PEERS[name].packages)["answer"]]  # fmt: skip
        for name, peer in started.items():
            check(name, peer, Path(place))
        found = {firms: speeds(started, firms, times) for firms in SIZES}
        drawing = [started[OURS].seconds("sum_of_draws", count=DRAWS) / DRAWS for _ in range(times)]
    return found, versions, 1e9 * statistics.median(drawing)


def rules() -> tuple[dict[str, Speed], int]:
    """This model's rules on Dunkirk: in the kernel, compiled in Mesa, plain Python in Mesa; and agent-steps of a run."""
    taken: dict[str, list[float]] = {"the kernel": [], "Mesa, compiled rules": [], "Mesa, plain Python": []}
    with ExitStack() as stack:
        compiled = stack.enter_context(Process("benchmarks.rules"))
        plain = stack.enter_context(Process("benchmarks.rules", NUMBA_DISABLE_JIT="1"))
        steps = int(compiled.ask("steps_of_a_run")["answer"])
        plain.ask("steps_of_a_run")  # makes the world, as warming up does in the other process
        compiled.ask("run_in_kernel", runs=RULE_RUNS)
        compiled.ask("run_in_mesa", runs=1)
        for _ in range(RULE_ROUNDS):
            taken["the kernel"].append(compiled.seconds("run_in_kernel", runs=RULE_RUNS) / RULE_RUNS)
            taken["Mesa, compiled rules"].append(compiled.seconds("run_in_mesa", runs=1))
            taken["Mesa, plain Python"].append(plain.seconds("run_in_mesa", runs=1))
    return compared(taken, "the kernel"), steps


def compared(taken: dict[str, list[float]], first: str) -> dict[str, Speed]:
    """Speeds from seconds per world by name and round; ratios to those of `first` in the same round."""
    return {
        name: Speed(interval([1.0 / one for one in times]),
                    interval([one / base for one, base in zip(times, taken[first], strict=True)]))
        for name, times in taken.items()
    }  # fmt: skip


def measure(asked: argparse.Namespace) -> Measured:
    """Measure everything that `main` was asked for."""
    speeds, versions, draw_ns = adoption(asked.frames, asked.rounds)
    of_rules, steps = rules()
    grown = growth(asked.growth_rounds)
    peaks = [(runs, peak_memory(runs, SHARD)) for runs in MEMORY]
    return Measured(speeds, versions, draw_ns, of_rules, steps, grown, peaks, asked.rounds, asked.growth_rounds)


def figure(value: float) -> str:
    """A number to three digits.

    >>> figure(1234567.0), figure(12.345), figure(1.0), figure(0.1234)
    ('1,230,000', '12.3', '1.00', '0.123')
    """
    if value >= 100:
        digits = len(str(int(value))) - 3
        return f"{round(value, -digits):,.0f}"
    return f"{value:.{1 if value >= 10 else 2 if value >= 1 else 3}f}"


def speed_rows(found: dict[str, Speed], steps: int) -> list[str]:
    """A table of speeds in Markdown; steps: agent-steps of a world."""
    lines = ["| in | worlds/s | agent-steps/s | its time for a world, against the first row |", "| --- | --- | --- | --- |"]
    for name, (worlds, ratio) in found.items():
        speed = f"{figure(worlds.median)} | {figure(worlds.median * steps)}"
        lines.append(f"| {name} | {speed} | {figure(ratio.median)} x ({figure(ratio.low)} to {figure(ratio.high)}) |")
    return lines


def adoption_rows(found: dict[int, dict[str, Speed]]) -> list[str]:
    """The tables of the trivial world, by firms in it."""
    lines = []
    for firms, speeds in found.items():
        steps = firms * QUARTERS
        lines += [f"Worlds of {firms:,} firms ({steps:,} agent-steps):", "", *speed_rows(speeds, steps), ""]
    return lines


def page_of(m: Measured) -> str:
    """The page, in Markdown."""
    frames = "" if FRAMES in m.adoption[FIRMS] else f"\n{FRAMES} was left out: `--frames` named no Python that has it."
    return f"""# Beside other frameworks

Written by `make bench-peers` on {time.strftime("%Y-%m-%d")}; {processor()}
(load average {os.getloadavg()[1]:.1f}): read the ratios. Python {platform.python_version()}, {", ".join(m.versions)}.

Figures are medians of rounds in which all that is compared is measured once; ratios are taken within a round. In brackets:
between two of the ordered values, which hold the median with 95 % or more, whatever their distribution.

## The same trivial world in each

Over {QUARTERS} quarters firms adopt with a chance of {INNOVATION:g} + {IMITATION:g} x the share that has.
Each framework has this world in its own idiom (`benchmarks/adoption`) and draws from its usual generator. Before they were
timed, all gave the same curves from the same draws, and from their own the same mean within
{STANDARD_ERRORS:g} standard errors. One core each, {m.rounds} rounds.{frames}

{chr(10).join(adoption_rows(m.adoption))}
A draw of {OURS} is a function of who asks and when ({m.draw_ns:.0f} ns), so that policies meet the same luck; those of
the others are the next numbers of a stream. {FRAMES} is made for many agents in a frame.

## This model's rules in Mesa

Dunkirk under `pact`, 2025 to 2050, {m.steps:,} agent-steps a run; the same rules, and the same results bit for bit;
{RULE_ROUNDS} rounds.

{chr(10).join(speed_rows(m.rules, m.steps))}

## Growth

Time per unit against the smallest case, so that linear growth reads as 1; {m.growth_rounds} rounds.
Dunkirk with every plant, its projects and owner so many times, all else in proportion; with every plant in so many units,
and nothing in hand at the start; so many of it in one world.

{chr(10).join(growth_rows(m.growth))}

## Memory

Dunkirk, everything recorded, on two threads in shards of {SHARD:,} runs:

| runs x 4 policies | peak, MiB |
| --- | --- |
{chr(10).join(f"| {runs:,} | {peak:,.0f} |" for runs, peak in m.peaks)}
"""


def main() -> None:
    """Measure everything and write the page."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--rounds", type=rounds, default=12, help="of all frameworks")
    options.add_argument("--growth-rounds", type=rounds, default=6, help="of the cases of growth")
    options.add_argument("--frames", default="", help=f"a Python that has {FRAMES}; without it that is left out")
    options.add_argument("--out", type=Path, default=Path(__file__).with_suffix(".md"), help="the page")
    asked = options.parse_args()
    try:
        page = page_of(measure(asked))
    except PeerError as error:
        sys.exit(f"benchmarks.peers: {error}")
    asked.out.write_text(page, encoding="utf-8")
    print(page)


if __name__ == "__main__":
    main()
