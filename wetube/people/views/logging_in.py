"""Logging in by password, phrase or passkey, the second step, and logging out."""

import time
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from wetube.people import keys, limits, logins, passwords, phrases, second_step
from wetube.people.forms import CodeForm, PasswordLogInForm, PhraseLogInForm
from wetube.people.models import User
from wetube.people.views import ways

HALF = "half_in"  # in the session between the password and the code
SEALED = "half_in_master"
HALF_LIFE = 10 * 60  # seconds


@never_cache
@require_http_methods(["GET", "POST"])
def log_in(request: HttpRequest) -> HttpResponse:
    """By name and password; the page offers the other ways too."""
    if request.user.is_authenticated:
        return redirect(ways.onward(request))
    form = PasswordLogInForm(request.POST or None)
    if not form.is_valid():
        return _page(request, password_form=form)
    name = form.cleaned_data["name"]
    try:
        limits.take_address(request)
        limits.take(limits.PASSWORD, name.strip().lower())
        user, master = passwords.open_by(name, form.cleaned_data["password"])
    except (limits.TooManyTries, passwords.WrongPassword) as refusal:
        form.add_error(None, str(refusal))
        return _page(request, password_form=form, refusal=refusal)
    if second_step.is_on(user):
        return _half_in(request, user, master)
    return _in(request, user, master)


@never_cache
@require_http_methods(["GET", "POST"])
def by_phrase(request: HttpRequest) -> HttpResponse:
    """By the twelve words alone: no name, no second step."""
    if request.user.is_authenticated:
        return redirect(ways.onward(request))
    form = PhraseLogInForm(request.POST or None)
    if not form.is_valid():
        return _page(request, phrase_form=form)
    try:
        limits.take_address(request)
        user, master = phrases.open_by(form.cleaned_data["phrase"])
    except (limits.TooManyTries, phrases.BadPhrase, phrases.UnknownPhrase) as refusal:
        form.add_error("phrase", str(refusal))
        return _page(request, phrase_form=form, refusal=refusal)
    return _in(request, user, master)


@never_cache
@require_http_methods(["GET", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """The second step: a code of the app, or a recovery code."""
    user, master = _who_is_half_in(request)
    if user is None or master is None:
        return redirect("people:log_in")
    form = CodeForm(request.POST or None)
    if form.is_valid():
        try:
            limits.take(limits.CODE, user.key)
            second_step.check(user, master, form.cleaned_data["code"])
        except (limits.TooManyTries, second_step.WrongCode) as refusal:
            form.add_error("code", str(refusal))
        else:
            del request.session[HALF], request.session[SEALED]
            return _in(request, user, master)
    context = {"form": form, "next": ways.onward(request)}
    return render(request, "people/log_in_code.html", context, status=422 if form.errors else 200)


@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    response = redirect("people:log_in")
    logins.end(request, response)
    return response


def _page(
    request: HttpRequest,
    *,
    password_form: PasswordLogInForm | None = None,
    phrase_form: PhraseLogInForm | None = None,
    refusal: Exception | None = None,
) -> HttpResponse:
    context = {
        "password_form": password_form or PasswordLogInForm(),
        "phrase_form": phrase_form or PhraseLogInForm(),
        "by_phrase": phrase_form is not None,
        "next": ways.onward(request, default=""),
    }
    status = 422 if request.method == "POST" else 200
    if isinstance(refusal, limits.TooManyTries):
        status = 429
    response = render(request, "people/log_in.html", context, status=status)
    if isinstance(refusal, limits.TooManyTries):
        response["Retry-After"] = str(refusal.wait)
    return response


def _half_in(request: HttpRequest, user: User, master: keys.MasterKey) -> HttpResponse:
    after = urlencode({"next": ways.onward(request)})
    response = redirect(f"{reverse('people:log_in_code')}?{after}")
    request.session[HALF] = {"user": user.key, "since": int(time.time())}
    keys.remember(request, response, SEALED, master.secret, whose=user.key)
    return response


def _who_is_half_in(request: HttpRequest) -> tuple[User | None, keys.MasterKey | None]:
    half = request.session.get(HALF)
    if not half or time.time() - half["since"] > HALF_LIFE:
        return None, None
    secret = keys.recall(request, SEALED, whose=half["user"])
    user = User.objects.filter(key=half["user"], is_active=True).first()
    return (user, keys.MasterKey(secret)) if user and secret else (None, None)


def _in(request: HttpRequest, user: User, master: keys.MasterKey) -> HttpResponse:
    response = redirect(ways.onward(request))
    logins.begin(request, response, user, master)
    return response
