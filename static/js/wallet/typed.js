/**
 * Typed data (EIP-712) of flat structures: their digest, and the JSON a browser
 * wallet is asked to sign. Members are addresses, unsigned numbers and bytes32.
 *
 * @typedef {{ name: string, type: string }} Member
 * @typedef {{ name: string, version: string, chainId: number, verifyingContract: string }} Domain
 * @typedef {{ name: string, members: Member[] }} Struct
 * @typedef {Record<string, string | number | bigint>} Values
 */
import { keccak_256 as keccak } from "@noble/hashes/sha3.js";
import { joined, unhex, word } from "./octets.js";

/** @type {Struct} */
const DOMAIN = {
  name: "EIP712Domain",
  members: [
    { name: "name", type: "string" },
    { name: "version", type: "string" },
    { name: "chainId", type: "uint256" },
    { name: "verifyingContract", type: "address" },
  ],
};

/**
 * What is signed for these values.
 *
 * @param {Domain} domain
 * @param {Struct} struct
 * @param {Values} values
 */
export function digest(domain, struct, values) {
  const mark = Uint8Array.of(0x19, 0x01);
  return keccak(joined(mark, hashed(DOMAIN, domain), hashed(struct, values)));
}

/**
 * The parameter of `eth_signTypedData_v4`.
 *
 * @param {Domain} domain
 * @param {Struct} struct
 * @param {Values} values
 */
export function asJson(domain, struct, values) {
  return JSON.stringify({
    types: { EIP712Domain: DOMAIN.members, [struct.name]: struct.members },
    primaryType: struct.name,
    domain,
    message: Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, String(value)]),
    ),
  });
}

/** @param {string} text */
export function keccakOf(text) {
  return keccak(new TextEncoder().encode(text));
}

/**
 * @param {Struct} struct
 * @param {Values} values
 */
function hashed(struct, values) {
  const written = struct.members.map(({ name, type }) => `${type} ${name}`).join(",");
  const parts = struct.members.map(({ name, type }) => encoded(type, values[name]));
  return keccak(joined(keccakOf(`${struct.name}(${written})`), ...parts));
}

/**
 * @param {string} type
 * @param {string | number | bigint} value
 */
function encoded(type, value) {
  if (type === "string") return keccakOf(String(value));
  if (type === "address") return word(BigInt(wellFormed(value, 20)));
  if (type === "bytes32") return unhex(wellFormed(value, 32));
  return word(BigInt(value));
}

/**
 * @param {string | number | bigint} value
 * @param {number} length bytes
 */
function wellFormed(value, length) {
  const text = String(value);
  if (!new RegExp(`^0x[0-9a-fA-F]{${2 * length}}$`).test(text)) throw new TypeError(text);
  return text;
}
