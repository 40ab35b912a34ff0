"""Kills a command at a moment, gives the same command again, and looks whether anything is lost or left."""

import os
import random
import signal
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.kills.works import WORKS, Work, command, differences, do, finish, fresh, hidden, products, start

MEASURED = 2  #: undisturbed runs of which the length is the median


@dataclass(frozen=True)
class Kill:
    """One kill of a command, after so many seconds."""

    work: Work
    after_s: float


@dataclass(frozen=True)
class Came:
    """What came of a try: whether the command was still at work when killed, and what is wrong, in words."""

    in_time: bool
    wrong: tuple[str, ...]


class Undisturbed:
    """What every command makes when nobody disturbs it, and how long it takes, s."""

    def __init__(self, originals: Path, works: tuple[Work, ...] = WORKS) -> None:
        self.originals = originals
        self.made: dict[str, dict[str, bytes]] = {}
        self.seconds: dict[str, float] = {}
        for work in works:
            lengths = []
            for _ in range(MEASURED):
                with tempfile.TemporaryDirectory(prefix="kills-") as place:
                    fresh(work, originals, Path(place))
                    ended = do(command(work), Path(place))
                    if ended.code or ended.left:
                        raise RuntimeError(f"{work.name}: exit code {ended.code}, {ended.left}: {ended.error}")
                    lengths.append(ended.seconds)
                    made = products(work, Path(place))
                    if other := differences(made, self.made.setdefault(work.name, made)):
                        raise RuntimeError(f"{work.name}: two undisturbed runs differ: {other}")
            self.seconds[work.name] = statistics.median(lengths)

    def kills(self, count: int, seed: int) -> list[Kill]:
        """Kills shared out over the commands, at moments drawn uniformly over the length of each."""
        rng = random.Random(seed)
        shares = [work for work in WORKS if work.name in self.seconds for _ in range(work.share)]
        chosen = [shares[k * len(shares) // count] for k in range(count)]
        return [Kill(work, rng.uniform(0.0, self.seconds[work.name])) for work in chosen]

    def try_kill(self, kill: Kill) -> Came:
        """Kill a command, give it again, and compare."""
        with tempfile.TemporaryDirectory(prefix="kills-") as place:
            folder = Path(place)
            fresh(kill.work, self.originals, folder)
            started = time.monotonic()
            process = start(command(kill.work), folder)
            time.sleep(kill.after_s)
            in_time = process.poll() is None
            os.kill(process.pid, signal.SIGKILL) if in_time else None
            killed = finish(process, started)
            wrong = [f"outlived by {name}" for name in killed.left]
            return Came(in_time, (*wrong, *self.compare_again(kill.work, folder)))

    def compare_again(self, work: Work, folder: Path) -> list[str]:
        """Give the command once more; what is wrong afterwards, in words."""
        again = do(command(work), folder)
        wrong = [f"then outlived by {name}" for name in again.left]
        if again.code not in work.again:
            wrong.append(f"then exit code {again.code}: {again.error.strip()[-300:]}")
        wrong += [f"differs: {name}" for name in differences(products(work, folder), self.made[work.name])]
        return wrong + [f"left: {name}" for name in hidden(folder)]
