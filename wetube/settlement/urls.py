"""Addresses of settlement's pages."""

from django.urls import path

from wetube.settlement import views

app_name = "settlement"
urlpatterns = [
    path("health/coin/", views.money, name="money"),
    path("health/coin/check/", views.check_now, name="check_now"),
    path("wallet/payouts/<int:seq>.json", views.payout, name="payout"),
]
