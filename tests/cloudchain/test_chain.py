"""The chain's own rules: one block for each transaction, order by nonce, time, and coming back."""

import signal
from dataclasses import replace

import pytest
import rlp  # type: ignore[import-untyped]
from eth_abi.abi import encode
from trie.hexary import HexaryTrie

from tests.cloudchain.small_chain import PRICE, START, SmallChain
from wetube.cloudchain import canonical, genesis, showing, timing
from wetube.cloudchain.chain import FURTHEST_NONCE, Chain, Refused
from wetube.cloudchain.estimating import Fails
from wetube.cloudchain.evm import Change, Message
from wetube.cloudchain.store import CannotWrite, Store
from wetube.cloudchain.timing import TookTooLong

NOWHERE = "0x" + "11" * 20
THERE = bytes.fromhex("11" * 20)
NOBODY = bytes(20)
ENDLESS = bytes.fromhex("5b5f56")


def test_each_transaction_makes_a_block(small: SmallChain) -> None:
    names = [small.send(to=NOWHERE, value=value) for value in (1, 2, 3)]
    entries = [small.reader.entry_of(number) for number in (1, 2, 3)]
    assert [entry and entry.hash for entry in entries] == names
    assert small.chain.head.number == 3
    assert small.balance(NOWHERE) == 6


def test_fees_go_back_to_the_faucet(small: SmallChain) -> None:
    payer = small.somebody()
    before = small.balance(small.rich.address)
    small.send(payer, to=NOWHERE)
    assert small.balance(payer.address) == 10**18 - 21_000 * PRICE
    assert small.balance(small.rich.address) == before + 21_000 * (PRICE - 7)


def test_a_header_hashes_as_the_yellow_paper_says(small: SmallChain) -> None:
    """Rebuilt from what is shown: a light client would find the same hash and roots."""
    small.send(to=NOWHERE, value=1)
    entry = small.reader.entry_of(1)
    assert entry
    whole = rlp.decode(entry.header.as_rlp())
    trie = HexaryTrie({})
    trie[rlp.encode(0)] = entry.raw
    assert len(whole) == 21
    assert whole[0] == small.store.hash_of(0)
    assert whole[4] == trie.root_hash
    shown = showing.block(entry.header, None, whole=False)
    assert shown["hash"] == showing.data(small.store.hash_of(1))


def test_time_never_goes_back_nor_runs_ahead(small: SmallChain) -> None:
    for _ in range(5):
        small.send(to=NOWHERE)
    assert small.chain.head.timestamp == START
    small.time = START - 100
    small.send(to=NOWHERE)
    assert small.chain.head.timestamp == START
    small.time = START + 50
    small.send(to=NOWHERE)
    assert small.chain.head.timestamp == START + 50


