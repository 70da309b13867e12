"""Measures candidates that alternate, with a new process for each turn."""

import statistics
from dataclasses import dataclass, field

from benchmarks.memory import run_watched


@dataclass
class Turns:
    """Measurements of a candidate, one value per round. The first round is a warm-up.

    Attributes:
        rates: Items per second.
        peaks: Maximum of the total resident memory of all processes, in bytes.
    """

    rates: list[float] = field(default_factory=list)
    peaks: list[int] = field(default_factory=list)

    def take(self, *command: str) -> None:
        """Run a module that prints the number of items and the seconds."""
        done = run_watched(*command)
        count, seconds = done.output.split()
        self.rates.append(int(count) / float(seconds))
        self.peaks.append(done.peak)

    @property
    def median(self) -> float:
        """Median of the rates, in items per second, without the first round."""
        return statistics.median(self.rates[1:])

    @property
    def peak(self) -> int:
        """Maximum of the peaks, in bytes, without the first round."""
        return max(self.peaks[1:])
