/** Keys on secp256k1: made, named by their address, and signing, as Ethereum does it. */
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak_256 as keccak } from "@noble/hashes/sha3.js";
import { hex, joined, unhex } from "./octets.js";

/** A secret of 32 bytes. */
export function newKey() {
  return new Uint8Array(secp256k1.utils.randomSecretKey());
}

/** @param {Uint8Array} key */
export function isKey(key) {
  return secp256k1.utils.isValidSecretKey(key);
}

/**
 * The address of a key, its capitals being the checksum (EIP-55).
 *
 * @param {Uint8Array} key
 */
export function addressOf(key) {
  const point = secp256k1.getPublicKey(key, false);
  return checksummed(hex(keccak(point.slice(1)).slice(12)));
}

/** @param {string} address */
export function checksummed(address) {
  const digits = address.slice(2).toLowerCase();
  const marks = hex(keccak(new TextEncoder().encode(digits))).slice(2);
  const letters = [...digits].map((digit, place) =>
    marks[place] >= "8" ? digit.toUpperCase() : digit,
  );
  return `0x${letters.join("")}`;
}

/**
 * 65 bytes as contracts want them: r, s in the lower half, v of 27 or 28.
 *
 * @param {Uint8Array} digest 32 bytes
 * @param {Uint8Array} key
 */
export function sign(digest, key) {
  const recovered = secp256k1.sign(digest, key, { prehash: false, format: "recovered" });
  return hex(joined(recovered.slice(1), Uint8Array.of(27 + recovered[0])));
}

/**
 * The address that signed, or nothing if the bytes are no signature.
 *
 * @param {Uint8Array} digest 32 bytes
 * @param {string} signature 65 bytes, v of 27 or 28
 */
export function signerOf(digest, signature) {
  const octets = unhex(signature);
  if (octets.length !== 65 || (octets[64] !== 27 && octets[64] !== 28)) return undefined;
  try {
    const recovered = joined(Uint8Array.of(octets[64] - 27), octets.slice(0, 64));
    const point = secp256k1.recoverPublicKey(recovered, digest, { prehash: false });
    const whole = secp256k1.Point.fromBytes(point).toBytes(false);
    return checksummed(hex(keccak(whole.slice(1)).slice(12)));
  } catch {
    return undefined;
  }
}
