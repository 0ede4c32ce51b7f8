"""What holds on anvil holds on the embedded chain: the same answers to the same questions."""

import json
from typing import Any

import eth_account
import pytest
from eth_abi.abi import encode
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

from tests.chains.servers import RpcFault, TestChain
from tests.cloudchain.coins import call_data, deploy, topic

pytestmark = pytest.mark.chain
TRANSFER = "0x" + keccak(text="Transfer(address,address,uint256)").hex()
ADDED = {
    "blobGasPrice",
    "blobGasUsed",
    "blockTimestamp",
    "totalDifficulty",
    "parentBeaconBlockRoot",
}


def test_blocks_transactions_and_receipts_have_the_same_parts(
    embedded: TestChain, anvil: TestChain
) -> None:
    shown: dict[str, list[set[str]]] = {}
    for chain in (embedded, anvil):
        account = chain.somebody()
        receipt = chain.send(
            account,
            to=deploy(chain, account),
            data=call_data("transfer(address,uint256)", chain.rich.address, 1),
        )
        name = receipt["transactionHash"]
        block = chain.rpc("eth_getBlockByHash", receipt["blockHash"], True)
        found = chain.rpc("eth_getTransactionByHash", name)
        assert block["transactions"] == [found]
        assert chain.rpc("eth_getBlockReceipts", receipt["blockNumber"]) == [receipt]
        parts = (block, found, receipt, receipt["logs"][0])
        shown[chain.kind] = [set(part) - ADDED for part in parts]
    assert shown["embedded"] == shown["anvil"]


@pytest.mark.parametrize("kind", [0, 1, 2])
def test_each_kind_of_transaction(chain: TestChain, account: LocalAccount, kind: int) -> None:
    other = eth_account.Account.create().address
    listed = [{"address": other, "storageKeys": ["0x" + "00" * 32]}]
    extra: dict[str, Any] = {"accessList": listed} if kind else {}
    receipt = chain.send(account, type=kind, to=other, value=7, gas=60_000, **extra)
    found = chain.rpc("eth_getTransactionByHash", receipt["transactionHash"])

    assert receipt["status"] == "0x1"
    assert receipt["type"] == found["type"] == hex(kind)
    assert found.get("accessList", []) == (
        [] if not kind else [{"address": other.lower(), "storageKeys": ["0x" + "00" * 32]}]
    )
    assert int(receipt["gasUsed"], 16) == (21_000 if not kind else 25_300)
    assert chain.balance(other) == 7
    paid = int(receipt["gasUsed"], 16) * int(receipt["effectiveGasPrice"], 16)
    assert chain.balance(account.address) == 10**18 - 7 - paid


def test_a_failed_transaction_is_in_a_block_and_costs_gas(
    chain: TestChain, account: LocalAccount, coin: str
) -> None:
    stranger = chain.somebody()
    data = call_data("transfer(address,uint256)", account.address, 5)
    receipt = chain.send(stranger, to=coin, data=data)
    assert receipt["status"] == "0x0"
    assert receipt["logs"] == []
    assert chain.balance(stranger.address) < 10**18


def test_a_call_that_reverts_says_so_with_its_data(
    chain: TestChain, account: LocalAccount, coin: str
) -> None:
    call = {
        "to": coin,
        "data": "0x" + call_data("transfer(address,uint256)", account.address, 5).hex(),
    }
    for method in ("eth_call", "eth_estimateGas"):
        with pytest.raises(RpcFault, match="execution reverted") as refusal:
            chain.rpc(method, {**call, "from": chain.rich.address})
        assert refusal.value.code == 3
        assert refusal.value.data
        assert refusal.value.data.startswith("0xe450d38c")  # ERC20InsufficientBalance


def test_a_sentence_a_contract_reverts_with_is_in_the_message(chain: TestChain) -> None:
    words = bytes.fromhex("08c379a0") + encode(["string"], ["no such luck"])
    code = _reverting_with(words)
    with pytest.raises(RpcFault, match="execution reverted: no such luck") as refusal:
        chain.rpc(
            "eth_call", {"to": f"0x{'11' * 20}"}, "latest", {f"0x{'11' * 20}": {"code": code}}
        )
    assert refusal.value.data == "0x" + words.hex()


def _reverting_with(words: bytes) -> str:
    """Code that copies what follows it and reverts with that."""
    head = bytes.fromhex(f"61{len(words):04x}600e5f3961{len(words):04x}5ffd")
    return "0x" + (head.ljust(14, b"\0") + words).hex()


