"""Epochs: ten minutes of paid views become a root of the mint, and its coin comes to the vault.

One step a run: count the next epoch, or post its root, or claim what it gives. Each step is kept
before the next, so a run may die anywhere, and two at once meet at the row.
"""

import logging
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from wetube.chain import deployment, outbox, reading, witnessing
from wetube.chain.contracts import MINT
from wetube.chain.merkle import Tree
from wetube.chain.models import ChainTx, Deployment
from wetube.chain.rpc import ChainAway
from wetube.cloudcoin import ledger
from wetube.cloudcoin.models import Charge
from wetube.settlement import emission, retrying, serving
from wetube.settlement.models import Epoch, EpochLeaf

logger = logging.getLogger(__name__)

EPOCH = timedelta(seconds=600)
NOTHING = "0x" + "0" * 64


def advance() -> None:
    """Take the newest epoch one step on. A chain that is away leaves everything as it is."""
    place = deployment.current()
    if place is None:
        return
    try:
        last = Epoch.objects.order_by("-number").first() or _opening(place)
        if last.root and not last.posted_at:
            _post(last)
        elif not _claim_of_vault(place):
            _count_next(last)
    except ChainAway as away:
        logger.info("The epoch waits for the chain: %s", away.why)


def begin() -> None:
    """Note once what opened the chain, so that its event can be answered at the first sight."""
    place = deployment.current()
    if place is None or Epoch.objects.exists():
        return
    try:
        _opening(place)
    except ChainAway as away:
        logger.info("The epochs wait for the chain: %s", away.why)


def leaves_of(epoch: Epoch) -> list[tuple[str, int]]:
    """Every address's cumulative drops as this epoch's root has them."""
    newest = _upto(epoch.number).values_list("address").annotate(Max("cumulative"))
    return [(address, int(drops)) for address, drops in newest.order_by("address")]


def _opening(place: Deployment) -> Epoch:
    """Where the mint stands before our first root: what opened the chain was minted for the vault.

    Without any root the count begins with the epoch that runs now. Raises ChainAway.
    """
    root = reading.call(MINT, "latest")
    epoch, _ripe, total = reading.call(MINT, "roots", root)
    number = epoch if total else reading.call(MINT, "epochsOver")
    charged = Charge.objects.aggregate(last=Max("pk"))["last"] or 0
    return _keep_opening(place, Epoch(number=number, total=total, last_charge=charged))


@transaction.atomic
def _keep_opening(place: Deployment, epoch: Epoch) -> Epoch:
    ledger.open_book()
    known = Epoch.objects.order_by("-number").first()
    if known:
        return known
    epoch.is_opening, epoch.minted, epoch.posted_at = True, epoch.total, timezone.now()
    epoch.save()
    if epoch.total:
        EpochLeaf.objects.create(epoch=epoch, address=place.vault, cumulative=epoch.total)
    return epoch


def _count_next(last: Epoch) -> None:
    """Count the next epoch in which somebody paid, once it and the one after it are over.

    The one after is for bytes that were still on their way. Raises ChainAway.
    """
    first = Charge.objects.filter(pk__gt=last.last_charge).order_by("pk").first()
    if first is None:
        return
    start = int(reading.call(MINT, "start"))
    number = max(last.number + 1, (int(first.at.timestamp()) - start) // 600 + 1)
    if number >= int(reading.call(MINT, "epochsOver")):
        return
    reward = _scheduled(number) - _scheduled(number - 1)
    end = datetime.fromtimestamp(start, UTC) + number * EPOCH
    _keep(last, Epoch(number=number), end, reward)


def _scheduled(number: int) -> int:
    return int(reading.call(MINT, "scheduled", number))


@transaction.atomic
def _keep(last: Epoch, epoch: Epoch, end: datetime, reward: int) -> None:
    """The counted epoch with its leaves and root.

    Nothing if another run was first, or while it is not known yet who served its views.
    """
    ledger.open_book()
    if Epoch.objects.filter(number__gt=last.number).exists():
        return
    inside = Charge.objects.filter(pk__gt=last.last_charge, at__lt=end)
    epoch.last_charge = inside.aggregate(last=Max("pk"))["last"] or last.last_charge
    views = serving.views_between(last.last_charge, epoch.last_charge)
    if not serving.IS_KNOWN(views):
        return
    works = serving.BY(views)
    shares = emission.share(reward, works, factor=settings.EMISSION_FACTOR)
    epoch.served = sum(work.served for work in works)
    epoch.minted = sum(shares.values())
    epoch.total = last.total + epoch.minted
    epoch.save()
    before = dict(leaves_of(last))
    EpochLeaf.objects.bulk_create(
        EpochLeaf(epoch=epoch, address=who, cumulative=before.get(who, 0) + drops)
        for who, drops in shares.items()
    )
    if shares:
        epoch.root = f"0x{Tree(leaves_of(epoch)).root.hex()}"
        epoch.save(update_fields=["root"])
    logger.info("Epoch %d minted %d drops for %d bytes", epoch.number, epoch.minted, epoch.served)


def _post(epoch: Epoch) -> None:
    """Ask for the posting with our witness's word, unless it is on its way."""
    if not retrying.is_time(f"epoch:{epoch.number}", epoch.tries):
        return
    root = bytes.fromhex(epoch.root.removeprefix("0x"))
    place = deployment.required()
    signature = witnessing.sign_post(place, epoch=epoch.number, root=root, total=epoch.total)
    args = [epoch.number, root, epoch.total, [signature]]
    _put(epoch, f"epoch:{epoch.number}", "post", args)


def _claim_of_vault(place: Deployment) -> bool:
    """Ask for what the vault's newest posted leaf still gives it; True if something is to come."""
    posted = EpochLeaf.objects.filter(address=place.vault, epoch__posted_at__isnull=False)
    leaf = posted.select_related("epoch").order_by("-cumulative").first()
    if leaf is None or not leaf.epoch.root:
        return False
    intent = f"emission:{leaf.pk}"
    last = ChainTx.objects.filter(intent=retrying.name(intent, leaf.tries)).first()
    if last and not last.is_over:
        return True
    if not retrying.is_time(intent, leaf.tries):
        return False
    if int(reading.call(MINT, "claimed", place.vault)) >= leaf.cumulative:
        return False
    leaves = leaves_of(leaf.epoch)
    proof = Tree(leaves).proof(leaves.index((leaf.address, leaf.cumulative)))
    _put(leaf, intent, "claim", [leaf.address, leaf.cumulative, proof])
    return True


@transaction.atomic
def _put(row: Epoch | EpochLeaf, intent: str, function: str, args: list[object]) -> None:
    """Count the try and put it in the outbox; nothing if another run counted first."""
    rows: QuerySet[Epoch] | QuerySet[EpochLeaf] = type(row)._default_manager.filter(
        pk=row.pk, tries=row.tries
    )
    if rows.update(tries=row.tries + 1):
        tried = retrying.name(intent, row.tries + 1)
        outbox.put(tried, role="relayer", contract=MINT, function=function, args=args)


def _upto(number: int) -> QuerySet[EpochLeaf]:
    return EpochLeaf.objects.filter(epoch__number__lte=number)
