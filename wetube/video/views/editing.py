"""One's own films: the library, and everything that can be changed about one."""

from dataclasses import asdict

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from wetube.cloudcoin import income
from wetube.core.http import SignedInRequest
from wetube.nodes import health
from wetube.video import editing, progress, watching
from wetube.video.forms import CaptionForm, DetailsForm, PosterForm
from wetube.video.models import Video

A_PAGE = 30


@login_required
@require_safe
def library(request: SignedInRequest) -> HttpResponse:
    films = Video.objects.owned_by(request.user).select_related("channel")
    page = Paginator(films.prefetch_related("pieces").order_by("-created", "-pk"), A_PAGE).get_page(
        request.GET.get("page")
    )
    earned = income.by_subject(request.user, [video.holder for video in page.object_list])
    kept = health.many([video.cid for video in page.object_list])
    rows = [
        {
            "video": video,
            "income": earned.get(video.holder, 0),
            "overall": progress.overall(video),
            "health": kept.get(video.cid),
        }
        for video in page.object_list
    ]
    return render(request, "video/library.html", {"page_obj": page, "rows": rows})


@login_required
@require_http_methods(["GET", "POST"])
def edit(request: SignedInRequest, key: str) -> HttpResponse:
    video = own(request, key)
    # Several of these forms may be open on the upload page, so each has ids of its own.
    form = DetailsForm(request.POST or None, instance=video, auto_id=f"id_{key}_%s")
    if request.method == "POST" and form.is_valid() and _saved(form, video):
        messages.success(request, _("Saved."))
        return redirect("video:edit", key)
    part = "#details" if request.headers.get("HX-Request") or request.GET.get("part") else ""
    status = 422 if form.errors else 200
    return render(request, f"video/edit.html{part}", _context(video, form), status=status)


@login_required
@require_POST
def poster(request: SignedInRequest, key: str) -> HttpResponse:
    video = own(request, key)
    form = PosterForm(request.POST, request.FILES)
    if not form.is_valid():
        _say_errors(request, form)
        return redirect("video:edit", key)
    try:
        if form.cleaned_data["picture"]:
            editing.upload_poster(video, form.cleaned_data["picture"])
        else:
            editing.choose_poster(video, form.cleaned_data["seconds"] or 0.0)
    except editing.EditRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The poster is changed."))
    return redirect("video:edit", key)


@login_required
@require_POST
def add_caption(request: SignedInRequest, key: str) -> HttpResponse:
    video = own(request, key)
    form = CaptionForm(request.POST, request.FILES)
    if not form.is_valid():
        _say_errors(request, form)
        return redirect("video:edit", key)
    asked = form.cleaned_data
    try:
        editing.add_caption(
            video, language=asked["language"], label=form.label(), text=asked["file"]
        )
    except editing.EditRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The captions are there."))
    return redirect("video:edit", key)


@login_required
@require_POST
def remove_caption(request: SignedInRequest, key: str, language: str) -> HttpResponse:
    caption = get_object_or_404(own(request, key).captions.all(), language=language)
    editing.remove_caption(caption)
    messages.success(request, _("The captions are gone."))
    return redirect("video:edit", key)


@login_required
@require_POST
def retry(request: SignedInRequest, key: str) -> HttpResponse:
    video = own(request, key)
    if not editing.retry(video):
        messages.error(request, _("There is nothing to try again. Upload the file once more."))
    return redirect(video)


@login_required
@require_POST
def delete(request: SignedInRequest, key: str) -> HttpResponse:
    editing.take_down(own(request, key))
    messages.success(request, _("The video is deleted."))
    return redirect("video:library")


def own(request: SignedInRequest, key: str) -> Video:
    """One's own film; somebody else's does not exist here."""
    films = Video.objects.owned_by(request.user).select_related("channel__owner")
    return get_object_or_404(films, key=key)


def _saved(form: DetailsForm, video: Video) -> bool:
    try:
        editing.edit(video, form.changes(), password=form.cleaned_data["new_password"])
    except editing.EditRefused as refusal:
        form.add_error("new_password", str(refusal))
        return False
    return True


def _context(video: Video, form: DetailsForm) -> dict[str, object]:
    source = watching.source(video)
    return {
        "video": video,
        "form": form,
        "source": asdict(source) if source else None,
        "captions": video.captions.all(),
        "caption_form": CaptionForm(),
        "poster_form": PosterForm(),
        **progress.context(video),
    }


def _say_errors(request: HttpRequest, form: CaptionForm | PosterForm) -> None:
    for errors in form.errors.values():
        for error in errors:
            messages.error(request, str(error))
