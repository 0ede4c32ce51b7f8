"""Where a page leads to, and who may pass without showing who they are again."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from wetube.core.http import SignedInRequest
from wetube.people import logins

Args = ParamSpec("Args")
View = Callable[Concatenate[SignedInRequest, Args], HttpResponse]


def onward(request: HttpRequest, default: str = settings.LOGIN_REDIRECT_URL) -> str:
    """Where `next` says, if that is on this site, else the default page, "" for none."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if is_ours(request, wanted):
        return wanted
    return resolve_url(default) if default else ""


def is_ours(request: HttpRequest, address: str) -> bool:
    return url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )


def proven(back: str) -> Callable[[View[Args]], Callable[..., HttpResponse]]:
    """Only for people who showed who they are in the last minutes; others are asked first.

    `back` names the page they come to afterwards when the request itself was a
    POST, whose body is not kept.
    """

    def decorate(view: View[Args]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def asked(
            request: SignedInRequest, *args: Args.args, **kwargs: Args.kwargs
        ) -> HttpResponse:
            if logins.is_proven(request):
                return view(request, *args, **kwargs)
            after = request.get_full_path() if request.method == "GET" else reverse(back)
            return redirect(f"{reverse('people:confirm')}?{urlencode({'next': after})}")

        return login_required(asked)

    return decorate
