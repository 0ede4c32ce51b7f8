"""Invariants that tie the books to the chain: I6, I8, I9 and I11. All of them raise ChainAway.

Chain and books are compared at one place: what the chain said by its newest final block, and what
the books have answered of it. While events wait to be answered, there is nothing to compare.
"""

from collections.abc import Iterator

from django.db.models import F, Max, Sum

from wetube.chain import deployment, reading
from wetube.chain.contracts import CHANNELS, MINT, TOKEN, VAULT
from wetube.chain.models import ChainTx
from wetube.cloudcoin.findings import Broken
from wetube.cloudcoin.models import Account, Entry, Escrow, Journal
from wetube.settlement import proofs, rooting
from wetube.settlement.models import DepositAddress, EpochLeaf, PayoutLeaf, PayoutRoot, Withdrawal
from wetube.settlement.transfers import ONE_OFF

SAMPLE = 200


def claims_are_the_chain_s() -> Iterator[Broken]:
    """I6: what the escrows say was claimed is what the chain says the vault claimed in all."""
    place = deployment.required()
    claimed, _settled = reading.call(CHANNELS, "receivers", place.vault, place.token)
    ours = int(Escrow.objects.aggregate(sum=Sum("claimed"))["sum"] or 0)
    if ours != claimed:
        yield Broken("I6", "all escrows", f"say {ours} was claimed, the chain says {claimed}")


def leaves_only_grow() -> Iterator[Broken]:
    """I8: withdrawals make leaves, leaves make totals, and both only grow."""
    for root in PayoutRoot.objects.order_by("-seq")[:2]:
        leaves = rooting.leaves_of(root)
        total = sum(drops for _, drops in leaves)
        if total != root.total:
            yield Broken("I8", str(root), f"promises {root.total}, its leaves sum to {total}")
        if root.root and proofs.PayoutTree(leaves).root != root.root:
            yield Broken("I8", str(root), "is not the root of its leaves")
    asked = dict(
        Withdrawal.objects.exclude(root=None).values_list("address").annotate(Sum("amount"))
    )
    given = dict(PayoutLeaf.objects.values_list("address").annotate(Max("cumulative")))
    for address in sorted(asked.keys() | given.keys()):
        wanted, leaf = int(asked.get(address, 0)), int(given.get(address, 0))
        if wanted != leaf:
            yield Broken("I8", address, f"was given {leaf}, withdrawals sum to {wanted}")


def roots_are_covered() -> Iterator[Broken]:
    """I8: the vault has our newest root, and promises no more than it holds and has paid."""
    place = deployment.required()
    ours = PayoutRoot.objects.exclude(posted_at=None).order_by("-seq").first()
    there = (reading.call(VAULT, "seq"), f"0x{reading.call(VAULT, 'root').hex()}")
    if ours and there != (ours.seq, ours.root):
        yield Broken("I8", str(ours), f"is not the vault's, which has number {there[0]}")
    total, held = int(reading.call(VAULT, "total")), reading.balance(place.vault)
    paid = int(reading.call(VAULT, "paidTotal"))
    if total > held + paid:
        yield Broken("I8", "the vault", f"promises {total}, holds {held} and has paid {paid}")


def vault_is_what_the_books_say() -> Iterator[Broken]:
    """I9: the account `vault` is what the vault and the deposit addresses hold, with a minus."""
    place = deployment.required()
    block = max(0, reading.final_block(place))
    held = reading.balance(place.vault, block=block) + _on_deposit_addresses(block)
    said = -_house(Account.Kind.VAULT) - _booked_early()
    if held != said:
        yield Broken("I9", "account vault", f"says {said}, the chain holds {held}")


def escrows_are_what_the_books_say() -> Iterator[Broken]:
    """I9: the account `escrows` is what lies in our channels, claimed and not settled included.

    Others may use the channels' contract too, so it holds that much or more; what was settled is
    compared to the drop, and the newest channels one by one.
    """
    place = deployment.required()
    block = max(0, reading.final_block(place))
    sums = Escrow.objects.aggregate(sure=Sum("deposited"), unsure=Sum("unconfirmed"))
    sure, unsure = int(sums["sure"] or 0), int(sums["unsure"] or 0)
    said = -_house(Account.Kind.ESCROWS)
    _claimed, settled = reading.call(CHANNELS, "receivers", place.vault, place.token, block=block)
    if sure + unsure - said != settled:
        finding = f"{sure + unsure - said} came into the vault, by the chain {settled}"
        yield Broken("I9", "account escrows", finding)
    held = reading.balance(place.channels, block=block)
    if said - unsure > held:
        yield Broken("I9", "account escrows", f"says {said - unsure}, the channels hold {held}")
    for escrow in Escrow.objects.order_by("-pk")[:SAMPLE]:
        channel = bytes.fromhex(escrow.channel.removeprefix("0x"))
        balance, _ = reading.call(CHANNELS, "channels", channel, block=block)
        if balance != escrow.deposited:
            yield Broken("I9", str(escrow), f"says {escrow.deposited}, the chain {balance}")


def minting_is_within_the_schedule() -> Iterator[Broken]:
    """I11: all coin was minted by the schedule, below the cap, and our leaves claim no more."""
    minted, supply = int(reading.call(MINT, "minted")), int(reading.call(TOKEN, "totalSupply"))
    scheduled = int(reading.call(MINT, "scheduled", reading.call(MINT, "epochsOver")))
    cap = int(reading.call(TOKEN, "CAP"))
    if not supply <= minted <= scheduled <= cap:
        finding = f"{supply} there, {minted} minted, {scheduled} scheduled, {cap} at most"
        yield Broken("I11", "the mint", finding)
    newest = EpochLeaf.objects.values_list("address").annotate(Max("cumulative"))
    earned = sum(int(drops) for _, drops in newest)
    if earned > scheduled:
        yield Broken("I11", "our epochs", f"gave {earned}, scheduled were {scheduled}")


def _on_deposit_addresses(block: int) -> int:
    full = DepositAddress.objects.filter(received__gt=F("swept")).values_list("address", flat=True)
    return sum(reading.balance(address, block=block) for address in full)


def _booked_early() -> int:
    """One-off payments are booked from their block on, before that is final."""
    early = ChainTx.objects.filter(state=ChainTx.State.MINED, intent__startswith=ONE_OFF)
    journals = Journal.objects.filter(reference__in=list(early.values_list("intent", flat=True)))
    entries = Entry.objects.filter(journal__in=journals, account__kind=Account.Kind.VAULT)
    return -int(entries.aggregate(sum=Sum("amount"))["sum"] or 0)


def _house(kind: Account.Kind) -> int:
    return int(Account.objects.filter(kind=kind).aggregate(sum=Sum("balance"))["sum"] or 0)
