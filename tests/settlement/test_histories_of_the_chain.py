"""Whatever people, jobs and the chain do, in any order: the books hold what the chain holds."""

import contextlib
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from tests.settlement import events_by_hand, make
from tests.settlement.simulated import Chain
from wetube.chain import keys
from wetube.cloudcoin import escrows, invariants, ledger, refunds, rollup, till
from wetube.cloudcoin.models import Account, Charge, Escrow, Journal, Tab
from wetube.cloudcoin.refusals import ChargeRefused
from wetube.people.models import User
from wetube.settlement import chain_holds, claimable, crediting, rooting, withdrawals
from wetube.settlement.models import PayoutRoot, Withdrawal

pytestmark = pytest.mark.chain

FUND = 100 * make.COIN
CHANNELS = [f"0x{number:064x}" for number in (1, 2)]
AMOUNTS = st.one_of(st.integers(1, 2000), st.integers(10**6, make.COIN))
ACTIONS = st.tuples(
    st.sampled_from(
        ["top up", "deposit", "deposit", "view", "view", "watch", "refund", "claim", "settle",
         "leave", "ask", "cancel", "root", "post", "pay", "reorg", "rollup", "bury"]
    ),
    st.integers(0, 3),
    AMOUNTS,
)  # fmt: skip


class AnyHistory(TestCase):
    def setUp(self) -> None:
        events_by_hand.deployment()
        events_by_hand.opened(FUND)
        self.people = [User.objects.create(name=f"person-{number}") for number in range(2)]
        self.addresses = [
            events_by_hand.deposit_address(ledger.account_of(person)).address
            for person in self.people
        ]
        self.escrows = [escrows.opened(channel, config(channel)) for channel in CHANNELS]
        for kind, drops in ((Account.Kind.ISSUANCE, FUND // 2), (Account.Kind.GATEWAY, FUND // 2)):
            ledger.post(
                reference=f"opening:{kind}",
                kind=Journal.Kind.EMISSION,
                entries=[(ledger.house(Account.Kind.VAULT), -drops), (ledger.house(kind), drops)],
            )

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(ACTIONS, max_size=25))
    def test_keeps_every_invariant(self, history: list[tuple[str, int, int]]) -> None:
        self.chain, self.charges = Chain(FUND), 0
        with (
            self.settings(CLOUDCOIN_RPC="http://127.0.0.1:1", CLAIM_DROPS=1),
            mock.patch.object(keys, "address", return_value=events_by_hand.STRANGER),
        ):
            for what, which, amount in history:
                with contextlib.suppress(ChargeRefused):
                    getattr(self, what.replace(" ", "_"))(which, amount)
                crediting.credit()
                assert invariants.check() == []
            self.bury(0, 0)
            crediting.credit()
            self.chain_and_books_agree()

    def chain_and_books_agree(self) -> None:
        rollup.roll_up()
        assert not crediting.is_behind()
        assert invariants.check() == []
        assert list(chain_holds.leaves_only_grow()) == []
        now = self.chain.now
        assert ledger.house(Account.Kind.VAULT).balance == -(now.vault + now.resting)
        assert ledger.house(Account.Kind.ESCROWS).balance == -now.locked
        assert sum(Escrow.objects.values_list("claimed", flat=True)) == now.claimed
        promised = PayoutRoot.objects.order_by("-seq").first()
        assert not promised or promised.total <= now.vault + sum(now.paid.values())
        paid = Withdrawal.objects.filter(state="paid").values_list("amount", flat=True)
        assert sum(paid) == sum(now.paid.values())

    def top_up(self, which: int, amount: int) -> None:
        self.chain.block(lambda: self.chain.top_up(self.addresses[which % 2], amount))

    def deposit(self, which: int, amount: int) -> None:
        self.chain.block(lambda: self.chain.deposit(CHANNELS[which % 2], amount))

    def view(self, which: int, amount: int) -> None:
        tab = Tab.objects.get(escrow=self.escrows[which % 2])
        voucher = till.Voucher(tab.charged - tab.refunded + amount, b"s" * 65)
        till.charge_voucher(tab, voucher, payee=self.people[0], amount=amount, subject="video:one")

    def watch(self, which: int, amount: int) -> None:
        self.charges += 1
        payer, payee = self.people[which % 2], self.people[1 - which % 2]
        till.charge(payer=payer, payee=payee, amount=amount, subject="video:one",
                    reference=f"watch:{self.charges}")  # fmt: skip

    def refund(self, which: int, _amount: int) -> None:
        charge = Charge.objects.order_by("pk")[which : which + 1].first()
        if charge:
            refunds.refund(charge, reason="did not play")

    def claim(self, _which: int, _amount: int) -> None:
        lines = claimable.lines()
        self.chain.block(
            lambda: [
                event
                for line in lines
                for event in self.chain.claim(line.escrow.channel, line.total)
            ]
        )

    def settle(self, _which: int, _amount: int) -> None:
        self.chain.block(self.chain.settle)

    def leave(self, which: int, _amount: int) -> None:
        self.chain.block(lambda: self.chain.leave(CHANNELS[which % 2]))

    def ask(self, which: int, amount: int) -> None:
        withdrawals.ask(
            self.people[which % 2], amount=amount, address=make.address(7 + which), push=True
        )

    def cancel(self, which: int, _amount: int) -> None:
        asked = Withdrawal.objects.order_by("pk")[which : which + 1].first()
        if asked:
            withdrawals.cancel(asked)

    def root(self, _which: int, _amount: int) -> None:
        """Funds as the posting job reads them: of the newest final block, so nothing is counted
        that the chain may take back."""
        vault = -ledger.house(Account.Kind.VAULT).balance - self.chain.now.resting
        paid = sum(Withdrawal.objects.filter(state="paid").values_list("amount", flat=True))
        now = self.chain.now
        there = now.vault + sum(now.paid.values())
        rooting.make_root(funds=min(vault + paid, there))

    def post(self, _which: int, _amount: int) -> None:
        root = PayoutRoot.objects.filter(posted_at=None).first()
        if root:
            self.chain.block(lambda: self.chain.post(root.seq, root.root, root.total))

    def pay(self, which: int, _amount: int) -> None:
        root = PayoutRoot.objects.exclude(posted_at=None).order_by("-seq").first()
        if root is None or len(self.chain.now.roots) != root.seq:
            return
        leaves = rooting.leaves_of(root)
        address, drops = leaves[which % len(leaves)]
        self.chain.block(lambda: self.chain.pay(address, drops))

    def reorg(self, which: int, _amount: int) -> None:
        self.chain.take_back(min(which, 2))

    def rollup(self, _which: int, _amount: int) -> None:
        rollup.roll_up()

    def bury(self, _which: int, _amount: int) -> None:
        self.chain.bury()


def config(channel: str) -> dict[str, object]:
    return {
        "payer": events_by_hand.STRANGER,
        "payerAuthorizer": events_by_hand.STRANGER,
        "receiver": events_by_hand.VAULT,
        "receiverAuthorizer": events_by_hand.STRANGER,
        "token": events_by_hand.TOKEN,
        "withdrawDelay": 86400,
        "salt": channel,
    }
