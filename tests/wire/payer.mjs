/**
 * A stranger's program with x402's own client for JavaScript, unmodified: in Node as a module,
 * in a browser as a bundle of this file.
 */
import { BatchSettlementEvmScheme, ExactEvmScheme, toClientEvmSigner } from "@x402/evm";
import { wrapFetchWithPayment, x402Client } from "@x402/fetch";
import { createPublicClient, http } from "viem";
import { privateKeyToAccount } from "viem/accounts";

/**
 * Views the films one after another, then all at once until each is paid, tips, and takes the
 * rest back; what happened, as JSON.
 */
export async function run(task) {
  const wallet = toClientEvmSigner(privateKeyToAccount(task.wallet), reader(task));
  const scheme = new BatchSettlementEvmScheme(wallet, {
    voucherSigner: privateKeyToAccount(task.session),
    salt: task.salt,
  });
  const view = paying(task, scheme);
  const viewed = [];
  for (const film of task.films) viewed.push(await shown(await view(film)));
  const together = await Promise.all(task.crowd.map((film) => until200(view, film)));
  const tipped = task.tip ? await shown(await paying(task, new ExactEvmScheme(wallet))(task.tip)) : null;
  const refund = task.refund ? await scheme.refund(task.films[0], { fetch: patiently }) : null;
  return { viewed, together, tipped, refunded: refund?.success ?? null };
}

function paying({ network, coin }, scheme) {
  const client = new x402Client();
  const asset = { network, asset: coin, maxAmountPerPayment: "200000000" };
  client.setSpendControls({ allowedAssets: [asset] });
  client.register(network, scheme);
  return wrapFetchWithPayment(patiently, client);
}

/** A payment that is on its way is sent again as it is, when the answer says so. */
async function patiently(asked, options) {
  for (;;) {
    const answer = await fetch(asked instanceof Request ? asked.clone() : asked, options);
    const wait = answer.headers.get("Retry-After");
    if (answer.status !== 503) return answer;
    await new Promise((done) => setTimeout(done, Number(wait ?? 1) * 1000));
  }
}

/** Refused for being out of count, a payer looks again and goes on. */
async function until200(view, film) {
  for (let tries = 0; tries < 20; tries += 1) {
    const answer = await view(film);
    if (answer.status === 200) return shown(answer);
  }
  throw new Error(`${film} was never paid`);
}

async function shown(answer) {
  return { status: answer.status, said: await answer.json() };
}

function reader({ rpc, chainId }) {
  const nativeCurrency = { name: "Gas", symbol: "GAS", decimals: 18 };
  const chain = { id: chainId, name: "test", nativeCurrency, rpcUrls: { default: { http: [rpc] } } };
  return createPublicClient({ chain, transport: http(rpc) });
}
