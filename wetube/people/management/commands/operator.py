"""Who may see the operator's pages: `manage.py operator alice`, and no more with `--stop`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from wetube.people.models import User


class Command(BaseCommand):
    help = "Make the person with this name or key an operator of the site, or no more."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("person", help="a name, or the key of somebody without one")
        parser.add_argument("--stop", action="store_true", help="no more an operator")

    def handle(self, *args: Any, **options: Any) -> None:
        person, stops = options["person"], options["stop"]
        user = User.objects.by_name(person) or User.objects.filter(key=person).first()
        if user is None:
            raise CommandError(f"Nobody has the name or the key {person!r}.")
        User.objects.filter(pk=user.pk).update(is_operator=not stops)
        self.stdout.write(f"{user} is {'no more ' if stops else ''}an operator.")
