"""A person's channels, following, and the pictures channels show."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from wetube.core.http import SignedInRequest
from wetube.people import channels as pages
from wetube.people import names, pictures
from wetube.people.forms import ChannelEditForm, ChannelForm
from wetube.people.models import Channel, Follow, Picture
from wetube.people.views import ways


@never_cache
@require_http_methods(["GET", "POST"])
@login_required
def channels(request: SignedInRequest) -> HttpResponse:
    """My channels, and a form for one more."""
    form = ChannelForm(request.POST or None)
    if form.is_valid():
        try:
            return redirect(pages.create(request.user, **form.cleaned_data))
        except names.NameRefused as refusal:
            form.add_error("handle", str(refusal))
        except pages.TooManyChannels as refusal:
            form.add_error(None, str(refusal))
    context = {"section": "channels", "channels": request.user.channels.all(), "form": form}
    return render(request, "people/channels.html", context, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "POST"])
@login_required
def edit(request: SignedInRequest, key: str) -> HttpResponse:
    channel = get_object_or_404(Channel, key=key, owner=request.user)
    form = ChannelEditForm(request.POST or None, request.FILES or None, channel=channel)
    if form.is_valid() and _edited(channel, form):
        messages.success(request, _("The channel is changed."))
        return redirect("people:channel", key=key)
    context = {"section": "channels", "channel": channel, "form": form}
    return render(request, "people/channel.html", context, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "POST"])
@ways.proven(back="people:channels")
def delete(request: SignedInRequest, key: str) -> HttpResponse:
    channel = get_object_or_404(Channel, key=key, owner=request.user)
    if request.method == "GET":
        context = {"section": "channels", "channel": channel}
        return render(request, "people/channel_delete.html", context)
    pages.delete(channel)
    messages.success(request, _("The channel is deleted."))
    return redirect("people:channels")


@require_POST
@login_required
def follow(request: SignedInRequest, key: str) -> HttpResponse:
    """Follow, or with `stop` no more; htmx swaps the button alone."""
    channel = get_object_or_404(Channel, key=key)
    follows = "stop" not in request.POST
    if follows:
        pages.follow(request.user, channel)
    else:
        pages.unfollow(request.user, channel)
    if request.headers.get("HX-Request"):
        followers = Follow.objects.filter(channel=channel).count()
        context = {"channel": channel, "follows": follows, "followers": followers}
        return render(request, "people/follow.html", context)
    return redirect(ways.onward(request, default=channel.get_absolute_url()))


@require_safe
@cache_control(public=True, max_age=31536000, immutable=True)
def picture(request: HttpRequest, key: str) -> HttpResponse:
    """Never changes: another picture has another key."""
    found = get_object_or_404(Picture, key=key)
    response = HttpResponse(bytes(found.webp), content_type="image/webp")
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _edited(channel: Channel, form: ChannelEditForm) -> bool:
    asked = form.cleaned_data
    try:
        pages.edit(
            channel,
            handle=asked["handle"],
            name=asked["name"],
            description=asked["description"],
            changes=form.pictures(),
        )
    except names.NameRefused as refusal:
        form.add_error("handle", str(refusal))
    except pictures.BadPicture as refusal:
        form.add_error(None, str(refusal))
    return not form.errors
