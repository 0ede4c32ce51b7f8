// Compiles the contracts with the solc of npm: node contracts/compile.mjs [folder], unsaid contracts/build.
// The same sources and packages give the same bytes on every machine: no metadata is appended.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const HERE = dirname(fileURLToPath(import.meta.url));
const PACKAGES = join(HERE, "..", "node_modules");
const solc = createRequire(import.meta.url)("solc");

// Name of the contract → its source, as written below this folder.
const CONTRACTS = {
  Cloudcoin: "Cloudcoin.sol",
  CloudMint: "CloudMint.sol",
  GatewayVault: "GatewayVault.sol",
  BatchSettlement: "channels/BatchSettlement.sol",
  DepositCollector: "channels/DepositCollector.sol",
  Multicall: "channels/Multicall.sol",
};

// "Transient storage can break composability": said of OpenZeppelin's guard, which clears it after each call.
const KNOWN_WARNINGS = ["2394"];

const SETTINGS = {
  // Transient storage came with cancun; nothing later is needed, so that any chain of today will do.
  evmVersion: "cancun",
  viaIR: true,
  optimizer: { enabled: true, runs: 200 },
  metadata: { appendCBOR: false, bytecodeHash: "none" },
};

function main(folder) {
  const output = compile();
  mkdirSync(folder, { recursive: true });
  for (const [name, source] of Object.entries(CONTRACTS)) {
    const artifact = artifactOf(name, output.contracts[source][name]);
    writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(artifact, null, 1)}\n`);
  }
}

function compile() {
  const sources = Object.fromEntries(
    Object.values(CONTRACTS).map((path) => [path, { content: readFileSync(join(HERE, path), "utf8") }]),
  );
  const settings = { ...SETTINGS, outputSelection: wanted() };
  const input = { language: "Solidity", sources, settings };
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: found }));
  const complaints = (output.errors ?? []).filter((error) => !KNOWN_WARNINGS.includes(error.errorCode));
  if (complaints.length) {
    console.error(complaints.map((error) => error.formattedMessage).join("\n"));
    process.exit(1);
  }
  return output;
}

// Only what is deployed is compiled to the end: not each part it is made of.
function wanted() {
  const parts = ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"];
  return Object.fromEntries(Object.entries(CONTRACTS).map(([name, source]) => [source, { [name]: parts }]));
}

// Our own sources are imported by path, those of OpenZeppelin by package.
function found(path) {
  try {
    const base = path.startsWith("@") ? PACKAGES : HERE;
    return { contents: readFileSync(join(base, path), "utf8") };
  } catch (error) {
    return { error: String(error) };
  }
}

function artifactOf(name, contract) {
  return {
    name,
    abi: contract.abi,
    bytecode: `0x${contract.evm.bytecode.object}`,
    runtime: `0x${contract.evm.deployedBytecode.object}`,
    compiler: { version: solc.version(), evmVersion: SETTINGS.evmVersion, runs: SETTINGS.optimizer.runs },
  };
}

main(resolve(process.argv[2] ?? join(HERE, "build")));
