"""An operator is made and unmade on the machine, never on a page."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.people.make_people import make_user
from wetube.people.models import User

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("by_key", [True, False])
def test_by_name_or_key_and_back(alice: User, by_key: bool) -> None:
    person = alice.key if by_key else "Alice"
    call_command("operator", person, stdout=StringIO())
    alice.refresh_from_db()
    assert alice.is_operator
    call_command("operator", person, "--stop", stdout=StringIO())
    alice.refresh_from_db()
    assert not alice.is_operator


def test_a_name_of_nobody_makes_nobody() -> None:
    make_user()
    with pytest.raises(CommandError):
        call_command("operator", "nobody")
    assert not User.objects.filter(is_operator=True).exists()
