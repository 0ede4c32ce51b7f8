/**
 * What this device keeps of coin, in IndexedDB: its tabs, its own wallet, and the tickets
 * of films it paid. Session keys lie there encrypted by a key that scripts can use, but
 * that never leaves the browser.
 *
 * @typedef {{ iv: Uint8Array<ArrayBuffer>, text: Uint8Array<ArrayBuffer> }} Sealed
 * @typedef {{
 *   channel: string, config: import("./channel.js").Config, terms: import("./channel.js").Terms,
 *   charged: string, balance: string, session: Sealed, owner: string,
 * }} TabRecord `charged` and `balance` are drops; `owner` is the key of who adopted it
 * @typedef {{ video: string, ticket: string, until: number }} Ticket `until` in ms
 */

const NAME = "wetube-wallet";
const STORES = { device: "name", tabs: "channel", wallet: "name", tickets: "video" };

/** @type {Promise<IDBDatabase> | undefined} */
let opened;

/**
 * @param {keyof typeof STORES} store
 * @param {string} key
 * @returns {Promise<any>} undefined when there is none
 */
export function find(store, key) {
  return ask(store, "readonly", (rows) => rows.get(key));
}

/**
 * @param {keyof typeof STORES} store
 * @returns {Promise<any[]>}
 */
export function all(store) {
  return ask(store, "readonly", (rows) => rows.getAll());
}

/**
 * @param {keyof typeof STORES} store
 * @param {object} row
 */
export function keep(store, row) {
  return ask(store, "readwrite", (rows) => rows.put(row));
}

/**
 * @param {keyof typeof STORES} store
 * @param {string} key
 */
export function forget(store, key) {
  return ask(store, "readwrite", (rows) => rows.delete(key));
}

/**
 * Encrypt for this browser alone.
 *
 * @param {Uint8Array} secret
 * @returns {Promise<Sealed>}
 */
export async function seal(secret) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const text = await crypto.subtle.encrypt(
    { name: "AES-GCM", iv },
    await deviceKey(),
    Uint8Array.from(secret),
  );
  return { iv, text: new Uint8Array(text) };
}

/** @param {Sealed} sealed what `seal` made in this browser */
export async function open({ iv, text }) {
  return new Uint8Array(
    await crypto.subtle.decrypt({ name: "AES-GCM", iv }, await deviceKey(), text),
  );
}

/** @returns {Promise<CryptoKey>} */
async function deviceKey() {
  return navigator.locks.request("wetube-device-key", async () => {
    const kept = await find("device", "key");
    if (kept) return kept.key;
    const aes = { name: "AES-GCM", length: 256 };
    const key = await crypto.subtle.generateKey(aes, false, ["encrypt", "decrypt"]);
    await keep("device", { name: "key", key });
    return key;
  });
}

/**
 * @param {string} store
 * @param {IDBTransactionMode} mode
 * @param {(rows: IDBObjectStore) => IDBRequest} request
 * @returns {Promise<any>}
 */
async function ask(store, mode, request) {
  const database = await connect();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(store, mode, { durability: "strict" });
    const asked = request(transaction.objectStore(store));
    transaction.oncomplete = () => resolve(asked.result);
    transaction.onerror = () => reject(transaction.error);
    transaction.onabort = () => reject(transaction.error);
  });
}

/** @returns {Promise<IDBDatabase>} */
function connect() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      for (const [name, keyPath] of Object.entries(STORES)) {
        request.result.createObjectStore(name, { keyPath });
      }
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}