def test_the_base_fee_follows_the_gas_used(small: SmallChain) -> None:
    head = small.chain.head
    full = head.child(now=START).next_base_fee()
    assert (head.base_fee, full) == (7, 7)
    assert replace(head, gas_used=head.gas_limit, base_fee=800).next_base_fee() == 900
    assert replace(head, gas_used=0, base_fee=800).next_base_fee() == 700
    assert replace(head, gas_used=head.gas_limit // 2, base_fee=800).next_base_fee() == 800


def test_waiting_transactions_survive_a_new_start(small: SmallChain) -> None:
    late = small.chain.send(small.signed(nonce=1, to=NOWHERE, value=2))
    small.close()
    small.open()
    assert small.reader.waiting(late)
    small.send(nonce=0, to=NOWHERE, value=1)
    assert small.balance(NOWHERE) == 3
    assert small.reader.waiting(late) is None
    assert small.reader.entry(late)


def test_what_waits_gives_way_only_to_who_pays_more(small: SmallChain) -> None:
    first = small.chain.send(small.signed(nonce=1, to=NOWHERE, value=1))
    with pytest.raises(Refused, match="replacement transaction underpriced"):
        small.chain.send(small.signed(nonce=1, to=NOWHERE, value=2, gasPrice=PRICE + 9))
    with pytest.raises(Refused, match="already known"):
        small.chain.send(small.signed(nonce=1, to=NOWHERE, value=1))
    second = small.chain.send(small.signed(nonce=1, to=NOWHERE, value=3, gasPrice=PRICE + 10))
    assert small.reader.waiting(first) is None
    assert small.reader.waiting(second)
    small.send(nonce=0, to=NOWHERE)
    assert small.balance(NOWHERE) == 3


def test_what_can_no_longer_be_paid_is_forgotten(small: SmallChain) -> None:
    payer = small.somebody(10**9)
    late = small.chain.send(small.signed(payer, nonce=1, to=NOWHERE, value=9 * 10**8))
    small.send(payer, nonce=0, to=NOWHERE, value=5 * 10**8)
    assert small.balance(NOWHERE) == 5 * 10**8
    assert small.reader.waiting(late) is None
    assert small.nonce(payer) == 1


def test_a_nonce_too_far_ahead_is_refused(small: SmallChain) -> None:
    with pytest.raises(Refused, match="nonce too high"):
        small.chain.send(small.signed(nonce=FURTHEST_NONCE + 1, to=NOWHERE))
    with pytest.raises(Refused, match="nonce too high"):
        small.chain.send(small.signed(nonce=2**63, to=NOWHERE))
    assert small.chain.head.number == 0


def test_a_contract_sends_nothing_by_itself(small: SmallChain) -> None:
    """EIP-3607: an address with code has no key, whoever found one."""
    sender = small.somebody()
    small.close()
    store = Store(small.folder)
    chain = Chain(store, chain_id=small.chain_id, clock=lambda: small.time)
    signed = small.signed(sender, nonce=0, to=NOWHERE)
    account = chain.account(signed.sender)
    with pytest.raises(Refused, match="sender not an eoa"):
        chain._check(signed, type(account)(account.nonce, account.balance, b"\0"))
    store.close()
    small.open()


def test_a_transaction_that_takes_too_long_never_happens(
    small: SmallChain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wetube.cloudchain.chain.LONGEST_TRANSACTION", 0.1)
    head = small.chain.head
    with pytest.raises(TookTooLong, match="execution aborted"):
        small.send(to="", data=ENDLESS, gas=30_000_000)
    assert small.chain.head == head
    assert small.nonce(small.rich) == 0
    small.send(to=NOWHERE, value=1)
    assert small.balance(NOWHERE) == 1


def test_a_call_that_takes_too_long_is_stopped(
    small: SmallChain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wetube.cloudchain.chain.LONGEST_CALL", 0.1)
    call = Message(sender=NOBODY, to=THERE, gas=30_000_000)
    with pytest.raises(TookTooLong):
        small.chain.call(call, small.chain.at_head(), {THERE: Change(code=ENDLESS)})
    with pytest.raises(TookTooLong):
        small.chain.estimate(call, small.chain.at_head(), {THERE: Change(code=ENDLESS)})


def test_a_limit_within_time_leaves_no_alarm() -> None:
    with timing.within(5):
        pass
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0, 0)


def many(number: int) -> str:
    return f"0x{1234:020d}{number:020d}"


def send_to_many(small: SmallChain, count: int) -> None:
    for number in range(count):
        small.send(to=many(number), value=1)


def test_a_refused_write_leaves_everything_as_it_was(small: SmallChain) -> None:
    """What the machine had already written to its own tries must not be taken for kept."""
    small.send(to=NOWHERE, value=1)
    pages = small.store._connection.execute("PRAGMA page_count").fetchone()[0]
    small.store._connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(CannotWrite, match="full"):
        send_to_many(small, 100)
    head = small.chain.head
    assert small.store.head() == head
    assert small.nonce(small.rich) == head.number < 100
    small.store._connection.execute("PRAGMA max_page_count = 100000000")
    send_to_many(small, 20)
    small.close()
    small.open()
    assert small.nonce(small.rich) == small.chain.head.number == head.number + 20
    assert sum(small.balance(many(number)) for number in range(100)) == head.number - 1 + 20


def test_an_estimate_says_what_fails(small: SmallChain) -> None:
    reverting = {THERE: Change(code=bytes.fromhex("5f5ffd"))}
    call = Message(sender=NOBODY, to=THERE, gas=30_000_000, data=b"\1")
    with pytest.raises(Fails, match="execution reverted"):
        small.chain.estimate(call, small.chain.next(), reverting)
    poor = Message(sender=NOBODY, to=THERE, gas=30_000_000, value=1)
    with pytest.raises(Refused, match="insufficient funds"):
        small.chain.estimate(poor, small.chain.next())
    little = Message(sender=NOBODY, to=THERE, gas=20_000)
    with pytest.raises(Fails, match="gas required exceeds allowance"):
        small.chain.estimate(little, small.chain.next())


def test_an_estimate_covers_what_a_called_contract_keeps_back(small: SmallChain) -> None:
    """A call passes on 63 of 64 parts of its gas: what is used is less than what is needed."""
    calls = bytes.fromhex(f"5f5f5f5f5f73{'22' * 20}5af1" + "602057fe5b00")
    needs_100_000 = bytes.fromhex("620186a05a11" + "600a57fe5b00")
    changes = {THERE: Change(code=calls), bytes.fromhex("22" * 20): Change(code=needs_100_000)}
    call = Message(sender=NOBODY, to=THERE, gas=30_000_000, data=b"\1")
    estimate = small.chain.estimate(call, small.chain.next(), changes)
    enough = small.chain.call(replace(call, gas=estimate), small.chain.next(), changes)
    assert not enough.failure
    assert enough.gas_used < 25_000
    assert 120_000 < estimate < 130_000


def test_a_chains_id_cannot_change(small: SmallChain) -> None:
    with pytest.raises(genesis.OtherChain, match="cannot change"):
        genesis.open_or_begin(small.store, folder=small.folder, asked_id=5, now=START)
    kept = genesis.open_or_begin(small.store, folder=small.folder, asked_id=None, now=START)
    assert kept == canonical.CHAIN_ID == 4_410_436


def test_the_faucets_key_is_for_its_owner_alone(small: SmallChain) -> None:
    path = small.folder / canonical.FAUCET_FILE
    assert path.stat().st_mode & 0o777 == 0o600
    assert small.balance(small.rich.address) == canonical.FAUCET_WEI


def test_a_contract_may_ask_for_an_earlier_blocks_hash(small: SmallChain) -> None:
    for _ in range(3):
        small.send(to=NOWHERE)
    asks = bytes.fromhex("5f3540" + "5f5260205ff3")
    call = Message(sender=NOBODY, to=THERE, gas=100_000, data=encode(["uint256"], [2]))
    outcome = small.chain.call(call, small.chain.next(), {THERE: Change(code=asks)})
    assert outcome.output == small.store.hash_of(2)
