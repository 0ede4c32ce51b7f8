"""The doctor's questions that need the installed site, in whose shell they are asked."""

import os
from collections.abc import Iterator
from itertools import chain
from urllib.parse import urlsplit

import redis
from django.conf import settings
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor

from script.findings import Finding, missing, ok, weak
from wetube.content import network
from wetube.core.supervision.waiting import answers
from wetube.video.transcoding import sandbox

SANDBOXES = {
    "bubblewrap": "no other file, no network, no privileges",
    "namespaces": "no network and no privileges; install bubblewrap to hide files too",
    "limits": "only bounds of memory and time; install bubblewrap",
}


def main() -> int:
    questions = (_database, _broker, _chain, _sandbox, _store, _addresses)
    found = list(chain.from_iterable(question() for question in questions))
    for finding in found:
        finding.tell()
    return int(any(finding.level == "missing" for finding in found))


def _database() -> Iterator[Finding]:
    try:
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Error as refusal:
        yield missing("database", f"does not answer: {refusal}. DATABASE_URL says which is meant")
        return
    yield ok("database", f"{connection.vendor} answers")
    if pending:
        yield weak("database", f"{len(pending)} migrations to run: the next start runs them")


def _broker() -> Iterator[Finding]:
    embedded = not os.environ.get("REDIS_URL")
    try:
        redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2).ping()
    except redis.RedisError:
        if embedded:
            yield ok("broker", "embedded; it starts and ends with the site")
        else:
            yield missing("broker", f"nothing answers at REDIS_URL ({_without_password()})")
        return
    yield ok("broker", "embedded, running" if embedded else f"answers at {_without_password()}")


def _chain() -> Iterator[Finding]:
    if not os.environ.get("CLOUDCOIN_RPC"):
        runs = settings.CLOUDCOIN_RPC and answers(settings.CLOUDCOIN_RPC, seconds=2)
        where = f"running at {settings.CLOUDCOIN_RPC}" if runs else "starts and ends with the site"
        yield ok("chain", f"embedded; {where}")
    elif answers(settings.CLOUDCOIN_RPC, seconds=3):
        yield ok("chain", "answers at CLOUDCOIN_RPC")
    else:
        yield missing("chain", "nothing answers at CLOUDCOIN_RPC; coin can be spent, not moved")


def _sandbox() -> Iterator[Finding]:
    try:
        level = sandbox.level()
    except sandbox.SandboxMissing as refusal:
        yield missing("sandbox", str(refusal))
        return
    tell = ok if level == "bubblewrap" else weak
    yield tell("sandbox", f"{level}: {SANDBOXES[level]}")


def _store() -> Iterator[Finding]:
    network.engine().selftest()
    yield ok("block store", "gives the known CID for known bytes")


def _addresses() -> Iterator[Finding]:
    site, gateway = urlsplit(settings.SITE_URL), urlsplit(settings.GATEWAY_URL)
    if site.scheme == "https" and settings.SECURE_PROXY_SSL_HEADER is None:
        yield weak(
            "proxy",
            "SITE_URL is https but BEHIND_PROXY is not set: forms may be refused. The "
            "proxy must set X-Forwarded-Proto and drop what strangers send",
        )
    if site.scheme != gateway.scheme:
        yield missing("addresses", "SITE_URL and GATEWAY_URL must both be https, or both http")
    if site.netloc == gateway.netloc:
        yield missing(
            "addresses", "site and gateway need two origins: uploads are strangers' bytes"
        )
    running = site.scheme == "http" and answers(settings.SITE_URL, seconds=3)
    yield ok(
        "site", f"{settings.SITE_URL} {'answers' if running else 'is not asked or not running'}"
    )


def _without_password() -> str:
    parts = urlsplit(settings.REDIS_URL)
    return f"{parts.scheme}://{parts.hostname or ''}{parts.path}"
