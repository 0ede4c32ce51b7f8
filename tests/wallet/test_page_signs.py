"""What the page signs is what the gateway and the chain read: each judged by another's code."""

import json
import secrets
import subprocess
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from x402.mechanisms.evm.batch_settlement.encoding import build_erc3009_deposit_nonce
from x402.mechanisms.evm.batch_settlement.types import ChannelConfig
from x402.mechanisms.evm.batch_settlement.utils import compute_channel_id

from script import front_end
from wetube.chain import addresses, vouchers
from wetube.chain.signatures import canonical

CHAIN = 31_337
TERMS = {
    "chainId": CHAIN,
    "token": "0x5FbDB2315678afecb367f032d93F642f64180aa3",
    "tokenName": "Cloudcoin",
    "tokenVersion": "1",
}
MOST = 2**127 + 12_345


def some_address() -> str:
    return addresses.checksummed(secrets.token_bytes(20))


def some_config() -> dict[str, Any]:
    parties = ("payer", "payerAuthorizer", "receiver", "receiverAuthorizer", "token")
    return {
        **{party: some_address() for party in parties},
        "withdrawDelay": secrets.randbelow(2**40),
        "salt": "0x" + secrets.token_hex(32),
    }


CONFIGS = [some_config() for _ in range(8)]


@pytest.fixture(scope="module")
def made() -> list[dict[str, Any]]:
    """The same asked of our modules in Node, once for each of CONFIGS."""
    node = front_end.find_npm().node_folder / "node"
    asked = json.dumps({"terms": TERMS, "configs": CONFIGS, "most": str(MOST)})
    script = Path(__file__).with_name("sign_in_node.mjs")
    done = subprocess.run(
        [node, script], input=asked, capture_output=True, text=True, check=True, timeout=60
    )
    answer: list[dict[str, Any]] = json.loads(done.stdout)
    return answer


def test_a_key_has_the_address_everybody_gives_it(made: list[dict[str, Any]]) -> None:
    for each, config in zip(made, CONFIGS, strict=True):
        assert each["valid"]
        assert each["address"] == Account.from_key(each["key"]).address
        assert each["checksummed"] == config["payer"]


def test_a_channel_has_the_id_the_gateway_and_x402_give_it(made: list[dict[str, Any]]) -> None:
    for each, config in zip(made, CONFIGS, strict=True):
        assert each["channel"] == "0x" + vouchers.channel_id(config, CHAIN).hex()
        assert each["channel"] == compute_channel_id(ChannelConfig.from_dict(config), CHAIN)


def test_a_voucher_is_signed_in_the_canonical_form(made: list[dict[str, Any]]) -> None:
    for each in made:
        voucher = each["voucher"]
        signature = bytes.fromhex(voucher["signature"][2:])
        signed = vouchers.digest(CHAIN, bytes.fromhex(each["channel"][2:]), MOST)
        assert canonical(signature) == signature
        assert vouchers.signer(signed, signature) == each["address"]
        assert voucher["maxClaimableAmount"] == str(MOST)


@pytest.mark.parametrize("kind", ["deposit", "transfer"])
def test_an_authorization_is_the_digest_of_what_a_browser_wallet_is_shown(
    made: list[dict[str, Any]], kind: str
) -> None:
    for each in made:
        message = encode_typed_data(full_message=json.loads(each[kind]["json"]))
        signature = each[kind]["signature"]
        assert Account.recover_message(message, signature=signature) == each["address"]


def test_a_deposit_is_bound_to_its_channel(made: list[dict[str, Any]]) -> None:
    for each in made:
        shown = json.loads(each["deposit"]["json"])["message"]
        nonce = build_erc3009_deposit_nonce(each["channel"], each["deposit"]["salt"])
        assert shown["nonce"] == nonce
        assert shown["to"] == vouchers.COLLECTOR
        assert shown["validBefore"] == each["deposit"]["validBefore"] == "4600"


def test_a_signer_is_found_again_and_nonsense_has_none(made: list[dict[str, Any]]) -> None:
    for each in made:
        assert each["back"] == each["address"]
        assert each["strange"] is None
