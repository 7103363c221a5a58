// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAnchorLedger} from "../src/interfaces/IAnchorLedger.sol";
import {IConsentLedger} from "../src/interfaces/IConsentLedger.sol";
import {
    Commitment,
    ConsentId,
    Head,
    InstitutionId,
    Slot,
    Stream,
    UnixSeconds,
    UtcDay,
    UtcHour
} from "../src/Types.sol";
import {Fixture} from "./support/Fixture.sol";
import {Frozen} from "./support/Frozen.sol";
import {vm} from "./support/Vm.sol";

/// What every other implementation must compute alike, made by the contracts: commitments, consent ids, EIP-712
/// digests with their signatures, heads of anchors. Three inputs each: plain, all zero or least, all ones or most.
contract FrozenVectorsTest is Fixture, Frozen {
    struct Input {
        string name;
        uint256 chain;
        address ledger;
        uint256 key;
        uint32 day;
        uint64 nonce;
        uint64 until;
    }

    string private constant ORIGIN =
        "ConsentLedger and AnchorLedger themselves, run by forge (contracts/test/FrozenVectors.t.sol)";

    function test_digestsCommitmentsAndConsentIdsAreAsFrozen() public {
        string memory cases = string.concat(
            _case(Input("plain", 7_215_335, address(0x15137), 1, 20_819, 1, 1_790_000_600), _plain()),
            ",\n    ",
            _case(Input("least", 1, address(0x1000), 2, 0, 0, 0), _least()),
            ",\n    ",
            _case(
                Input(
                    "most",
                    type(uint64).max,
                    address(type(uint160).max),
                    ORDER - 1,
                    type(uint32).max,
                    type(uint64).max,
                    type(uint64).max
                ),
                _most()
            )
        );
        assertFrozen("test-vectors/eip712.json", _file(cases));
    }

    function test_headsOfAnchorsAreAsFrozen() public {
        bytes32 ones = bytes32(type(uint256).max);
        string memory cases = string.concat(
            _head(
                "plain",
                idOf(0),
                IAnchorLedger.Anchor(
                    Stream.wrap(0), Slot.wrap(497_222), Slot.wrap(497_000), keccak256("root"), 128, Head.wrap("previous")
                )
            ),
            ",\n    ",
            _head(
                "least",
                InstitutionId.wrap(0),
                IAnchorLedger.Anchor(Stream.wrap(0), Slot.wrap(0), Slot.wrap(0), 0, 0, Head.wrap(0))
            ),
            ",\n    ",
            _head(
                "most",
                InstitutionId.wrap(ones),
                IAnchorLedger.Anchor(
                    Stream.wrap(type(uint8).max),
                    Slot.wrap(type(uint64).max),
                    Slot.wrap(type(uint64).max),
                    ones,
                    type(uint64).max,
                    Head.wrap(ones)
                )
            )
        );
        assertFrozen("test-vectors/anchor-heads.json", _file(cases));
    }

    // ── cases ────────────────────────────────────────────────────────────────────────────────────────────────────

    function _case(Input memory input, IConsentLedger.Opening memory opening) private returns (string memory) {
        // The deployed code at a fixed address on a fixed chain: also shows that the domain follows both.
        vm.etch(input.ledger, address(consents).code);
        IConsentLedger placed = IConsentLedger(input.ledger);
        uint256 home = block.chainid;
        vm.chainId(input.chain);
        Commitment commitment = placed.commitmentOf(opening);
        string memory made = _made(placed, input, commitment);
        vm.chainId(home);
        return object(string.concat(_given(input), bare("opening", _opening(opening)), made));
    }

    function _made(IConsentLedger placed, Input memory input, Commitment commitment)
        private
        view
        returns (string memory)
    {
        ConsentId id = placed.consentIdOf(commitment, vm.addr(input.key));
        UnixSeconds until = UnixSeconds.wrap(input.until);
        bytes32 granting = placed.grantDigest(commitment, UtcDay.wrap(input.day), input.nonce, until);
        bytes32 revoking = placed.revokeDigest(id, input.nonce, until);
        return string.concat(
            word("commitment", Commitment.unwrap(commitment)),
            word("consentId", ConsentId.unwrap(id)),
            bare("grant", _signed(input.key, granting)),
            bare("revoke", _signed(input.key, revoking))
        );
    }

    function _given(Input memory input) private pure returns (string memory) {
        string memory text = quoted("name", input.name);
        text = string.concat(text, wide("chainId", input.chain));
        text = string.concat(text, quoted("verifyingContract", vm.toString(input.ledger)));
        text = string.concat(text, word("signerKey", bytes32(input.key)));
        text = string.concat(text, quoted("signer", vm.toString(vm.addr(input.key))));
        text = string.concat(text, number("expiryDay", input.day));
        text = string.concat(text, wide("nonce", input.nonce));
        text = string.concat(text, wide("deadline", input.until));
        return text;
    }

    function _signed(uint256 key, bytes32 digest) private pure returns (string memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return object(string.concat(word("digest", digest), number("v", v), word("r", r), word("s", s)));
    }

    function _opening(IConsentLedger.Opening memory opening) private pure returns (string memory) {
        string memory text = word("reader", InstitutionId.unwrap(opening.reader));
        text = string.concat(text, word("subject", opening.subject));
        text = string.concat(text, number("kinds", opening.kinds));
        text = string.concat(text, number("actions", opening.actions));
        text = string.concat(text, number("purposes", opening.purposes));
        text = string.concat(text, number("firstHour", UtcHour.unwrap(opening.firstHour)));
        text = string.concat(text, number("endHour", UtcHour.unwrap(opening.endHour)));
        text = string.concat(text, wide("notBefore", UnixSeconds.unwrap(opening.notBefore)));
        text = string.concat(text, wide("expiresAt", UnixSeconds.unwrap(opening.expiresAt)));
        text = string.concat(text, word("patientKey", opening.patientKey));
        text = string.concat(text, number("delegate", opening.delegate));
        text = string.concat(text, word("termsHash", opening.termsHash));
        text = string.concat(text, word("salt", opening.salt));
        return object(text);
    }

    function _head(string memory name, InstitutionId institution, IAnchorLedger.Anchor memory item)
        private
        view
        returns (string memory)
    {
        string memory text = quoted("name", name);
        text = string.concat(text, word("institution", InstitutionId.unwrap(institution)));
        text = string.concat(text, number("stream", Stream.unwrap(item.stream)));
        text = string.concat(text, wide("slot", Slot.unwrap(item.slot)));
        text = string.concat(text, wide("corrects", Slot.unwrap(item.corrects)));
        text = string.concat(text, word("root", item.root));
        text = string.concat(text, wide("count", item.count));
        text = string.concat(text, word("previous", Head.unwrap(item.previous)));
        text = string.concat(text, word("head", Head.unwrap(anchors.headAfter(institution, item))));
        return object(text);
    }

    function _file(string memory cases) private pure returns (string memory) {
        return string.concat('{\n  "origin": "', ORIGIN, '",\n  "cases": [\n    ', cases, "\n  ]\n}\n");
    }

    // ── openings ─────────────────────────────────────────────────────────────────────────────────────────────────

    function _plain() private pure returns (IConsentLedger.Opening memory opening) {
        opening.reader = idOf(1);
        opening.subject = keccak256("a person");
        opening.kinds = 0x0005;
        opening.actions = 1;
        opening.purposes = 0x0003;
        opening.firstHour = UtcHour.wrap(1_110_744);
        opening.endHour = UtcHour.wrap(1_110_816);
        opening.notBefore = UnixSeconds.wrap(1_790_000_000);
        opening.expiresAt = UnixSeconds.wrap(1_798_761_599);
        opening.patientKey = keccak256("patient key");
        opening.delegate = 1;
        opening.termsHash = keccak256("terms");
        opening.salt = keccak256("salt");
    }

    function _least() private pure returns (IConsentLedger.Opening memory) {}

    function _most() private pure returns (IConsentLedger.Opening memory opening) {
        bytes32 ones = bytes32(type(uint256).max);
        opening.reader = InstitutionId.wrap(ones);
        (opening.subject, opening.patientKey, opening.termsHash, opening.salt) = (ones, ones, ones, ones);
        (opening.kinds, opening.purposes) = (type(uint16).max, type(uint16).max);
        (opening.actions, opening.delegate) = (type(uint8).max, type(uint8).max);
        (opening.firstHour, opening.endHour) = (UtcHour.wrap(type(uint32).max), UtcHour.wrap(type(uint32).max));
        opening.notBefore = UnixSeconds.wrap(type(uint64).max);
        opening.expiresAt = UnixSeconds.wrap(type(uint64).max);
    }
}
