/** CIDs of the network: version 1 in base32, sha2-256, raw leaves and dag-pb nodes. */

import { fromBase32 } from "./bytes.js";

export const RAW = 0x55;
export const DAG_PB = 0x70;
const SHA2_256 = [0x12, 0x20];
const DIGITS = "abcdefghijklmnopqrstuvwxyz234567";

/** @typedef {{ text: string, codec: number, digest: Uint8Array }} Cid */

export class BadCid extends Error {}
/** The bytes are not those the CID names. */
export class WrongBytes extends Error {}

/** @param {string} text @returns {Cid} throws BadCid for any other form */
export function parse(text) {
  if (!/^b[a-z2-7]{58}$/.test(text)) throw new BadCid(text);
  return { ...read(fromBase32(text.slice(1))), text };
}

/** @param {Uint8Array} bytes @returns {Cid} throws BadCid */
export function decode(bytes) {
  return { ...read(bytes), text: `b${base32(bytes)}` };
}

/**
 * @param {Uint8Array<ArrayBuffer>} data @param {Cid} cid
 * @returns {Promise<Uint8Array<ArrayBuffer>>} the same data, or throws WrongBytes
 */
export async function verified(data, cid) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
  if (digest.some((byte, place) => byte !== cid.digest[place])) throw new WrongBytes(cid.text);
  return data;
}

/** @param {Uint8Array} bytes */
function read(bytes) {
  const [version, codec, hash, length] = bytes;
  const known = version === 1 && (codec === RAW || codec === DAG_PB);
  if (!known || hash !== SHA2_256[0] || length !== SHA2_256[1] || bytes.length !== 36)
    throw new BadCid("of another kind");
  return { codec, digest: bytes.slice(4) };
}

/** @param {Uint8Array} bytes */
function base32(bytes) {
  let [text, held, bits] = ["", 0, 0];
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    for (; bits >= 5; held &= (1 << bits) - 1) {
      bits -= 5;
      text += DIGITS[held >> bits];
    }
  }
  return bits ? text + DIGITS[held << (5 - bits)] : text;
}
