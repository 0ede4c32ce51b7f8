/** Coin out of the wallet of this device: locked behind a tab, or sent; the site pays the fee. */
import { transfer } from "./channel.js";
import { checksummed, sign } from "./keys.js";
import { lock } from "./locking.js";
import { ask, parseCoins } from "./page.js";
import { digest } from "./typed.js";

/**
 * @typedef {import("./own.js").OwnWallet} OwnWallet
 * @typedef {import("./channel.js").Terms} Terms
 */

/** What was typed will not do; the message is the name of the sentence that says why. */
export class NotThis extends Error {}

/**
 * Lock coin behind a tab of this device; the drops that leave the wallet.
 *
 * @param {OwnWallet} wallet
 * @param {Uint8Array} key
 * @param {{ terms: Terms, amount: string, person: string, url: string }} what
 */
export async function lockFrom(wallet, key, { terms, amount, person, url }) {
  const drops = dropsOf(amount);
  await lock({
    terms,
    payer: wallet.address,
    amount: drops,
    person,
    url,
    signed: async ({ domain, struct, values }) => sign(digest(domain, struct, values), key),
  });
  return drops;
}

/**
 * Send coin to an address; the drops that leave the wallet.
 *
 * @param {OwnWallet} wallet
 * @param {Uint8Array} key
 * @param {{ terms: Terms, amount: string, to: string, url: string }} what
 */
export async function sendFrom(wallet, key, { terms, amount, to, url }) {
  const drops = dropsOf(amount);
  const where = addressFrom(to);
  const asked = transfer({ terms, from: wallet.address, to: where, amount: drops });
  const signature = sign(digest(asked.domain, asked.struct, asked.values), key);
  const written = Object.entries(asked.values).map(([name, value]) => [name, String(value)]);
  await ask(url, { ...Object.fromEntries(written), signature });
  return drops;
}

/** @param {string} typed */
function dropsOf(typed) {
  const drops = parseCoins(typed);
  if (!drops) throw new NotThis("amount");
  return drops;
}

/** @param {string} typed */
function addressFrom(typed) {
  const text = typed.trim();
  if (!/^0x[0-9a-fA-F]{40}$/.test(text) || /^0x0{40}$/.test(text)) throw new NotThis("address");
  const digits = text.slice(2);
  const plain = digits === digits.toLowerCase() || digits === digits.toUpperCase();
  if (!plain && checksummed(text) !== text) throw new NotThis("address_typo");
  return checksummed(text);
}
