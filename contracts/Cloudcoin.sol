// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ERC3009} from "@openzeppelin/contracts/token/ERC20/extensions/draft-ERC3009.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

/**
 * @title Cloudcoin (CLD)
 * @notice The coin. One CLD is 10⁸ drops, and there are never more than 21 000 000 CLD.
 *
 * Nobody owns this contract, nobody can pause it, change it, or take a coin from its holder. New coin
 * comes from one minter, named for ever when the contract is made: {CloudMint}, which keeps a schedule.
 *
 * A holder moves coin by a call (ERC-20), by a signed allowance (ERC-2612 `permit`), or by a signed
 * transfer that anybody may carry (ERC-3009, nonces of the signer's choice). Each ERC-3009 verb exists
 * twice: with `v, r, s` for a key, and with `bytes` for a key or a contract that signs (ERC-1271).
 * A key's signature has 65 bytes and a low s; no other form of it is taken.
 */
contract Cloudcoin is ERC20Burnable, ERC20Permit, ERC3009 {
    using SignatureChecker for address;

    /// @notice The most coin there can be, in drops.
    uint256 public constant CAP = 21_000_000e8;

    /// @notice Who makes new coin. Never changes.
    address public immutable minter;

    /// @notice The minter cannot be the zero address: no coin could ever be made.
    error NoMinter();
    /// @notice Only the minter makes coin.
    error NotMinter(address caller);
    /// @notice `amount` more would be above the cap; `room` is what is left below it.
    error AboveCap(uint256 amount, uint256 room);

    constructor(address minter_) ERC20("Cloudcoin", "CLD") ERC20Permit("Cloudcoin") {
        require(minter_ != address(0), NoMinter());
        minter = minter_;
    }

    /// @notice Makes `amount` drops for `to`.
    function mint(address to, uint256 amount) external {
        require(msg.sender == minter, NotMinter(msg.sender));
        uint256 room = CAP - totalSupply();
        require(amount <= room, AboveCap(amount, room));
        _mint(to, amount);
    }

    /// @notice Carries `from`'s signed transfer; `signature` is a key's, or what `from`'s own code accepts.
    function transferWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external {
        bytes32 verb = TRANSFER_WITH_AUTHORIZATION_TYPEHASH;
        bytes memory words = abi.encode(verb, from, to, value, validAfter, validBefore, nonce);
        _requireSigned(from, keccak256(words), signature);
        _transferWithAuthorization(from, to, value, validAfter, validBefore, nonce);
    }

    /// @notice The same, carried by the receiver alone, so that no one can carry it past the receiver's code.
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external {
        require(to == msg.sender, ERC20InvalidReceiver(to));
        bytes32 verb = RECEIVE_WITH_AUTHORIZATION_TYPEHASH;
        bytes memory words = abi.encode(verb, from, to, value, validAfter, validBefore, nonce);
        _requireSigned(from, keccak256(words), signature);
        _transferWithAuthorization(from, to, value, validAfter, validBefore, nonce);
    }

    /// @notice Uses up `nonce`, so that a transfer signed with it can no longer be carried.
    function cancelAuthorization(address authorizer, bytes32 nonce, bytes calldata signature) external {
        bytes memory words = abi.encode(CANCEL_AUTHORIZATION_TYPEHASH, authorizer, nonce);
        _requireSigned(authorizer, keccak256(words), signature);
        _cancelAuthorization(authorizer, nonce);
    }

    /// @notice Eight: the smallest unit is the drop, 10⁻⁸ CLD.
    function decimals() public pure override returns (uint8) {
        return 8;
    }

    function _requireSigned(address signer, bytes32 structHash, bytes calldata signature) private view {
        require(
            signer.isValidSignatureNowCalldata(_hashTypedDataV4(structHash), signature), ERC3009InvalidSignature()
        );
    }
}
