"""/node/alarms/: where one is told when a node needs one, and what one was told lately."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from wetube.core.http import SignedInRequest
from wetube.nodes import alarms as verbs
from wetube.nodes import registering, telling
from wetube.nodes.forms import MailForm, WebhookForm
from wetube.nodes.models import Alarm, AlarmSending

SHOWN = 20  # alarms, the newest


@never_cache
@login_required
@require_safe
def alarms(request: SignedInRequest) -> HttpResponse:
    return _page(request)


@never_cache
@login_required
@require_POST
def add_mail(request: SignedInRequest) -> HttpResponse:
    form = MailForm(request.POST)
    if form.is_valid():
        try:
            verbs.add_mail(registering.operator_of(request.user), form.cleaned_data["to"])
        except (verbs.TooMany, verbs.NoMail) as refused:
            form.add_error("to", str(refused))
        else:
            messages.success(request, _("A code is on its way there. Type it in below."))
            return redirect("nodes:alarms")
    return _page(request, mail=form)


@never_cache
@login_required
@require_POST
def add_webhook(request: SignedInRequest) -> HttpResponse:
    """The secret is shown in this one answer."""
    form = WebhookForm(request.POST)
    if form.is_valid():
        operator = registering.operator_of(request.user)
        try:
            made = verbs.add_webhook(operator, form.cleaned_data["url"])
        except (verbs.TooMany, verbs.BadWebhook) as refused:
            form.add_error("url", str(refused))
        else:
            return _page(request, secret=made.secret)
    return _page(request, webhook=form)


@login_required
@require_POST
def confirm(request: SignedInRequest, key: str) -> HttpResponse:
    operator = registering.operator_of(request.user)
    if verbs.confirm(operator, key, request.POST.get("code", "")):
        messages.success(request, _("Alarms go there from now on."))
    else:
        messages.error(request, _("This is not the code that was mailed."))
    return redirect("nodes:alarms")


@login_required
@require_POST
def remove(request: SignedInRequest, key: str) -> HttpResponse:
    if verbs.remove(registering.operator_of(request.user), key):
        messages.success(request, _("No alarm goes there any more."))
    return redirect("nodes:alarms")


@login_required
@require_POST
def test(request: SignedInRequest) -> HttpResponse:
    verbs.sound_test(registering.operator_of(request.user))
    messages.success(request, _("A test is on its way to every address."))
    return redirect("nodes:alarms")


def _page(
    request: SignedInRequest,
    *,
    mail: Form | None = None,
    webhook: Form | None = None,
    secret: str = "",
) -> HttpResponse:
    operator = registering.operator_of(request.user)
    sendings = Prefetch("sendings", AlarmSending.objects.select_related("address"))
    sounded = Alarm.objects.filter(operator=operator).select_related("node")
    context = {
        "here": "alarms",
        "sends_mail": telling.sends_mail(),
        "addresses": operator.alarm_addresses.order_by("pk"),
        "alarms": sounded.prefetch_related(sendings).order_by("-at", "-pk")[:SHOWN],
        "mail": mail or MailForm(),
        "webhook": webhook or WebhookForm(),
        "secret": secret,
    }
    refused = (mail and mail.errors) or (webhook and webhook.errors)
    status = 422 if refused else 201 if secret else 200
    return render(request, "nodes/alarms.html", context, status=status)
