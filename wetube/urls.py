"""Every address of the site."""

from django.urls import include, path

from wetube.api import api

urlpatterns = [
    path("", include("wetube.core.urls")),
    path("", include("wetube.people.urls")),
    path("", include("wetube.tokens.urls")),
    path("", include("wetube.giving.urls")),
    path("", include("wetube.pinning.urls")),
    path("", include("wetube.settlement.urls")),
    path("", include("wetube.nodes.urls")),
    path("wallet/", include("wetube.wallet.urls")),
    path("wallet/", include("wetube.cloudcoin.urls")),
    path("", include("wetube.video.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("api/v1/", api.urls),
]
