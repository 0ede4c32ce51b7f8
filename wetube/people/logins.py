"""Sessions of a person: begun, noted once a day, listed, ended."""

from django.contrib import auth
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from wetube.core.http import SignedInRequest
from wetube.people import devices, keys
from wetube.people.models import Login, User

FRESH = 10 * 60  # seconds a proof of who you are stays fresh
BACKEND = "django.contrib.auth.backends.ModelBackend"


def begin(
    request: HttpRequest, response: HttpResponse, user: User, master: keys.MasterKey | None
) -> None:
    """Sign the person in in this browser; with the master key their sealed things open too."""
    # Whoever shows it is them again keeps the session but under a new id.
    Login.objects.filter(session_key=request.session.session_key or "").delete()
    auth.login(request, user, backend=BACKEND)
    request.session.pop("noted_on", None)
    if master:
        keys.hold(request, response, user, master)
    prove(request)
    note_day(request)


def end(request: HttpRequest, response: HttpResponse) -> None:
    """Sign out of this browser; the session, its sealed key and its row are gone."""
    Login.objects.filter(session_key=request.session.session_key or "").delete()
    auth.logout(request)
    keys.drop_cookie(response)


def end_one(user: User, key: str) -> bool:
    """End one session of this person, here or elsewhere; False if there is none by that key."""
    return _end(Login.objects.filter(user=user, key=key))


def end_others(request: SignedInRequest) -> bool:
    """End all sessions of this person but the one that asks."""
    others = Login.objects.filter(user=request.user).exclude(
        session_key=request.session.session_key or ""
    )
    return _end(others)


def keep_only_this(request: SignedInRequest) -> None:
    """After a new password: this session goes on under a new id, all others end."""
    end_others(request)
    before = request.session.session_key
    auth.update_session_auth_hash(request, request.user)
    Login.objects.filter(session_key=before).update(session_key=request.session.session_key)


@transaction.atomic
def _end(logins: QuerySet[Login]) -> bool:
    ended = list(logins.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=ended).delete()
    Login.objects.filter(session_key__in=ended).delete()
    return bool(ended)


def note_day(request: HttpRequest) -> None:
    """Write down once a day that this session was used; a known day costs no query."""
    today = timezone.localdate()
    session = request.session
    if auth.SESSION_KEY not in session or session.get("noted_on") == today.isoformat():
        return
    if not request.user.is_authenticated:
        return
    Login.objects.update_or_create(
        session_key=session.session_key,
        defaults={"last_day": today},
        create_defaults={
            "user": request.user,
            "last_day": today,
            "device": devices.label(request.headers.get("User-Agent", "")),
        },
    )
    session["noted_on"] = today.isoformat()


def prove(request: HttpRequest) -> None:
    """Note that the person has just shown who they are."""
    request.session["proven_at"] = int(timezone.now().timestamp())


def is_proven(request: HttpRequest) -> bool:
    """Whether that was within the last FRESH seconds."""
    proven_at = int(request.session.get("proven_at", 0))
    return timezone.now().timestamp() - proven_at < FRESH
