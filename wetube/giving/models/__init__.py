"""The rows of giving: tips with what was said along, and the pots people fill by the month."""

from wetube.giving.models.pots import Pot, PotExclusion, PotMonth, PotViewing, Watched
from wetube.giving.models.tips import Tip

__all__ = ["Pot", "PotExclusion", "PotMonth", "PotViewing", "Tip", "Watched"]
