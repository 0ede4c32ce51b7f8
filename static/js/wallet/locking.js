/**
 * Locking coin behind a tab of this device: its session key is made here, the payer
 * signs once, the site brings the signature to the chain.
 *
 * @typedef {import("./store.js").TabRecord} TabRecord
 * @typedef {import("./channel.js").Terms} Terms
 * @typedef {ReturnType<typeof import("./channel.js").deposit>} Asked
 */
import { channelId, deposit, newConfig } from "./channel.js";
import { addressOf, newKey, sign } from "./keys.js";
import { ask } from "./page.js";
import { all, find, keep, open, seal } from "./store.js";
import { keccakOf } from "./typed.js";

/**
 * Lock `amount` drops of `payer`'s; the tab's channel. It is usable once `refresh` shows it.
 *
 * @param {{
 *   terms: Terms, payer: string, amount: bigint, person: string, url: string,
 *   signed: (asked: Asked) => Promise<string>,
 * }} what `signed` asks the payer; `person` is whose tab it will be
 */
export async function lock({ terms, payer, amount, person, url, signed }) {
  const tab = await tabOf(terms, payer, person);
  const asked = deposit({ terms, payer, channel: tab.channel, amount });
  const signature = await signed(asked);
  await keep("tabs", tab); // first: coin without its session key would come back only after a day
  await ask(url, {
    config: tab.config,
    deposit: { ...asked.authorization, amount: String(amount), signature },
    proof: await proof(tab, person),
  });
  return tab.channel;
}

/**
 * Tell the site that this device's tabs are this person's, where it does not know yet.
 *
 * @param {string} person
 * @param {string} url
 */
export async function adopt(person, url) {
  for (const tab of await all("tabs")) {
    if (tab.owner === person) continue;
    await ask(url, { config: tab.config, proof: await proof(tab, person) });
    await keep("tabs", { ...tab, owner: person });
  }
}

/**
 * Learn from the site what lies in this device's tabs; those it knows.
 *
 * @param {string} url
 * @returns {Promise<TabRecord[]>}
 */
export async function refresh(url) {
  const { tabs } = await ask(url);
  const known = [];
  for (const { channel, balance, spent } of tabs) {
    const tab = await find("tabs", channel);
    if (!tab) continue;
    // A gateway may say that less was charged, as after a refund; that it was more, it has to show.
    const charged = BigInt(spent) < BigInt(tab.charged) ? spent : tab.charged;
    const fresh = { ...tab, balance, charged };
    await keep("tabs", fresh);
    known.push(fresh);
  }
  return known;
}

/**
 * This device's tab for the payer, a new one if there is none.
 *
 * @param {Terms} terms
 * @param {string} payer
 * @param {string} person
 * @returns {Promise<TabRecord>}
 */
async function tabOf(terms, payer, person) {
  /** @type {TabRecord[]} */
  const kept = await all("tabs");
  const same = kept.find((tab) => isFor(tab, terms, payer));
  if (same) return same;
  const key = newKey();
  const config = newConfig(terms, { payer, authorizer: addressOf(key) });
  return {
    channel: channelId(config, terms.chainId),
    config,
    terms,
    charged: "0",
    balance: "0",
    session: await seal(key),
    owner: person,
  };
}

/**
 * @param {TabRecord} tab
 * @param {Terms} terms
 * @param {string} payer
 */
function isFor(tab, terms, payer) {
  const same = tab.config.payer.toLowerCase() === payer.toLowerCase();
  return (
    same && Object.entries(terms).every(([name, value]) => Reflect.get(tab.terms, name) === value)
  );
}

/**
 * wetube/wallet/proofs.py reads it.
 *
 * @param {TabRecord} tab
 * @param {string} person
 */
async function proof(tab, person) {
  const text = `The tab ${tab.channel} belongs to ${person}.`;
  const signed = keccakOf(`\x19Ethereum Signed Message:\n${text.length}${text}`);
  return sign(signed, await open(tab.session));
}
