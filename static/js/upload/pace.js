/** Speed and time left of a transfer, calm enough to read. */

const HALF_LIFE_MS = 3000;

export class Pace {
  #at = 0;
  #sent = 0;
  #speed = 0;

  /**
   * Learn that `sent` bytes have gone; a fresh start or a pause is said by `reset`.
   *
   * @param {number} sent
   * @param {number} [now] milliseconds
   */
  note(sent, now = performance.now()) {
    if (this.#at && now > this.#at) {
      const pace = ((sent - this.#sent) * 1000) / (now - this.#at);
      const weight = this.#speed ? 1 - 2 ** ((this.#at - now) / HALF_LIFE_MS) : 1;
      this.#speed += (pace - this.#speed) * weight;
    }
    this.#at = now;
    this.#sent = sent;
  }

  reset() {
    this.#at = 0;
    this.#speed = 0;
  }

  /** Bytes a second; 0 while unknown. */
  get speed() {
    return Math.max(this.#speed, 0);
  }

  /** @param {number} total bytes in all */
  secondsLeft(total) {
    return this.speed ? (total - this.#sent) / this.speed : Number.POSITIVE_INFINITY;
  }
}

/** @param {number} bytes */
export function readableBytes(bytes) {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
  const step = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1);
  return new Intl.NumberFormat(document.documentElement.lang || "en", {
    style: "unit",
    unit: units[step],
    unitDisplay: "short",
    maximumSignificantDigits: 3,
  }).format(bytes / 1000 ** step);
}

/** @param {number} seconds */
export function readableTime(seconds) {
  const whole = Math.max(1, Math.round(seconds));
  const [unit, count] =
    whole < 90
      ? ["second", whole]
      : whole < 5400
        ? ["minute", Math.round(whole / 60)]
        : ["hour", Math.round(whole / 360) / 10];
  const format = {
    style: /** @type {const} */ ("unit"),
    unit: String(unit),
    unitDisplay: /** @type {const} */ ("long"),
  };
  return new Intl.NumberFormat(document.documentElement.lang || "en", format).format(Number(count));
}
