"""The addresses of people's pages."""

from django.urls import path

from wetube.people.views import (
    channels,
    joining,
    logging_in,
    new_phrase,
    passkeys,
    profile,
    security,
)
from wetube.people.views import sessions as open_sessions
from wetube.people.views import tokens as secrets

app_name = "people"

urlpatterns = [
    path("sign-up/", joining.sign_up, name="sign_up"),
    path("sign-up/wait/", joining.wait, name="sign_up_wait"),
    path("sign-up/phrase/", joining.phrase, name="sign_up_phrase"),
    path("sign-up/check/", joining.check, name="sign_up_check"),
    path("log-in/", logging_in.log_in, name="log_in"),
    path("log-in/phrase/", logging_in.by_phrase, name="log_in_by_phrase"),
    path("log-in/code/", logging_in.code, name="log_in_code"),
    path("log-in/passkey/", passkeys.sign_in, name="log_in_by_passkey"),
    path("log-in/passkey/options/", passkeys.options_to_sign_in, name="log_in_options"),
    path("log-out/", logging_in.log_out, name="log_out"),
    path("settings/", profile.profile, name="settings"),
    path("settings/channels/", channels.channels, name="channels"),
    path("settings/channels/<key>/", channels.edit, name="channel"),
    path("settings/channels/<key>/delete/", channels.delete, name="channel_delete"),
    path("settings/security/", security.security, name="security"),
    path("settings/security/phrase/", new_phrase.show, name="new_phrase"),
    path("settings/security/phrase/check/", new_phrase.check, name="new_phrase_check"),
    path("settings/security/password/", security.password, name="password"),
    path("settings/security/password/remove/", security.remove_password, name="remove_password"),
    path("settings/security/code/", security.set_up_second_step, name="second_step"),
    path("settings/security/code/off/", security.switch_off_second_step, name="second_step_off"),
    path("settings/security/passkeys/", passkeys.add, name="passkeys"),
    path("settings/security/passkeys/options/", passkeys.options_to_add, name="passkey_options"),
    path("settings/security/passkeys/<key>/remove/", passkeys.remove, name="remove_passkey"),
    path("settings/sessions/", open_sessions.sessions, name="sessions"),
    path("settings/sessions/end-others/", open_sessions.end_others, name="end_other_sessions"),
    path("settings/sessions/<key>/end/", open_sessions.end, name="end_session"),
    path("settings/tokens/", secrets.tokens, name="tokens"),
    path("settings/tokens/new/", secrets.new, name="new_token"),
    path("settings/tokens/<key>/revoke/", secrets.revoke, name="revoke_token"),
    path("settings/keys/", profile.keys, name="keys"),
    path("settings/confirm/", security.confirm, name="confirm"),
    path("settings/leave/", profile.leave, name="leave"),
    path("channels/<key>/follow/", channels.follow, name="follow"),
    path("pictures/<key>.webp", channels.picture, name="picture"),
]
