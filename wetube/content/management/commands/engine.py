"""`manage.py engine status|where|move`: where content is kept, and moving it elsewhere."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import filesizeformat

from node_bridge import NodeError
from node_bridge.kubo import KuboEngine
from wetube.content import engines, moving
from wetube.content.models import Content, Move

EVERY = 2.0  # seconds between two lines about one content


class Command(BaseCommand):
    help = "Show the engine that keeps the content, or move all content to the other one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("status", help="which engine, what it holds, and how far a move is")
        where = verbs.add_parser("where", help="who keeps one content, in the cluster and beyond")
        where.add_argument("cid")
        where.add_argument("--recover", action="store_true", help="try again what peers failed at")
        move = verbs.add_parser("move", help="bring all content into an engine, verified")
        move.add_argument("--to", choices=engines.KINDS, required=True)

    def handle(self, *_args: object, **options: Any) -> None:
        try:
            if options["verb"] == "status":
                self._status()
            elif options["verb"] == "where":
                self._where(options["cid"], recover=options["recover"])
            else:
                self._move(options["to"])
        except NodeError as error:
            raise CommandError(str(error)) from error

    def _status(self) -> None:
        kind = engines.chosen()
        engine = engines.engine(kind)
        engine.selftest()
        info, stat = engine.info(), engine.repo_stat()
        limit = filesizeformat(stat.limit) if stat.limit else "no quota"
        self.stdout.write(f"NODE_ENGINE={kind}: {info.engine}, {info.version}, {info.profile}")
        self.stdout.write(
            f"{filesizeformat(stat.used)} in {stat.blocks} blocks, {limit}, at {stat.path}"
        )
        if kind == "kubo" and (cluster := engines.cluster()):
            self.stdout.write(f"{len(cluster.peers())} peers of the cluster can be reached.")
        self.stdout.write(f"{Content.objects.count()} contents of the site are kept.")
        for target in engines.KINDS:
            done = moving.progress(target)
            if done.moved or done.due:
                size = filesizeformat(done.bytes)
                self.stdout.write(f"Move to {target}: {done.moved} moved ({size}), {done.due} due.")

    def _where(self, cid: str, *, recover: bool) -> None:
        engine, cluster = engines.engine(engines.chosen()), engines.cluster()
        for pin in engine.pins(cid=cid):
            self.stdout.write(f"kept as {pin.name!r} since {pin.created:%Y-%m-%d %H:%M}")
            if not isinstance(engine, KuboEngine) or cluster is None:
                continue
            if recover:
                cluster.recover(pin.cid, pin.name)
            status = cluster.status(pin.cid, pin.name)
            self.stdout.write(f"  {status.copies} copies, at {len(status.allocations)} peers due")
            for peer, state in sorted(status.peers.items()):
                self.stdout.write(f"  {peer}  {state}")
        if isinstance(engine, KuboEngine):
            for holder in engine.find_providers(cid):
                addresses = " ".join(holder.addresses)
                self.stdout.write(f"offered by {holder.peer_id}  {addresses}")

    def _move(self, target: engines.Kind) -> None:
        engines.engine(target).selftest()
        moving.plan(target)
        done = moving.progress(target)
        lines = _Lines(self, begun=done.moved, total=done.moved + done.due)
        failed = 0
        for move in moving.due(target):
            try:
                moving.carry(move, lines.under_way)
            except (NodeError, moving.Damaged) as error:
                failed += 1
                self.stderr.write(f"{move.cid}: {error}")
            else:
                lines.arrived(move)
        if failed:
            raise CommandError(f"{failed} did not move: see above, then run this again.")
        self._tell_what_next(target)

    def _tell_what_next(self, target: engines.Kind) -> None:
        done = moving.progress(target)
        size = filesizeformat(done.bytes)
        self.stdout.write(f"All of it is in {target}, verified: {done.moved} contents, {size}.")
        if engines.chosen() == target:
            self.stdout.write(f"The site already works with {target}. Nothing else is to be done.")
        else:
            self.stdout.write(
                f"Now set NODE_ENGINE={target} and start the site again. Then run this once more,"
                " for what came meanwhile. No address changes."
            )


class _Lines:
    """What a person at the terminal sees of a move."""

    def __init__(self, command: BaseCommand, *, begun: int, total: int) -> None:
        self._command = command
        self._count = begun
        self._total = total
        self._last = time.monotonic()

    def under_way(self, move: Move, size: int) -> None:
        if time.monotonic() - self._last >= EVERY:
            self._last = time.monotonic()
            self._say(f"{self._count}/{self._total}  {move.cid}  {filesizeformat(size)} …")

    def arrived(self, move: Move) -> None:
        self._count += 1
        self._last = time.monotonic()
        self._say(f"{self._count}/{self._total}  {move.cid}  {filesizeformat(move.bytes)}")

    def _say(self, line: str) -> None:
        self._command.stdout.write(line)
        self._command.stdout.flush()
