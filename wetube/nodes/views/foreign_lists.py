"""The page of what is refused, with the lists of others the gateway goes by; changing these."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from wetube.core.http import SignedInRequest
from wetube.core.later import after_commit
from wetube.nodes import foreign_lists
from wetube.nodes.forms import AllowForm, ForeignListForm, RefusalForm
from wetube.nodes.models import Allowance, ForeignList, Refusal
from wetube.nodes.rounds import refresh_foreign_list
from wetube.people.models import User

A_PAGE = 50


def shown(
    request: HttpRequest,
    *,
    refusal: RefusalForm | None = None,
    taking: ForeignListForm | None = None,
    allowing: AllowForm | None = None,
) -> HttpResponse:
    """All that this gateway refuses and why; a form that was not right is shown again."""
    rows = Refusal.objects.filter(operator=None).order_by("-since", "-pk")
    given = [form for form in (refusal, taking, allowing) if form is not None and form.errors]
    context = {
        "page": Paginator(rows, A_PAGE).get_page(request.GET.get("page")),
        "lists": ForeignList.objects.order_by("since"),
        "allowed": Allowance.objects.order_by("-since")[:A_PAGE],
        "is_operator": isinstance(request.user, User) and request.user.is_operator,
        "form": refusal or RefusalForm(),
        "taking": taking or ForeignListForm(),
        "allowing": allowing or AllowForm(auto_id="allow_%s"),
    }
    return render(request, "nodes/refused.html", context, status=422 if given else 200)


@login_required
@require_POST
def take_over(request: SignedInRequest) -> HttpResponse:
    """Go by somebody's list from now on."""
    only_the_operator(request)
    form = ForeignListForm(request.POST)
    if form.is_valid():
        try:
            made = foreign_lists.take_over(form.cleaned_data["url"])
        except (foreign_lists.BadListAddress, foreign_lists.TooManyLists) as refused:
            form.add_error("url", str(refused))
        else:
            after_commit(refresh_foreign_list, list_id=made.pk)
            messages.success(request, _("The list is being fetched."))
            return redirect("nodes:refused")
    return shown(request, taking=form)


@login_required
@require_POST
def stop(request: SignedInRequest, key: str) -> HttpResponse:
    only_the_operator(request)
    foreign_lists.stop(get_object_or_404(ForeignList, key=key))
    messages.success(request, _("What stood on that list alone is served again."))
    return redirect("nodes:refused")


@login_required
@require_POST
def allow(request: SignedInRequest) -> HttpResponse:
    """Serve a content although a list refuses it."""
    only_the_operator(request)
    form = AllowForm(request.POST, auto_id="allow_%s")
    if form.is_valid():
        said = form.cleaned_data
        try:
            foreign_lists.allow(said["cid"], reason=said["reason"])
        except foreign_lists.BadCid as error:
            form.add_error("cid", str(error))
        else:
            messages.success(request, _("It is served, whatever lists of others say."))
            return redirect("nodes:refused")
    return shown(request, allowing=form)


@login_required
@require_POST
def allow_no_more(request: SignedInRequest, pk: int) -> HttpResponse:
    only_the_operator(request)
    foreign_lists.allow_no_more(get_object_or_404(Allowance, pk=pk))
    messages.success(request, _("Lists of others count for it again."))
    return redirect("nodes:refused")


def only_the_operator(request: SignedInRequest) -> None:
    """Raises Http404 for everybody else."""
    if not request.user.is_operator:
        raise Http404
