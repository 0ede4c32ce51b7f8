"""What the tests of settlement say in one word."""

from eth_account import Account as Keys

from tests.cloudcoin import make as cloudcoin
from wetube.cloudcoin import ledger
from wetube.cloudcoin.models import Account, Journal
from wetube.people.models import User
from wetube.settlement import withdrawals
from wetube.settlement.models import PayoutLeaf, PayoutRoot, StandingOrder, Withdrawal

COIN = 10**8


def address(number: int) -> str:
    """An address of nobody in particular, the same for the same number."""
    return str(Keys.from_key(number.to_bytes(32)).address)


def topped_up(user: User, amount: int, *, reference: str = "deposit:test") -> Account:
    """The person's account with coin that came in on chain, as the books write it."""
    account = ledger.account_of(user)
    ledger.post(
        reference=f"{reference}:{account.key}",
        kind=Journal.Kind.DEPOSIT,
        entries=[(ledger.house(Account.Kind.VAULT), -amount), (account, amount)],
    )
    return account


def asked(user: User, amount: int = COIN, *, to: int = 7, push: bool = True) -> Withdrawal:
    return withdrawals.ask(user, amount=amount, address=address(to), push=push)


def everything() -> list[object]:
    """All that money rows say, to compare before and after a refusal."""
    return [
        cloudcoin.books(),
        sorted(Withdrawal.objects.values_list("pk", "state", "amount", "address")),
        sorted(PayoutRoot.objects.values_list("seq", "root", "total")),
        sorted(PayoutLeaf.objects.values_list("pk", "cumulative")),
        sorted(StandingOrder.objects.values_list("pk", "address", "threshold")),
    ]
