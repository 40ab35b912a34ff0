"""Time that running may take."""

import math
import time
from dataclasses import dataclass
from typing import Any


@dataclass
class Budget:
    """Time that may be spent: no shard is started that would probably end too late."""

    seconds: float | None
    started: float  #: on the clock of `time.perf_counter`
    longest: float = 0.0  #: seconds of the longest shard so far

    def saw(self, entry: dict[str, Any]) -> None:
        """Note how long a shard took."""
        self.longest = max(self.longest, entry["seconds"])

    def left(self) -> float:
        """Seconds that are left for starting a shard."""
        if self.seconds is None:
            return math.inf
        return self.seconds - (time.perf_counter() - self.started) - self.longest

    def is_spent(self) -> bool:
        """Whether no further shard should start."""
        return self.left() <= 0.0


def seconds_of(text: str) -> int:
    """Seconds of a time such as 90s, 55m, 2h, 1d, 1:30 (hours and minutes) or 01:30:00; raises ValueError."""
    units = {"s": 1, "m": 60, "h": 3600, "d": 86400}
    if text and text[-1] in units:
        seconds = float(text[:-1]) * units[text[-1]]
        if not math.isfinite(seconds):
            raise ValueError(text)
        return int(seconds)
    days, _, clock = text.rpartition("-")
    parts = [int(part) for part in clock.split(":")]
    if len(parts) not in (2, 3):
        raise ValueError(text)
    hours, minutes, seconds = (*parts, 0)[:3]
    return 86400 * int(days or 0) + 3600 * hours + 60 * minutes + seconds


def clock_of(text: str) -> str:
    """A time such as 90s, 2h or 1:30 (hours and minutes) as Slurm reads it without doubt, HH:MM:SS; raises ValueError."""
    seconds = seconds_of(text)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
