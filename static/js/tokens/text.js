/** Tokens as text: `cashuB…` of Cashu's NUT-00, for sending to people and for paying. */
import { read, write } from "./cbor.js";

/**
 * A token: a secret and the mint's signature over it, worth `amount` drops. `id` is its keyset's.
 *
 * @typedef {{ amount: number, id: string, secret: string, C: string }} Token
 */

/** This text holds no tokens, or another mint's. */
export class NotOurs extends Error {}

/**
 * @param {Token[]} tokens
 * @param {string} mint
 */
export function written(tokens, mint) {
  const groups = [...new Set(tokens.map((token) => token.id))].map((id) => ({
    i: unhex(id),
    p: tokens
      .filter((token) => token.id === id)
      .map((token) => ({ a: token.amount, s: token.secret, c: unhex(token.C) })),
  }));
  const octets = write({ m: mint, u: "cld", t: groups });
  const text = btoa(octets.map((octet) => String.fromCharCode(octet)).join(""));
  return `cashuB${text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
}

/**
 * @param {string} text
 * @param {string} mint only its tokens are taken
 * @returns {Token[]}
 */
export function tokensOf(text, mint) {
  const [said] = /cashuB[\w-]+/.exec(text) ?? [];
  if (!said) throw new NotOurs();
  let found;
  try {
    const binary = atob(said.slice(6).replaceAll("-", "+").replaceAll("_", "/"));
    found = /** @type {any} */ (read(Uint8Array.from(binary, (letter) => letter.charCodeAt(0))));
  } catch {
    throw new NotOurs();
  }
  if (found.m !== mint || found.u !== "cld" || !Array.isArray(found.t)) throw new NotOurs();
  const tokens = found.t.flatMap((/** @type {any} */ group) =>
    (group.p ?? []).map((/** @type {any} */ each) => tokenOf(group.i, each)),
  );
  if (tokens.length === 0) throw new NotOurs();
  return tokens;
}

/**
 * @param {unknown} id
 * @param {any} said
 * @returns {Token}
 */
function tokenOf(id, { a: amount, s: secret, c: C }) {
  const isWhole = Number.isSafeInteger(amount) && amount > 0 && typeof secret === "string";
  if (!isWhole || !(id instanceof Uint8Array) || !(C instanceof Uint8Array)) throw new NotOurs();
  return { amount, id: hex(id), secret, C: hex(C) };
}

/** @param {string} digits */
function unhex(digits) {
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** @param {Uint8Array} octets */
function hex(octets) {
  return [...octets].map((octet) => octet.toString(16).padStart(2, "0")).join("");
}
