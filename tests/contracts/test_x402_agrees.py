"""The unmodified x402 library, as client and as facilitator, takes our channels for its own."""

from dataclasses import dataclass, replace
from typing import Any

import eth_account
import pytest
from eth_account.messages import encode_typed_data
from eth_account.signers.local import LocalAccount
from eth_hash.auto import keccak
from x402.mechanisms.evm.batch_settlement import authorizer_signer as authorizing
from x402.mechanisms.evm.batch_settlement import constants, errors
from x402.mechanisms.evm.batch_settlement.abi import BATCH_SETTLEMENT_ABI
from x402.mechanisms.evm.batch_settlement.client.config import BatchSettlementEvmSchemeOptions
from x402.mechanisms.evm.batch_settlement.client.scheme import BatchSettlementEvmScheme
from x402.mechanisms.evm.batch_settlement.client.voucher import sign_voucher
from x402.mechanisms.evm.batch_settlement.facilitator.claim import build_voucher_claim_args
from x402.mechanisms.evm.batch_settlement.facilitator.scheme import BatchSettlementEvmFacilitator
from x402.mechanisms.evm.batch_settlement.facilitator.utils import read_channel_state
from x402.mechanisms.evm.batch_settlement.types import ChannelConfig, VoucherClaim
from x402.mechanisms.evm.batch_settlement.utils import (
    compute_channel_id,
    get_batch_settlement_eip712_domain,
)
from x402.mechanisms.evm.signers import EthAccountSignerWithRPC, FacilitatorWeb3Signer
from x402.schemas import PaymentPayload, PaymentRequirements

from tests.chains.servers import TestChain
from tests.contracts.channels import DELAY, Channel, anns_channel, deposit, held
from tests.contracts.contract import artifact
from tests.contracts.signing import Person, malleable
from tests.contracts.world import ANN, AUTHORIZER, CLD, RELAYER, SESSION, STRANGER, World
from wetube.cloudchain.canonical import CHAIN_ID

pytestmark = pytest.mark.chain

NETWORK = f"eip155:{CHAIN_ID}"
GAS = 3_000_000  # the library says 500 000, which is not enough for eighteen channels


def _account(person: Person) -> LocalAccount:
    account: LocalAccount = eth_account.Account.from_key(person.key.to_bytes())
    return account


@dataclass
class Market:
    """A client who pays one CLD a view, and a facilitator who carries words to the chain."""

    there: World
    client: BatchSettlementEvmScheme
    facilitator: BatchSettlementEvmFacilitator
    reader: FacilitatorWeb3Signer
    asked: PaymentRequirements

    @property
    def config(self) -> ChannelConfig:
        return self.client.build_channel_config(self.asked)

    @property
    def channel(self) -> str:
        return compute_channel_id(self.config, NETWORK)

    def verify(self, payload: dict[str, Any]) -> Any:
        return self.facilitator.verify(self._wrapped(payload), self.asked)

    def settle(self, payload: dict[str, Any]) -> Any:
        return self.facilitator.settle(self._wrapped(payload), self.asked)

    def settled(self, payload: dict[str, Any]) -> Any:
        """The library's answer; it must have worked."""
        answer = self.settle(payload)
        assert answer.success, (answer.error_reason, answer.error_message)
        return answer

    def claim(self, drops: int, *, of: Channel | None = None) -> VoucherClaim:
        """All that a voucher says, of the client's own channel or of another."""
        config = replace(self.config, salt=f"0x{of.salt:064x}") if of else self.config
        signer = EthAccountSignerWithRPC(_account(SESSION), "")
        voucher = sign_voucher(signer, compute_channel_id(config, NETWORK), drops, NETWORK)
        return VoucherClaim(config, str(drops), voucher.signature, str(drops))

    def state(self) -> tuple[int, int, int, int]:
        """Balance, claimed, withdrawal's time, refund's number, as the library reads them."""
        read = read_channel_state(self.reader, self.channel)
        return read.balance, read.total_claimed, read.withdraw_requested_at, read.refund_nonce

    def _wrapped(self, payload: dict[str, Any]) -> PaymentPayload:
        return PaymentPayload(payload=payload, accepted=self.asked)


