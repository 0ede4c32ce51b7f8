"""An address that no row can have is a page that is not there, on every database."""

import pytest
from django.test import Client


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/kept/%00/", "/refused/a%00/"])
def test_there_is_nothing_at_an_address_with_a_zero(address: str) -> None:
    answer = Client().get(address)
    assert answer.status_code == 404
    assert b"\0" not in answer.content
