"""Addresses of WeTube's pages."""

from django.urls import path

from wetube.video.views import browsing, editing, paying, uploading, watching

app_name = "video"
urlpatterns = [
    path("", browsing.home, name="home"),
    path("search/", browsing.search, name="search"),
    path("following/", browsing.following, name="following"),
    path("@<str:handle>/", browsing.channel, name="channel"),
    path("shortcuts/", browsing.shortcuts, name="shortcuts"),
    path("library/", editing.library, name="library"),
    path("upload/", uploading.upload, name="upload"),
    path("upload/start/", uploading.start, name="start_upload"),
    path("upload/unfinished/", uploading.unfinished, name="unfinished_uploads"),
    path("upload/<str:key>/cancel/", uploading.cancel, name="cancel_upload"),
    path("watch/<str:key>/", watching.watch, name="watch"),
    path("watch/<str:key>/status/", watching.status, name="status"),
    path("watch/<str:key>/screen/", watching.screen, name="screen"),
    path("watch/<str:key>/grant/", watching.grant, name="grant"),
    path("watch/<str:key>/orders/", watching.orders, name="orders"),
    path("watch/<str:key>/views/", watching.view, name="view"),
    path("watch/<str:key>/password/", watching.password, name="password"),
    path("watch/<str:key>/pay/", paying.pay, name="pay"),
    path("watch/<str:key>/refund/", paying.refund, name="refund"),
    path("watch/<str:key>/refund/tokens/", paying.refund_tokens, name="refund_tokens"),
    path("watch/<str:key>/edit/", editing.edit, name="edit"),
    path("watch/<str:key>/poster/", editing.poster, name="poster"),
    path("watch/<str:key>/captions/", editing.add_caption, name="add_caption"),
    path(
        "watch/<str:key>/captions/<str:language>/delete/",
        editing.remove_caption,
        name="remove_caption",
    ),
    path("watch/<str:key>/retry/", editing.retry, name="retry"),
    path("watch/<str:key>/delete/", editing.delete, name="delete"),
]
