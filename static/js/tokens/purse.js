/**
 * The purse: tokens, moves under way and tickets of paid films, in this browser's IndexedDB. A move is kept
 * from before its first byte is sent until its answer is kept, so nothing is lost with a page.
 *
 * @typedef {import("./text.js").Token} Token
 * @typedef {{ secret: string, r: string, amount: number, id: string }} Kept an output's own half
 * @typedef {{
 *   id: string, kind: "mint" | "swap" | "take" | "melt" | "pay" | "sent", at: number, amount: number,
 *   given: Token[], kept: Kept[], quote?: string, text?: string, subject?: string,
 * }} Move
 * @typedef {{ video: string, ticket: string, until: number }} Ticket `until` in ms
 */

const NAME = "wetube-private";
const TOKENS = "tokens";
const MOVES = "moves";
const TICKETS = "tickets";

/** @type {Promise<IDBDatabase> | undefined} */
let opened;

/** @returns {Promise<Token[]>} */
export function tokens() {
  return within([TOKENS], "readonly", (store) => store(TOKENS).getAll());
}

/** @returns {Promise<Move[]>} */
export function moves() {
  return within([MOVES], "readonly", (store) => store(MOVES).getAll());
}

/**
 * Begin a move: what it gives is in the purse no more.
 *
 * @param {Omit<Move, "id" | "at">} said
 * @returns {Promise<Move>}
 */
export async function begin(said) {
  const move = { ...said, id: crypto.randomUUID(), at: Date.now() };
  await within([TOKENS, MOVES], "readwrite", (store) => {
    for (const token of move.given) store(TOKENS).delete(token.secret);
    return store(MOVES).put(move);
  });
  return move;
}

/** Keep a move as it is now. @param {Move} move */
export function keep(move) {
  return within([MOVES], "readwrite", (store) => store(MOVES).put(move));
}

/**
 * End a move with what it brought.
 *
 * @param {Move} move
 * @param {Token[]} taken
 */
export function end(move, taken) {
  return within([TOKENS, MOVES], "readwrite", (store) => {
    for (const token of taken) store(TOKENS).put(token);
    return store(MOVES).delete(move.id);
  });
}

/**
 * What opens a film that was paid privately; nothing if there is none.
 *
 * @param {string} video
 * @returns {Promise<Ticket | undefined>}
 */
export function ticket(video) {
  return within([TICKETS], "readonly", (store) => store(TICKETS).get(video));
}

/** @param {Ticket} made */
export function keepTicket(made) {
  return within([TICKETS], "readwrite", (store) => store(TICKETS).put(made));
}

/** @param {string} video */
export function forgetTicket(video) {
  return within([TICKETS], "readwrite", (store) => store(TICKETS).delete(video));
}

/**
 * One move at a time, in all tabs of this browser.
 *
 * @template T
 * @param {() => Promise<T>} deed
 * @returns {Promise<T>}
 */
export function alone(deed) {
  return /** @type {Promise<T>} */ (navigator.locks.request("wetube-private", deed));
}

/**
 * @param {string[]} names
 * @param {IDBTransactionMode} mode
 * @param {(store: (name: string) => IDBObjectStore) => IDBRequest} deed
 * @returns {Promise<any>}
 */
async function within(names, mode, deed) {
  const database = await connect();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(names, mode, { durability: "strict" });
    const asked = deed((name) => transaction.objectStore(name));
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
      request.result.createObjectStore(TOKENS, { keyPath: "secret" });
      request.result.createObjectStore(MOVES, { keyPath: "id" });
      request.result.createObjectStore(TICKETS, { keyPath: "video" });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}
