// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {PayoutTree} from "./PayoutTree.sol";

/**
 * @title The vault of one gateway
 * @notice Viewers' coin goes in here, not into a key's pocket, and leaves only by a payout tree.
 *
 * The poster names a new root now and then, and each root is good for ever: a promise is not taken back,
 * and no claim under way is spoilt by the next root. The poster can put the wrong shares into a tree, and
 * everybody who holds the tree can see that; it cannot promise more than the vault ever held, cannot take
 * anything out but by a leaf, and cannot stop a claim. Were its roots to contradict each other, who comes
 * first is paid first, up to the newest total. Anybody may carry a claim for anybody: the coin goes to the
 * leaf's address and nowhere else.
 */
contract GatewayVault {
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    /// @dev One word of storage: how many roots there were, what the last one promised, what was paid.
    struct Books {
        uint64 seq;
        uint96 total;
        uint96 paid;
    }

    /// @notice The coin the vault holds. Any other token sent here is lost.
    IERC20 public immutable token;
    /// @notice Who names roots.
    address public immutable poster;

    /// @notice The newest root.
    bytes32 public root;
    /// @notice The number a root was posted under, the last one if twice; 0 if never.
    mapping(bytes32 root => uint64 seq) public seqOf;
    Books private _books;

    /// @notice All that was ever paid to an address, in drops.
    mapping(address who => uint256 cumulative) public paid;

    event Posted(uint64 indexed seq, bytes32 root, uint256 total);
    event Paid(address indexed who, uint256 amount, uint256 cumulative);

    /// @notice Token and poster cannot be the zero address.
    error NobodyThere();
    /// @notice Only the poster names roots.
    error NotPoster(address caller);
    /// @notice Roots are numbered without a gap; `expected` is next.
    error WrongSeq(uint64 expected);
    /// @notice A total never falls; `last` is the newest.
    error TotalFell(uint256 last);
    /// @notice The vault never held that much: held and paid together are `covered`.
    error Uncovered(uint256 covered);
    /// @notice The vault cannot pay itself: what it holds would count as paid out, and cover a root twice.
    error NotToItself();
    /// @notice The proof leads to no root that was posted.
    error WrongProof();
    /// @notice All that the leaf names was paid before.
    error NothingDue(address who);
    /// @notice The leaves claimed so far are more than the newest total.
    error AboveTotal();

    constructor(address token_, address poster_) {
        require(token_ != address(0) && poster_ != address(0), NobodyThere());
        token = IERC20(token_);
        poster = poster_;
    }

    /// @notice Posts payout tree number `next`. `newTotal` is the sum of all its leaves, in drops.
    function post(uint64 next, bytes32 newRoot, uint256 newTotal) external {
        require(msg.sender == poster, NotPoster(msg.sender));
        Books memory books = _books;
        require(next == books.seq + 1, WrongSeq(books.seq + 1));
        require(newTotal >= books.total, TotalFell(books.total));
        uint256 covered = token.balanceOf(address(this)) + books.paid;
        require(newTotal <= covered, Uncovered(covered));
        root = newRoot;
        seqOf[newRoot] = next;
        (books.seq, books.total) = (next, newTotal.toUint96());
        _books = books;
        emit Posted(next, newRoot, newTotal);
    }

    /// @notice Pays `who` what is still due of `cumulative`. Anybody may call.
    function claim(address who, uint256 cumulative, bytes32[] calldata proof) external {
        Books memory books = _books;
        uint256 due = _take(books, who, cumulative, proof);
        require(due != 0, NothingDue(who));
        _books = books;
        _pay(who, due, cumulative);
    }

    /// @notice Pays many at once. Those to whom nothing is due are passed over, so nobody can spoil the batch.
    function claimMany(address[] calldata who, uint256[] calldata cumulative, bytes32[][] calldata proofs) external {
        require(who.length == cumulative.length && who.length == proofs.length, PayoutTree.LengthsDiffer());
        Books memory books = _books;
        uint256[] memory due = new uint256[](who.length);
        for (uint256 i = 0; i < who.length; ++i) {
            due[i] = _take(books, who[i], cumulative[i], proofs[i]);
        }
        _books = books;
        for (uint256 i = 0; i < who.length; ++i) {
            if (due[i] != 0) _pay(who[i], due[i], cumulative[i]);
        }
    }

    /// @notice The number of the newest root; 0 before the first.
    function seq() external view returns (uint64) {
        return _books.seq;
    }

    /// @notice What the newest root promises, all that was ever paid included.
    function total() external view returns (uint256) {
        return _books.total;
    }

    /// @notice All that was ever paid to anybody.
    function paidTotal() external view returns (uint256) {
        return _books.paid;
    }

    /// @dev Books the payment before any coin moves; answers how much is to be moved.
    function _take(Books memory books, address who, uint256 cumulative, bytes32[] calldata proof)
        private
        returns (uint256 due)
    {
        require(seqOf[PayoutTree.rootOf(who, cumulative, proof)] != 0, WrongProof());
        require(who != address(this), NotToItself());
        uint256 before = paid[who];
        if (cumulative <= before) return 0;
        due = cumulative - before;
        uint256 sum = books.paid + due;
        require(sum <= books.total, AboveTotal());
        books.paid = uint96(sum);
        paid[who] = cumulative;
    }

    function _pay(address who, uint256 due, uint256 cumulative) private {
        emit Paid(who, due, cumulative);
        token.safeTransfer(who, due);
    }
}
