/**
 * The wallet of this device: one key, sealed, in IndexedDB; open only in this page's memory.
 *
 * @typedef {import("./sealing.js").Wallet} Wallet
 * @typedef {import("./sealing.js").Seal} Seal
 */
import { addressOf, newKey } from "./keys.js";
import { newSecret, sameSecret } from "./passkey.js";
import {
  asFile,
  fromFile,
  openByPassphrase,
  openBySecret,
  sealByPasskey,
  sealByPassphrase,
  WrongKey,
} from "./sealing.js";
import { find, forget, keep } from "./store.js";

const NAME = "own";

/** What this device keeps; its methods raise what sealing.js and passkey.js raise. */
export class OwnWallet {
  /** @type {Uint8Array | undefined} */
  #key;

  /**
   * @param {Wallet} wallet
   * @param {string} worker address of sealing-worker.js
   */
  constructor(wallet, worker) {
    this.wallet = wallet;
    this.worker = worker;
  }

  /** @param {string} worker @returns {Promise<OwnWallet | undefined>} */
  static async ofThisDevice(worker) {
    const kept = await find("wallet", NAME);
    return kept ? new OwnWallet({ address: kept.address, seals: kept.seals }, worker) : undefined;
  }

  /**
   * @param {string} passphrase
   * @param {string} worker
   */
  static async withPassphrase(passphrase, worker) {
    const key = newKey();
    return OwnWallet.#made(key, await sealByPassphrase(key, passphrase, worker), worker);
  }

  /**
   * @param {string} name what the browser lists the passkey as
   * @param {string} worker
   */
  static async withPasskey(name, worker) {
    const key = newKey();
    return OwnWallet.#made(key, await sealByPasskey(key, await newSecret(name)), worker);
  }

  /**
   * @param {string} text a saved copy
   * @param {string} passphrase
   * @param {string} worker
   */
  static async fromCopy(text, passphrase, worker) {
    const brought = new OwnWallet(fromFile(text), worker);
    await brought.openByPassphrase(passphrase);
    await brought.#keep();
    return brought;
  }

  /**
   * @param {Uint8Array} key
   * @param {Seal} seal
   * @param {string} worker
   */
  static async #made(key, seal, worker) {
    const made = new OwnWallet({ address: addressOf(key), seals: [seal] }, worker);
    made.#key = key;
    await made.#keep();
    return made;
  }

  get address() {
    return this.wallet.address;
  }

  /** The key while the wallet is open. */
  get key() {
    return this.#key;
  }

  /** @param {"passphrase" | "passkey"} way */
  opensBy(way) {
    return this.wallet.seals.some((seal) => seal.by === way);
  }

  /** @param {string} passphrase */
  async openByPassphrase(passphrase) {
    for (const seal of this.wallet.seals) {
      if (seal.by !== "passphrase") continue;
      this.#opened(await openByPassphrase(this.wallet, seal, passphrase, this.worker));
    }
  }

  async openByPasskey() {
    for (const seal of this.wallet.seals) {
      if (seal.by !== "passkey") continue;
      const { secret } = await sameSecret(seal);
      this.#opened(await openBySecret(this.wallet, seal, secret));
    }
  }

  /**
   * Let a passphrase open it, too.
   *
   * @param {string} passphrase
   */
  async addPassphrase(passphrase) {
    if (!this.#key) throw new WrongKey();
    const seal = await sealByPassphrase(this.#key, passphrase, this.worker);
    this.wallet = { ...this.wallet, seals: [...this.wallet.seals, seal] };
    await this.#keep();
  }

  /** The copy to save. */
  copy() {
    return asFile(this.wallet);
  }

  async forget() {
    this.#key = undefined;
    await forget("wallet", NAME);
  }

  /** @param {Uint8Array} key */
  #opened(key) {
    if (addressOf(key) !== this.address) throw new WrongKey();
    this.#key = key;
  }

  async #keep() {
    await keep("wallet", { name: NAME, ...this.wallet });
  }
}
