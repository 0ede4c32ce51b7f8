// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/**
 * @title Many calls in one
 * @notice Our own code with the interface that clients of Multicall3 use, for chains of our own: it stands
 * in the first block at the address where libraries look for it. It keeps nothing and holds nothing;
 * native coin sent along must be used up by the calls it is named for.
 */
contract Multicall {
    struct Call {
        address target;
        bytes callData;
    }

    struct Call3 {
        address target;
        bool allowFailure;
        bytes callData;
    }

    struct Call3Value {
        address target;
        bool allowFailure;
        uint256 value;
        bytes callData;
    }

    struct Result {
        bool success;
        bytes returnData;
    }

    /// @notice Call number `index` failed, and was not allowed to.
    error CallFailed(uint256 index);
    /// @notice The values of the calls are not what was sent along.
    error WrongValue(uint256 sent, uint256 named);

    /// @notice All calls must succeed.
    function aggregate(Call[] calldata calls)
        external
        payable
        returns (uint256 blockNumber, bytes[] memory returnData)
    {
        blockNumber = block.number;
        returnData = new bytes[](calls.length);
        for (uint256 i = 0; i < calls.length; ++i) {
            returnData[i] = _call(i, calls[i].target, 0, false, calls[i].callData).returnData;
        }
    }

    /// @notice One rule for all calls: must they succeed?
    function tryAggregate(bool requireSuccess, Call[] calldata calls)
        public
        payable
        returns (Result[] memory returnData)
    {
        returnData = new Result[](calls.length);
        for (uint256 i = 0; i < calls.length; ++i) {
            returnData[i] = _call(i, calls[i].target, 0, !requireSuccess, calls[i].callData);
        }
    }

    /// @notice The same, with the block it was done in.
    function tryBlockAndAggregate(bool requireSuccess, Call[] calldata calls)
        public
        payable
        returns (uint256 blockNumber, bytes32 blockHash, Result[] memory returnData)
    {
        (blockNumber, blockHash) = (block.number, blockhash(block.number));
        returnData = tryAggregate(requireSuccess, calls);
    }

    /// @notice All calls must succeed; with the block it was done in.
    function blockAndAggregate(Call[] calldata calls)
        external
        payable
        returns (uint256 blockNumber, bytes32 blockHash, Result[] memory returnData)
    {
        return tryBlockAndAggregate(true, calls);
    }

    /// @notice Each call says whether it may fail.
    function aggregate3(Call3[] calldata calls) external payable returns (Result[] memory returnData) {
        returnData = new Result[](calls.length);
        for (uint256 i = 0; i < calls.length; ++i) {
            returnData[i] = _call(i, calls[i].target, 0, calls[i].allowFailure, calls[i].callData);
        }
    }

    /// @notice Each call says whether it may fail and what native coin goes along.
    function aggregate3Value(Call3Value[] calldata calls) external payable returns (Result[] memory returnData) {
        returnData = new Result[](calls.length);
        uint256 named = 0;
        for (uint256 i = 0; i < calls.length; ++i) {
            named += calls[i].value;
            returnData[i] = _call(i, calls[i].target, calls[i].value, calls[i].allowFailure, calls[i].callData);
        }
        require(named == msg.value, WrongValue(msg.value, named));
    }

    function getBlockNumber() external view returns (uint256) {
        return block.number;
    }

    function getBlockHash(uint256 blockNumber) external view returns (bytes32) {
        return blockhash(blockNumber);
    }

    function getLastBlockHash() external view returns (bytes32) {
        return block.number == 0 ? bytes32(0) : blockhash(block.number - 1);
    }

    function getCurrentBlockTimestamp() external view returns (uint256) {
        return block.timestamp;
    }

    function getCurrentBlockGasLimit() external view returns (uint256) {
        return block.gaslimit;
    }

    function getCurrentBlockCoinbase() external view returns (address) {
        return block.coinbase;
    }

    /// @notice Since there is no difficulty any more, the beacon's random number.
    function getCurrentBlockDifficulty() external view returns (uint256) {
        return block.prevrandao;
    }

    function getBasefee() external view returns (uint256) {
        return block.basefee;
    }

    function getChainId() external view returns (uint256) {
        return block.chainid;
    }

    function getEthBalance(address who) external view returns (uint256) {
        return who.balance;
    }

    function _call(uint256 index, address target, uint256 value, bool mayFail, bytes calldata data)
        private
        returns (Result memory result)
    {
        (result.success, result.returnData) = target.call{value: value}(data);
        require(result.success || mayFail, CallFailed(index));
    }
}