@pytest.fixture
def market(far: World, chain: TestChain) -> Market:
    carrier = FacilitatorWeb3Signer(chain.somebody().key.hex(), chain.url, gas_limit=GAS)
    extra = {
        "name": "Cloudcoin",
        "version": "1",
        "receiverAuthorizer": _account(AUTHORIZER).address,
        "withdrawDelay": DELAY,
    }
    session = EthAccountSignerWithRPC(_account(SESSION), chain.url)
    return Market(
        far,
        BatchSettlementEvmScheme(
            EthAccountSignerWithRPC(_account(ANN), chain.url),
            BatchSettlementEvmSchemeOptions(voucher_signer=session),
        ),
        BatchSettlementEvmFacilitator(
            carrier, authorizing.LocalAuthorizerSigner(_account(AUTHORIZER))
        ),
        carrier,
        PaymentRequirements(
            scheme="batch-settlement",
            network=NETWORK,
            asset=f"0x{far.coin.address.hex()}",
            amount=str(CLD),
            pay_to=f"0x{far.vault.address.hex()}",
            max_timeout_seconds=300,
            extra=extra,
        ),
    )


def test_everything_the_library_calls_is_there_in_its_own_words() -> None:
    """Names, types, what is indexed: each entry of its interface is one of ours."""
    ours = [_bare(entry) for entry in artifact("BatchSettlement")["abi"]]
    for entry in BATCH_SETTLEMENT_ABI:
        assert _bare(entry) in ours, entry["name"]


def test_both_compute_the_same_hashes(there: World) -> None:
    """On the machine in this process; the library needs no chain for these."""
    config = ChannelConfig(
        payer=_account(ANN).address,
        payer_authorizer=_account(SESSION).address,
        receiver=f"0x{there.vault.address.hex()}",
        receiver_authorizer=_account(AUTHORIZER).address,
        token=f"0x{there.coin.address.hex()}",
        withdraw_delay=DELAY,
        salt=f"0x{7:064x}",
    )
    name = bytes.fromhex(compute_channel_id(config, CHAIN_ID)[2:])
    claims = [VoucherClaim(config, str(n), "0x", str(n - 1)) for n in (5, 9)]
    lines = build_voucher_claim_args(claims)
    ask = there.channels.ask
    assert ask("getChannelId", lines[0][0][0]) == name
    words = {"channelId": name, "maxClaimableAmount": 5}
    assert ask("getVoucherDigest", name, 5) == _digest(constants.VOUCHER_TYPES, words)
    words = {"channelId": name, "nonce": 2, "amount": 5}
    assert ask("getRefundDigest", name, 2, 5) == _digest(constants.REFUND_TYPES, words)
    signed = authorizing.sign_claim_batch(
        authorizing.LocalAuthorizerSigner(_account(AUTHORIZER)), claims, NETWORK
    )
    assert bytes.fromhex(signed[2:]) == AUTHORIZER.sign(ask("getClaimBatchDigest", lines))


