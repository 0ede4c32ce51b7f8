// Uses a chain as ethers does: deploys, pays, reads logs, meets refusals; prints what it saw as JSON.
import { readFileSync } from "node:fs";
import { ContractFactory, JsonRpcProvider, Wallet } from "ethers";

const [url, chainId, key, artifact] = process.argv.slice(2);
const { abi, bytecode } = JSON.parse(readFileSync(artifact, "utf8"));
const provider = new JsonRpcProvider(url, Number(chainId), { cacheTimeout: -1, polling: true });
provider.pollingInterval = 50;
const signer = new Wallet(key, provider);
const other = Wallet.createRandom(provider);

async function codeOf(promise) {
	try {
		await promise;
		return "nothing was refused";
	} catch (error) {
		return error.revert?.name ?? error.code;
	}
}

const coin = await new ContractFactory(abi, bytecode, signer).deploy(signer.address);
await coin.waitForDeployment();
const seen = [];
await coin.on("Transfer", (_from, _to, value) => seen.push(value));
await (await coin.mint(signer.address, 1000n)).wait();
const paid = await (await coin.transfer(other.address, 7n)).wait();
const logs = await coin.queryFilter(coin.filters.Transfer(null, other.address), 0);
for (let tries = 0; seen.length < 2 && tries < 100; tries++)
	await new Promise((then) => setTimeout(then, 50));
await coin.off("Transfer");
const block = await provider.getBlock(paid.blockNumber, true);
const fees = await provider.getFeeData();
const found = await provider.getTransaction(paid.hash);
const old = { to: other.address, value: 1n, nonce: 0, gasLimit: 21_000n };

console.log(
	JSON.stringify(
		{
			status: paid.status,
			logs: logs.map((log) => [...log.args]),
			seen: seen.length,
			balances: [await coin.balanceOf(signer.address), await coin.balanceOf(other.address)],
			inBlock: block.prefetchedTransactions.map((transaction) => transaction.hash),
			paid: paid.hash,
			from: found.from,
			account: signer.address,
			other: other.address,
			gas: await coin.transfer.estimateGas(other.address, 1n),
			used: paid.gasUsed,
			plainGas: await provider.estimateGas({ to: other.address, from: signer.address, value: 1n }),
			feesAreEnough: fees.maxFeePerGas >= block.baseFeePerGas,
			custom: await codeOf(coin.connect(other).transfer.staticCall(signer.address, 8n)),
			poor: await codeOf(other.sendTransaction({ to: signer.address, value: 1n, gasLimit: 21_000n })),
			old: await codeOf(signer.sendTransaction(old)),
			network: Number((await provider.getNetwork()).chainId),
		},
		(_, value) => (typeof value === "bigint" ? Number(value) : value),
	),
);
provider.destroy();
