"""Ten nodes, a third killed, slow or lying: no wrong byte, no waiting, repaired, fairly paid."""

import json
import sys
import tempfile
import time
from hashlib import sha256
from pathlib import Path

from bench.report import note, report
from script.drills import films
from script.drills.operators import Operated, operators
from script.drills.playing import Browser, Played
from script.drills.rig import DrillFailed, Rig, running

NODES = 10
COPIES = 4  # one with each trouble, and one that must do
SECONDS = 60  # of film
SETTINGS = {
    "NODE_RANGES": "127.0.0.0/8",
    "NODE_HEARTBEAT_SECONDS": "3",
    "NODE_SUSPECT_SECONDS": "20",
    "NODE_LOST_SECONDS": "40",
    "AUDIT_SECONDS": "20",
    "PUBLIC_COPIES": str(COPIES),
    "STORAGE_PRICE_LIMIT": str(10**12),  # what ten megabytes earn in seconds must be a drop or more
    "PROOF_OF_WORK": "0",
}
PUBLISH_WITHIN = 300.0
PLACE_WITHIN = 240.0
REPAIR_WITHIN = 300.0
SETTLING = 3.0  # until a proof that was under way is written down

FORGET = """
from django.conf import settings
from node_bridge.cid import parse
from wetube.content import network
for cid in list(network.blocks({cid!r})):
    name = parse(cid).digest.hex()
    (settings.BLOCKS_DIR / "blocks" / name[:2] / name).unlink()
"""
PAY = """
import json
from datetime import timedelta
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from wetube.nodes import keeping, storage_pay
from wetube.nodes.models import StorageDay
from wetube.people.models import User
keeping.pay(User.objects.get(name="drill"), {cid!r}, days=1, reference="drill")
with transaction.atomic():
    due = StorageDay.objects.values_list("node__key").annotate(Sum("amount"))
    print(json.dumps({{key: amount for key, amount in due if amount}}))
    storage_pay.pay(now=timezone.now() + timedelta(days=1))
"""
FILM = "SELECT cid, files FROM video_video WHERE key = ?"
HOLDERS = """
SELECT node.key FROM nodes_lease lease
JOIN nodes_node node ON node.id = lease.node_id
JOIN nodes_placement placement ON placement.id = lease.placement_id
WHERE placement.root = ? AND lease.state = 'held' AND node.state = 'active'
"""
DUE = """
SELECT node.key, sum(day.amount) FROM nodes_storageday day
JOIN nodes_node node ON node.id = day.node_id GROUP BY node.key
"""
EARNED = """
SELECT node.key, sum(earning.amount) FROM nodes_earning earning
JOIN nodes_node node ON node.id = earning.node_id GROUP BY node.key
"""
OPERATORS = """
SELECT node.key, account.balance FROM nodes_node node
JOIN nodes_operator operator ON operator.id = node.operator_id
JOIN cloudcoin_account account ON account.owner_id = operator.user_id AND account.kind = 'person'
"""


def main() -> int:
    with tempfile.TemporaryDirectory() as name, running(**SETTINGS) as rig:
        folder = Path(name)
        film = films.draw(folder / "film.mp4", seconds=SECONDS)
        key = rig.client.upload(film)
        with operators(rig, folder, NODES) as nodes:
            rig.until(lambda: rig.ended(key), PUBLISH_WITHIN, "the film is published")
            return _drill(rig, nodes, key)


def _drill(rig: Rig, nodes: dict[str, Operated], key: str) -> int:
    cid, files = rig.rows(FILM, key)[0]
    names = list(json.loads(files))
    before = _sums(rig, cid, names)
    rig.until(lambda: len(_holders(rig, cid)) == COPIES, PLACE_WITHIN, "all copies lie on nodes")
    rig.shell(FORGET.format(cid=cid))
    killed, slow, lying = sorted(_holders(rig, cid))[:3]
    purses = dict(rig.rows(OPERATORS))
    nodes[slow].relay.become("slow")
    nodes[lying].relay.become("lying")
    time.sleep(SETTLING)
    due = {lying: dict(rig.rows(DUE)).get(lying, 0)}
    with Browser() as browser:
        playing = browser.play(f"http://127.0.0.1:{rig.ports[0]}/watch/{key}/")
        playing.to(5, within=60)
        nodes[killed].kill()
        playing.to(5 + SETTLING, within=60)
        due[killed] = dict(rig.rows(DUE)).get(killed, 0)
        played = playing.to(SECONDS - 1, within=3 * SECONDS)
    wrong = sum(a != b for a, b in zip(before, _sums(rig, cid, names), strict=True))
    rig.until(lambda: _is_repaired(rig, cid, {*due}), REPAIR_WITHIN, "all copies are sound again")
    good = _judge_reads(played, wrong, nodes[lying].relay.lies)
    good.append(report("network copies after repair", len(_holders(rig, cid)), COPIES))
    paid = json.loads(rig.shell(PAY.format(cid=cid)))
    return int(not all([*good, *_judge_pay(rig, due, paid, purses)]))


def _judge_reads(played: Played, wrong: int, lies: int) -> list[bool]:
    note("network played", f"{played.seconds:.0f} s, {played.stalls} stalls, {played.waited:.2f} s")
    note("network lies told", str(lies))
    return [
        report("network seconds played", played.seconds, SECONDS - 1),
        report("network rebuffer ratio, %", 100 * played.ratio, 0.5, "lower"),
        report("network wrong files", wrong, 0, "lower"),
        report("network lies told", lies, 1),
    ]


def _judge_pay(
    rig: Rig, spoiled: dict[str, int], paid: dict[str, int], purses: dict[str, int]
) -> list[bool]:
    """Who was killed or lies is due no more than before; what was due is earned, to the drop."""
    due, earned = dict(rig.rows(DUE)), dict(rig.rows(EARNED))
    more = {key: balance - purses.get(key, 0) for key, balance in rig.rows(OPERATORS)}
    undeserved = sum(due.get(key, 0) - amount for key, amount in spoiled.items())
    note("network earned", f"{sum(earned.values())} drops by {len(earned)} nodes")
    return [
        report("network drops undeserved", undeserved, 0, "lower"),
        report("network pay unlike what was due", _unlike(paid, earned), 0, "lower"),
        report("network purses unlike pay", _unlike(earned, more), 0, "lower"),
        report("network drops earned", sum(earned.values()), 1),
    ]


def _unlike(some: dict[str, int], others: dict[str, int]) -> int:
    """For how many nodes the two do not say the same."""
    return sum(some.get(key, 0) != others.get(key, 0) for key in {*some, *others})


def _holders(rig: Rig, cid: str) -> set[str]:
    return {key for (key,) in rig.rows(HOLDERS, cid)}


def _is_repaired(rig: Rig, cid: str, spoiled: set[str]) -> bool:
    holders = _holders(rig, cid)
    return len(holders) == COPIES and not holders & spoiled


def _sums(rig: Rig, cid: str, names: list[str]) -> list[str]:
    """The sha256 of each file of the film, whole, through the gateway; raises DrillFailed."""
    sums = []
    for name in names:
        status, body, _ = rig.client.request(rig.client.gateway, "GET", f"/ipfs/{cid}/{name}")
        if status != 200:
            raise DrillFailed(f"{name}: {status} {body[:200]!r}")
        sums.append(sha256(body).hexdigest())
    return sums


if __name__ == "__main__":
    sys.exit(main())
