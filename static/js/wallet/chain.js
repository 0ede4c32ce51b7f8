/** Reading the chain, through the gateway's read-only door to it. */

import { hex, unhex, word } from "./octets.js";
import { keccakOf } from "./typed.js";

/** The chain did not answer. */
export class Away extends Error {}

/**
 * Drops of coin that an address holds on chain.
 *
 * @param {{ rpc: string, token: string }} where
 * @param {string} address
 */
export async function balanceOf({ rpc, token }, address) {
  const selector = hex(keccakOf("balanceOf(address)").slice(0, 4));
  const data = selector + hex(word(BigInt(address))).slice(2);
  return BigInt(await call(rpc, "eth_call", [{ to: token, data }, "latest"]));
}

/**
 * @param {string} rpc
 * @param {string} method
 * @param {unknown[]} params
 */
async function call(rpc, method, params) {
  try {
    const answer = await fetch(rpc, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
      signal: AbortSignal.timeout(5000),
    });
    const said = await answer.json();
    if (!said.result || !unhex(said.result).length) throw new Away();
    return said.result;
  } catch {
    throw new Away();
  }
}
