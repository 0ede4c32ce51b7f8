/** One node, under one order at a time: takes blocks, checks them, signs for what came. */

import { verified, WrongBytes } from "./cid.js";

/** @typedef {import("./cid.js").Cid} Cid */
/** @typedef {import("./orders.js").Order} Order */
/** @typedef {import("./client.js").Client} Client */

const PATIENCE = 4_000; // ms for one block
const FORGIVEN = 2; // failures in a row before this page asks the node no more
const AT_ONCE = 3; // blocks: within the window a node sends before it wants a receipt
const MOST = 2 << 20; // bytes of a block
const LIED = Number.POSITIVE_INFINITY;
/** A node learns nothing of the page or the person. @type {RequestInit} */
const PLAINLY = { credentials: "omit", redirect: "error", referrerPolicy: "no-referrer" };

/** @typedef {{ order: Order, got: number, receipted: number, handing: boolean }} Account bytes under one order */

export class Seller {
  #client;
  /** @type {Account} */
  #account;
  #failures = 0;
  running = 0;

  /** @param {Client} client @param {Order} order */
  constructor(client, order) {
    this.#client = client;
    this.#account = opened(order);
  }

  get isGood() {
    const { order, got } = this.#account;
    const room = order.max_bytes - got - (this.running + 1) * MOST;
    return this.#failures < FORGIVEN && room >= 0 && Date.now() < order.expires * 1000;
  }

  /** Bytes that came under the order that runs. */
  get got() {
    return this.#account.got;
  }

  get isFree() {
    return this.isGood && this.running < AT_ONCE;
  }

  /** @param {Order} order a newer one for the same node; what came under the old one is signed for */
  renew(order) {
    if (order.serial !== this.#account.order.serial) this.#account = opened(order);
    // Once more, after it was left alone; a lie stays.
    this.#failures = Math.min(this.#failures, this.#failures === LIED ? LIED : FORGIVEN - 1);
  }

  /** @param {Cid} cid @returns {Promise<Uint8Array<ArrayBuffer>>} verified, or throws */
  async take(cid) {
    this.running += 1;
    const account = this.#account;
    try {
      const data = await taken(cid, account.order);
      this.#failures = 0;
      account.got += data.length;
      if (!account.handing) void this.#hand(account);
      return data;
    } catch (error) {
      this.#failures = error instanceof WrongBytes ? LIED : this.#failures + 1;
      throw error;
    } finally {
      this.running -= 1;
    }
  }

  /** Sign for all that came, again while more does. @param {Account} account */
  async #hand(account) {
    account.handing = true;
    while (account.receipted < account.got) {
      const size = account.got;
      const receipt = await this.#client.receipt(account.order, size);
      if (!(await handed(account.order, receipt))) {
        this.#failures += 1; // the next receipt says it, too
        break;
      }
      account.receipted = size;
    }
    account.handing = false;
  }
}

/** @param {Order} order @returns {Account} */
function opened(order) {
  return { order, got: 0, receipted: 0, handing: false };
}

/** @param {Cid} cid @param {Order} order */
async function taken(cid, { url, token }) {
  const answer = await fetch(`${url}/ipfs/${cid.text}?format=raw`, {
    ...PLAINLY,
    headers: { Authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(PATIENCE),
  });
  if (!answer.ok) throw new Error(`the node answers ${answer.status}`);
  if (Number(answer.headers.get("Content-Length")) > MOST) throw new WrongBytes("too many");
  return verified(new Uint8Array(await answer.arrayBuffer()), cid);
}

/** @param {Order} order @param {string} receipt @returns {Promise<boolean>} */
async function handed({ url }, receipt) {
  try {
    const answer = await fetch(`${url}/wt/v1/receipts`, {
      ...PLAINLY,
      method: "POST",
      headers: { "Content-Type": "text/plain" },
      body: receipt,
      keepalive: true,
      signal: AbortSignal.timeout(PATIENCE),
    });
    return answer.ok;
  } catch {
    return false;
  }
}
