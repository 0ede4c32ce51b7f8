/** The orders of this page: asked of the site, renewed before they end, one seller for each node. */

import { Client } from "./client.js";
import { Seller } from "./seller.js";

/**
 * @typedef {object} Order what the site signed, and where it counts
 * @property {string} node
 * @property {string} url https origin of the node
 * @property {string} root CID it is for
 * @property {string} token
 * @property {string} serial
 * @property {number} max_bytes
 * @property {number} price drops a GiB
 * @property {number} expires unix seconds
 */
/** @typedef {{ url: string, credentials: RequestCredentials }} Desk where orders are had */

const SOONEST = 30_000; // ms between two questions
const AHEAD = 60; // seconds before an order ends the next is asked for

export class Orders {
  #desk;
  /** @type {Promise<Client | null> | undefined} */
  #client;
  /** @type {Map<string, Seller>} */
  #sellers = new Map();
  #root = "";
  #until = 0;
  #askedAt = Number.NEGATIVE_INFINITY;
  #asking = false;

  /** @param {Desk} desk */
  constructor(desk) {
    this.#desk = desk;
  }

  /**
   * Who sells what lies under a root now, and asks ahead for what will be needed.
   *
   * @param {string} root
   * @returns {Seller[]} empty while nobody does: the gateway serves
   */
  sellers(root) {
    if (root !== this.#root) {
      this.#sellers.clear();
      [this.#root, this.#until, this.#askedAt] = [root, 0, Number.NEGATIVE_INFINITY];
    }
    const good = [...this.#sellers.values()].filter((seller) => seller.isGood);
    if (!good.length || Date.now() / 1000 > this.#until - AHEAD) void this.#ask();
    return good;
  }

  async #ask() {
    if (this.#asking || performance.now() - this.#askedAt < SOONEST) return;
    this.#asking = true;
    this.#askedAt = performance.now();
    try {
      this.#client ??= Client.create();
      const client = await this.#client;
      if (client) this.#take(client, await this.#order(client));
    } catch {
      // The gateway serves; the next fragment asks again.
    } finally {
      this.#asking = false;
    }
  }

  /** @param {Client} client @returns {Promise<Order[]>} */
  async #order(client) {
    const { url, credentials } = this.#desk;
    const answer = await fetch(url, {
      method: "POST",
      headers: { Accept: "application/json" },
      body: new URLSearchParams({ client: client.peerId }),
      credentials,
    });
    if (!answer.ok) return [];
    return /** @type {{ orders: Order[] }} */ (await answer.json()).orders;
  }

  /** @param {Client} client @param {Order[]} orders */
  #take(client, orders) {
    const ours = orders.filter((order) => order.root === this.#root && isOrigin(order.url));
    for (const order of ours) {
      const known = this.#sellers.get(order.node);
      if (known) known.renew(order);
      else this.#sellers.set(order.node, new Seller(client, order));
    }
    if (ours.length) this.#until = Math.min(...ours.map((order) => order.expires));
  }
}

/** @param {string} url */
function isOrigin(url) {
  return URL.canParse(url) && new URL(url).origin === url && url.startsWith("https://");
}
