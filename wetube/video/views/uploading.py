"""Bringing a film: the page, and the few answers its uploader asks for."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from wetube.core.http import SignedInRequest
from wetube.people.models import Channel, User
from wetube.video import uploads
from wetube.video.forms import StartUploadForm, upload_limits
from wetube.video.models import Video


@login_required
@require_safe
def upload(request: SignedInRequest) -> HttpResponse:
    channels = list(request.user.channels.all())
    context = {"channels": channels, "limits": upload_limits()}
    if request.GET.get("plain") and channels:
        context["form_url"] = _plain_form(request, channels)
    return render(request, "video/upload.html", context)


@login_required
@require_POST
def start(request: SignedInRequest) -> HttpResponse:
    form = StartUploadForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"error": _("Say the file's name and its size in bytes.")}, status=400)
    asked = form.cleaned_data
    channel = channel_of(request.user, asked["channel"])
    if channel is None:
        return JsonResponse({"error": _("Make a channel first.")}, status=409)
    try:
        video = uploads.begin(
            channel=channel, name=asked["name"], size=asked["size"], title=asked["title"]
        )
    except uploads.UploadRefused as refusal:
        return JsonResponse({"error": str(refusal)}, status=413)
    return JsonResponse(described(video), status=201)


@login_required
@require_safe
def unfinished(request: SignedInRequest) -> HttpResponse:
    waiting = uploads.unfinished(request.user)
    return JsonResponse({"uploads": [described(video) for video in waiting if video.source_size]})


@login_required
@require_POST
def cancel(request: SignedInRequest, key: str) -> HttpResponse:
    video = get_object_or_404(Video.objects.owned_by(request.user), key=key)
    uploads.cancel(video)
    return HttpResponse(status=204)


def channel_of(user: User, handle: str) -> Channel | None:
    """The named channel of this person, or the first."""
    mine = user.channels.filter(handle=handle) if handle else user.channels.all()
    return mine.select_related("owner").first()


def described(video: Video) -> dict[str, object]:
    """What an uploader needs to know of one upload."""
    return {
        "key": video.key,
        "name": video.source_name,
        "size": video.source_size,
        "title": video.title,
        "endpoint": uploads.endpoint(video),
        "form": uploads.form_endpoint(video),
        "edit_url": reverse("video:edit", args=[video.key]),
        "watch_url": video.get_absolute_url(),
        "expires": (video.created + uploads.OPEN_FOR).isoformat(),
    }


def _plain_form(request: HttpRequest, channels: list[Channel]) -> str:
    """An address for the form without JavaScript; an unused one is taken again."""
    chosen = request.GET.get("channel", "")
    channel = next((c for c in channels if c.handle == chosen), channels[0])
    waiting = Video.objects.filter(
        channel=channel, state=Video.State.UPLOADING, source_size=0, source_name=""
    ).first()
    try:
        video = waiting or uploads.begin(channel=channel, name="", size=0, title=" ")
    except uploads.UploadRefused as refusal:
        messages.error(request, str(refusal))
        return ""
    return uploads.form_endpoint(video)
