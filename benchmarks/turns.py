"""Candidates that take turns, each turn a process."""

import statistics
from dataclasses import dataclass, field

from benchmarks.memory import run_watched


@dataclass
class Turns:
    """What a candidate did, a value per round; the first round warms up, and counts for nothing.

    Attributes:
        rates: things per second.
        peaks: bytes of resident memory of all processes, at most.
    """

    rates: list[float] = field(default_factory=list)
    peaks: list[int] = field(default_factory=list)

    def take(self, *command: str) -> None:
        """Run a module that prints how many things it did, and in how many seconds."""
        done = run_watched(*command)
        count, seconds = done.output.split()
        self.rates.append(int(count) / float(seconds))
        self.peaks.append(done.peak)

    @property
    def median(self) -> float:
        """Things per second."""
        return statistics.median(self.rates[1:])

    @property
    def peak(self) -> int:
        """Bytes of memory, at most."""
        return max(self.peaks[1:])
