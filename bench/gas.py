"""Gas of every contract call, against what the prototypes and the reference contracts took.

Each operation runs once on the in-process machine of the tests: Prague's gas schedule, with what a
transaction costs before its first instruction and the floor for its data. The figure is the ratio
to the goal; the run fails where one is above 1.1.
"""

import sys
from collections.abc import Iterator, Sequence

from eth_hash.auto import keccak

from bench.report import note, report
from tests.contracts.channels import Channel, batch_signature, deposit
from tests.contracts.contract import Contract
from tests.contracts.signing import Person, person
from tests.contracts.trees import PayoutTree, payout_tree
from tests.contracts.world import (
    CLD,
    MAKER,
    POSTER,
    REWARD,
    STRANGER,
    THRESHOLD,
    WITNESSES,
    World,
    world,
)

MOST = 1.1  # times the goal
DEPTH = 17  # levels of a tree of 100 000 leaves
RELAYER = STRANGER.address
SESSION = person(300)

# What each operation took in the prototypes; of two figures the one for code of our own.
GOALS = {
    "transfer to a newcomer": 51_622,
    "transfer to a holder": 34_522,
    "channel: open": 116_305,
    "channel: top up": 99_217,
    "channel: claim 1": 60_264,
    "channel: claim 1 again": 61_147,
    "channel: claim 10": 272_092,
    "channel: claim 100": 2_503_378,
    "channel: settle again": 46_303,
    "channel: refund by signature": 84_667,
    "vault: first root": 130_894,
    "vault: later root": 62_542,
    "vault: first claim": 103_767,
    "vault: later claim": 69_545,
    "vault: claim for 10": 700_175,
    "vault: claim for 100": 6_643_233,
    "mint: root by 2 witnesses": 91_746,
    "mint: first claim": 167_687,
    "deploy Cloudcoin": 1_540_000,
    "deploy CloudMint": 1_350_000,
    "deploy GatewayVault": 660_000,
    "deploy BatchSettlement": 2_200_000,
}


def main() -> int:
    used = {name: gas for part in (_coin, _channels, _vault, _mint) for name, gas in part()}
    reached = []
    for name, goal in GOALS.items():
        note(f"gas {name}", f"{used[name]:,} of {goal:,}")
        reached.append(report(f"gas {name}", used[name] / goal, MOST, better="lower"))
    views = 100 * 50  # a channel is claimed once a day, after fifty views
    note("gas a view", f"{used['channel: claim 100'] / views:.0f}")
    return 0 if all(reached) else 1


def _coin() -> Iterator[tuple[str, int]]:
    there = _funded(100 * CLD)
    newcomer = person(500).address
    for whom in ("a newcomer", "a holder"):
        yield (
            f"transfer to {whom}",
            there.coin.send(MAKER.address, "transfer", newcomer, CLD).gas,
        )
    machine, maker = there.machine, person(501).address
    coin, gas = Contract.made(machine, maker, "Cloudcoin", machine.next_address(maker, 1))
    yield "deploy Cloudcoin", gas
    witnesses = [witness.address for witness in WITNESSES]
    schedule = (machine.now, REWARD, 0)
    mint = (coin.address, witnesses, THRESHOLD, *schedule)
    yield "deploy CloudMint", Contract.made(machine, maker, "CloudMint", *mint)[1]
    vault = (coin.address, POSTER.address)
    yield "deploy GatewayVault", Contract.made(machine, maker, "GatewayVault", *vault)[1]
    yield "deploy BatchSettlement", Contract.made(machine, maker, "BatchSettlement")[1]


