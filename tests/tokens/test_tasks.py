"""What workers do for the mint is on their timetable and may happen twice."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from wetube.cloudcoin.guarded import rewritten
from wetube.tokens import keysets, quotes, tasks
from wetube.tokens.models import Keyset, Quote

pytestmark = pytest.mark.django_db


def test_the_timetable_knows_both() -> None:
    planned = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}

    assert {tasks.rotate_keys.name, tasks.forget_quotes.name} <= planned


def test_keys_change_once_a_month_however_often_one_asks() -> None:
    first = keysets.current()
    rewritten(Keyset.objects.all(), since=timezone.now() - timedelta(days=32))

    for _ in range(2):
        tasks.rotate_keys()

    assert Keyset.objects.count() == 2
    assert keysets.current() != first


def test_unpaid_quotes_go() -> None:
    quotes.ask(5)
    Quote.objects.update(expires_at=timezone.now())

    for _ in range(2):
        tasks.forget_quotes()

    assert not Quote.objects.exists()
