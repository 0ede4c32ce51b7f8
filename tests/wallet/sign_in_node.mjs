// Signs what standard input asks for with the page's own modules; JSON in, JSON out.
import { channelId, deposit, transfer, voucher } from "../../static/js/wallet/channel.js";
import { addressOf, checksummed, isKey, newKey, sign, signerOf } from "../../static/js/wallet/keys.js";
import { hex, unhex } from "../../static/js/wallet/octets.js";
import { asJson, digest } from "../../static/js/wallet/typed.js";

let text = "";
for await (const part of process.stdin) text += part;
const { terms, configs, most } = JSON.parse(text);

const made = configs.map((config) => {
  const key = newKey();
  const channel = channelId(config, terms.chainId);
  const paid = voucher({ chainId: terms.chainId, channel, most: BigInt(most), key });
  const asked = deposit({ terms, payer: addressOf(key), channel, amount: 5n, now: 1000 });
  const moved = transfer({ terms, from: addressOf(key), to: config.receiver, amount: 7n, now: 1000 });
  return {
    key: hex(key),
    valid: isKey(key) && !isKey(new Uint8Array(32)),
    address: addressOf(key),
    checksummed: checksummed(config.payer.toLowerCase()),
    channel,
    voucher: paid,
    deposit: { json: asJson(asked.domain, asked.struct, asked.values), ...asked.authorization,
               signature: sign(digest(asked.domain, asked.struct, asked.values), key) },
    transfer: { json: asJson(moved.domain, moved.struct, moved.values),
                signature: sign(digest(moved.domain, moved.struct, moved.values), key) },
    back: signerOf(unhex(channel), sign(unhex(channel), key)),
    strange: signerOf(unhex(channel), `0x${"ff".repeat(64)}1b`) ?? null,
  };
});
process.stdout.write(JSON.stringify(made));
