"""How well a content is kept, and paying to have it kept for longer; both for anybody."""

from dataclasses import dataclass
from secrets import token_hex

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from wetube.cloudcoin import amounts
from wetube.nodes import health, keeping
from wetube.nodes.forms import LASTING, KeepForm
from wetube.nodes.keeping import InsufficientFunds, NotKept, Price, TooLong
from wetube.nodes.models import Keeping, Placement
from wetube.people.models import User

SHOWN = 10  # payments, the newest


@dataclass(frozen=True)
class Choice:
    """One of the lengths that are offered, and its price."""

    days: int
    label: str
    price: Price


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def kept(request: HttpRequest, key: str) -> HttpResponse:
    """Copies, the last proof, until when it is paid for; a form that pays for more."""
    placement = get_object_or_404(Placement.objects.standing(), key=key)
    form = KeepForm(request.POST or None)
    if request.method == "POST":
        if not isinstance(request.user, User):
            return redirect_to_login(request.get_full_path())
        if form.is_valid() and _pay(request.user, placement, form):
            messages.success(request, _("Thank you: it is kept for longer now."))
            return redirect(request.get_full_path())
    context = {
        "placement": placement,
        "health": health.of(placement.root),
        "choices": [_choice(placement, days, str(label)) for days, label in LASTING],
        "form": form,
        "reference": token_hex(16),
        "keepings": Keeping.objects.filter(content__cid=placement.root).order_by("-since")[:SHOWN],
        "back": _back(request),
    }
    return render(request, "nodes/kept.html", context, status=422 if form.errors else 200)


def _pay(user: User, placement: Placement, form: KeepForm) -> bool:
    """False with the reason on the form; then nothing was paid."""
    days, said = form.cleaned_data["days"], form.cleaned_data
    try:
        if keeping.price(placement.root, days=days).amount > said["agreed"]:
            form.add_error(None, _("The price has changed. Look at it again."))
            return False
        keeping.pay(user, placement.root, days=days, reference=said["reference"])
    except InsufficientFunds as short:
        says = _("You have %(available)s, which is not enough.")
        form.add_error(None, says % {"available": amounts.coins(short.available)})
    except (NotKept, TooLong) as refused:
        form.add_error(None, str(refused))
    return not form.errors


def _choice(placement: Placement, days: int, label: str) -> Choice:
    return Choice(days, label, keeping.price(placement.root, days=days))


def _back(request: HttpRequest) -> str:
    """Where the visitor came from, if it is a page of ours."""
    back = request.GET.get("back", "")
    is_ours = url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return back if is_ours and back.startswith("/") else ""
