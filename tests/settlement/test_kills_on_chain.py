"""kill -9 at every step of a payout: who asked is paid once, to the drop."""

import pytest

from tests.settlement import make, onchain
from tests.settlement.dying_payout import pay_and_die
from tests.settlement.test_money_path import holds
from wetube.chain import reading
from wetube.chain.models import ChainTx, Deployment
from wetube.cloudcoin import ledger
from wetube.cloudcoin.models import Account
from wetube.settlement import epochs, posting, pushing, withdrawals
from wetube.settlement.models import PayoutRoot, Withdrawal

pytestmark = pytest.mark.chain

STEPS = (
    "after settlement.rooting._choose",
    "before settlement.posting.post",
    "after settlement.posting.post",
    "after chain.signing.sign_waiting",
    "after chain.sending.send",
    "after settlement.crediting._answer",
    "before settlement.pushing._send",
    "after settlement.pushing._send",
    "before settlement.moves.post",
    "after settlement.moves.post",
)


@pytest.mark.timeout(240)
def test_a_payout_killed_anywhere_is_finished_by_the_next(
    shared_books: None, deployed: Deployment
) -> None:
    epochs.advance()
    onchain.idle()
    issuance, paid = ledger.house(Account.Kind.ISSUANCE), 0
    for number, step in enumerate(STEPS):
        wallet = make.address(2000 + number % 3)
        before = reading.balance(wallet)
        asked = withdrawals.ask_from(
            issuance,
            amount=make.COIN + number,
            address=wallet,
            push=True,
        )
        paid += asked.amount

        pay_and_die(*step.split())
        finish(asked)

        assert reading.balance(wallet) == before + asked.amount, step
        assert int(reading.call("GatewayVault", "paidTotal")) == paid
        assert PayoutRoot.objects.count() == number + 1
    assert not ChainTx.objects.filter(state="failed").exists()
    assert set(Withdrawal.objects.values_list("state", flat=True)) == {"paid"}
    holds()


def finish(asked: Withdrawal) -> None:
    """As beat would, over and over."""

    def is_paid() -> bool:
        posting.post_again()
        pushing.push()
        if not PayoutRoot.objects.filter(withdrawals=asked).exists():
            posting.pay_out_now()
        asked.refresh_from_db()
        return asked.state == "paid"

    onchain.until(is_paid)
