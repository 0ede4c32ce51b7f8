/** Reads the nodes of a graph: dag-pb with UnixFS inside (folders and files, as we write them). */

import { decode } from "./cid.js";

/** @typedef {import("./cid.js").Cid} Cid */
/** @typedef {{ cid: Cid, name: string }} Link */
/** @typedef {{ kind: number, links: Link[], sizes: number[], size: number }} Node `sizes` in bytes, one a link */

export const FOLDER = 1;
export const FILE = 2;
const MOST_LINKS = 10_000;

/** The bytes are no node we can read. */
export class BadNode extends Error {}

/** @param {Uint8Array} block @returns {Node} throws BadNode, BadCid */
export function readNode(block) {
  /** @type {Link[]} */
  const links = [];
  let data = new Uint8Array();
  for (const [field, value] of fields(block)) {
    if (field === 2) links.push(readLink(octets(value)));
    else if (field === 1) data = octets(value);
    if (links.length > MOST_LINKS) throw new BadNode("too many links");
  }
  return { links, ...readUnixfs(data, links.length) };
}

/** @param {Uint8Array} bytes @returns {Link} */
function readLink(bytes) {
  let [cid, name] = [new Uint8Array(), ""];
  for (const [field, value] of fields(bytes)) {
    if (field === 1) cid = octets(value);
    else if (field === 2) name = new TextDecoder().decode(octets(value));
  }
  return { cid: decode(cid), name };
}

/** @param {Uint8Array} bytes @param {number} count of links */
function readUnixfs(bytes, count) {
  let [kind, size] = [0, 0];
  /** @type {number[]} */
  const sizes = [];
  for (const [field, value] of fields(bytes)) {
    if (typeof value !== "number") continue;
    if (field === 1) kind = value;
    else if (field === 3) size = value;
    else if (field === 4) sizes.push(value);
  }
  const whole = sizes.reduce((sum, each) => sum + each, 0);
  if (kind === FILE && (sizes.length !== count || whole !== size))
    throw new BadNode("sizes that do not fit");
  return { kind, size, sizes };
}

/**
 * The fields of a protobuf message: numbers and byte strings, nothing else is ours.
 *
 * @param {Uint8Array} bytes
 * @returns {Generator<[number, number | Uint8Array<ArrayBuffer>]>}
 */
function* fields(bytes) {
  let place = 0;
  const varint = () => {
    let [value, scale] = [0, 1];
    for (; place < bytes.length; scale *= 128) {
      const byte = bytes[place++];
      value += (byte & 127) * scale;
      if (!Number.isSafeInteger(value)) break;
      if (byte < 128) return value;
    }
    throw new BadNode("a number without end");
  };
  while (place < bytes.length) {
    const tag = varint();
    const wire = tag & 7;
    if (wire === 0) {
      yield [tag >> 3, varint()];
    } else if (wire === 2) {
      const end = varint() + place;
      if (end > bytes.length) throw new BadNode("cut short");
      yield [tag >> 3, bytes.slice(place, end)];
      place = end;
    } else {
      throw new BadNode("a field of another kind");
    }
  }
}

/** @param {number | Uint8Array<ArrayBuffer>} value */
function octets(value) {
  if (typeof value === "number") throw new BadNode("a number where bytes were due");
  return value;
}
