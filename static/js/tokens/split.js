/** Which sizes of tokens make up an amount; the sizes are the mint's own. */

const SIZES = Array.from({ length: 37 }, (_, place) => {
  return [1, 2, 5][place % 3] * 10 ** Math.floor(place / 3);
}).reverse();
const SMALLER = 4;

/**
 * The fewest tokens, the smallest first.
 *
 * @param {number} amount
 */
export function split(amount) {
  const parts = [];
  let left = amount;
  for (const size of SIZES) {
    for (; left >= size; left -= size) parts.push(size);
  }
  return parts.reverse();
}

/**
 * More tokens than that, so that prices below the amount can be paid exactly: the smallest is
 * broken again and again. Everybody's purse looks alike this way.
 *
 * @param {number} amount
 */
export function spread(amount) {
  const parts = split(amount);
  for (let times = 0; times < SMALLER && parts[0] >= 10; times += 1) {
    const [smallest] = parts;
    const place = SIZES.indexOf(smallest);
    const half = SIZES[place + 1];
    parts.splice(0, 1, ...split(smallest - half), half);
    parts.sort((one, other) => one - other);
  }
  return parts;
}

/**
 * Tokens that make up the amount exactly; nothing if none do.
 *
 * @template {{ amount: number }} T
 * @param {T[]} tokens
 * @param {number} amount
 */
export function exactly(tokens, amount) {
  const chosen = [];
  let left = amount;
  for (const token of [...tokens].sort((one, other) => other.amount - one.amount)) {
    if (token.amount > left) continue;
    chosen.push(token);
    left -= token.amount;
  }
  return left === 0 ? chosen : undefined;
}

/**
 * Few tokens worth the amount or more; nothing if all together are worth less.
 *
 * @template {{ amount: number }} T
 * @param {T[]} tokens
 * @param {number} amount
 */
export function enough(tokens, amount) {
  const rising = [...tokens].sort((one, other) => one.amount - other.amount);
  const one = rising.find((token) => token.amount >= amount);
  if (one) return [one];
  const chosen = [];
  let left = amount;
  for (const token of rising.reverse()) {
    if (left <= 0) break;
    chosen.push(token);
    left -= token.amount;
  }
  return left <= 0 ? chosen : undefined;
}

/** @param {{ amount: number }[]} tokens */
export function worth(tokens) {
  return tokens.reduce((sum, token) => sum + token.amount, 0);
}
