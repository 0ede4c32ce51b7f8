// Uses a chain as viem does: deploys, pays, reads logs, meets refusals; prints what it saw as JSON.
import { readFileSync } from "node:fs";
import {
	BaseError,
	createPublicClient,
	createWalletClient,
	defineChain,
	http,
	parseAbiItem,
} from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";

const [url, chainId, key, artifact] = process.argv.slice(2);
const { abi, bytecode } = JSON.parse(readFileSync(artifact, "utf8"));
const chain = defineChain({
	id: Number(chainId),
	name: "test",
	nativeCurrency: { name: "gas", symbol: "GAS", decimals: 18 },
	rpcUrls: { default: { http: [url] } },
	contracts: { multicall3: { address: "0xcA11bde05977b3631167028862bE2a173976CA11" } },
});
const account = privateKeyToAccount(key);
const other = privateKeyToAccount(generatePrivateKey());
const read = createPublicClient({ chain, transport: http(url, { batch: true }), pollingInterval: 50 });
const wallet = createWalletClient({ account, chain, transport: http(url) });

async function done(hash) {
	return read.waitForTransactionReceipt({ hash, timeout: 30_000 });
}

async function nameOf(promise) {
	try {
		await promise;
		return "nothing was refused";
	} catch (error) {
		if (!(error instanceof BaseError)) throw error;
		const names = [];
		error.walk((cause) => {
			names.push(cause.data?.errorName ?? cause.name);
			return false;
		});
		return names.join(" < ");
	}
}

const deployed = await done(await wallet.deployContract({ abi, bytecode, args: [account.address] }));
const address = deployed.contractAddress;
const seen = [];
const unwatch = read.watchContractEvent({
	address,
	abi,
	eventName: "Transfer",
	onLogs: (logs) => seen.push(...logs),
});
const coin = { address, abi };
await done(await wallet.writeContract({ ...coin, functionName: "mint", args: [account.address, 1000n] }));
await new Promise((then) => setTimeout(then, 200));
const { request } = await read.simulateContract({
	...coin,
	account,
	functionName: "transfer",
	args: [other.address, 7n],
});
const paid = await done(await wallet.writeContract(request));
const logs = await read.getLogs({
	address,
	event: parseAbiItem("event Transfer(address indexed from, address indexed to, uint256 value)"),
	args: { to: other.address },
	fromBlock: deployed.blockNumber,
});
for (let tries = 0; seen.length < 2 && tries < 100; tries++)
	await new Promise((then) => setTimeout(then, 50));
unwatch();
const balance = { ...coin, functionName: "balanceOf" };
const balances = await read.multicall({
	contracts: [
		{ ...balance, args: [account.address] },
		{ ...balance, args: [other.address] },
	],
	allowFailure: false,
});
const block = await read.getBlock({ blockNumber: paid.blockNumber, includeTransactions: true });
const found = await read.getTransaction({ hash: paid.transactionHash });
const broke = createWalletClient({ account: other, chain, transport: http(url) });
const transfer = { ...coin, functionName: "transfer" };
const spent = { to: other.address, value: 1n, nonce: 0, gas: 21_000n };
const fees = await read.estimateFeesPerGas();

console.log(
	JSON.stringify(
		{
			status: paid.status,
			logs: logs.map((log) => [log.args.from, log.args.to, log.args.value]),
			seen: seen.length,
			balances,
			inBlock: block.transactions.map((transaction) => transaction.hash),
			paid: paid.transactionHash,
			from: found.from,
			account: account.address,
			other: other.address,
			atDeployment: await read.readContract({
				...balance,
				args: [account.address],
				blockNumber: deployed.blockNumber,
			}),
			gas: await read.estimateContractGas({ ...transfer, account, args: [other.address, 1n] }),
			used: paid.gasUsed,
			plainGas: await read.estimateGas({ account, to: other.address, value: 1n }),
			feesAreEnough: fees.maxFeePerGas >= block.baseFeePerGas,
			custom: await nameOf(
				read.simulateContract({ ...transfer, account: other, args: [account.address, 8n] }),
			),
			poor: await nameOf(broke.sendTransaction({ to: account.address, value: 1n, gas: 21_000n })),
			old: await nameOf(wallet.sendTransaction(spent)),
			history: (await read.getFeeHistory({ blockCount: 2, rewardPercentiles: [50] })).baseFeePerGas
				.length,
		},
		(_, value) => (typeof value === "bigint" ? Number(value) : value),
	),
);
