"""Requests whose user the type checker knows."""

from typing import TYPE_CHECKING

from django.http import HttpRequest

if TYPE_CHECKING:
    from wetube.people.models import User


class SignedInRequest(HttpRequest):
    """What a view behind `login_required` gets."""

    user: "User"
