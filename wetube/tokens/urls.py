"""Addresses of the mint, and of the wallet for its tokens."""

from django.urls import path

from wetube.tokens.views import mint, pages

app_name = "tokens"
urlpatterns = [
    path("mint/", pages.mint, name="mint"),
    path("mint/v1/info", mint.info),
    path("mint/v1/keys", mint.keys),
    path("mint/v1/keys/<str:key>", mint.keys_of),
    path("mint/v1/keysets", mint.all_keysets),
    path("mint/v1/mint/quote/cloudcoin", mint.ask_to_mint),
    path("mint/v1/mint/quote/cloudcoin/<str:key>", mint.mint_quote),
    path("mint/v1/mint/cloudcoin", mint.mint),
    path("mint/v1/swap", mint.swap),
    path("mint/v1/checkstate", mint.check_state),
    path("mint/v1/restore", mint.restore),
    path("mint/v1/melt/quote/cloudcoin", mint.ask_to_melt),
    path("mint/v1/melt/quote/cloudcoin/<str:key>", mint.melt_quote),
    path("mint/v1/melt/cloudcoin", mint.melt),
    path("wallet/private/", pages.private, name="wallet"),
    path("wallet/private/pay/<str:key>/", pages.pay, name="pay"),
    path("wallet/private/pay/<str:key>/now/", pages.pay_now, name="pay_now"),
    path("wallet/private/buy/<str:key>/", pages.buy, name="buy"),
]