def _channels() -> Iterator[tuple[str, int]]:
    there = _funded(1000 * CLD)
    first, *others = _open(there, 112)
    alone = Channel(person(700), there.vault.address, POSTER, there.coin.address, session=SESSION)
    there.give(alone.payer.address, 2 * CLD)
    yield "channel: open", deposit(there, alone, CLD, 0, RELAYER)
    yield "channel: top up", deposit(there, alone, CLD // 2, 1, RELAYER)
    _claim(there, [first], 10)
    there.channels.send(RELAYER, "settle", there.vault.address, there.coin.address)
    yield "channel: claim 1", _claim(there, others[:1], 250)
    yield "channel: claim 1 again", _claim(there, others[:1], 500)
    yield "channel: claim 10", _claim(there, others[1:11], 250)
    yield "channel: claim 100", _claim(there, others[11:111], 250)
    settled = there.channels.send(RELAYER, "settle", there.vault.address, there.coin.address)
    yield "channel: settle again", settled.gas
    signature = first.refund(1000, 0)
    refunded = there.channels.send(RELAYER, "refundWithSignature", first.config, 1000, 0, signature)
    yield "channel: refund by signature", refunded.gas


def _vault() -> Iterator[tuple[str, int]]:
    there = _funded(1000 * CLD)
    there.give(there.vault.address, 500 * CLD)
    people = [person(1000 + number) for number in range(112)]
    gas, tree = _post(there, 1, people, 250)
    yield "vault: first root", gas
    yield "vault: first claim", _claim_one(there.vault, tree, people[0], 250)
    gas, tree = _post(there, 2, people, 500)
    yield "vault: later root", gas
    yield "vault: later claim", _claim_one(there.vault, tree, people[0], 500)
    for many in (people[1:11], people[11:111]):
        paid = there.vault.send(
            RELAYER,
            "claimMany",
            [each.address for each in many],
            [500] * len(many),
            [tree.proofs[each.address] for each in many],
        )
        yield f"vault: claim for {len(many)}", paid.gas


def _mint() -> Iterator[tuple[str, int]]:
    there = world()
    nodes = [person(1000 + number) for number in range(100)]
    tree = payout_tree({node.address: CLD for node in nodes})
    digest = there.mint.ask("postDigest", 1000, tree.root, tree.total)
    signatures = [witness.sign(digest) for witness in WITNESSES[:2]]
    posted = there.mint.send(RELAYER, "post", 1000, tree.root, tree.total, signatures)
    yield "mint: root by 2 witnesses", posted.gas
    yield "mint: first claim", _claim_one(there.mint, tree, nodes[0], CLD)


def _funded(amount: int) -> World:
    """A world whose maker was minted so many drops."""
    there = world()
    tree = payout_tree({MAKER.address: amount})
    digest = there.mint.ask("postDigest", 900, tree.root, amount)
    signatures = [witness.sign(digest) for witness in WITNESSES[:2]]
    there.mint.send(RELAYER, "post", 900, tree.root, amount, signatures)
    there.mint.send(RELAYER, "claim", MAKER.address, amount, [])
    return there


def _open(there: World, many: int) -> list[Channel]:
    """So many channels of different payers with one CLD in each."""
    opened = []
    for number in range(many):
        payer = person(2000 + number)
        there.give(payer.address, 2 * CLD)
        opened.append(
            Channel(payer, there.vault.address, POSTER, there.coin.address, session=SESSION)
        )
        deposit(there, opened[-1], CLD, 0, RELAYER)
    return opened


def _claim(there: World, channels: Sequence[Channel], amount: int) -> int:
    lines = [channel.line(amount) for channel in channels]
    signature = batch_signature(there, lines, POSTER)
    return there.channels.send(RELAYER, "claimWithSignature", lines, signature).gas


def _post(there: World, seq: int, people: Sequence[Person], each: int) -> tuple[int, PayoutTree]:
    tree = _deep(payout_tree({one.address: each for one in people}))
    return there.vault.send(POSTER.address, "post", seq, tree.root, tree.total).gas, tree


def _deep(tree: PayoutTree) -> PayoutTree:
    """The same tree as a part of a larger one: its proofs are as long as with 100 000 leaves."""
    longest = max(len(proof) for proof in tree.proofs.values())
    above = [bytes(keccak(bytes([level]))) for level in range(DEPTH - longest)]
    root = tree.root
    for neighbour in above:
        root = bytes(keccak(b"".join(sorted((root, neighbour)))))
    return PayoutTree(
        root, {who: [*proof, *above] for who, proof in tree.proofs.items()}, tree.total
    )


def _claim_one(contract: Contract, tree: PayoutTree, who: Person, cumulative: int) -> int:
    proof = tree.proofs[who.address]
    return contract.send(RELAYER, "claim", who.address, cumulative, proof).gas


if __name__ == "__main__":
    sys.exit(main())
