// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Merkle inclusion with SHA-256, in the shape of RFC 9162 section 2.1
/// @notice `sha256` is the precompile at 0x02. The prefixes keep a node from passing for a leaf (second preimages).
library MerkleInclusion {
    /// @notice Hash of a leaf: SHA-256(0x00 ‖ leaf).
    function leafHash(bytes calldata leaf) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(bytes1(0x00), leaf));
    }

    /// @notice Hash of an inner node: SHA-256(0x01 ‖ left ‖ right).
    function nodeHash(bytes32 left, bytes32 right) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(bytes1(0x01), left, right));
    }

    /// @notice Verifies an inclusion proof, RFC 9162 section 2.1.3.2, whose names are kept.
    function verify(bytes32 leaf, uint64 index, uint64 size, bytes32[] calldata path, bytes32 root)
        internal
        pure
        returns (bool)
    {
        if (index >= size) return false;
        uint64 fn = index;
        uint64 sn = size - 1;
        bytes32 r = leaf;
        for (uint256 i = 0; i < path.length; ++i) {
            if (sn == 0) return false;
            if (fn & 1 == 1 || fn == sn) {
                r = nodeHash(path[i], r);
                while (fn & 1 == 0 && fn != 0) {
                    fn >>= 1;
                    sn >>= 1;
                }
            } else {
                r = nodeHash(r, path[i]);
            }
            fn >>= 1;
            sn >>= 1;
        }
        return sn == 0 && r == root;
    }
}
