"""Addresses of the wallet."""

from django.urls import path

from wetube.cloudcoin import views

app_name = "cloudcoin"
urlpatterns = [
    path("", views.wallet, name="wallet"),
    path("history/", views.history, name="history"),
    path("history.csv", views.history_csv, name="history_csv"),
    path("receipts/<str:key>/", views.receipt, name="receipt"),
    path("insufficient/", views.insufficient, name="insufficient"),
]
