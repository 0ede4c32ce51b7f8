"""Addresses of the wallet."""

from django.urls import path

from wetube.wallet.views import overview, own, tabs, topping_up, withdrawing

app_name = "wallet"
urlpatterns = [
    path("", overview.overview, name="overview"),
    path("waiting/", overview.waiting, name="waiting"),
    path("top-up/", topping_up.top_up, name="top_up"),
    path("top-up/arriving/", topping_up.arriving, name="arriving"),
    path("withdraw/", withdrawing.withdraw, name="withdraw"),
    path("withdraw/going/", withdrawing.going, name="going"),
    path("withdraw/<str:key>/cancel/", withdrawing.cancel, name="cancel_withdrawal"),
    path("withdraw/by-itself/", withdrawing.order, name="order"),
    path("withdraw/by-itself/end/", withdrawing.end_order, name="end_order"),
    path("tabs/", tabs.tabs, name="tabs"),
    path("tabs/rows/", tabs.rows, name="tab_rows"),
    path("tabs/standing/", tabs.standing, name="tab_standing"),
    path("tabs/lock/", tabs.lock, name="lock"),
    path("tabs/adopt/", tabs.adopt, name="adopt"),
    path("own/", own.own, name="own"),
    path("own/send/", own.send, name="send"),
]
