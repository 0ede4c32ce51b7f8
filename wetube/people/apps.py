"""The app of people; the word account is kept for money."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "wetube.people"
