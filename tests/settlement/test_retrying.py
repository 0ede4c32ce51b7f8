"""What the chain refused is tried again, ever more rarely; what is on its way is left alone."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from tests.settlement import events_by_hand, make
from wetube.chain.models import ChainTx
from wetube.people.models import User
from wetube.settlement import posting, retrying, rooting
from wetube.settlement.models import PayoutRoot

pytestmark = pytest.mark.django_db


def tried(state: str, *, tries: int = 1, minutes: float = 0) -> bool:
    since = timezone.now() - timedelta(minutes=minutes)
    ChainTx.objects.create(intent=f"it:{tries}", role="relayer", state=state, state_since=since)
    return retrying.is_time("it", tries)


def test_what_was_never_tried_is() -> None:
    assert retrying.is_time("it", 0)


@pytest.mark.parametrize("state", ["built", "sent", "mined", "final"])
def test_what_goes_on_or_worked_is_left_alone(state: str) -> None:
    assert not tried(state, minutes=10_000)


@pytest.mark.parametrize("state", ["failed", "replaced"])
@pytest.mark.parametrize(
    ("tries", "minutes", "again"),
    [(1, 1.9, False), (1, 2.1, True), (5, 31, False), (5, 33, True), (40, 241, True)],
)
def test_the_pause_doubles(state: str, tries: int, minutes: float, again: bool) -> None:
    assert tried(state, tries=tries, minutes=minutes) == again


def test_a_root_the_chain_refused_is_posted_again_under_a_new_name(
    bob: User, settings: Settings
) -> None:
    settings.CLOUDCOIN_RPC = "http://127.0.0.1:1"
    events_by_hand.deployment()
    make.asked(bob)
    root = rooting.make_root(funds=make.COIN)
    assert root
    posting.post(root)
    posting.post(root)
    assert PayoutRoot.objects.get().tries == 1
    old = timezone.now() - timedelta(minutes=3)
    ChainTx.objects.update(state="failed", state_since=old)

    posting.post_again()
    posting.post_again()

    assert sorted(ChainTx.objects.values_list("intent", flat=True)) == ["payout:1:1", "payout:1:2"]
    assert PayoutRoot.objects.get().tries == 2
