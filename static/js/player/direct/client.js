/** Who buys: a key made for this page, and the receipts it signs (JWS, EdDSA, RFC 8037). */

import { base58, base64url } from "./bytes.js";

/** @typedef {import("./orders.js").Order} Order */

const PEER_ID = [0x00, 0x24, 0x08, 0x01, 0x12, 0x20]; // identity hash of an Ed25519 key in protobuf
const HEADER = { alg: "EdDSA", typ: "wt-receipt+jwt" };

export class Client {
  #key;

  /** @param {CryptoKeyPair} pair @param {string} peerId */
  constructor(pair, peerId) {
    this.#key = pair.privateKey;
    this.peerId = peerId;
  }

  /** @returns {Promise<Client | null>} null where the browser has no Ed25519 */
  static async create() {
    try {
      const made = await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]);
      const pair = /** @type {CryptoKeyPair} */ (made);
      const raw = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
      return new Client(pair, base58(Uint8Array.from([...PEER_ID, ...raw])));
    } catch {
      return null;
    }
  }

  /**
   * @param {Order} order
   * @param {number} bytes that have come so far, all verified
   * @returns {Promise<string>} the receipt
   */
  async receipt(order, bytes) {
    const claims = {
      aud: order.node,
      jti: order.serial,
      bytes,
      exp: order.expires,
      iss: this.peerId,
    };
    const text = `${packed(HEADER)}.${packed(claims)}`;
    const signed = await crypto.subtle.sign("Ed25519", this.#key, new TextEncoder().encode(text));
    return `${text}.${base64url(new Uint8Array(signed))}`;
  }
}

/** @param {object} value */
function packed(value) {
  return base64url(new TextEncoder().encode(JSON.stringify(value)));
}
