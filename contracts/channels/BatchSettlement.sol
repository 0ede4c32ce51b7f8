// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {ChannelConfig, IDepositCollector, VoucherClaim} from "./Channel.sol";
import {ChannelBooks} from "./ChannelBooks.sol";
import {ChannelHashes} from "./ChannelHashes.sol";

/**
 * @title Payment channels for many small payments: x402's `batch-settlement`
 * @notice Our own code for chains of our own, written from the public x402 specification (version 2) and
 * the interface its clients call. A payer puts coin into a channel once and signs vouchers, each for all
 * that is owed so far; the receiver claims the newest of many channels in one call, and sweeps what is
 * claimed in one transfer. What is not claimed goes back: at once if the receiver's side agrees, else
 * after the channel's delay, during which the receiver can still claim.
 *
 * There is no owner, no constructor and no setting; the code stands in a chain's first block. A voucher
 * is signed by a key: 65 bytes, a low s. Where the payer or the receiver's authorizer is a contract, its
 * own word counts (ERC-1271). Only one call runs at a time, so a collector or a token that calls back
 * finds the door shut.
 */
contract BatchSettlement is ChannelBooks, ReentrancyGuardTransient {
    using ChannelHashes for bytes32;
    using SignatureChecker for address;

    /// @notice The shortest time a payer has to wait, in seconds.
    uint40 public constant MIN_WITHDRAW_DELAY = 15 minutes;
    /// @notice The longest.
    uint40 public constant MAX_WITHDRAW_DELAY = 30 days;

    /// @notice Payer, receiver, its authorizer and the token must be there, and the delay within bounds.
    error BadChannel();
    /// @notice The collector brought something else than `amount`.
    error WrongDeposit(uint256 amount, uint256 brought);
    /// @notice The caller has no say on that side of the channel.
    error NotAllowed(address caller);
    /// @notice A batch has lines, and all its lines have one authorizer.
    error BadBatch();
    /// @notice The signature is not of who had to sign.
    error BadSignature(address signer);
    /// @notice More is claimed than the voucher says.
    error AboveVoucher(bytes32 channelId, uint128 max);
    /// @notice Refunds of a channel are numbered; `expected` is next.
    error WrongNonce(uint256 expected);

    /// @notice Several calls as one, all or none.
    function multicall(bytes[] calldata data) external returns (bytes[] memory results) {
        results = new bytes[](data.length);
        for (uint256 i = 0; i < data.length; ++i) {
            (bool done, bytes memory answer) = address(this).delegatecall(data[i]);
            if (!done) {
                assembly ("memory-safe") {
                    revert(add(answer, 0x20), mload(answer))
                }
            }
            results[i] = answer;
        }
    }

    /// @notice Puts `amount` into a channel; `collector` brings it, in this call and to the last unit.
    function deposit(ChannelConfig calldata config, uint128 amount, address collector, bytes calldata collectorData)
        external
        nonReentrant
    {
        _requireGood(config);
        require(amount != 0, NoAmount());
        bytes32 id = getChannelId(config);
        uint256 before = IERC20(config.token).balanceOf(address(this));
        IDepositCollector(collector).collect(config.payer, config.token, amount, id, collectorData);
        uint256 brought = IERC20(config.token).balanceOf(address(this)) - before;
        require(brought == amount, WrongDeposit(amount, brought));
        _bookDeposit(id, config, amount);
    }

    /// @notice Claims from many channels. The caller is the receiver of each, or its authorizer.
    function claim(VoucherClaim[] calldata voucherClaims) external nonReentrant {
        require(voucherClaims.length != 0, BadBatch());
        bytes32 domain = ChannelHashes.domain();
        for (uint256 i = 0; i < voucherClaims.length; ++i) {
            _requireReceiving(voucherClaims[i].voucher.channel);
            _claim(domain, domain.channelId(voucherClaims[i].voucher.channel), voucherClaims[i]);
        }
    }

    /// @notice The same, carried by anybody: the channels' one `receiverAuthorizer` signed the batch.
    function claimWithSignature(VoucherClaim[] calldata voucherClaims, bytes calldata authorizerSignature)
        external
        nonReentrant
    {
        require(voucherClaims.length != 0, BadBatch());
        bytes32 domain = ChannelHashes.domain();
        address authorizer = voucherClaims[0].voucher.channel.receiverAuthorizer;
        (bytes32 digest, bytes32[] memory ids) = _batchDigest(domain, voucherClaims);
        _requireSigned(authorizer, digest, authorizerSignature);
        for (uint256 i = 0; i < voucherClaims.length; ++i) {
            require(voucherClaims[i].voucher.channel.receiverAuthorizer == authorizer, BadBatch());
            _claim(domain, ids[i], voucherClaims[i]);
        }
    }

    /// @notice Sends a receiver all that was claimed for it and not sent yet. Anybody may call.
    function settle(address receiver, address token) external nonReentrant {
        _settle(receiver, token);
    }

    /// @notice The payer's side begins to take back `amount` alone; the receiver has the delay to claim.
    function initiateWithdraw(ChannelConfig calldata config, uint128 amount) external nonReentrant {
        _requirePaying(config);
        _initiate(getChannelId(config), config.withdrawDelay, amount);
    }

    /// @notice After the delay, sends the payer what it asked back, or what is left of it after claims.
    function finalizeWithdraw(ChannelConfig calldata config) external nonReentrant {
        _requirePaying(config);
        _finalize(getChannelId(config), config);
    }

    /// @notice The receiver's side gives back up to `amount` of what is not claimed.
    function refund(ChannelConfig calldata config, uint128 amount) external nonReentrant {
        _requireReceiving(config);
        _refund(getChannelId(config), config, amount);
    }

    /// @notice The same, carried by anybody: `receiverAuthorizer` signed it under the channel's next nonce.
    function refundWithSignature(
        ChannelConfig calldata config,
        uint128 amount,
        uint256 nonce,
        bytes calldata receiverAuthorizerSignature
    ) external nonReentrant {
        bytes32 domain = ChannelHashes.domain();
        bytes32 id = domain.channelId(config);
        uint256 expected = refundNonce[id];
        require(nonce == expected, WrongNonce(expected));
        _requireSigned(config.receiverAuthorizer, domain.refund(id, nonce, amount), receiverAuthorizerSignature);
        _refund(id, config, amount);
    }

    /// @notice What the payer's side signs to owe up to `maxClaimableAmount`.
    function getVoucherDigest(bytes32 channelId, uint128 maxClaimableAmount) external view returns (bytes32) {
        return ChannelHashes.domain().voucher(channelId, maxClaimableAmount);
    }

    /// @notice What `receiverAuthorizer` signs to give `amount` back.
    function getRefundDigest(bytes32 channelId, uint256 nonce, uint128 amount) external view returns (bytes32) {
        return ChannelHashes.domain().refund(channelId, nonce, amount);
    }

    /// @notice What `receiverAuthorizer` signs to claim all these.
    function getClaimBatchDigest(VoucherClaim[] calldata voucherClaims) external view returns (bytes32) {
        (bytes32 digest,) = _batchDigest(ChannelHashes.domain(), voucherClaims);
        return digest;
    }

    /// @notice The identity of the channel with these terms, on this chain.
    function getChannelId(ChannelConfig calldata config) public view returns (bytes32) {
        return ChannelHashes.domain().channelId(config);
    }

    /// @dev A line that claims no more than was claimed before changes nothing, so a batch may be sent twice.
    function _claim(bytes32 domain, bytes32 id, VoucherClaim calldata line) private {
        if (line.totalClaimed <= channels[id].totalClaimed) return;
        uint128 max = line.voucher.maxClaimableAmount;
        require(line.totalClaimed <= max, AboveVoucher(id, max));
        ChannelConfig calldata config = line.voucher.channel;
        _requireVoucher(config, domain.voucher(id, max), line.signature);
        _bookClaim(id, config, line.totalClaimed);
    }

    function _batchDigest(bytes32 domain, VoucherClaim[] calldata lines)
        private
        pure
        returns (bytes32 digest, bytes32[] memory ids)
    {
        ids = new bytes32[](lines.length);
        bytes32[] memory entries = new bytes32[](lines.length);
        for (uint256 i = 0; i < lines.length; ++i) {
            ids[i] = domain.channelId(lines[i].voucher.channel);
            entries[i] = ChannelHashes.entry(ids[i], lines[i].voucher.maxClaimableAmount, lines[i].totalClaimed);
        }
        digest = domain.batch(entries);
    }

    function _requireGood(ChannelConfig calldata config) private pure {
        bool named = config.payer != address(0) && config.receiver != address(0)
            && config.receiverAuthorizer != address(0) && config.token != address(0);
        bool patient = config.withdrawDelay >= MIN_WITHDRAW_DELAY && config.withdrawDelay <= MAX_WITHDRAW_DELAY;
        require(named && patient, BadChannel());
    }

    function _requireReceiving(ChannelConfig calldata config) private view {
        require(msg.sender == config.receiver || msg.sender == config.receiverAuthorizer, NotAllowed(msg.sender));
    }

    function _requirePaying(ChannelConfig calldata config) private view {
        require(msg.sender == config.payer || msg.sender == config.payerAuthorizer, NotAllowed(msg.sender));
    }

    /// @dev A named authorizer is a key; without one the payer answers, by key or by code.
    function _requireVoucher(ChannelConfig calldata config, bytes32 digest, bytes calldata signature) private view {
        address authorizer = config.payerAuthorizer;
        if (authorizer == address(0)) {
            _requireSigned(config.payer, digest, signature);
        } else {
            (address signer, ECDSA.RecoverError fault,) = ECDSA.tryRecoverCalldata(digest, signature);
            require(fault == ECDSA.RecoverError.NoError && signer == authorizer, BadSignature(authorizer));
        }
    }

    function _requireSigned(address signer, bytes32 digest, bytes calldata signature) private view {
        require(signer.isValidSignatureNowCalldata(digest, signature), BadSignature(signer));
    }
}
