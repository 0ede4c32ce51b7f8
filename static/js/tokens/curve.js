/**
 * A holder's half of blind signatures on secp256k1: Cashu's NUT-00 and NUT-12, whose letters
 * are used here. wetube/tokens/curve.py is the mint's half and says the formulas.
 */
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { sha256 } from "@noble/hashes/sha2.js";

const { Point } = secp256k1;
const { Fn } = Point;
const SEPARATOR = new TextEncoder().encode("Secp256k1_HashToCurve_Cashu_");

/** The mint signed with another key than the one it published. */
export class NotProven extends Error {}

/** @typedef {{ C_: string, dleq?: { e: string, s: string } }} Signed */

/** @param {string} secret */
export function pointOf(secret) {
  const seed = sha256(joined(SEPARATOR, new TextEncoder().encode(secret)));
  const counter = new Uint32Array(1);
  for (; counter[0] < 2 ** 16; counter[0] += 1) {
    const littleEndian = new Uint8Array(4);
    new DataView(littleEndian.buffer).setUint32(0, counter[0], true);
    try {
      return Point.fromBytes(joined(Uint8Array.of(2), sha256(joined(seed, littleEndian))));
    } catch {
      // About every second number is no point of the curve.
    }
  }
  throw new Error("no point found");
}

/** What the mint knows a spent token by. @param {string} secret */
export function yOf(secret) {
  return pointOf(secret).toHex(true);
}

/** A new secret and blinding number. */
export function fresh() {
  const secret = hex(crypto.getRandomValues(new Uint8Array(32)));
  return { secret, r: hex(secp256k1.utils.randomSecretKey()) };
}

/** @param {{ secret: string, r: string }} kept */
export function blinded({ secret, r }) {
  return pointOf(secret)
    .add(Point.BASE.multiply(number(r)))
    .toHex(true);
}

/**
 * The signature over the secret itself.
 *
 * @param {{ secret: string, r: string }} kept
 * @param {Signed} signed
 * @param {string} key the mint's published key for this amount
 */
export function unblinded(kept, signed, key) {
  const [K, C_] = [Point.fromHex(key), Point.fromHex(signed.C_)];
  if (!signed.dleq || !isProven(Point.fromHex(blinded(kept)), C_, K, signed.dleq)) {
    throw new NotProven();
  }
  return C_.subtract(K.multiply(number(kept.r))).toHex(true);
}

/**
 * @param {InstanceType<typeof Point>} B_
 * @param {InstanceType<typeof Point>} C_
 * @param {InstanceType<typeof Point>} K
 * @param {{ e: string, s: string }} proof
 */
function isProven(B_, C_, K, { e, s }) {
  const [minusE, times] = [Fn.neg(Fn.create(BigInt(`0x${e}`))), number(s)];
  const R1 = Point.BASE.multiply(times).add(K.multiply(minusE));
  const R2 = B_.multiply(times).add(C_.multiply(minusE));
  const text = [R1, R2, K, C_].map((point) => point.toHex(false)).join("");
  return hex(sha256(new TextEncoder().encode(text))) === e;
}

/** @param {string} digits of 32 bytes */
function number(digits) {
  return Fn.create(BigInt(`0x${digits}`));
}

/** @param {Uint8Array} octets */
function hex(octets) {
  return [...octets].map((octet) => octet.toString(16).padStart(2, "0")).join("");
}

/** @param {Uint8Array[]} parts */
function joined(...parts) {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
