// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// A Merkle tree by the recursive definition of RFC 9162 section 2.1.1 (`k` = largest power of two below n), against
/// which the iterative verifier is held. Slow and plain on purpose.
library MerkleTree {
    function leaf(bytes memory words) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(uint8(0), words));
    }

    function root(bytes32[] memory leaves) internal pure returns (bytes32) {
        return _root(leaves, 0, leaves.length);
    }

    /// Section 2.1.3.1: the path of leaf m, from the leaf upwards.
    function path(bytes32[] memory leaves, uint256 m) internal pure returns (bytes32[] memory) {
        return _path(leaves, 0, leaves.length, m);
    }

    function _root(bytes32[] memory leaves, uint256 from, uint256 n) private pure returns (bytes32) {
        if (n == 1) return leaves[from];
        uint256 k = _split(n);
        return sha256(abi.encodePacked(uint8(1), _root(leaves, from, k), _root(leaves, from + k, n - k)));
    }

    function _path(bytes32[] memory leaves, uint256 from, uint256 n, uint256 m)
        private
        pure
        returns (bytes32[] memory steps)
    {
        if (n == 1) return new bytes32[](0);
        uint256 k = _split(n);
        bool isLeft = m < k;
        bytes32[] memory below = isLeft ? _path(leaves, from, k, m) : _path(leaves, from + k, n - k, m - k);
        steps = new bytes32[](below.length + 1);
        for (uint256 i = 0; i < below.length; ++i) {
            steps[i] = below[i];
        }
        steps[below.length] = isLeft ? _root(leaves, from + k, n - k) : _root(leaves, from, k);
    }

    function _split(uint256 n) private pure returns (uint256 k) {
        for (k = 1; k * 2 < n; k *= 2) {}
    }
}
