/** A film as its graph of blocks: any span of any of its files, taken from nodes and verified. */

import { DAG_PB, parse } from "./cid.js";
import { FILE, FOLDER, readNode } from "./dag.js";

/** @typedef {import("./cid.js").Cid} Cid */
/** @typedef {import("./dag.js").Node} Node */
/** @typedef {import("./orders.js").Orders} Orders */
/** @typedef {import("./seller.js").Seller} Seller */
/** @typedef {Uint8Array<ArrayBuffer>} Bytes */

const KEPT = 24; // leaves: neighbours of a segment are asked for again at once
const DEEPEST = 4;

/** Nobody sells it now. */
export class NobodySells extends Error {}

export class Film {
  #orders;
  #root;
  /** @type {Map<string, Promise<Bytes>>} newest last */
  #leaves = new Map();
  /** @type {Map<string, Promise<Node>>} */
  #nodes = new Map();

  /** @param {Orders} orders @param {string} root CID; throws BadCid */
  constructor(orders, root) {
    this.#orders = orders;
    this.#root = parse(root);
  }

  get isSold() {
    return this.#orders.sellers(this.#root.text).length > 0;
  }

  /**
   * @param {string} name of a file of the film
   * @param {number} start @param {number} end byte after the last
   * @returns {Promise<ArrayBuffer>} all verified; rejects when any of it cannot be had
   */
  async read(name, start, end) {
    const folder = await this.#node(this.#root);
    const link = folder.kind === FOLDER && folder.links.find((each) => each.name === name);
    if (!link) throw new NobodySells(name);
    const span = new Uint8Array(end - start);
    await this.#fill(link.cid, span, -start, DEEPEST);
    return span.buffer;
  }

  /**
   * Put what lies under `cid` into the span; `place` is where its first byte would go.
   *
   * @param {Cid} cid @param {Bytes} span @param {number} place @param {number} depth
   * @returns {Promise<void>}
   */
  async #fill(cid, span, place, depth) {
    if (cid.codec !== DAG_PB) {
      const leaf = await this.#leaf(cid);
      if (place + leaf.length < span.length) throw new NobodySells(cid.text);
      span.set(leaf.subarray(Math.max(0, -place), span.length - place), Math.max(0, place));
      return;
    }
    const node = await this.#node(cid);
    if (node.kind !== FILE || !depth || place + node.size < span.length) {
      throw new NobodySells(cid.text);
    }
    const parts = [];
    for (const [number, size] of node.sizes.entries()) {
      if (place < span.length && place + size > 0) {
        parts.push(this.#part(node.links[number].cid, size, { span, place, depth: depth - 1 }));
      }
      place += size;
    }
    await Promise.all(parts);
  }

  /**
   * @param {Cid} cid @param {number} size bytes its parent says it has
   * @param {{ span: Bytes, place: number, depth: number }} into
   */
  async #part(cid, size, { span, place, depth }) {
    if (cid.codec !== DAG_PB && (await this.#leaf(cid)).length !== size) {
      throw new NobodySells(cid.text);
    }
    const first = Math.max(0, place);
    const inner = span.subarray(first, Math.min(span.length, place + size));
    await this.#fill(cid, inner, place - first, depth);
  }

  /** @param {Cid} cid */
  #leaf(cid) {
    const leaf = this.#leaves.get(cid.text) ?? this.#take(cid);
    this.#leaves.delete(cid.text);
    this.#leaves.set(cid.text, leaf);
    leaf.catch(() => this.#leaves.delete(cid.text));
    const [oldest] = this.#leaves.keys();
    if (this.#leaves.size > KEPT) this.#leaves.delete(oldest);
    return leaf;
  }

  /** @param {Cid} cid */
  #node(cid) {
    let node = this.#nodes.get(cid.text);
    if (!node) {
      node = this.#take(cid).then(readNode);
      this.#nodes.set(cid.text, node);
      node.catch(() => this.#nodes.delete(cid.text));
    }
    return node;
  }

  /** Ask the least busy seller, the one that sold least, then the others. @param {Cid} cid @returns {Promise<Bytes>} */
  async #take(cid) {
    /** @type {Set<Seller>} */
    const asked = new Set();
    for (;;) {
      const seller = await this.#next(asked);
      asked.add(seller);
      try {
        return await seller.take(cid);
      } catch {
        // The next one is asked.
      }
    }
  }

  /** @param {Set<Seller>} asked @returns {Promise<Seller>} rejects when nobody is left */
  async #next(asked) {
    for (;;) {
      const left = this.#orders.sellers(this.#root.text).filter((each) => !asked.has(each));
      if (!left.length) throw new NobodySells(this.#root.text);
      const free = left.filter((each) => each.isFree);
      free.sort((a, b) => a.running - b.running || a.got - b.got);
      if (free.length) return free[0];
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
