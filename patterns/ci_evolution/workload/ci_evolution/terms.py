"""What an estimate is made of: a sum over events divided by another."""

from dataclasses import dataclass

from .events import Floats


@dataclass(frozen=True)
class Terms:
    """What each event adds to the numerator (GeV) and to the denominator of the estimate."""

    numerator: Floats
    denominator: Floats

    def estimate(self) -> float:
        """Return the estimate in GeV."""
        return float(self.numerator.sum() / self.denominator.sum())
