"""How a program shows who it acts for: `Authorization: Bearer wt_…` with a scope."""

from django.http import HttpRequest
from ninja.errors import AuthenticationError, AuthorizationError
from ninja.security import HttpBearer

from wetube.people import tokens
from wetube.people.models import User


class Token(HttpBearer):
    """Lets a request pass whose token has the scope; 401 without one, 403 for another scope.

    The view finds the person in `request.user`, as pages do.
    """

    def __init__(self, scope: str) -> None:
        if scope not in tokens.SCOPES:
            raise tokens.BadScope(f"There is no scope {scope!r}.")
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> User:
        """Raises AuthenticationError and AuthorizationError, which ninja answers with."""
        try:
            user = tokens.authenticate(token, scope=self.scope)
        except tokens.ScopeMissing as refusal:
            raise AuthorizationError(message=str(refusal)) from refusal
        except tokens.TokenRefused as refusal:
            raise AuthenticationError(message=str(refusal)) from refusal
        request.user = user
        return user
