"""Whatever is sent to the API, it answers as its own description says."""

from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, settings
from schemathesis import Case

from tests import make
from wetube.people import tokens

pytestmark = [pytest.mark.django_db, pytest.mark.api]

schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())


@pytest.fixture
def secret(db: None) -> str:
    """A token for everything, of somebody who has a channel and two films."""
    alice = make.user("alice")
    channel = make.channel(alice, "alices-films")
    make.published(channel)
    make.video(channel)
    _, made = tokens.mint(alice, name="test", scopes=list(tokens.SCOPES))
    return made


@schema.parametrize()
@settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_call_answers_as_described(case: "Case[Any]", secret: str) -> None:
    case.call_and_validate(headers={"Authorization": f"Bearer {secret}"})
