"""What contracts do becomes rows: each once, the right ones, and marked when taken back."""

import pytest

from tests.chain import asking, channels
from tests.chains.deployed import OPENING_EPOCHS
from tests.chains.servers import TestChain
from wetube.chain import contracts, events, keys, logs, outbox, rpc
from wetube.chain.merkle import Tree
from wetube.chain.models import ChainEvent, Deployment, SeenBlock, Watched

pytestmark = pytest.mark.chain

OPENING = OPENING_EPOCHS * 50 * 10**8


def seen() -> list[tuple[str, str]]:
    standing = ChainEvent.objects.standing().order_by("block_number", "log_index")
    return list(standing.values_list("contract", "name"))


def test_the_opening_fund_is_seen_from_the_first_block_on(deployed: Deployment) -> None:
    assert events.sync() > 0
    assert seen() == [
        (contracts.MINT, "Posted"),
        (contracts.MINT, "Claimed"),
        (contracts.TOKEN, "Transfer"),
    ]
    minted = ChainEvent.objects.settled().get(name="Transfer")
    assert minted.args == {"from": "0x" + "0" * 40, "to": deployed.vault, "value": OPENING}
    posted = ChainEvent.objects.get(name="Posted")
    assert posted.args["epoch"] == OPENING_EPOCHS
    assert posted.args["root"] == "0x" + Tree([(deployed.vault, OPENING)]).root.hex()


def test_reading_again_finds_nothing_new_and_costs_one_question(
    deployed: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    events.sync()
    before = list(ChainEvent.objects.values_list())
    asked = []
    whole = rpc.ask

    def ask(method: str, params: object = ()) -> object:
        asked.append(method)
        return whole(method, params)  # type: ignore[arg-type]

    monkeypatch.setattr(rpc, "ask", ask)
    assert events.sync() == 0
    assert list(ChainEvent.objects.values_list()) == before
    assert asked == ["eth_getBlockByNumber"]


def test_from_scratch_it_finds_the_same(deployed: Deployment) -> None:
    asking.pay_out()
    events.sync()
    before = set(ChainEvent.objects.values_list("block_hash", "log_index", "name", "final"))
    SeenBlock.objects.all().delete()
    events.sync()
    again = set(ChainEvent.objects.values_list("block_hash", "log_index", "name", "final"))
    assert again == before


def test_transfers_are_kept_when_they_name_somebody_watched(deployed: Deployment) -> None:
    events.sync()
    events.watch(keys.address("deposits"))
    events.watch(keys.address("deposits"))
    before = ChainEvent.objects.count()
    watched, other = keys.address("deposits"), asking.stranger()
    tree = Tree([(watched, 5), (other, 4)])
    asking.call("poster", contracts.VAULT, "post", [1, tree.root, 9])
    both = [[watched, other], [5, 4], [tree.proof(0), tree.proof(1)]]
    asking.call("relayer", contracts.VAULT, "claimMany", both)
    outbox.wait("test:claimMany", 20)
    events.sync()

    # The vault's own side is always kept: it sends both.
    new = ChainEvent.objects.order_by("block_number", "log_index")[before:]
    kept = [(event.name, event.args.get("to") or event.args.get("who")) for event in new]
    assert kept == [
        ("Posted", None),
        ("Paid", watched),
        ("Transfer", watched),
        ("Paid", other),
        ("Transfer", other),
    ]
    # Between others nothing is kept.
    account = keys.account("poster")
    outbox.put(
        "test:zero",
        role="poster",
        contract=contracts.TOKEN,
        function="transfer",
        args=[other, 0],
    )
    outbox.wait("test:zero", 20)
    count = ChainEvent.objects.count()
    events.sync()
    assert ChainEvent.objects.count() == count
    events.watch(account.address)
    outbox.put(
        "test:zero again",
        role="poster",
        contract=contracts.TOKEN,
        function="transfer",
        args=[other, 0],
    )
    outbox.wait("test:zero again", 20)
    events.sync()
    assert ChainEvent.objects.latest("pk").args["from"] == account.address


def test_events_are_final_under_enough_blocks(deployed: Deployment, on_chain: TestChain) -> None:
    events.sync()
    Deployment.objects.update(confirmations=3)
    pay_out_soon = asking.approve(1)
    outbox.pump()
    on_chain.mine(3)
    assert outbox.wait(pay_out_soon.intent, 20).state == "final"
    tree = Tree([(asking.stranger(), 3)])
    asking.call("poster", contracts.VAULT, "post", [1, tree.root, 3])
    outbox.pump()

    finals = []
    for _ in range(3):
        events.sync()
        finals.append(ChainEvent.objects.latest("pk").final)
        on_chain.mine()
    assert finals == [False, False, True]


def test_a_node_that_gives_only_few_blocks_at_once_is_asked_for_few(
    deployed: Deployment, on_chain: TestChain, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_chain.mine(40)
    asking.pay_out()
    whole, asked = rpc.ask, []

    def ask(method: str, params: object = ()) -> object:
        if method == "eth_getLogs" and isinstance(params, list) and "toBlock" in params[0]:
            width = int(params[0]["toBlock"], 16) - int(params[0]["fromBlock"], 16) + 1
            asked.append(width)
            if width > 10:
                raise rpc.RpcRefused("query exceeds max block range 10")
        return whole(method, params)  # type: ignore[arg-type]

    monkeypatch.setattr(rpc, "ask", ask)
    monkeypatch.setattr(logs, "WIDEST", 64)
    events.sync()

    assert asking.paid() == 1
    assert max(asked) > 10
    newest = SeenBlock.objects.order_by("number").last()
    assert newest is not None
    assert newest.number == on_chain.number()


def test_a_channel_that_pays_our_vault_is_watched_from_its_first_event_on(
    deployed: Deployment, on_chain: TestChain
) -> None:
    """A stock client may open one without asking us."""
    payer = on_chain.somebody()
    _fund_with_coin(payer.address, 500)
    ours = channels.open_one(on_chain, deployed, payer, receiver=deployed.vault)
    channels.open_one(on_chain, deployed, payer, receiver=asking.stranger())
    events.sync()

    assert Watched.objects.filter(topic=ours).exists()
    opened = ChainEvent.objects.filter(contract=contracts.CHANNELS).order_by("pk")
    assert [event.name for event in opened] == ["ChannelCreated", "Deposited"]
    assert {event.args["channelId"] for event in opened} == {ours}
    assert opened[0].args["config"]["receiver"] == deployed.vault
    assert opened[1].args["amount"] == 100


def test_another_hand_in_between_loses_nothing(
    deployed: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, calls = logs._ask, []

    def ask(where: Deployment, words: dict[str, str]) -> list[logs.Log]:
        read = whole(where, words)
        calls.append(1)
        if len(calls) == 1:
            events.sync()
        return read

    monkeypatch.setattr(logs, "_ask", ask)
    events.sync()
    assert len(seen()) == 3
    assert ChainEvent.objects.count() == 3


def test_without_a_chain_there_is_nothing_to_read(db: None) -> None:
    assert events.sync() == 0


def _fund_with_coin(address: str, drops: int) -> None:
    tree = Tree([(address, drops)])
    asking.call("poster", contracts.VAULT, "post", [1, tree.root, drops])
    asking.call("relayer", contracts.VAULT, "claim", [address, drops, []])
    assert outbox.wait("test:claim", 20).state == "final"