def test_the_library_lives_through_a_whole_channel(market: Market) -> None:
    payload = market.client.create_payment_payload(market.asked)
    assert payload["type"] == "deposit"
    checked = market.verify(payload)
    assert checked.is_valid, checked.invalid_message
    answer = market.settled(payload)
    assert answer.extra["channelState"]["balance"] == str(5 * CLD)
    assert market.state() == (5 * CLD, 0, 0, 0)

    market.client._storage.delete(
        market.channel
    )  # a client that has lost its notes reads the chain
    payload = market.client.create_payment_payload(market.asked)
    assert payload["type"] == "voucher"
    assert market.verify(payload).is_valid

    claim = market.claim(2 * CLD)
    market.settled({"type": "claim", "claims": [claim.to_dict()]})
    assert market.state() == (5 * CLD, 2 * CLD, 0, 0)
    sweep = {"type": "settle", "receiver": market.asked.pay_to, "token": market.asked.asset}
    market.settled(sweep)
    assert market.there.balance(market.there.vault.address) == 2 * CLD
    assert market.settle(sweep).error_reason == errors.ERR_NOTHING_TO_SETTLE

    begun = market.there.channels.send(
        ANN.address, "initiateWithdraw", build_voucher_claim_args([claim])[0][0][0], CLD
    )
    assert market.state()[2] > 0, begun
    answer = market.settled(_refund(market, 2 * CLD, [market.claim(3 * CLD)]))
    assert (answer.amount, market.state()) == (str(2 * CLD), (3 * CLD, 3 * CLD, 0, 1))
    assert market.there.balance(ANN.address) == 17 * CLD
    empty = market.settle(_refund(market, CLD, [], nonce=1))
    assert empty.error_reason == errors.ERR_REFUND_NO_BALANCE


def test_twenty_channels_are_claimed_by_the_library_at_once(market: Market) -> None:
    there = market.there
    channels = [anns_channel(there).again(salt) for salt in range(20)]
    for channel in channels:
        deposit(there, channel, CLD // 10, 0, RELAYER)
    claims = [market.claim(CLD // 20, of=channel).to_dict() for channel in channels]
    market.settled({"type": "claim", "claims": claims})
    assert {held(there, channel) for channel in channels} == {(CLD // 10, CLD // 20)}


def test_what_the_contract_refuses_the_library_reports_before_sending(market: Market) -> None:
    payload = market.client.create_payment_payload(market.asked)
    market.settled(payload)
    before = market.state()
    again = market.settle(payload)
    assert again.error_reason == errors.ERR_DEPOSIT_SIMULATION_FAILED
    good = market.claim(CLD)
    forms = malleable(bytes.fromhex(good.signature[2:]))
    forged = STRANGER.sign(bytes(32))
    for form in (*forms.values(), forged):
        claim = market.claim(CLD).to_dict() | {"signature": f"0x{form.hex()}"}
        refused = market.settle({"type": "claim", "claims": [claim]})
        assert refused.error_reason == errors.ERR_CLAIM_SIMULATION_FAILED
    refused = market.settle({"type": "claim", "claims": [market.claim(6 * CLD).to_dict()]})
    assert refused.error_reason == errors.ERR_CLAIM_SIMULATION_FAILED
    refused = market.settle(_refund(market, CLD, [], nonce=5))
    assert refused.error_reason == errors.ERR_REFUND_SIMULATION_FAILED
    assert market.state() == before


def _refund(
    market: Market, amount: int, claims: list[VoucherClaim], *, nonce: int = 0
) -> dict[str, Any]:
    voucher = market.claim(CLD)
    return {
        "type": "refund",
        "channelConfig": market.config.to_dict(),
        "voucher": {
            "channelId": market.channel,
            "maxClaimableAmount": voucher.max_claimable_amount,
            "signature": voucher.signature,
        },
        "amount": str(amount),
        "refundNonce": str(nonce),
        "claims": [claim.to_dict() for claim in claims],
    }


def _digest(types: dict[str, list[dict[str, str]]], words: dict[str, Any]) -> bytes:
    domain = get_batch_settlement_eip712_domain(CHAIN_ID)
    signable = encode_typed_data(domain_data=domain, message_types=types, message_data=words)
    return bytes(keccak(b"\x19" + signable.version + signable.header + signable.body))


def _bare(entry: Any) -> Any:
    """An interface's entry without what only a compiler adds."""
    if isinstance(entry, list):
        return [_bare(each) for each in entry]
    if not isinstance(entry, dict):
        return entry
    return {key: _bare(value) for key, value in entry.items() if key != "internalType"}
