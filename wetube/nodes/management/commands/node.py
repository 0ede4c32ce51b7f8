"""`manage.py node`: the node's own command, which needs nothing of Django."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from gateway.node import flags
from gateway.node.command import main


class Command(BaseCommand):
    """All words after `node` are its own: see `manage.py node --help`."""

    help = "Runs a node: it keeps and serves bytes for a gateway, and earns for it."
    requires_system_checks = []

    def run_from_argv(self, argv: list[str]) -> None:
        sys.exit(main(argv[2:]))

    def handle(self, *args: Any, **options: Any) -> None:
        """When called by a program: `call_command("node", "status", "--data", …)`."""
        main([str(word) for word in args])

    def print_help(self, prog_name: str, subcommand: str) -> None:
        flags.parser().print_help()
