/** Bytes as 0x-text and as base64, and JSON the way x402's headers carry it. */

/** @param {Uint8Array} octets */
export function hex(octets) {
  return `0x${[...octets].map((octet) => octet.toString(16).padStart(2, "0")).join("")}`;
}

/**
 * @param {string} text 0x and an even number of digits
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function unhex(text) {
  const digits = text.replace(/^0x/, "");
  if (digits.length % 2 || /[^0-9a-fA-F]/.test(digits)) throw new TypeError("not hexadecimal");
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** @param {Uint8Array[]} parts */
export function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let place = 0;
  for (const part of parts) {
    whole.set(part, place);
    place += part.length;
  }
  return whole;
}

/**
 * A number as 32 bytes, the greatest first.
 *
 * @param {bigint} number
 */
export function word(number) {
  if (number < 0n || number >= 1n << 256n) throw new RangeError("not a number of 256 bits");
  return unhex(number.toString(16).padStart(64, "0"));
}

/** @param {number} length how many random bytes */
export function random(length) {
  return crypto.getRandomValues(new Uint8Array(length));
}

/** @param {unknown} value to JSON, UTF-8, base64 */
export function packed(value) {
  const octets = new TextEncoder().encode(JSON.stringify(value));
  return btoa(String.fromCharCode(...octets));
}

/** @param {string} text what `packed` made */
export function unpacked(text) {
  const octets = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(octets));
}

/** @param {Uint8Array} octets */
export function base64(octets) {
  return btoa(String.fromCharCode(...octets));
}

/**
 * @param {string} text
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function unbase64(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
