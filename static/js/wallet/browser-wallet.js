/**
 * Wallets that people have in their browser: found by EIP-6963, asked by EIP-1193.
 *
 * @typedef {{ request: (call: { method: string, params?: unknown[] }) => Promise<any> }} Provider
 * @typedef {{ name: string, icon: string, provider: Provider }} Found
 */

/** The person said no in the wallet. */
export class Declined extends Error {}

/** The wallet is on another chain and does not know this one. */
export class WrongChain extends Error {}

const DECLINED = 4001; // EIP-1193: the user rejected the request
const UNKNOWN_CHAIN = 4902; // EIP-3326: the chain was not added yet

/**
 * Every wallet that answers within a moment.
 *
 * @param {number} patience ms
 * @returns {Promise<Found[]>}
 */
export async function discover(patience = 150) {
  /** @type {Map<string, Found>} */
  const found = new Map();
  /** @param {Event} event */
  const hear = (event) => {
    const { info, provider } = /** @type {CustomEvent} */ (event).detail;
    found.set(info.uuid, { name: String(info.name), icon: String(info.icon), provider });
  };
  window.addEventListener("eip6963:announceProvider", hear);
  window.dispatchEvent(new Event("eip6963:requestProvider"));
  await new Promise((resolve) => setTimeout(resolve, patience));
  window.removeEventListener("eip6963:announceProvider", hear);
  const injected = /** @type {{ ethereum?: Provider }} */ (window).ethereum;
  if (!found.size && injected) found.set("", { name: "", icon: "", provider: injected });
  return [...found.values()];
}

/**
 * The account to pay from; asks the person only if this site was never let in.
 *
 * @param {Provider} provider
 * @returns {Promise<string>} its address
 */
export async function account(provider) {
  const known = await ask(provider, "eth_accounts");
  if (known?.length) return known[0];
  return (await ask(provider, "eth_requestAccounts"))[0];
}

/**
 * Have the wallet on our chain; most refuse to sign for another one.
 *
 * @param {Provider} provider
 * @param {{ chainId: number, name: string, rpc: string }} chain
 */
export async function beOn(provider, { chainId, name, rpc }) {
  const wanted = `0x${chainId.toString(16)}`;
  if (Number(await ask(provider, "eth_chainId")) === chainId) return;
  try {
    await ask(provider, "wallet_switchEthereumChain", [{ chainId: wanted }]);
  } catch (error) {
    if (codeOf(error) !== UNKNOWN_CHAIN) throw error instanceof Declined ? error : new WrongChain();
    const nativeCurrency = { name: "Gas", symbol: "GAS", decimals: 18 };
    const added = { chainId: wanted, chainName: name, rpcUrls: [rpc], nativeCurrency };
    await ask(provider, "wallet_addEthereumChain", [added]);
  }
}

/**
 * @param {Provider} provider
 * @param {string} address
 * @param {string} typedData as `typed.asJson` writes it
 * @returns {Promise<string>} the signature
 */
export function signTypedData(provider, address, typedData) {
  return ask(provider, "eth_signTypedData_v4", [address, typedData]);
}

/**
 * @param {Provider} provider
 * @param {string} method
 * @param {unknown[]} [params]
 */
async function ask(provider, method, params = []) {
  try {
    return await provider.request({ method, params });
  } catch (error) {
    if (codeOf(error) === DECLINED) throw new Declined();
    throw error;
  }
}

/** @param {unknown} error */
function codeOf(error) {
  return /** @type {{ code?: number }} */ (error)?.code;
}
