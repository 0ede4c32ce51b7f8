"""`manage.py up`: the whole site from one command, until Ctrl-C."""

import os
from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from wetube.celery import app
from wetube.core.supervision import (
    AlreadyRunning,
    DataLock,
    PortTaken,
    Tree,
    broker,
    choose_chain_port,
    choose_ports,
    parts,
)
from wetube.core.supervision.waiting import Answers

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - asked for by --host
LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class Command(BaseCommand):
    help = "Start broker, site, gateway, workers, clock and chain as one tree; Ctrl-C stops it."
    requires_system_checks = []  # each part reports its own

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
        parser.add_argument(
            "--port", type=int, help="the site's port (else the first free from 8000)"
        )
        parser.add_argument("--gateway-port", type=int, help="the gateway's port (else from 8001)")
        parser.add_argument(
            "--demo",
            nargs="?",
            const="",
            metavar="FILE",
            help="fill the site with a film made on the spot, or with FILE, and a funded viewer",
        )

    def handle(self, *_args: object, **options: object) -> None:
        film = _film(options["demo"])
        host = str(options["host"])
        _refuse_unnamed(host)
        try:
            with DataLock(settings.DATA_DIR) as lock:
                ports = choose_ports(
                    host,
                    site=_port(options["port"], "SITE_URL", 8000),
                    gateway=_port(options["gateway_port"], "GATEWAY_URL", 8001),
                )
                call_command("migrate", interactive=False, verbosity=0)
                self._run(host, ports, film=film, demo=options["demo"] is not None, lock=lock)
        except (AlreadyRunning, PortTaken) as refusal:
            raise CommandError(str(refusal)) from refusal

    def _run(
        self, host: str, ports: tuple[int, int], *, film: Path | None, demo: bool, lock: DataLock
    ) -> None:
        chain = None if os.environ.get("CLOUDCOIN_RPC") else choose_chain_port()
        environment = _environment(host, *ports, chain)
        tree = Tree(folder=settings.BASE_DIR, environment=environment, keep_open=[lock.fd])
        tree.stop_on_signals()
        try:
            if not os.environ.get("REDIS_URL"):
                tree.start(parts.embedded_broker(settings.DATA_DIR))
            _start_all(tree, host, ports)
            local = EVERYWHERE.get(host, host)
            ready = Answers(
                f"http://{_bracketed(local)}:{ports[0]}/",
                f"http://{_bracketed(local)}:{ports[1]}/health",
            )
            if not tree.run(until=ready):
                return
            tree.say(_welcome(environment, first=_is_first_start(), demo=demo))
            if demo:
                tree.start(parts.demo(film))
            _start_chain(tree, chain)
            tree.run()
        finally:
            tree.say("Stopping …")
            tree.stop()
            tree.say("Everything has stopped; what was saved is kept for the next start.")


def _refuse_unnamed(host: str) -> None:
    """Listening everywhere, we cannot know by which name people come."""
    if host in EVERYWHERE and not (os.environ.get("SITE_URL") and os.environ.get("GATEWAY_URL")):
        raise CommandError(
            f"To listen on {host}, set SITE_URL and GATEWAY_URL to the addresses people will use."
        )


def _start_all(tree: Tree, host: str, ports: tuple[int, int]) -> None:
    tree.start(parts.site(host, ports[0]))
    tree.start(parts.gateway(host, ports[1]))
    tree.start(parts.worker("worker", queue=app.conf.task_default_queue, threads=4))
    if settings.MEDIA_WORKERS:
        tree.start(parts.worker("media", queue="media", threads=settings.MEDIA_WORKERS))
    tree.start(parts.beat(settings.DATA_DIR))


def _start_chain(tree: Tree, port: int | None) -> None:
    """After all else, as no page waits for it; then bring the coin's contracts onto it."""
    if port is None:
        return
    tree.start(parts.chain(settings.DATA_DIR, port, chain_id=settings.CLOUDCHAIN_ID))
    if tree.run(until=Answers(f"http://127.0.0.1:{port}/")):
        tree.start(parts.coin())


def _environment(
    host: str, site_port: int, gateway_port: int, chain_port: int | None
) -> dict[str, str]:
    """What every part is started with: addresses people use, where broker and chain are."""
    name = "localhost" if host in LOOPBACK else host
    made = {
        "SITE_URL": f"http://{_bracketed(name)}:{site_port}",
        "GATEWAY_URL": f"http://{_bracketed(name)}:{gateway_port}",
        "PYTHONUNBUFFERED": "1",
    }
    if not os.environ.get("REDIS_URL"):
        made["REDIS_URL"] = f"unix://{broker.socket_path(settings.DATA_DIR)}"
    if chain_port:
        made["CLOUDCOIN_RPC"] = f"http://127.0.0.1:{chain_port}"
    return {**made, **{name: value for name, value in os.environ.items() if value}}


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _port(asked: object, url: str, default: int) -> int | None:
    """Where the operator has set the public address, a proxy counts on the usual port."""
    if isinstance(asked, int):
        return asked
    return default if os.environ.get(url) else None


def _film(asked: object) -> Path | None:
    if not asked:
        return None
    film = Path(str(asked))
    if not film.is_file():
        raise CommandError(f"There is no file {film} to make the demo from.")
    return film.resolve()


def _is_first_start() -> bool:
    """True once per data folder."""
    mark = settings.DATA_DIR / "greeted"
    first = not mark.exists()
    mark.touch()
    return first


def _welcome(environment: dict[str, str], *, first: bool, demo: bool) -> str:
    lines = ["", f"{settings.SITE_NAME} runs at {environment['SITE_URL']}", ""]
    if demo:
        lines += ["The demo's film, people and passwords follow.", ""]
    elif first:
        lines += [
            "Open it in a browser, choose Sign up, keep the 12 words, and upload a video.",
            "Or stop it and start script/server --demo: it brings a film, and a viewer with coins.",
            "",
        ]
    if first:
        lines += [
            f"Everything is kept in {settings.DATA_DIR}.",
            "Ctrl-C stops it; the next start finds everything as it was.",
            "",
        ]
    return "\n".join(lines)
