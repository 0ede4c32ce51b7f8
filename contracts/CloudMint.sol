// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Cloudcoin} from "./Cloudcoin.sol";
import {PayoutTree} from "./PayoutTree.sol";

/**
 * @title The mint of new Cloudcoin
 * @notice Every epoch of 600 seconds brings new coin for those who carried bytes: `reward0` drops an
 * epoch, half as much after each 210 000 epochs. How much there may be is arithmetic; who gets it is
 * what M of N witnesses sign, as a payout tree of all that everybody ever earned.
 *
 * Witnesses can share wrongly. They cannot make a drop above the schedule, hurry it, or touch what was
 * claimed. A root is good for claims once `challenge` seconds have passed, and stays good for ever; the
 * next root can be posted at any time, so nothing ever waits for a waiting root. While a root waits,
 * as many witnesses as signed it can take it back, newest first.
 */
contract CloudMint is EIP712 {
    using SafeCast for uint256;

    /// @dev What is known of a posted root. `ripe` 0 means there is no such root.
    struct Root {
        uint64 epoch;
        uint64 ripe;
        uint128 total;
    }

    /// @dev One word: what was made so far, and the most that the roots used so far allow.
    struct Books {
        uint128 minted;
        uint128 allowed;
    }

    /// @notice Seconds in an epoch.
    uint64 public constant EPOCH = 600;
    /// @notice Epochs until the reward halves.
    uint64 public constant HALVING = 210_000;
    /// @notice The longest time a root may have to wait.
    uint64 public constant LONGEST_CHALLENGE = 30 days;

    bytes32 private constant POST_TYPEHASH = keccak256("Post(uint64 epoch,bytes32 root,uint256 total)");
    bytes32 private constant RECALL_TYPEHASH = keccak256("Recall(bytes32 root)");
    /// @dev When a recalled root will be ripe. It keeps its place, so that no old signature can post it again.
    uint64 private constant NEVER = type(uint64).max;

    Cloudcoin public immutable token;
    /// @notice How many witnesses must sign.
    uint256 public immutable threshold;
    /// @notice When epoch 1 began, in Unix seconds.
    uint64 public immutable start;
    /// @notice The reward of the first epoch, in drops.
    uint256 public immutable reward0;
    /// @notice Seconds from posting a root until it is good for claims.
    uint64 public immutable challenge;

    /// @notice A witness's number, from 1; 0 for everybody else.
    mapping(address witness => uint256 number) public witnessNumber;
    /// @notice How many witnesses there are.
    uint256 public immutable witnessCount;

    /// @notice The newest root, ripe or not.
    bytes32 public latest;
    mapping(bytes32 root => Root) public roots;
    /// @notice The root that was newest when this one was posted; kept only where roots can be recalled.
    mapping(bytes32 root => bytes32) public previousOf;
    /// @notice All that was ever minted for an address, in drops.
    mapping(address who => uint256 cumulative) public claimed;
    Books private _books;

    event Posted(uint64 indexed epoch, bytes32 root, uint256 total, uint64 ripe);
    event Recalled(uint64 indexed epoch, bytes32 root);
    event Claimed(address indexed who, uint256 amount, uint256 cumulative);

    /// @notice The token was not made for this mint.
    error NotMyToken();
    /// @notice The whole schedule would be above the token's cap, or is nothing at all.
    error BadSchedule();
    /// @notice Who had to wait longer than that for a root would wait for ever.
    error ChallengeTooLong(uint64 longest);
    /// @notice Witnesses must be distinct, 1 to 255, and at least as many as the threshold, which is not 0.
    error BadWitnesses();
    /// @notice The epoch is not over yet.
    error EpochNotOver(uint64 over);
    /// @notice Roots come in the order of their epochs; `last` has one.
    error EpochPosted(uint64 last);
    /// @notice A total never falls; `last` was the one before.
    error TotalFell(uint256 last);
    /// @notice By the end of that epoch only `scheduled` drops may exist.
    error AboveSchedule(uint256 scheduled);
    /// @notice That root was posted before, or is no root.
    error BadRoot();
    /// @notice A signature is not of a witness, or is there twice.
    error BadSignature(address signer);
    /// @notice Fewer witnesses signed than must.
    error TooFewSignatures(uint256 needed);
    /// @notice Only the newest root can be recalled, and only while it waits.
    error NotRecallable();
    /// @notice The proof leads to no root that is known and ripe.
    error WrongProof();
    /// @notice All that the leaf names was minted before.
    error NothingDue(address who);
    /// @notice The leaves claimed so far are more than the totals signed.
    error AboveTotal();

    constructor(
        address token_,
        address[] memory witnesses,
        uint256 threshold_,
        uint64 start_,
        uint256 reward0_,
        uint64 challenge_
    ) EIP712("CloudMint", "1") {
        token = Cloudcoin(token_);
        require(Cloudcoin(token_).minter() == address(this), NotMyToken());
        require(reward0_ != 0 && reward0_ <= Cloudcoin(token_).CAP() / (2 * HALVING), BadSchedule());
        require(challenge_ <= LONGEST_CHALLENGE, ChallengeTooLong(LONGEST_CHALLENGE));
        require(threshold_ != 0 && threshold_ <= witnesses.length && witnesses.length < 256, BadWitnesses());
        for (uint256 i = 0; i < witnesses.length; ++i) {
            require(witnesses[i] != address(0) && witnessNumber[witnesses[i]] == 0, BadWitnesses());
            witnessNumber[witnesses[i]] = i + 1;
        }
        (threshold, witnessCount) = (threshold_, witnesses.length);
        (start, reward0, challenge) = (start_, reward0_, challenge_);
    }

    /// @notice Posts the payout tree of all that was earned until the end of `epoch`; `total` is the sum of its leaves.
    function post(uint64 epoch, bytes32 root, uint256 total, bytes[] calldata signatures) external {
        bytes32 previous = latest;
        Root memory before = roots[previous];
        uint64 over = epochsOver();
        uint256 most = scheduled(epoch);
        require(epoch <= over, EpochNotOver(over));
        require(epoch > before.epoch, EpochPosted(before.epoch));
        require(total >= before.total, TotalFell(before.total));
        require(total <= most, AboveSchedule(most));
        require(root != 0 && roots[root].ripe == 0, BadRoot());
        _requireWitnesses(postDigest(epoch, root, total), signatures);
        uint64 ripe = uint64(block.timestamp) + challenge;
        roots[root] = Root(epoch, ripe, total.toUint128());
        if (challenge != 0) previousOf[root] = previous;
        latest = root;
        emit Posted(epoch, root, total, ripe);
    }

    /// @notice Takes back the newest root while it waits; the one before is the newest again.
    function recall(bytes[] calldata signatures) external {
        bytes32 root = latest;
        Root memory recalled = roots[root];
        require(block.timestamp < recalled.ripe, NotRecallable());
        _requireWitnesses(recallDigest(root), signatures);
        latest = previousOf[root];
        roots[root].ripe = NEVER;
        delete previousOf[root];
        emit Recalled(recalled.epoch, root);
    }

    /// @notice Mints for `who` what is still due of `cumulative`. Anybody may call.
    function claim(address who, uint256 cumulative, bytes32[] calldata proof) external {
        require(_claim(who, cumulative, proof), NothingDue(who));
    }

    /// @notice Mints for many. Those to whom nothing is due are passed over, so nobody can spoil the batch.
    function claimMany(address[] calldata who, uint256[] calldata cumulative, bytes32[][] calldata proofs) external {
        require(who.length == cumulative.length && who.length == proofs.length, PayoutTree.LengthsDiffer());
        for (uint256 i = 0; i < who.length; ++i) {
            _claim(who[i], cumulative[i], proofs[i]);
        }
    }

    /// @notice All that was minted so far, in drops.
    function minted() external view returns (uint256) {
        return _books.minted;
    }

    /// @notice What witnesses sign to post this root (EIP-712).
    function postDigest(uint64 epoch, bytes32 root, uint256 total) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(POST_TYPEHASH, epoch, root, total)));
    }

    /// @notice What witnesses sign to take `root` back (EIP-712).
    function recallDigest(bytes32 root) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(RECALL_TYPEHASH, root)));
    }

    /// @notice How many epochs are over.
    function epochsOver() public view returns (uint64) {
        return block.timestamp < start ? 0 : uint64((block.timestamp - start) / EPOCH);
    }

    /// @notice How many drops may exist when `epoch` epochs are over: 0 for 0, `reward0` for 1.
    function scheduled(uint64 epoch) public view returns (uint256 drops) {
        uint256 reward = reward0;
        uint256 left = epoch;
        for (; left > HALVING && reward != 0; left -= HALVING) {
            drops += reward * HALVING;
            reward /= 2;
        }
        drops += reward * left;
    }

    function _claim(address who, uint256 cumulative, bytes32[] calldata proof) private returns (bool) {
        Root memory known = roots[PayoutTree.rootOf(who, cumulative, proof)];
        require(known.ripe != 0 && known.ripe <= block.timestamp, WrongProof());
        uint256 before = claimed[who];
        if (cumulative <= before) return false;
        Books memory books = _books;
        uint256 sum = books.minted + (cumulative - before);
        if (books.allowed < known.total) books.allowed = known.total;
        require(sum <= books.allowed, AboveTotal());
        books.minted = uint128(sum);
        _books = books;
        claimed[who] = cumulative;
        emit Claimed(who, cumulative - before, cumulative);
        token.mint(who, cumulative - before);
        return true;
    }

    function _requireWitnesses(bytes32 digest, bytes[] calldata signatures) private view {
        require(signatures.length >= threshold, TooFewSignatures(threshold));
        uint256 seen = 0;
        for (uint256 i = 0; i < signatures.length; ++i) {
            address signer = ECDSA.recoverCalldata(digest, signatures[i]);
            uint256 bit = 1 << witnessNumber[signer];
            require(bit != 1 && seen & bit == 0, BadSignature(signer));
            seen |= bit;
        }
    }
}
