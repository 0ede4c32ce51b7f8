/**
 * A key under a passphrase (Argon2id) or a passkey (WebAuthn's PRF), and the file that
 * carries it elsewhere. The cipher is AES-256-GCM, bound to the wallet's address.
 *
 * @typedef {{
 *   by: "passphrase", salt: string, memory: number, iterations: number, iv: string, text: string,
 * }} PassphraseSeal memory in KiB; the rest base64
 * @typedef {{ by: "passkey", credential: string, salt: string, iv: string, text: string }} PasskeySeal
 * @typedef {PassphraseSeal | PasskeySeal} Seal
 * @typedef {{ address: string, seals: Seal[] }} Wallet
 */
import { addressOf } from "./keys.js";
import { base64, random, unbase64 } from "./octets.js";

const MEMORY = 64 * 1024;
const ITERATIONS = 3;
const MOST_MEMORY = 1024 * 1024;
const MOST_ITERATIONS = 20;
const FORMAT = "wetube-wallet-1";

/** The passphrase or passkey does not open this. */
export class WrongKey extends Error {}

/** The file is no wallet of ours. */
export class NoWallet extends Error {}

/**
 * @param {Uint8Array} key
 * @param {string} passphrase
 * @param {string} worker address of sealing-worker.js
 * @returns {Promise<PassphraseSeal>}
 */
export async function sealByPassphrase(key, passphrase, worker) {
  const salt = random(16);
  const way = { memory: MEMORY, iterations: ITERATIONS };
  const secret = await stretched(passphrase, salt, way, worker);
  return { by: "passphrase", salt: base64(salt), ...way, ...(await closed(key, secret)) };
}

/**
 * @param {Uint8Array} key
 * @param {{ credential: string, salt: string, secret: Uint8Array }} passkey
 * @returns {Promise<PasskeySeal>}
 */
export async function sealByPasskey(key, { credential, salt, secret }) {
  return { by: "passkey", credential, salt, ...(await closed(key, secret)) };
}

/**
 * @param {Wallet} wallet
 * @param {PassphraseSeal} seal
 * @param {string} passphrase
 * @param {string} worker address of sealing-worker.js
 */
export async function openByPassphrase(wallet, seal, passphrase, worker) {
  const secret = await stretched(passphrase, unbase64(seal.salt), seal, worker);
  return opened(wallet, seal, secret);
}

/**
 * @param {Wallet} wallet
 * @param {Seal} seal
 * @param {Uint8Array} secret what the passkey said
 */
export function openBySecret(wallet, seal, secret) {
  return opened(wallet, seal, secret);
}

/**
 * The wallet as a file: only what a passphrase opens, for a passkey stays with its device.
 *
 * @param {Wallet} wallet
 */
export function asFile(wallet) {
  const seals = wallet.seals.filter((seal) => seal.by === "passphrase");
  return JSON.stringify({ format: FORMAT, address: wallet.address, seals }, null, 2);
}

/**
 * @param {string} text
 * @returns {Wallet} raises NoWallet
 */
export function fromFile(text) {
  let read;
  try {
    read = JSON.parse(text);
  } catch {
    throw new NoWallet();
  }
  const seals = Array.isArray(read?.seals) ? read.seals.filter(isSeal) : [];
  if (read?.format !== FORMAT || !/^0x[0-9a-fA-F]{40}$/.test(read.address) || !seals.length) {
    throw new NoWallet();
  }
  return { address: read.address, seals };
}

/** @param {any} seal */
function isSeal(seal) {
  const texts = [seal?.salt, seal?.iv, seal?.text];
  const numbers = [seal?.memory, seal?.iterations];
  return (
    seal?.by === "passphrase" &&
    texts.every((text) => typeof text === "string" && /^[A-Za-z0-9+/]+=*$/.test(text)) &&
    numbers.every((number) => Number.isInteger(number) && number > 0) &&
    seal.memory <= MOST_MEMORY &&
    seal.iterations <= MOST_ITERATIONS
  );
}

/**
 * @param {Uint8Array} key
 * @param {Uint8Array} secret
 */
async function closed(key, secret) {
  const iv = random(12);
  const additionalData = new TextEncoder().encode(addressOf(key));
  const text = await crypto.subtle.encrypt(
    { name: "AES-GCM", iv, additionalData },
    await aes(secret),
    Uint8Array.from(key),
  );
  return { iv: base64(iv), text: base64(new Uint8Array(text)) };
}

/**
 * @param {Wallet} wallet
 * @param {Seal} seal
 * @param {Uint8Array} secret
 */
async function opened(wallet, seal, secret) {
  const iv = unbase64(seal.iv);
  const additionalData = new TextEncoder().encode(wallet.address);
  try {
    const key = await crypto.subtle.decrypt(
      { name: "AES-GCM", iv, additionalData },
      await aes(secret),
      unbase64(seal.text),
    );
    return new Uint8Array(key);
  } catch {
    throw new WrongKey();
  }
}

/** @param {Uint8Array} secret 32 bytes */
async function aes(secret) {
  const raw = await crypto.subtle.importKey("raw", Uint8Array.from(secret), "HKDF", false, [
    "deriveKey",
  ]);
  const info = new TextEncoder().encode("wetube wallet");
  const hkdf = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(32), info };
  const kind = { name: "AES-GCM", length: 256 };
  return crypto.subtle.deriveKey(hkdf, raw, kind, false, ["encrypt", "decrypt"]);
}

/**
 * @param {string} passphrase
 * @param {Uint8Array} salt
 * @param {{ memory: number, iterations: number }} way
 * @param {string} address of the worker
 * @returns {Promise<Uint8Array>}
 */
function stretched(passphrase, salt, { memory, iterations }, address) {
  const library = import.meta.resolve("hash-wasm");
  const worker = new Worker(address, { type: "module" });
  const password = passphrase.normalize("NFKC");
  return new Promise((resolve, reject) => {
    worker.addEventListener("message", (event) => resolve(event.data));
    worker.addEventListener("error", () => reject(new Error("Argon2id does not run here")));
    worker.postMessage({ password, salt, memory, iterations, library });
  }).finally(() => worker.terminate());
}
