// The stock @cashu/cashu-ts, unmodified, does what it is told on standard input: one JSON list
// a line, a word and its arguments; each answer is one line of JSON. Started by stock.py.
import { createInterface } from "node:readline";
import {
  CheckStateEnum,
  decodePaymentRequest,
  getDecodedToken,
  getEncodedToken,
  Wallet,
} from "@cashu/cashu-ts";

const [mint, seedHex] = process.argv.slice(2);
const wallets = {
  alice: new Wallet(mint, { unit: "cld", bip39seed: Uint8Array.from(Buffer.from(seedHex, "hex")) }),
  carol: new Wallet(mint, { unit: "cld" }),
};
let counter = 0;
const quotes = {};
const bags = { alice: [], carol: [] };

const sum = (proofs) => proofs.reduce((total, proof) => total + BigInt(proof.amount.toString()), 0n);
const text = (proofs) =>
  getEncodedToken({ mint, unit: "cld", proofs }, { removeDleq: true });
const seeded = { type: "deterministic", counter: 0 };
const next = (count) => {
  const output = { ...seeded, counter };
  counter += count;
  return output;
};

const words = {
  async load(who) {
    await wallets[who].loadMint();
    return wallets[who].keysetId;
  },
  async quote(who, amount) {
    const made = await wallets[who].createMintQuote("cloudcoin", { amount: BigInt(amount) });
    quotes[made.quote] = made;
    return made;
  },
  async check(who, quote) {
    quotes[quote] = await wallets[who].checkMintQuote("cloudcoin", quote);
    return quotes[quote];
  },
  async mint(who, quote, amount) {
    const proofs = await wallets[who].mintProofs("cloudcoin", amount, quotes[quote], {}, next(100));
    bags[who].push(...proofs);
    return { worth: sum(proofs), count: proofs.length, proven: proofs.every((proof) => proof.dleq) };
  },
  async send(who, amount) {
    const { keep, send } = await wallets[who].send(amount, bags[who], {}, {
      send: { type: "random" },
      keep: next(100),
    });
    bags[who] = keep;
    return { token: text(send), worth: sum(send), kept: sum(keep) };
  },
  async receive(who, token) {
    const proofs = await wallets[who].receive(token);
    bags[who].push(...proofs);
    return sum(proofs);
  },
  async states(who, token) {
    const proofs = getDecodedToken(token, [wallets[who].keysetId]).proofs;
    const states = await wallets[who].checkProofsStates(proofs);
    return states.map((each) => each.state === CheckStateEnum.SPENT);
  },
  async restore(who) {
    const { proofs } = await wallets[who].restore(0, 300);
    const { unspent } = await wallets[who].groupProofsByState(proofs);
    return { found: proofs.length, unspent: sum(unspent), held: sum(bags[who]) };
  },
  async melt(who, amount, account) {
    const asked = await wallets[who].createMeltQuote("cloudcoin", {
      request: account,
      amount: BigInt(amount),
    });
    const { send, keep } = await wallets[who].send(amount, bags[who], {}, { send: { type: "random" }, keep: { type: "random" } });
    const { quote, change } = await wallets[who].meltProofs("cloudcoin", asked, send);
    bags[who] = [...keep, ...change];
    return { state: quote.state, left: sum(bags[who]) };
  },
  async overmelt(who, amount, account) {
    const asked = await wallets[who].createMeltQuote("cloudcoin", {
      request: account,
      amount: BigInt(amount),
    });
    const { quote, change } = await wallets[who].meltProofs("cloudcoin", asked, bags[who]);
    bags[who] = change;
    return { state: quote.state, left: sum(change) };
  },
  async pay(url, headers) {
    const answer = await fetch(url, { headers });
    const body = await answer.text();
    return { status: answer.status, body, headers: Object.fromEntries(answer.headers) };
  },
  asked(request) {
    const { amount, unit, mints } = decodePaymentRequest(request);
    return { amount, unit, mints };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const [word, ...said] = JSON.parse(line);
  let answer;
  try {
    answer = { ok: await words[word](...said) };
  } catch (error) {
    answer = { error: error.name, code: error.code, detail: error.message };
  }
  const plain = (_name, value) => (typeof value === "bigint" ? Number(value) : value);
  process.stdout.write(`${JSON.stringify(answer, plain)}\n`);
}
