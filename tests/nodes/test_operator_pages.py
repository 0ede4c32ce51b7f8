"""/node/ and /nodes/: what is shown is what was paid, to the drop, and nobody sees another's."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries as MaxQueries
from pytest_django import Settings

from tests.nodes import make_pay as make
from wetube.cloudcoin import amounts, ledger
from wetube.nodes import earnings, overview, registering
from wetube.nodes.models import Audit, Earning, Lease, Node
from wetube.people.models import User
from wetube.settlement import withdrawals

pytestmark = pytest.mark.usefixtures("db")
AWAY = "0x" + "52908400098527886E0F7030069857D2E4169EE7"


@pytest.fixture(autouse=True)
def _nothing_is_given_away(settings: Settings) -> None:
    settings.DEMO_GRANT_DROPS = 0
    settings.WITHDRAWAL_MINIMUM_DROPS = 1


@pytest.fixture
def browser(olga: User, client: Client) -> Client:
    client.force_login(olga)
    return client


@pytest.fixture
def node(olga: User) -> Node:
    return make.node(olga, capacity=200 << 30, free=150 << 30, last_seen=timezone.now())


def earn(node: Node, **amounts: int) -> None:
    """So many drops by each task, now."""
    for kind, amount in amounts.items():
        reference = f"{kind}:{Earning.objects.count()}"
        earnings.earn(node, Earning.Kind(kind), amount=amount, reference=reference)


def paid_in_three_months(node: Node) -> int:
    """Drops earned on several days, some of them long ago; odd amounts."""
    make.fund_nodes(10**9)
    for days, storage, bandwidth, computation in [(80, 3, 5, 7), (20, 101, 1, 2), (0, 13, 17, 19)]:
        with time_machine.travel(timezone.now() - timedelta(days=days)):
            earn(node, storage=storage, bandwidth=bandwidth, computation=computation)
    return 168


def test_the_pages_total_is_what_the_books_paid_out_to_the_drop(
    browser: Client, olga: User, node: Node
) -> None:
    total = paid_in_three_months(node)
    sums = browser.get("/node/").context["sums"]
    assert sums.total.total == total == make.journaled(olga) == sums.available
    assert sums.total.storage + sums.total.bandwidth + sums.total.computation == total
    assert sum(row.amount for row in overview.payments(olga)) == total
    assert overview.machine(node).earned == total
    assert sums.today.total == 49


def test_what_was_paid_out_is_the_total_too(browser: Client, olga: User, node: Node) -> None:
    total = paid_in_three_months(node)
    withdrawals.ask(olga, address=AWAY, amount=total - 1)
    sums = browser.get("/node/").context["sums"]
    assert (sums.asked, sums.available) == (total - 1, 1)
    assert sums.asked + sums.rooted + sums.paid + sums.available == sums.total.total == total


def test_the_chart_and_its_table_say_the_same(browser: Client, node: Node) -> None:
    paid_in_three_months(node)
    page = browser.get("/node/")
    chart = page.context["chart"]
    assert chart.total == 104 + 49
    assert len(chart.columns) == 30
    text = page.content.decode()
    drawn = re.findall(
        r'<rect class="(\w+)" x="([\d.]+)" y="([\d.]+)" width="[\d.]+" height="([\d.]+)"', text
    )
    assert len(drawn) == 6
    assert all(float(y) >= 0 and float(y) + float(height) <= 121 for _, _, y, height in drawn)
    rows = text.partition("<caption")[2].partition("</table>")[0].count("<tr>") - 1
    assert rows == 30
    assert amounts.coins(chart.most) in text


def test_an_empty_page_says_how_to_begin(browser: Client) -> None:
    page = browser.get("/node/").content.decode()
    assert "No node yet" in page
    assert 'href="/node/set-up/"' in page


def test_a_node_shows_its_disk_proofs_and_reputation(browser: Client, node: Node) -> None:
    lease = make.holds(node, size=50 << 30)
    now = timezone.now()
    for state in (Audit.State.PASSED, Audit.State.PASSED, Audit.State.FAILED, Audit.State.ASKED):
        Audit.objects.create(
            lease=lease, node=node, nonce="", blocks=[], deadline=now, state=state, took=12
        )
    machine = overview.machine(node)
    assert (machine.leases, machine.leased, machine.taken) == (1, 50 << 30, 0.25)
    assert (machine.passed, machine.judged) == (2, 3)
    page = browser.get(f"/node/{node.key}/").content.decode()
    assert "150.0\xa0GB" in page
    assert "3.0 ÷ (3.0 + 1.0) = 0.750" in page
    assert "Wrong" not in page


def test_only_held_leases_count_as_kept(node: Node) -> None:
    make.holds(node)
    Lease.objects.update(state=Lease.State.LOST)
    assert overview.machine(node).leased == 0


def test_a_node_leaves_in_good_order(browser: Client, node: Node) -> None:
    assert "Let this node leave" in browser.get(f"/node/{node.key}/").content.decode()
    browser.post(f"/node/{node.key}/leave/")
    node.refresh_from_db()
    assert node.state == Node.State.LEAVING
    assert "leave-dialog" not in browser.get(f"/node/{node.key}/").content.decode()


def test_a_lost_node_cannot_leave_in_good_order(browser: Client, node: Node) -> None:
    Node.objects.update(state=Node.State.LOST)
    answer = browser.post(f"/node/{node.key}/leave/", follow=True)
    assert "cannot leave in good order" in answer.content.decode()
    node.refresh_from_db()
    assert node.state == Node.State.LOST


def test_nobody_sees_or_moves_anothers_node(client: Client, bob: User, node: Node) -> None:
    client.force_login(bob)
    assert client.get(f"/node/{node.key}/").status_code == 404
    assert client.post(f"/node/{node.key}/leave/").status_code == 404
    assert node.key not in client.get("/node/").content.decode()
    node.refresh_from_db()
    assert node.state == Node.State.ACTIVE


@pytest.mark.parametrize("path", ["/node/", "/node/set-up/", "/node/xyz/"])
def test_strangers_are_sent_to_sign_in(client: Client, path: str) -> None:
    assert client.get(path).status_code == 302


def test_a_token_is_shown_once_and_the_new_one_takes_its_place(browser: Client, olga: User) -> None:
    first = browser.post("/node/set-up/token/")
    assert first.status_code == 201
    secret = first.context["secret"]
    assert secret in first.content.decode()
    assert secret not in browser.get("/node/set-up/").content.decode()
    digest = registering.operator_of(olga).token_digest
    assert secret not in digest
    browser.post("/node/set-up/token/")
    assert registering.operator_of(olga).token_digest not in {"", digest}
    browser.post("/node/set-up/token/revoke/")
    assert registering.operator_of(olga).token_digest == ""


def test_a_token_is_made_by_a_form_alone(browser: Client, olga: User) -> None:
    assert browser.get("/node/set-up/token/").status_code == 405
    assert registering.operator_of(olga).token_digest == ""


def test_the_network_is_public_and_names_no_operator(client: Client, olga: User) -> None:
    assert "No node yet" in client.get("/nodes/").content.decode()
    node = make.node(olga, capacity=1 << 40)
    make.node(olga, state=Node.State.REFUSED)
    page = client.get("/nodes/")
    assert page.context["count"] == 1
    text = page.content.decode()
    assert node.peer_id[-8:] in text
    assert "olga" not in text
    assert node.operator.key not in text
    assert node.key not in text


@pytest.mark.parametrize("count", [1, 12])
def test_the_pages_cost_the_same_for_many(
    browser: Client, olga: User, count: int, django_assert_max_num_queries: MaxQueries
) -> None:
    make.fund_nodes(10**6)
    for _ in range(count):
        earn(make.node(olga), storage=1, bandwidth=2)
    assert ledger.account_of(olga).available == 3 * count
    browser.get("/node/")
    with django_assert_max_num_queries(24):
        browser.get("/node/")
    with django_assert_max_num_queries(12):
        browser.get("/nodes/")
