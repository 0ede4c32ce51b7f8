"""Addresses of the wallet."""

from django.urls import path
from django.views.generic import RedirectView

from wetube.cloudcoin import views

app_name = "cloudcoin"
urlpatterns = [
    # The app `wallet` answers here; this is the name by which those below it know the place.
    path("", RedirectView.as_view(pattern_name="wallet:overview"), name="wallet"),
    path("history/", views.history, name="history"),
    path("history.csv", views.history_csv, name="history_csv"),
    path("receipts/<str:key>/", views.receipt, name="receipt"),
    path("insufficient/", views.insufficient, name="insufficient"),
]
