/**
 * What a holder does: buy, take, hand over, turn back, pay. Each is a move in the purse that can
 * be asked again after anything, and has the same answer then.
 *
 * @typedef {import("./purse.js").Move} Move
 * @typedef {import("./text.js").Token} Token
 * @typedef {{ mint: import("./mint.js").Mint, url: string }} Place `url` is the mint's name in tokens
 */
import { blinded, fresh, unblinded, yOf } from "./curve.js";
import { INACTIVE, MintRefused, SPENT, UNPAID } from "./mint.js";
import * as purse from "./purse.js";
import { enough, exactly, split, spread, worth } from "./split.js";
import { tokensOf, written } from "./text.js";

const HOUR_MS = 3_600_000;
const QUOTE_MS = 2 * HOUR_MS;
const PAID_MS = 24 * HOUR_MS;

/** The purse does not hold that much. */
export class NotEnough extends Error {}

/** Somebody spent these tokens before. */
export class Gone extends Error {}

/**
 * Buy tokens; `pay` lets the person's balance pay the quote of this key.
 *
 * @param {Place} place
 * @param {number} amount
 * @param {(quote: string) => Promise<unknown>} pay
 */
export async function buy(place, amount, pay) {
  const { quote } = await place.mint.quote(amount);
  const kept = await hidden(place, spread(amount));
  const move = await purse.begin({ kind: "mint", amount, given: [], kept, quote });
  try {
    await pay(quote);
  } catch (error) {
    const { state } = await place.mint.look(quote);
    if (state === "UNPAID") await purse.end(move, []);
    throw error;
  }
  await finish(place, move);
}

/**
 * Take the tokens of a quote that is paid: coin given back for a film that did not play.
 *
 * @param {Place} place
 * @param {string} quote
 * @param {number} amount
 */
export async function takeQuote(place, quote, amount) {
  const kept = await hidden(place, spread(amount));
  await finish(place, await purse.begin({ kind: "mint", amount, given: [], kept, quote }));
}

/**
 * Take tokens somebody sent: they are swapped at once, so only we can spend them.
 *
 * @param {Place} place
 * @param {string} text
 */
export async function take(place, text) {
  const given = tokensOf(text, place.url);
  const amount = worth(given);
  const kept = await hidden(place, spread(amount));
  await finish(place, await purse.begin({ kind: "take", amount, given, kept }));
  return amount;
}

/**
 * Tokens as text, to be sent to somebody. They stay noted until they were taken.
 *
 * @param {Place} place
 * @param {number} amount
 */
export async function handOver(place, amount) {
  const given = await chosen(place, amount);
  const text = written(given, place.url);
  await purse.begin({ kind: "sent", amount, given, kept: [], text });
  return text;
}

/**
 * Take back what was handed over and not taken.
 *
 * @param {Place} place
 * @param {Move} move
 */
export async function takeBack(place, move) {
  const kept = await hidden(place, spread(move.amount));
  const again = await purse.begin({ kind: "swap", amount: move.amount, given: move.given, kept });
  await purse.end(move, []);
  await finish(place, again);
}

/**
 * Turn tokens into coin on an account of this site.
 *
 * @param {Place} place
 * @param {number} amount
 * @param {string} account
 */
export async function turnBack(place, amount, account) {
  const given = await chosen(place, amount);
  const { quote } = await place.mint.meltQuote(amount, account);
  await finish(place, await purse.begin({ kind: "melt", amount, given, kept: [], quote }));
}

/**
 * Pay a bill: what `ask` answers to a token and a word that makes asking twice harmless.
 *
 * @template T
 * @param {Place} place
 * @param {{ price: number, subject: string }} bill
 * @param {(token: string, word: string) => Promise<T>} ask throws MintRefused
 */
export async function pay(place, { price, subject }, ask) {
  const known = (await purse.moves()).find(
    (move) => move.kind === "pay" && move.subject === subject && move.amount === price,
  );
  const move = known ?? (await beginToPay(place, price, subject));
  try {
    const answer = await ask(written(move.given, place.url), move.id);
    await purse.end(move, []);
    return answer;
  } catch (error) {
    if (error instanceof MintRefused && !error.isUncertain) await giveUp(place, move, error);
    if (error instanceof MintRefused && error.code === SPENT) throw new Gone();
    throw error;
  }
}

/**
 * Go on with every move a closed page or a lost answer left behind.
 *
 * @param {Place} place
 */
export async function goOn(place) {
  for (const move of await purse.moves()) {
    if (move.kind === "sent" || move.kind === "pay") await settle(place, move);
    else await finish(place, move).catch(() => undefined);
  }
}

