"""Looking around: home, channels, search."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from wetube.core.http import SignedInRequest
from wetube.people.models import Channel, Follow
from wetube.video import search as searching
from wetube.video.forms import SearchForm
from wetube.video.models import Video

A_PAGE = 24


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    films = Video.objects.listed_for(request.user).select_related("channel")
    chosen = request.GET.get("category", "")
    if chosen in Video.Category.values:
        films = films.filter(category=chosen) if chosen else films
    order = "-views" if request.GET.get("sort") == "views" else "-published_at"
    page = Paginator(films.order_by(order, "-pk"), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "videos": page.object_list,
        "categories": Video.Category.choices[1:],
        "category": chosen,
        "sort": request.GET.get("sort", ""),
    }
    return render(request, "video/home.html", context)


@login_required
@require_safe
def following(request: SignedInRequest) -> HttpResponse:
    followed = Follow.objects.filter(user=request.user).values("channel")
    films = Video.objects.listed_for(request.user).filter(channel__in=followed)
    films = films.select_related("channel").order_by("-published_at", "-pk")
    page = Paginator(films, A_PAGE).get_page(request.GET.get("page"))
    context = {"page_obj": page, "videos": page.object_list}
    return render(request, "video/following.html", context)


@require_safe
def channel(request: HttpRequest, handle: str) -> HttpResponse:
    found = get_object_or_404(Channel.objects.select_related("owner"), handle=handle.lower())
    films = Video.objects.listed_for(request.user).filter(channel=found)
    page = Paginator(films.select_related("channel").order_by("-published_at", "-pk"), A_PAGE)
    context = {
        "channel": found,
        "page_obj": page.get_page(request.GET.get("page")),
        "videos": page.get_page(request.GET.get("page")).object_list,
        "tab": "about" if request.GET.get("tab") == "about" else "videos",
        "followers": Follow.objects.filter(channel=found).count(),
        "is_following": follows(request, found),
        "is_owner": request.user == found.owner,
    }
    return render(request, "video/channel.html", context)


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    form = SearchForm(request.GET)
    if not form.is_valid():
        form = SearchForm({})
        form.full_clean()
    asked = form.cleaned_data
    found = searching.find(
        asked["q"],
        viewer=request.user,
        filters=form.filters(),
        sort=searching.Sort(asked["sort"]),
    )
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "query": asked["q"], "page_obj": page, "videos": page.object_list}
    return render(request, "video/search.html", context)


@require_safe
def shortcuts(request: HttpRequest) -> HttpResponse:
    return render(request, "video/shortcuts.html")


def follows(request: HttpRequest, found: Channel) -> bool:
    return (
        request.user.is_authenticated
        and Follow.objects.filter(user=request.user, channel=found).exists()
    )
