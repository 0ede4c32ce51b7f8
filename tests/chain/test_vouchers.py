"""Our hashes of channels and vouchers are those of x402's own client."""

from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import _hash_eip191_message, encode_typed_data
from hypothesis import given, settings
from hypothesis import strategies as st

from wetube.chain import addresses, vouchers

PARTY = st.binary(min_size=20, max_size=20).map(addresses.checksummed)
CONFIG = st.fixed_dictionaries(
    {
        "payer": PARTY,
        "payerAuthorizer": PARTY,
        "receiver": PARTY,
        "receiverAuthorizer": PARTY,
        "token": PARTY,
        "withdrawDelay": st.integers(0, 2**40 - 1),
        "salt": st.binary(min_size=32, max_size=32).map(lambda salt: "0x" + salt.hex()),
    }
)
CHAIN = st.integers(1, 2**63)
TYPES = {
    "ChannelConfig": [
        {"name": "payer", "type": "address"},
        {"name": "payerAuthorizer", "type": "address"},
        {"name": "receiver", "type": "address"},
        {"name": "receiverAuthorizer", "type": "address"},
        {"name": "token", "type": "address"},
        {"name": "withdrawDelay", "type": "uint40"},
        {"name": "salt", "type": "bytes32"},
    ],
    "Voucher": [
        {"name": "channelId", "type": "bytes32"},
        {"name": "maxClaimableAmount", "type": "uint128"},
    ],
}


def eip712(kind: str, message: dict[str, Any], chain_id: int) -> bytes:
    """What eth-account, which knows nothing of us, makes of the same words."""
    domain = {
        "name": "x402 Batch Settlement",
        "version": "1",
        "chainId": chain_id,
        "verifyingContract": vouchers.CHANNELS,
    }
    signable = encode_typed_data(domain, {kind: TYPES[kind]}, message)
    return bytes(_hash_eip191_message(signable))


@settings(max_examples=20, deadline=None)
@given(CONFIG, CHAIN)
def test_a_channels_id_is_its_configuration_hashed_by_eip_712(
    config: dict[str, Any], chain_id: int
) -> None:
    assert vouchers.channel_id(config, chain_id) == eip712("ChannelConfig", config, chain_id)


@settings(max_examples=20, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.integers(0, vouchers.MOST), CHAIN)
def test_a_vouchers_digest_is_its_eip_712_hash(channel: bytes, most: int, chain_id: int) -> None:
    message = {"channelId": channel, "maxClaimableAmount": most}
    assert vouchers.digest(chain_id, channel, most) == eip712("Voucher", message, chain_id)


def test_a_voucher_signed_by_a_stock_wallet_names_its_signer() -> None:
    wallet = Account.from_key(b"\x05" * 32)
    domain = {
        "name": "x402 Batch Settlement",
        "version": "1",
        "chainId": 8453,
        "verifyingContract": vouchers.CHANNELS,
    }
    message = {"channelId": b"\x09" * 32, "maxClaimableAmount": 1_000}
    signed = wallet.sign_typed_data(domain, {"Voucher": TYPES["Voucher"]}, message)
    digest = vouchers.digest(8453, b"\x09" * 32, 1_000)
    assert vouchers.signer(digest, bytes(signed.signature)) == wallet.address


GOOD = {
    **dict.fromkeys(
        ("payer", "payerAuthorizer", "receiver", "receiverAuthorizer", "token"), vouchers.CHANNELS
    ),
    "withdrawDelay": 86400,
    "salt": "0x" + "00" * 32,
}


@pytest.mark.parametrize(
    "change",
    [
        {"payer": None},
        {"payer": "0x12"},
        {"token": "not an address"},
        {"withdrawDelay": 2**40},
        {"withdrawDelay": -1},
        {"withdrawDelay": "soon"},
        {"salt": "0x00"},
        {"salt": 5},
        {"salt": "0xzz"},
    ],
)
def test_what_is_no_configuration_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(vouchers.BadConfig):
        vouchers.channel_id({**GOOD, **change}, 1)


@pytest.mark.parametrize(("channel", "most"), [(b"", 1), (bytes(32), -1), (bytes(32), 2**128)])
def test_a_voucher_out_of_range_is_refused(channel: bytes, most: int) -> None:
    with pytest.raises(vouchers.BadConfig):
        vouchers.digest(1, channel, most)
