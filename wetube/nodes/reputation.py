"""How far a node is trusted: a beta reputation that forgets (Jøsang and Ismail 2002, as Storj's).

Before each verdict both counts are multiplied by 0.98, so that about the last fifty count; then
a good proof adds one to alpha, a bad one its weight to beta. The score is alpha / (alpha + beta):
0.75 for a newcomer, near one for who always answers. Below 0.4 the node is sent away.
"""

from wetube.nodes.models import Audit
from wetube.nodes.models.operators import MICRO

KEPT, OF = 98, 100
ENOUGH = 400_000  # millionths; below, nobody keeps anything here
BLAME = {
    Audit.State.LATE: MICRO // 2,
    Audit.State.UNANSWERED: MICRO,
    Audit.State.FAILED: 2 * MICRO,  # wrong bytes, or none: a newcomer is forgiven one
}


def after(alpha: int, beta: int, verdict: str) -> tuple[int, int]:
    """Both counts, in millionths, once this verdict is in."""
    alpha, beta = alpha * KEPT // OF, beta * KEPT // OF
    if verdict == Audit.State.PASSED:
        return alpha + MICRO, beta
    return alpha, beta + BLAME[Audit.State(verdict)]


def is_enough(alpha: int, beta: int) -> bool:
    return alpha * MICRO >= ENOUGH * (alpha + beta)
