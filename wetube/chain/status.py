"""How the chain, our contracts, keys and outbox are, in lines for an operator."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Count

from wetube.chain import contracts, deployment, events, gas, keys, reading, rpc
from wetube.chain.models import ChainEvent, ChainTx, Deployment

Line = tuple[str, str]
"""A label and what stands behind it."""


def lines() -> Iterator[Line]:
    """Never raises for a chain that is away or not there: it says so."""
    url = urlsplit(settings.CLOUDCOIN_RPC)
    if not settings.CLOUDCOIN_RPC:
        yield "chain", "none: CLOUDCOIN_RPC is empty"
        return
    # Not the whole address: it may hold a key.
    yield "node", f"{url.scheme}://{url.hostname}:{url.port}" if url.port else str(url.hostname)
    where = Deployment.objects.first()
    if where is None:
        yield "coin", "none yet: run manage.py cloudcoin init"
        return
    yield from _deployment(where)
    yield from _outbox()
    try:
        deployment.assert_on(where)
        yield from _chain(where)
    except (rpc.ChainAway, rpc.RpcRefused, deployment.WrongChain) as error:
        why = f" ({error.why})" if isinstance(error, rpc.ChainAway) else ""
        yield "chain", f"{error}{why}"


def _deployment(where: Deployment) -> Iterator[Line]:
    yield "chain id", f"{where.chain_id}, {where.confirmations} confirmations"
    for name in contracts.NAMES:
        yield name, where.address_of(name)
    if where.ready_at is None:
        yield "coin", "not ready: run manage.py cloudcoin init"


def _outbox() -> Iterator[Line]:
    counts = ChainTx.objects.order_by("state").values_list("state").annotate(Count("pk"))
    yield "outbox", ", ".join(f"{count} {state}" for state, count in counts) or "empty"
    for row in ChainTx.objects.pending().exclude(error="").order_by("pk")[:10]:
        yield f"  {row.intent}", f"{row.state}: {row.error}"
    yield "events", str(ChainEvent.objects.standing().count())


def _chain(where: Deployment) -> Iterator[Line]:
    head = reading.head()
    yield "block", f"{head}, {events.lag(where, head)} to read"
    for role in keys.ROLES:
        if keys.exists(role):
            held = reading.gas_money(keys.address(role)) / 10**18
            yield role, f"{keys.address(role)} with {held:.6f} of the chain's coin"
    if where.ready_at:
        yield "vault holds", f"{reading.balance(where.vault)} drops"
    yield "gas price", f"{gas.price_now() / 10**9:.3f} gwei"
    yield "breaker", "open" if rpc.breaker_of(settings.CLOUDCOIN_RPC).is_open else "closed"
