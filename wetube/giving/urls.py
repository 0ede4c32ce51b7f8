"""Addresses of giving: tips, the pot, income, and the operator's books."""

from django.urls import path

from wetube.giving.views import books, income, pot, tips

app_name = "giving"
urlpatterns = [
    path("tips/@<str:handle>/", tips.tip, name="tip"),
    path("tips/<str:key>/", tips.given, name="given"),
    path("tips/<str:key>/undo/", tips.undo, name="undo_tip"),
    path("tips/<str:key>/hide/", tips.hide, name="hide_note"),
    path("tips/<str:key>/show/", tips.show, name="show_note"),
    path("wallet/tips/", tips.received, name="received"),
    path("wallet/pot/", pot.pot, name="pot"),
    path("wallet/pot/pause/", pot.pause, name="pause_pot"),
    path("wallet/pot/resume/", pot.resume, name="resume_pot"),
    path("wallet/pot/stop/", pot.stop, name="stop_pot"),
    path("wallet/pot/watched/", pot.watched, name="watched"),
    path("wallet/pot/without/<str:key>/", pot.exclude, name="exclude"),
    path("wallet/pot/with/<str:key>/", pot.include, name="include"),
    path("wallet/pot/<str:name>/", pot.month, name="pot_month"),
    path("wallet/income/", income.earnings, name="income"),
    path("wallet/income.csv", income.earnings_csv, name="income_csv"),
    path("health/books/", books.books, name="books"),
]
