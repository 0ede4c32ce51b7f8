"""Events as `chain.events` writes them, without a chain: rows are our own seam."""

from collections.abc import Mapping
from itertools import count

from django.utils import timezone

from tests.settlement import make
from wetube.chain.models import ChainEvent, Deployment
from wetube.cloudcoin.models import Account
from wetube.settlement.models import DepositAddress, Epoch

TOKEN, MINT, VAULT = make.address(101), make.address(102), make.address(103)
CHANNELS, COLLECTOR = make.address(104), make.address(105)
STRANGER = make.address(106)
_numbers = count(1)


def deployment(confirmations: int = 3) -> Deployment:
    """A coin on a chain nobody can ask."""
    return Deployment.objects.create(
        chain_id=1,
        genesis_hash=f"0x{'00' * 32}",
        token=TOKEN,
        mint=MINT,
        vault=VAULT,
        channels=CHANNELS,
        collector=COLLECTOR,
        first_block=1,
        confirmations=confirmations,
        ready_at=timezone.now(),
    )


def opened(total: int = 0) -> Epoch:
    """The epochs have begun."""
    return Epoch.objects.create(
        number=1, is_opening=True, total=total, minted=total, posted_at=timezone.now()
    )


def deposit_address(account: Account) -> DepositAddress:
    number = DepositAddress.objects.count()
    return DepositAddress.objects.create(
        account=account, index=number, address=make.address(1000 + number)
    )


def happens(
    contract: str,
    name: str,
    *,
    tx: str = "",
    place: int = 0,
    final: bool = False,
    words: Mapping[str, object] | None = None,
    **more: object,
) -> ChainEvent:
    """Something happens in a block of its own; what it says is `words` and `more`."""
    number = next(_numbers)
    return ChainEvent.objects.create(
        block_number=number,
        block_hash=f"0x{number:064x}",
        log_index=place,
        tx_hash=tx or f"0x{number:064x}",
        contract=contract,
        name=name,
        args={**(words or {}), **more},
        final=final,
    )


def is_final(event: ChainEvent) -> None:
    ChainEvent.objects.filter(pk=event.pk).update(final=True)


def goes(event: ChainEvent) -> None:
    """The chain takes it back."""
    ChainEvent.objects.filter(pk=event.pk).update(canonical=False)


def returns(event: ChainEvent) -> None:
    """Its block is back."""
    ChainEvent.objects.filter(pk=event.pk).update(canonical=True)


def transfer(to: str, amount: int, *, sender: str = STRANGER, **more: object) -> ChainEvent:
    words = {"from": sender, "to": to, "value": amount}
    return happens("Cloudcoin", "Transfer", words=words, **more)  # type: ignore[arg-type]
