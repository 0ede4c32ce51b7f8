"""What is known of each node as a reader sees it: how soon, how fast, how often it failed, or lied.

Nothing here is for ever: a measure fades with its age towards what a stranger is given credit
for, so a node that was slow an hour ago is tried again, with a hedge beside it. Only a lie keeps a
node away from the content that it lied about.
"""

import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from threading import Lock

from node_bridge.cid import Cid
from node_bridge.network.failures import Cancelled, Lied, NotHeld, PeerFailed
from node_bridge.network.providers import Provider

STRANGER = 0.1  # seconds for a block that a node nobody has asked is given credit for
MEASURES_FADE = 60.0  # seconds until a measure counts half
FAILURES_FADE = 60.0  # the same of a failure
LIES_FADE = 86_400.0  # and of a lie
REST = 0.5  # seconds a node is left alone after a failure; twice as long after the next one
LONGEST_REST = 60.0
SAMPLES = 64  # durations remembered a node
WEIGHT = 0.2  # of the newest measure in a moving average
FEWEST = 8  # samples from which patience is learned
PATIENCE = (0.05, 0.4, 2.0)  # seconds before a hedge: least, for a stranger, most
KNOWN = 10_000  # nodes that are remembered
BANS = 10_000  # pairs of a node and a content that are remembered
BUSY_AT = 8  # requests to one node at a time; one more is as dear as so many waiting:
QUEUED = 100
LIE = 10  # failures a lie counts as


@dataclass(slots=True)
class Score:
    """One node as readers saw it. Times in seconds, `rate` in bytes a second."""

    seconds: float = STRANGER
    rate: float = 0.0
    failures: float = 0.0
    lies: float = 0.0
    under_way: int = 0
    row: int = 0  # failures without a success between them
    rests_until: float = 0.0
    measured: float = 0.0
    failed: float = 0.0
    lied: float = 0.0
    samples: deque[float] = field(default_factory=lambda: deque(maxlen=SAMPLES))


class Scores:
    """All nodes, by URL: what answers there is what is judged, whatever it calls itself."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._scores: OrderedDict[str, Score] = OrderedDict()
        self._bans: OrderedDict[tuple[str, Cid], None] = OrderedDict()
        self._lock = Lock()

    def best(self, providers: Iterable[Provider], root: Cid) -> Provider | None:
        """Whom to ask next for something under this root; None when nobody may be asked."""
        with self._lock:
            allowed = [each for each in providers if (each.url, root) not in self._bans]
            return min(allowed, key=self._burden, default=None)

    def patience(self, provider: Provider) -> float:
        """Seconds after which a second node is asked as well: about its slowest block in twenty."""
        least, unknown, most = PATIENCE
        with self._lock:
            samples = sorted(self._of(provider.url).samples)
        if len(samples) < FEWEST:
            return unknown
        slow = samples[int(0.95 * (len(samples) - 1))]
        return min(max(1.2 * slow, least), most)

    def began(self, provider: Provider) -> None:
        with self._lock:
            self._of(provider.url).under_way += 1

    def gave(self, provider: Provider, *, seconds: float, size: int) -> None:
        """A good block came, `seconds` after it was asked for."""
        with self._lock:
            score = self._of(provider.url)
            weight = WEIGHT if score.measured else 1.0
            score.seconds += weight * (seconds - score.seconds)
            score.rate += weight * (size / max(seconds, 1e-6) - score.rate)
            score.samples.append(seconds)
            score.measured = self._clock()
            score.under_way -= 1
            score.row = 0
            score.rests_until = 0.0

    def failed(self, provider: Provider, root: Cid, failure: PeerFailed, seconds: float) -> None:
        """A block did not come. That it is not held, or not wanted any more, is nobody's fault."""
        now = self._clock()
        with self._lock:
            score = self._of(provider.url)
            score.under_way -= 1
            match failure:
                case NotHeld():
                    pass
                case Cancelled():
                    _took_longer(score, seconds, now)
                case Lied():
                    score.lies = 1 + score.lies * _left(now - score.lied, LIES_FADE)
                    score.lied = now
                    self._ban(provider.url, root)
                case _:
                    _missed(score, now)

    def is_banned(self, provider: Provider, root: Cid) -> bool:
        with self._lock:
            return (provider.url, root) in self._bans

    def seen(self) -> Mapping[str, Score]:
        """Every node's score by URL, as it stands now."""
        with self._lock:
            return {url: replace(score) for url, score in self._scores.items()}

    def _of(self, url: str) -> Score:
        if url not in self._scores and len(self._scores) >= KNOWN:
            self._scores.popitem(last=False)
        return self._scores.setdefault(url, Score())

    def _ban(self, url: str, root: Cid) -> None:
        self._bans[url, root] = None
        if len(self._bans) > BANS:
            self._bans.popitem(last=False)

    def _burden(self, provider: Provider) -> tuple[bool, float]:
        """The less the better: who rests comes last, else the seconds a block would likely take."""
        now = self._clock()
        score = self._of(provider.url)
        known = _left(now - score.measured, MEASURES_FADE) if score.measured else 0.0
        seconds = known * score.seconds + (1 - known) * STRANGER
        failures = score.failures * _left(now - score.failed, FAILURES_FADE)
        lies = score.lies * _left(now - score.lied, LIES_FADE)
        queue = 1 + score.under_way + (QUEUED if score.under_way >= BUSY_AT else 0)
        return now < score.rests_until, seconds * queue * (1 + failures) ** 2 * (1 + LIE * lies)


def _took_longer(score: Score, seconds: float, now: float) -> None:
    """Another node was faster: it would have taken longer than this, so it counts as this slow."""
    if seconds > score.seconds:
        score.seconds += WEIGHT * (seconds - score.seconds)
        score.samples.append(seconds)
        score.measured = now


def _missed(score: Score, now: float) -> None:
    score.failures = 1 + score.failures * _left(now - score.failed, FAILURES_FADE)
    score.failed = now
    score.rests_until = now + min(REST * 2**score.row, LONGEST_REST)
    score.row = min(score.row + 1, 10)


def _left(age: float, half: float) -> float:
    """What is left of a measure: half after each `half` seconds."""
    return float(0.5 ** (max(age, 0.0) / half))
