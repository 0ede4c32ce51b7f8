"""Password, passkeys and second step; and showing once more who one is."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from wetube.core.http import SignedInRequest
from wetube.people import keys, limits, logins, passwords, phrases, second_step
from wetube.people.forms import CodeForm, ConfirmForm, NewPasswordForm
from wetube.people.views import ways

SETTING_UP = "second_step_secret"


@never_cache
@require_safe
@login_required
def security(request: SignedInRequest) -> HttpResponse:
    context = {
        "section": "security",
        "passkeys": list(request.user.passkeys.defer("public_key")),
        "second_step_on": second_step.is_on(request.user),
        "codes_left": request.user.recovery_codes.count(),
    }
    return render(request, "people/security.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@login_required
def confirm(request: SignedInRequest) -> HttpResponse:
    """Show who you are with the password or the phrase; it also opens the keys again."""
    after = ways.onward(request, default="people:keys")
    form = ConfirmForm(request.POST or None, has_password=request.user.has_password)
    if form.is_valid():
        try:
            limits.take(limits.PASSWORD, request.user.key)
            master = _shown(request, form)
        except (
            limits.TooManyTries,
            passwords.WrongPassword,
            phrases.BadPhrase,
            phrases.UnknownPhrase,
        ) as refusal:
            form.add_error(None, str(refusal))
        else:
            response = redirect(after)
            keys.hold(request, response, request.user, master)
            logins.prove(request)
            return response
    context = {
        "form": form,
        "next": after,
        "has_passkeys": request.user.passkeys.exists(),
    }
    return render(request, "people/confirm.html", context, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "POST"])
@ways.proven(back="people:password")
def password(request: SignedInRequest) -> HttpResponse:
    master = keys.unlock(request)
    if master is None:
        return _open_first(request)
    form = NewPasswordForm(request.POST or None, user=request.user)
    if not form.is_valid():
        context = {"section": "security", "form": form}
        return render(request, "people/password.html", context, status=422 if form.errors else 200)
    passwords.set_for(request.user, master, form.cleaned_data["password"])
    logins.keep_only_this(request)
    messages.success(request, _("Your password is set. All other sessions were ended."))
    return redirect("people:security")


@require_POST
@ways.proven(back="people:security")
def remove_password(request: SignedInRequest) -> HttpResponse:
    """Without a password nothing is left for a second step to follow."""
    passwords.remove(request.user)
    second_step.switch_off(request.user)
    logins.keep_only_this(request)
    messages.success(request, _("Your password is removed. All other sessions were ended."))
    return redirect("people:security")


@never_cache
@require_http_methods(["GET", "POST"])
@ways.proven(back="people:second_step")
def set_up_second_step(request: SignedInRequest) -> HttpResponse:
    master = keys.unlock(request)
    if master is None:
        return _open_first(request)
    secret = keys.recall(request, SETTING_UP, whose=request.user.key)
    if secret is None or request.method == "GET":
        secret = second_step.new_secret()
    form = CodeForm(request.POST or None)
    if form.is_valid():
        try:
            codes = second_step.switch_on(request.user, master, secret, form.cleaned_data["code"])
        except second_step.WrongCode as refusal:
            form.add_error("code", str(refusal))
        else:
            del request.session[SETTING_UP]
            made = {"section": "security", "codes": codes}
            return render(request, "people/recovery_codes.html", made)
    otpauth = second_step.address(request.user, secret)
    context = {
        "section": "security",
        "form": form,
        "picture": second_step.picture(otpauth),
        "spelled": second_step.spelled(secret),
        "otpauth": otpauth,
    }
    status = 422 if form.errors else 200
    response = render(request, "people/second_step.html", context, status=status)
    keys.remember(request, response, SETTING_UP, secret, whose=request.user.key)
    return response


@require_POST
@ways.proven(back="people:security")
def switch_off_second_step(request: SignedInRequest) -> HttpResponse:
    second_step.switch_off(request.user)
    messages.success(request, _("Codes are no longer asked."))
    return redirect("people:security")


def _shown(request: SignedInRequest, form: ConfirmForm) -> keys.MasterKey:
    if typed := form.cleaned_data.get("password"):
        return passwords.open_for(request.user, typed)
    user, master = phrases.open_by(form.cleaned_data["phrase"])
    if user != request.user:
        raise phrases.UnknownPhrase(_("This is not your phrase. Check each word."))
    return master


def _open_first(request: SignedInRequest) -> HttpResponse:
    """Signed in by a passkey that opens no keys: the phrase or the password must."""
    return redirect(f"{reverse('people:confirm')}?next={request.path}")