def test_state_can_be_another_for_one_call(chain: TestChain, coin: str) -> None:
    who = eth_account.Account.create().address
    place = "0x" + keccak(encode(["address", "uint256"], [who, 0])).hex()
    call = {"to": coin, "data": "0x" + call_data("balanceOf(address)", who).hex()}
    change = {coin: {"stateDiff": {place: "0x" + "2a".rjust(64, "0")}}}
    rich = {who: {"balance": hex(10**20)}}

    assert int(chain.rpc("eth_call", call, "latest", change), 16) == 42
    assert int(chain.rpc("eth_call", call, "latest"), 16) == 0
    assert (
        chain.rpc("eth_call", {"from": who, "to": who, "value": hex(10**19)}, "latest", rich)
        == "0x"
    )
    with pytest.raises(RpcFault):
        chain.rpc("eth_call", {"from": who, "to": who, "value": hex(10**19)}, "latest")
    assert chain.balance(who) == 0


def test_the_past_can_be_asked(chain: TestChain, account: LocalAccount, coin: str) -> None:
    before = hex(chain.number())
    block = chain.rpc("eth_getBlockByNumber", before, False)
    chain.send(account, to=coin, data=call_data("transfer(address,uint256)", chain.rich.address, 9))
    call = {"to": coin, "data": "0x" + call_data("balanceOf(address)", account.address).hex()}

    assert int(chain.rpc("eth_call", call, "latest"), 16) == 991
    assert int(chain.rpc("eth_call", call, before), 16) == 1000
    assert int(chain.rpc("eth_call", call, {"blockHash": block["hash"]}), 16) == 1000
    assert chain.rpc("eth_getTransactionCount", account.address, before) == "0x2"
    assert chain.rpc("eth_getTransactionCount", account.address, "latest") == "0x3"
    assert chain.rpc("eth_getCode", coin, "0x0") == "0x"
    assert len(chain.rpc("eth_getCode", coin, "latest")) > 1000


@pytest.mark.parametrize("tag", ["latest", "safe", "finalized", "pending", "earliest"])
def test_every_tag_has_a_block(chain: TestChain, tag: str) -> None:
    block = chain.rpc("eth_getBlockByNumber", tag, False)
    assert int(block["gasLimit"], 16) == 30_000_000
    assert chain.rpc("eth_getBalance", chain.rich.address, tag)


def test_what_is_not_there_is_null(chain: TestChain) -> None:
    nowhere = "0x" + "12" * 32
    assert chain.rpc("eth_getBlockByNumber", "0xffffff", False) is None
    assert chain.rpc("eth_getBlockByHash", nowhere, False) is None
    assert chain.rpc("eth_getTransactionByHash", nowhere) is None
    assert chain.rpc("eth_getTransactionReceipt", nowhere) is None
    with pytest.raises(RpcFault):
        chain.rpc("eth_getBalance", chain.rich.address, "0xffffff")


def test_logs_are_found_by_whom_and_what(
    chain: TestChain, account: LocalAccount, coin: str
) -> None:
    first = chain.number()
    others = [eth_account.Account.create().address for _ in range(3)]
    receipts = [
        chain.send(account, to=coin, data=call_data("transfer(address,uint256)", other, 1 + number))
        for number, other in enumerate(others)
    ]
    everywhere = {"fromBlock": "0x0", "toBlock": "latest", "address": coin}

    def amounts(**search: Any) -> list[int]:
        found = chain.rpc("eth_getLogs", {**everywhere, **search})
        return [int(log["data"], 16) for log in found]

    assert amounts() == [1000, 1, 2, 3]
    assert amounts(fromBlock=hex(first + 1)) == [1, 2, 3]
    assert amounts(topics=[TRANSFER, topic(account.address)]) == [1, 2, 3]
    assert amounts(topics=[None, None, topic(others[1])]) == [2]
    assert amounts(topics=[TRANSFER, None, [topic(others[0]), topic(others[2])]]) == [1, 3]
    assert amounts(topics=[[TRANSFER, topic(coin)]]) == [1000, 1, 2, 3]
    assert amounts(topics=[topic(coin)]) == []
    assert amounts(address=[coin, others[0]], topics=[]) == [1000, 1, 2, 3]
    assert amounts(address=others[0]) == []
    by_hash = chain.rpc("eth_getLogs", {"blockHash": receipts[1]["blockHash"]})
    assert by_hash == receipts[1]["logs"]
    assert int(receipts[1]["logs"][0]["logIndex"], 16) == 0


def test_a_batch_is_answered_in_its_order(chain: TestChain) -> None:
    asked = [
        {"jsonrpc": "2.0", "id": "a", "method": "eth_chainId", "params": []},
        {"jsonrpc": "2.0", "id": 2, "method": "eth_nothing", "params": []},
        {"jsonrpc": "2.0", "id": 3, "method": "net_version", "params": []},
    ]
    first, second, third = json.loads(chain.post(json.dumps(asked).encode()))
    assert (first["id"], int(first["result"], 16)) == ("a", chain.chain_id)
    assert (second["id"], second["error"]["code"]) == (2, -32601)
    assert (third["id"], third["result"]) == (3, str(chain.chain_id))
