"""What the operator sees of the coin, and what everybody may see of payouts."""

import json

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from tests.cloudcoin.make import available
from tests.settlement import make
from wetube.chain.merkle import Tree, leaf, root_by
from wetube.cloudcoin import ledger
from wetube.cloudcoin.findings import Broken
from wetube.cloudcoin.models import Account, Journal
from wetube.people.models import User
from wetube.settlement import checks, reconciling, rooting, tasks
from wetube.settlement.models import InvariantRun, PayoutRoot, Withdrawal

pytestmark = pytest.mark.django_db

MONEY = "/health/coin/"
ADDRESS = make.address(7)


@pytest.fixture
def operator(client: Client, alice: User) -> Client:
    User.objects.filter(pk=alice.pk).update(is_operator=True)
    client.force_login(alice)
    return client


@pytest.fixture
def root(alice: User, bob: User) -> PayoutRoot:
    """Two people are paid."""
    make.asked(alice, make.COIN, to=7)
    make.asked(bob, 2 * make.COIN, to=8)
    made = rooting.make_root(funds=3 * make.COIN)
    assert made
    return made


def test_the_operator_sees_each_invariant_s_last_result(operator: Client, root: PayoutRoot) -> None:
    reconciling.reconcile()

    page = operator.get(MONEY).content.decode()

    assert page.count("<tr>") == 14
    assert "The books hold what the chain holds." in page
    assert "There is no chain." in page
    assert "Payout not on the chain yet" in page
    assert operator.get("/health/").status_code == 200


def test_every_invariant_is_asked_somewhere() -> None:
    for name in reconciling.NAMES:
        places = (reconciling.ROWS.get(name), reconciling.CHAIN.get(name))
        assert name in reconciling.BOOKS or any(places), name


def test_what_is_broken_is_shown_with_its_rows(
    operator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(reconciling.ROWS, "I10", [lambda: iter([Broken("I10", "tokens", "gone")])])
    reconciling.reconcile()

    page = operator.get(MONEY).content.decode()

    assert "1 row is wrong" in page
    assert "I10 tokens: gone" in page
    assert "I10" in checks.books().says
    assert InvariantRun.objects.get(invariant="I10").result == "broken"
    assert "They are wrong: I10" in operator.get("/health/").content.decode()


def test_the_page_asks_no_more_with_more_rows(
    operator: Client, bob: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    operator.get(MONEY)
    for _ in range(3):
        make.asked(bob)
        reconciling.reconcile()
    with django_assert_max_num_queries(22):
        operator.get(MONEY)


def test_the_button_asks_a_worker(
    operator: Client,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: pytest.FixtureRequest,
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(tasks.reconcile, "apply_async", lambda *words, **_more: asked.append(words))
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        answer = operator.post(f"{MONEY}check/")

    assert (answer.status_code, answer.headers["Location"]) == (302, MONEY)
    assert len(asked) == 1


def test_to_others_it_does_not_exist(client: Client, bob: User) -> None:
    client.force_login(bob)
    assert client.get(MONEY).status_code == 404
    assert client.post(f"{MONEY}check/").status_code == 404
    assert Client().get(MONEY).status_code == 302
    assert not InvariantRun.objects.exists()


def test_anyone_can_build_the_tree_of_a_payout(client: Client, root: PayoutRoot) -> None:
    answer = client.get("/wallet/payouts/1.json")
    said = json.loads(b"".join(answer.streaming_content))  # type: ignore[attr-defined]

    leaves = [(address, int(drops)) for address, drops in said["leaves"]]
    assert dict(leaves) == {make.address(7): make.COIN, make.address(8): 2 * make.COIN}
    assert f"0x{Tree(leaves).root.hex()}" == said["root"] == root.root
    assert int(said["total"]) == 3 * make.COIN


def test_anyone_can_have_the_proof_of_a_leaf(client: Client, root: PayoutRoot) -> None:
    said = client.get("/wallet/payouts/1.json", {"address": ADDRESS.lower()}).json()

    proof = [bytes.fromhex(sibling[2:]) for sibling in said["proof"]]
    start = leaf(said["address"], int(said["cumulative"]))
    assert f"0x{root_by(proof, start).hex()}" == root.root


@pytest.mark.parametrize(("address", "status"), [("0x12", 400), (make.address(9), 404), ("", 400)])
def test_a_bad_question_is_told(
    client: Client, root: PayoutRoot, address: str, status: int
) -> None:
    answer = client.get("/wallet/payouts/1.json", {"address": address})
    assert answer.status_code == status
    assert answer.json()["detail"]
    assert client.get("/wallet/payouts/2.json").status_code == 404


def test_the_house_s_income_goes_out_by_command(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.CLOUDCOIN_RPC = ""
    gateway, issuance = ledger.house(Account.Kind.GATEWAY), ledger.house(Account.Kind.ISSUANCE)
    ledger.post(reference="gift", kind=Journal.Kind.TRANSFER,
                entries=[(issuance, -make.COIN), (gateway, make.COIN)])  # fmt: skip

    call_command("payouts", "withdraw", ADDRESS, "0.4")
    call_command("payouts", "list")
    call_command("payouts", "now")

    said = capsys.readouterr().out
    assert "0.40 CLD goes to" in said
    assert f"asked{'0.40 CLD':>29} {ADDRESS}" in said
    assert "Nobody waits." in said
    assert ledger.house(Account.Kind.GATEWAY).balance == make.COIN * 6 // 10


@pytest.mark.parametrize(
    ("address", "amount", "says"),
    [
        ("0x12", "1", "An address is 0x"),
        (ADDRESS, "1", "missing"),
        (ADDRESS, "much", "Write an amount"),
        (ADDRESS, "0.001", "At least"),
    ],
)
def test_what_the_house_cannot_pay_moves_nothing(address: str, amount: str, says: str) -> None:
    ledger.house(Account.Kind.GATEWAY)
    before = make.everything()
    with pytest.raises(CommandError, match=says):
        call_command("payouts", "withdraw", address, amount)
    assert make.everything() == before


def test_who_has_no_coin_in_the_vault_waits_and_all_behind(alice: User, bob: User) -> None:
    make.asked(alice, 2 * make.COIN, to=7)
    make.asked(bob, make.COIN, to=8)
    before = available(bob)

    assert rooting.make_root(funds=2 * make.COIN - 1) is None
    assert not PayoutRoot.objects.exists()
    assert set(Withdrawal.objects.values_list("state", flat=True)) == {"asked"}
    assert available(bob) == before
