"""A creator's sums are the ledger's, whatever happened, and the page shows what is paid."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.db.models import Sum
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from pytest_django import Settings

from tests import make
from tests.cloudcoin import make as coin
from wetube.cloudcoin import income, ledger, refunds, rollup, till
from wetube.cloudcoin.models import Charge, Entry, Journal
from wetube.cloudcoin.refusals import ChargeRefused
from wetube.giving import payday, pots, spreadsheet, tips
from wetube.giving.models import Attention, PotMonth
from wetube.giving.spreading import spread
from wetube.people.models import Channel, User
from wetube.settlement import rooting, standing, withdrawals
from wetube.settlement.models import PayoutLeaf, PayoutRoot

COIN = coin.COIN
ADDRESS = "0x52908400098527886E0F7030069857D2E4169EE7"


def pay(payer: User, payee: User, amount: int, kind: Charge.Kind, number: int) -> Charge:
    return till.charge(
        payer=payer,
        payee=payee,
        amount=amount,
        reference=f"{kind}:{number}",
        subject=f"{kind}:{number % 2}",
        label=f"{kind} {number % 2}",
        kind=kind,
        capped=False,
    )


class AnyHistory(TestCase):
    """Charges of every kind, refunds and roll-ups, on any days."""

    @settings(max_examples=12, deadline=None)
    @given(
        st.lists(
            st.tuples(
                st.sampled_from(Charge.Kind),
                st.integers(1, COIN),
                st.integers(0, 70),  # hours until it happens
                st.sampled_from(["", "refund", "rollup"]),
            ),
            max_size=10,
        )
    )
    def test_sums_are_the_ledger_s(self, history: list[tuple[Charge.Kind, int, int, str]]) -> None:
        payer, creator = User.objects.create(), User.objects.create()
        with time_machine.travel(datetime(2026, 9, 25, tzinfo=UTC), tick=False) as clock:
            for number, (kind, amount, hours, then) in enumerate(history):
                clock.shift(hours * 3600)
                try:
                    made = pay(payer, creator, amount, kind, number)
                except ChargeRefused:
                    continue
                if then == "refund":
                    refunds.refund(made, reason="did not play")
                elif then == "rollup":
                    rollup.roll_up()
            sums, sources = income.of(creator), income.by_source(creator)
            days, earners = income.by_day(creator, days=60), income.earners(creator)
            lines = list(spreadsheet.of_income(creator))[1:]

        account = ledger.account_of(creator)
        entries = Entry.objects.filter(account=account).exclude(journal__kind=Journal.Kind.GRANT)
        assert sums.settled == int(entries.aggregate(sum=Sum("amount"))["sum"] or 0)
        assert sums.settling == sum(
            Charge.objects.standing().unsettled().values_list("payee_share", flat=True)
        )
        for column in ("today", "month", "total"):
            assert sum(getattr(row, column) for row in sources) == getattr(sums, column)
        assert sum(day.amount for day in days) == sums.total
        assert days[-1].amount == sums.today
        sold = [row for row in sources if row.source.startswith("view") or row.source == "purchase"]
        assert sum(row.total for row in earners) == sum(row.total for row in sold)
        assert sum(round(float(line.split(",")[5]) * COIN) for line in lines) == sums.total


def test_months_begin_at_midnight_utc(alice: User, bob: User) -> None:
    with time_machine.travel(datetime(2026, 10, 31, 23, 59, 59, tzinfo=UTC), tick=False) as clock:
        coin.charge(bob, alice, 100)
        clock.shift(1)
        coin.charge(bob, alice, 1000)
        sums = income.of(alice)

    assert (sums.today, sums.month, sums.last_month, sums.total) == (700, 700, 70, 770)


def test_sources_have_names_of_their_own(alice: User, bob: User, channel: Channel) -> None:
    coin.charge(bob, alice, 1000)
    tips.give(bob, channel, amount=2000, reference="one")
    pot = pots.fill(bob, amount=4000)
    month = PotMonth.objects.create(pot=pot, month="2026-01-01", amount=4000)
    Attention.objects.create(month=month, channel=channel, seconds=1)
    month.refresh_from_db()
    spread(month)

    found = [(row.source, row.total, row.count) for row in income.by_source(alice)]

    assert found == [("view-custodial", 700, 1), ("tip", 1400, 1), ("pot", 2800, 1)]


@pytest.fixture
def connected(settings: Settings) -> None:
    """A chain is set; these pages never ask it."""
    settings.CLOUDCOIN_RPC = "http://127.0.0.1:9"


def test_without_a_chain_there_is_no_payday(alice: User) -> None:
    assert payday.of(alice).at is None


def test_without_an_order_nothing_goes_out_by_itself(connected: None, alice: User) -> None:
    found = payday.of(alice)

    assert found.at is not None
    assert (found.amount, found.free, found.order) == (0, 10 * COIN, None)


def test_below_the_threshold_nothing_goes_out(connected: None, alice: User) -> None:
    standing.order(alice, address=ADDRESS, threshold=11 * COIN)

    found = payday.of(alice)

    assert (found.amount, found.missing, found.is_enough) == (0, COIN, False)
    assert standing.carry_out(1) == []


class AnyPayday(TestCase):
    """Payouts one after another: what the page says beforehand is what the root's leaf grows by."""

    @settings(max_examples=12, deadline=None)
    @given(
        st.lists(
            st.tuples(st.integers(1, 3 * COIN), st.integers(0, 3 * COIN)), min_size=1, max_size=3
        )
    )
    def test_the_number_on_the_page_is_the_number_paid(self, turns: list[tuple[int, int]]) -> None:
        alice, bob = User.objects.create(), User.objects.create()
        standing.order(alice, address=ADDRESS, threshold=5 * COIN)
        before = 0
        for number, (earned, asked) in enumerate(turns):
            pay(bob, alice, earned, Charge.Kind.VIEW, number)
            rollup.roll_up()
            if 10**6 <= asked <= coin.available(alice):
                withdrawals.ask(alice, amount=asked, address=ADDRESS)
            shown = payday.of(alice).amount

            root = rooting.make_root(funds=100 * COIN)

            leaf = PayoutLeaf.objects.filter(root=root).first()
            paid = sum(row.amount for row in payday.past(alice) if row.root == root)
            assert paid == shown == (leaf.cumulative - before if leaf else 0)
            assert payday.of(alice).asked == 0
            before += shown
            PayoutRoot.objects.update(posted_at=timezone.now())
        assert payday.of(alice).rooted == before


def test_the_spreadsheet_says_who_nobody_is(client: Client, alice: User, bob: User) -> None:
    coin.charge(bob, alice, 1_234_567, label="=HYPERLINK(evil)")
    client.force_login(alice)

    answer = client.get("/wallet/income.csv")

    text = answer.getvalue().decode()
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert "view-custodial,'=HYPERLINK(evil),video:one,0.01234567,0.00864198,settling" in text
    assert bob.key not in text
    assert "bob" not in text


def test_a_channel_s_income_survives_it(alice: User, bob: User) -> None:
    tips.give(bob, make.channel(alice), amount=1000, reference="one")
    alice.channels.all().delete()

    assert income.of(alice).total == 700
