"""Whatever happens, in whatever order: coin is conserved and the books stay right."""

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from tests.cloudcoin import make
from wetube.cloudcoin import income, invariants, ledger, refunds, rollup
from wetube.cloudcoin.models import Account, Charge, Entry
from wetube.cloudcoin.refusals import ChargeRefused
from wetube.people.models import User

PEOPLE = 3
ACTIONS = st.one_of(
    st.tuples(
        st.just("charge"),
        st.integers(0, PEOPLE - 1),
        st.integers(0, PEOPLE - 1),
        st.one_of(st.integers(1, 2000), st.integers(1, 12 * make.COIN)),
    ),
    st.tuples(
        st.just("transfer"),
        st.integers(0, PEOPLE - 1),
        st.integers(0, PEOPLE - 1),
        st.integers(1, 12 * make.COIN),
    ),
    st.tuples(st.just("refund"), st.integers(0, 30), st.just(0), st.just(0)),
    st.tuples(st.just("rollup"), st.just(0), st.just(0), st.just(0)),
)


class AnyHistory(TestCase):
    def setUp(self) -> None:
        self.people = [User.objects.create(name=f"person-{number}") for number in range(PEOPLE)]

    @settings(max_examples=40, deadline=None)
    @given(st.lists(ACTIONS, max_size=14))
    def test_conserves_coin(self, history: list[tuple[str, int, int, int]]) -> None:
        for number, action in enumerate(history):
            before = make.books()
            try:
                self.live(number, *action)
            except ChargeRefused:
                assert len(make.books()[4]) == len(before[4])  # type: ignore[arg-type]

        assert invariants.check() == []
        rollup.roll_up()
        assert invariants.check() == []
        self.balances_are_the_people_s_stories()

    def live(self, number: int, what: str, one: int, other: int, amount: int) -> None:
        payer, payee = self.people[one % PEOPLE], self.people[other]
        if what == "charge":
            make.charge(payer, payee, amount)
        elif what == "transfer" and payer != payee:
            ledger.transfer(
                payer=ledger.account_of(payer),
                payee=ledger.account_of(payee),
                amount=amount,
                reference=f"gift:{number}",
            )
        elif what == "refund" and Charge.objects.exists():
            charge = Charge.objects.order_by("pk")[one % Charge.objects.count()]
            refunds.refund(charge, reason="did not play")
        elif what == "rollup":
            rollup.roll_up()

    def balances_are_the_people_s_stories(self) -> None:
        for person in self.people:
            account = Account.objects.filter(owner=person).first()
            if account is None:
                continue
            assert account.held == 0
            assert account.balance == sum(
                Entry.objects.filter(account=account).values_list("amount", flat=True)
            )
            assert income.of(person).total == sum(
                Charge.objects.standing()
                .filter(payee=account)
                .values_list("payee_share", flat=True)
            )
