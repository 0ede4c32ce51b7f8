/**
 * Paying from a tab: a signed voucher goes along with the request, unasked, so that one
 * trip pays and answers. Tabs of this browser (its windows) take turns by a lock.
 *
 * The wire is x402 v2, scheme `batch-settlement`: `PAYMENT-SIGNATURE` there, and on
 * refusal a 402 with `PAYMENT-REQUIRED`, which says what the gateway believes was
 * charged. That is taken over only if it fits what this device has signed.
 *
 * @typedef {import("./store.js").TabRecord} TabRecord
 * @typedef {{
 *   scheme: string, network: string, asset: string, amount: string, payTo: string,
 *   maxTimeoutSeconds: number, extra: Record<string, any>,
 * }} Requirements
 * @typedef {{ error?: string, accepts: Requirements[], sentence: string }} Required
 */
import { channelId, voucher, voucherDigest } from "./channel.js";
import { addressOf, signerOf } from "./keys.js";
import { packed, unpacked } from "./octets.js";
import { find, keep, open } from "./store.js";

const SCHEME = "batch-settlement";
const MOST_TRIES = 3;

/** Nothing was paid; `reason` is a code of ours or of x402, `sentence` the gateway's, if any. */
export class Refused extends Error {
  /**
   * @param {string} reason
   * @param {{ price?: bigint, sentence?: string }} [detail]
   */
  constructor(reason, { price, sentence = "" } = {}) {
    super(reason);
    this.reason = reason;
    this.price = price;
    this.sentence = sentence;
  }
}

/**
 * Pay `price` drops for what lies at `url`; what the gateway answers.
 *
 * Raises Refused: `too_little`, `price_changed` (with the price), `away`, or the gateway's code.
 *
 * @param {string} channel
 * @param {{ url: string, price: bigint }} what
 */
export function pay(channel, { url, price }) {
  return inTurn(channel, async () => {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const tab = await tabOf(channel);
      if (left(tab) < price) throw new Refused("too_little");
      const most = BigInt(tab.charged) + price;
      const answer = await send(url, await payment(tab, url, price, most));
      if (answer.ok) return accepted(tab, most, answer);
      await learn(tab, price, await refusal(answer));
    }
    throw new Refused("busy");
  });
}

/**
 * Ask for all that is left in the tab back, through any address that is paid from it.
 *
 * @param {string} channel
 * @param {{ url: string }} what
 */
export function takeBack(channel, { url }) {
  return inTurn(channel, async () => {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const tab = await tabOf(channel);
      const header = await payment(tab, url, 0n, BigInt(tab.charged), "refund");
      const answer = await send(url, header);
      if (answer.ok) return answer;
      await learn(tab, 0n, await refusal(answer));
    }
    throw new Refused("busy");
  });
}

/**
 * Drops that are still free in the tab, as far as this device knows.
 *
 * @param {TabRecord} tab
 */
export function left(tab) {
  const free = BigInt(tab.balance) - BigInt(tab.charged);
  return free > 0n ? free : 0n;
}

/** @param {string} channel @returns {Promise<TabRecord>} */
async function tabOf(channel) {
  const tab = await find("tabs", channel);
  if (!tab) throw new Refused("no_tab");
  return tab;
}

/**
 * @template Answer
 * @param {string} channel
 * @param {() => Promise<Answer>} work
 * @returns {Promise<Answer>}
 */
async function inTurn(channel, work) {
  return navigator.locks.request(`wetube-tab-${channel}`, work);
}

/**
 * The header that pays.
 *
 * @param {TabRecord} tab
 * @param {string} url
 * @param {bigint} price
 * @param {bigint} most
 * @param {"voucher" | "refund"} type
 */
async function payment(tab, url, price, most, type = "voucher") {
  const key = await open(tab.session);
  const { terms, config } = tab;
  const signed = voucher({ chainId: terms.chainId, channel: tab.channel, most, key });
  return packed({
    x402Version: 2,
    resource: { url },
    accepted: {
      scheme: SCHEME,
      network: `eip155:${terms.chainId}`,
      asset: terms.token,
      amount: String(price),
      payTo: terms.receiver,
      maxTimeoutSeconds: 300,
      extra: {
        receiverAuthorizer: terms.receiverAuthorizer,
        withdrawDelay: terms.withdrawDelay,
        name: terms.tokenName,
        version: terms.tokenVersion,
      },
    },
    payload: { type, channelConfig: config, voucher: signed },
  });
}

/**
 * An answer that was lost on the way is asked for once more: the same voucher pays nothing twice.
 *
 * @param {string} url
 * @param {string} header
 */
async function send(url, header) {
  const headers = { "PAYMENT-SIGNATURE": header };
  const request = { headers, credentials: /** @type {const} */ ("omit") };
  const once = () => fetch(url, { ...request, signal: AbortSignal.timeout(10_000) });
  try {
    return await once().catch(once);
  } catch {
    throw new Refused("away");
  }
}

/**
 * @param {TabRecord} tab
 * @param {bigint} most
 * @param {Response} answer
 */
async function accepted(tab, most, answer) {
  await keep("tabs", { ...tab, charged: String(most) });
  return answer;
}

/**
 * @param {Response} answer
 * @returns {Promise<Required>}
 */
async function refusal(answer) {
  const header = answer.headers.get("PAYMENT-REQUIRED");
  const said = await answer.json().catch(() => ({}));
  const sentence = String(said.message ?? "");
  if (answer.status === 402 && header) return { ...unpacked(header), sentence };
  throw new Refused(String(said.error ?? `status_${answer.status}`), { sentence });
}

/**
 * Take over what the gateway says was charged, or give up with its reason.
 *
 * @param {TabRecord} tab
 * @param {bigint} price
 * @param {Required} required
 */
async function learn(tab, price, required) {
  const { sentence } = required;
  const asked = required.accepts.find((each) => each.scheme === SCHEME);
  if (!asked) throw new Refused(required.error ?? "not_accepted", { sentence });
  if (price && BigInt(asked.amount) !== price) {
    throw new Refused("price_changed", { price: BigInt(asked.amount) });
  }
  const state = asked.extra.channelState;
  const charged = state?.chargedCumulativeAmount;
  if (charged === undefined || charged === tab.charged) {
    throw new Refused(required.error ?? "refused", { sentence });
  }
  if (!(await isOurs(tab, BigInt(charged), asked.extra.voucherState))) throw new Refused("wrong");
  const balance = state.balance === undefined ? tab.balance : String(state.balance);
  await keep("tabs", { ...tab, charged: String(charged), balance });
}

/**
 * Whether this device's key has signed for as much: a gateway cannot make us owe it more.
 *
 * @param {TabRecord} tab
 * @param {bigint} charged
 * @param {{ signedMaxClaimable?: string, signature?: string } | undefined} shown
 */
async function isOurs(tab, charged, shown) {
  if (charged <= BigInt(tab.charged)) return true;
  if (!shown?.signature || charged > BigInt(shown.signedMaxClaimable ?? 0)) return false;
  const { chainId } = tab.terms;
  if (channelId(tab.config, chainId) !== tab.channel) return false;
  const signed = voucherDigest(chainId, tab.channel, BigInt(shown.signedMaxClaimable ?? 0));
  return signerOf(signed, shown.signature) === addressOf(await open(tab.session));
}
