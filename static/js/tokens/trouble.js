/** Why a move did not work, as a word for the page's own sentences or the mint's sentence. */
import { SiteRefused } from "../wallet/page.js";
import { NotProven } from "./curve.js";
import { MintRefused } from "./mint.js";
import { Gone, NotEnough } from "./moves.js";
import { NotOurs } from "./text.js";

/** What was typed is no amount. */
export class Unreadable extends Error {}

/**
 * @param {unknown} error
 * @returns {{ word: string, sentence: string }} a sentence where somebody gave one
 */
export function reasonOf(error) {
  if (error instanceof SiteRefused || error instanceof MintRefused) {
    return { word: error.status ? "failed" : "away", sentence: error.message };
  }
  return { word: wordOf(error), sentence: "" };
}

/** @param {unknown} error */
function wordOf(error) {
  if (error instanceof Unreadable) return "amount";
  if (error instanceof NotEnough) return "not_enough";
  if (error instanceof NotOurs) return "not_ours";
  if (error instanceof NotProven) return "not_proven";
  return error instanceof Gone ? "gone" : "failed";
}
