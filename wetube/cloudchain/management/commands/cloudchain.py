"""`manage.py cloudchain`: the embedded chain as one process, or a copy of it."""

from argparse import ArgumentParser

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from wetube.cloudchain import commanding


class Command(BaseCommand):
    help = "Run the embedded Cloudcoin chain on this machine; Ctrl-C stops it."
    requires_system_checks = []  # it needs no database of the site's and serves no page

    def add_arguments(self, parser: ArgumentParser) -> None:
        commanding.add_arguments(parser, data=settings.DATA_DIR)
        parser.set_defaults(chain_id=settings.CLOUDCHAIN_ID or None)

    def handle(self, *_args: object, **options: object) -> None:
        try:
            commanding.run(options, self.stdout.write)
        except commanding.REFUSALS as refusal:
            raise CommandError(str(refusal)) from refusal
