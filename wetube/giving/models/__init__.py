"""The rows of giving: tips with what was said along, and the pots people fill by the month."""

from wetube.giving.models.pots import Attention, Pot, PotExclusion, PotMonth, PotViewing
from wetube.giving.models.tips import Tip

__all__ = ["Attention", "Pot", "PotExclusion", "PotMonth", "PotViewing", "Tip"]
