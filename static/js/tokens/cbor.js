/**
 * The part of CBOR (RFC 8949) that tokens are written in, as wetube/tokens/cbor.py reads it:
 * whole numbers, bytes, text, lists, maps. Everything else is refused.
 */

/** These bytes are not what tokens are written in. */
export class NotCbor extends Error {}

const DEEPEST = 8;

/**
 * @param {any} item of those kinds
 * @returns {number[]}
 */
export function write(item) {
  if (typeof item === "number") return head(0, item);
  if (item instanceof Uint8Array) return [...head(2, item.length), ...item];
  if (typeof item === "string") {
    const text = new TextEncoder().encode(item);
    return [...head(3, text.length), ...text];
  }
  if (Array.isArray(item)) return [...head(4, item.length), ...item.flatMap(write)];
  const pairs = Object.entries(item);
  return [...head(5, pairs.length), ...pairs.flat().flatMap(write)];
}

/** @param {Uint8Array} octets */
export function read(octets) {
  const reader = new Reader(octets);
  const item = reader.item(DEEPEST);
  if (reader.place !== octets.length) throw new NotCbor();
  return item;
}

class Reader {
  place = 0;

  /** @param {Uint8Array} octets */
  constructor(octets) {
    this.octets = octets;
  }

  /**
   * @param {number} depth
   * @returns {unknown}
   */
  item(depth) {
    if (depth === 0) throw new NotCbor();
    const [first] = this.#take(1);
    const size = this.#number(first & 31);
    switch (first >> 5) {
      case 0:
        return size;
      case 2:
        return this.#take(size);
      case 3:
        return new TextDecoder("utf-8", { fatal: true }).decode(this.#take(size));
      case 4:
        return Array.from({ length: this.#count(size) }, () => this.item(depth - 1));
      case 5:
        return this.#map(this.#count(size), depth - 1);
      default:
        throw new NotCbor();
    }
  }

  /**
   * @param {number} count
   * @param {number} depth
   */
  #map(count, depth) {
    /** @type {Record<string, unknown>} */
    const made = Object.create(null);
    for (let done = 0; done < count; done += 1) {
      const name = this.item(depth);
      if (typeof name !== "string") throw new NotCbor();
      made[name] = this.item(depth);
    }
    return made;
  }

  /** @param {number} size */
  #number(size) {
    if (size < 24) return size;
    if (size > 27) throw new NotCbor();
    const digits = this.#take(1 << (size - 24));
    const number = digits.reduce((sum, digit) => sum * 256 + digit, 0);
    if (!Number.isSafeInteger(number)) throw new NotCbor();
    return number;
  }

  /** Each thing takes a byte at least. @param {number} count */
  #count(count) {
    if (count > this.octets.length - this.place) throw new NotCbor();
    return count;
  }

  /** @param {number} length */
  #take(length) {
    const taken = this.octets.slice(this.place, this.place + length);
    if (taken.length < length) throw new NotCbor();
    this.place += length;
    return taken;
  }
}

/**
 * @param {number} kind
 * @param {number} number
 */
function head(kind, number) {
  if (!Number.isSafeInteger(number) || number < 0) throw new NotCbor();
  const top = kind << 5;
  if (number < 24) return [top | number];
  const power = [0, 1, 2, 3].find((each) => number < 2 ** (8 << each)) ?? 3;
  const octets = Array.from({ length: 1 << power }, (_, place) => {
    return Math.floor(number / 256 ** ((1 << power) - 1 - place)) % 256;
  });
  return [top | (24 + power), ...octets];
}