/**
 * Ask the mint for what the move is owed, and keep it.
 *
 * @param {Place} place
 * @param {Move} move
 */
async function finish(place, move) {
  try {
    const signed = await askedInTime(place, move);
    await purse.end(move, await opened(place, move, signed));
  } catch (error) {
    if (error instanceof MintRefused && !error.isUncertain) await giveUp(place, move, error);
    if (error instanceof MintRefused && error.code === SPENT) throw new Gone();
    throw error;
  }
}

/**
 * As `asked`; when the mint's keys changed since the move began, over new outputs.
 *
 * @param {Place} place
 * @param {Move} move
 */
async function askedInTime(place, move) {
  try {
    return await asked(place, move);
  } catch (error) {
    if (!(error instanceof MintRefused) || error.code !== INACTIVE) throw error;
    const amounts = move.kept.map((kept) => kept.amount);
    move.kept = await hidden(place, amounts);
    await purse.keep(move);
    return asked(place, move);
  }
}

/**
 * @param {Place} place
 * @param {Move} move
 */
async function asked({ mint }, move) {
  const outputs = move.kept.map((kept) => ({
    amount: kept.amount,
    id: kept.id,
    B_: blinded(kept),
  }));
  if (move.kind === "mint") return mint.mint(move.quote ?? "", outputs);
  if (move.kind === "swap" || move.kind === "take") return mint.swap(move.given, outputs);
  await mint.melt(move.quote ?? "", move.given);
  return [];
}

/**
 * @param {Place} place
 * @param {Move} move
 * @param {(import("./curve.js").Signed & { amount: number, id: string })[]} signed
 * @returns {Promise<Token[]>}
 */
async function opened({ mint }, move, signed) {
  return Promise.all(
    move.kept.map(async (kept, place) => {
      const key = await mint.key(kept.id, kept.amount);
      const C = unblinded(kept, signed[place], key);
      return { amount: kept.amount, id: kept.id, secret: kept.secret, C };
    }),
  );
}

/**
 * The mint will not do it: what was ours and is not spent comes back into the purse. A quote
 * that may still be paid is left to be asked again.
 *
 * @param {Place} place
 * @param {Move} move
 * @param {MintRefused} refusal
 */
async function giveUp(place, move, refusal) {
  if (move.kind === "mint") {
    const mayBePaid = refusal.code === UNPAID && Date.now() - move.at < QUOTE_MS;
    if (!mayBePaid) await purse.end(move, []);
    return;
  }
  await purse.end(move, move.kind === "take" ? [] : await unspent(place, move.given));
}

/**
 * What was handed over is forgotten when it was taken. A payment that never arrived comes back;
 * one that did is kept for a day, so that its answer can be asked for again.
 *
 * @param {Place} place
 * @param {Move} move
 */
async function settle(place, move) {
  const left = await unspent(place, move.given).catch(() => undefined);
  if (!left) return;
  if (left.length > 0 && move.kind === "pay") await purse.end(move, left);
  const isOver = move.kind === "sent" || Date.now() - move.at > PAID_MS;
  if (left.length === 0 && isOver) await purse.end(move, []);
}

/**
 * @param {Place} place
 * @param {Token[]} tokens
 */
async function unspent({ mint }, tokens) {
  if (tokens.length === 0) return [];
  const spent = await mint.spent(tokens.map((token) => yOf(token.secret)));
  return tokens.filter((_token, at) => !spent[at]);
}

/**
 * @param {Place} place
 * @param {number} price
 * @param {string} subject
 */
async function beginToPay(place, price, subject) {
  const given = await chosen(place, price);
  return purse.begin({ kind: "pay", amount: price, given, kept: [], subject });
}

/**
 * Tokens of the purse worth just this much, after a swap where there are none.
 *
 * @param {Place} place
 * @param {number} amount
 */
async function chosen(place, amount) {
  const fitting = exactly(await purse.tokens(), amount);
  if (fitting) return fitting;
  const given = enough(await purse.tokens(), amount);
  if (!given) throw new NotEnough();
  const parts = [...split(amount), ...split(worth(given) - amount)];
  const kept = await hidden(
    place,
    parts.sort((one, other) => one - other),
  );
  await finish(place, await purse.begin({ kind: "swap", amount: worth(given), given, kept }));
  const made = exactly(await purse.tokens(), amount);
  if (!made) throw new NotEnough();
  return made;
}

/**
 * @param {Place} place
 * @param {number[]} amounts
 */
async function hidden({ mint }, amounts) {
  const id = await mint.current();
  return amounts.map((amount) => ({ ...fresh(), amount, id }));
}
