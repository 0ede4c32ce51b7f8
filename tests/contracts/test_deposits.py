"""Deposits: a payer's coin goes into the channel it signed for, once, and nowhere else."""

from dataclasses import replace

import pytest

from tests.contracts.channels import (
    DEPOSIT,
    Channel,
    anns_channel,
    authorization,
    claim,
    collector_data,
    deposit,
    held,
    names,
)
from tests.contracts.signing import malleable
from tests.contracts.world import (
    ANN,
    AUTHORIZER,
    CLD,
    COLLECTOR,
    RELAYER,
    STRANGER,
    World,
)

pytestmark = pytest.mark.chain


def test_a_deposit_moves_the_payers_coin_into_its_channel(there: World) -> None:
    channel = anns_channel(there)
    data = authorization(channel, DEPOSIT, 0)
    ran = there.channels.send(RELAYER, "deposit", channel.config, DEPOSIT, COLLECTOR, data)
    assert names(there, ran) == ["ChannelCreated", "Deposited"]
    assert held(there, channel) == (DEPOSIT, 0)
    assert there.balance(ANN.address) == 10 * CLD
    assert there.balance(there.channels.address) == DEPOSIT
    assert there.balance(COLLECTOR) == 0
    deposit(there, channel, CLD, 1, RELAYER)
    assert held(there, channel) == (DEPOSIT + CLD, 0)


def test_a_deposit_is_carried_once(there: World, channel: Channel) -> None:
    with there.channels.refuses("ERC3009UsedAuthorization"):
        deposit(there, channel, DEPOSIT, 0, RELAYER)


def test_a_deposit_goes_into_the_channel_it_was_signed_for(there: World) -> None:
    """Not into another's, with whatever terms, and not with another amount."""
    channel = anns_channel(there)
    data = authorization(channel, DEPOSIT, 0)
    for other in (
        channel.again(1),
        replace(channel, receiver=STRANGER.address),
        replace(channel, authorizer=STRANGER),
        replace(channel, session=STRANGER),
        replace(channel, delay=900),
    ):
        with there.channels.refuses("ERC3009InvalidSignature"):
            there.channels.send(RELAYER, "deposit", other.config, DEPOSIT, COLLECTOR, data)
    with there.channels.refuses("ERC3009InvalidSignature"):
        there.channels.send(RELAYER, "deposit", channel.config, DEPOSIT + 1, COLLECTOR, data)


def test_a_deposits_signature_has_one_form(there: World) -> None:
    channel = anns_channel(there)
    data = authorization(channel, DEPOSIT, 0)
    signature = data[-96:-31]
    for form, other in malleable(signature).items():
        with there.channels.refuses("ERC3009InvalidSignature"):
            again = collector_data(0, other)
            there.channels.send(RELAYER, "deposit", channel.config, DEPOSIT, COLLECTOR, again)
        assert held(there, channel) == (0, 0), form
    there.channels.send(
        RELAYER, "deposit", channel.config, DEPOSIT, COLLECTOR, collector_data(0, signature)
    )


def test_only_the_channels_collect(there: World) -> None:
    """Whoever calls the collector is who gets the coin, so it knows one caller."""
    channel = anns_channel(there)
    data = authorization(channel, DEPOSIT, 0)
    words = (ANN.address, there.coin.address, DEPOSIT, channel.id, data)
    for caller in (RELAYER, ANN.address, AUTHORIZER.address):
        with there.collector.refuses("NotChannels"):
            there.collector.send(caller, "collect", *words)


@pytest.mark.parametrize("delay", [0, 899, 30 * 86_400 + 1])
def test_a_channel_has_a_delay_within_bounds(there: World, delay: int) -> None:
    with there.channels.refuses("BadChannel"):
        deposit(there, replace(anns_channel(there), delay=delay), CLD, 0, RELAYER)


@pytest.mark.parametrize("missing", [0, 2, 3, 4])
def test_a_channel_has_two_sides_and_a_token(there: World, missing: int) -> None:
    config = [*anns_channel(there).config]
    config[missing] = bytes(20)
    with there.channels.refuses("BadChannel"):
        there.channels.send(RELAYER, "deposit", tuple(config), CLD, COLLECTOR, b"")


def test_a_deposit_of_nothing_is_none(there: World) -> None:
    with there.channels.refuses("NoAmount"):
        deposit(there, anns_channel(there), 0, 0, RELAYER)


def test_a_collector_must_bring_what_it_says(there: World) -> None:
    """A collector of anybody's making: one that brings nothing is refused."""
    liar = b"\x66" * 20
    there.machine.put({liar: bytes.fromhex("00")})
    with there.channels.refuses("WrongDeposit"):
        there.channels.send(RELAYER, "deposit", anns_channel(there).config, CLD, liar, b"")


def test_a_collector_that_calls_back_finds_the_door_shut(there: World, channel: Channel) -> None:
    claim(there, channel.line(CLD))
    words = (channel.receiver, there.coin.address)
    caller = b"\x67" * 20
    there.machine.put({caller: _calling(there, there.channels.data("settle", *words))})
    with there.channels.refuses("ReentrancyGuardReentrantCall"):
        there.channels.send(RELAYER, "deposit", channel.config, CLD, caller, b"")
    there.channels.send(RELAYER, "settle", *words)
    assert there.balance(channel.receiver) == CLD


def test_the_identity_of_a_channel_is_the_hash_of_its_terms(there: World) -> None:
    channel = anns_channel(there)
    assert there.channels.ask("getChannelId", channel.config) == channel.id
    assert len({channel.again(salt).id for salt in range(10)}) == 10


def _calling(there: World, data: bytes) -> bytes:
    """Code that calls the channels with these bytes and passes on why that failed."""
    size = f"{len(data):04x}"
    start = f"{0x3A:02x}"
    copy = f"61{size}60{start}5f39"  # the data stands behind the code
    call = f"5f5f61{size}5f5f73{there.channels.address.hex()}5af1"
    fail = "3d5f5f3e3d5ffd"
    code = bytes.fromhex(copy + call + fail)
    return code.ljust(0x3A, b"\x00") + data
