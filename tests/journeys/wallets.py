"""A wallet in somebody's browser, as an extension would be: it signs when its owner says yes."""

import json
from dataclasses import dataclass, field
from typing import Any

from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_account.signers.local import LocalAccount
from playwright.sync_api import BrowserContext

ANNOUNCE = """
(() => {
  const provider = {
    request: async ({ method, params = [] }) => {
      const said = JSON.parse(await window.askWallet(JSON.stringify({ method, params })));
      if (said.error) throw Object.assign(new Error(said.error.message), said.error);
      return said.result;
    },
  };
  const icon = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'/>";
  const info = { uuid: "7a2b", name: "Pocket", icon, rdns: "example.pocket" };
  const detail = Object.freeze({ info, provider });
  const announce = () =>
    window.dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail }));
  window.addEventListener("eip6963:requestProvider", announce);
  announce();
})();
"""
DECLINED = {"code": 4001, "message": "User rejected the request."}


@dataclass
class Pocket:
    """Speaks EIP-1193 and announces itself by EIP-6963; counts what it asks its owner."""

    chain_id: int
    account: LocalAccount = field(default_factory=Account.create)
    says_yes: bool = True
    connected: bool = False
    prompts: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        return str(self.account.address)

    @property
    def signatures(self) -> int:
        """How often its owner was asked to sign."""
        return self.prompts.count("eth_signTypedData_v4")

    def live_in(self, context: BrowserContext) -> None:
        """From now on every page of this browser finds it."""
        context.expose_binding("askWallet", lambda _source, said: json.dumps(self._ask(said)))
        context.add_init_script(ANNOUNCE)

    def _ask(self, said: str) -> dict[str, Any]:
        call = json.loads(said)
        method, params = call["method"], call["params"]
        if method == "eth_chainId":
            return {"result": hex(self.chain_id)}
        if method == "eth_accounts":
            return {"result": [self.address] if self.connected else []}
        self.prompts.append(method)
        if not self.says_yes:
            return {"error": DECLINED}
        if method == "eth_requestAccounts":
            self.connected = True
            return {"result": [self.address]}
        if method == "eth_signTypedData_v4":
            return {"result": self._signed(*params)}
        return {"error": {"code": 4200, "message": "Unsupported method."}}

    def _signed(self, address: str, typed_data: str) -> str:
        data = json.loads(typed_data)
        assert address.lower() == self.address.lower()
        assert int(data["domain"]["chainId"]) == self.chain_id, "signed for another chain"
        signed = self.account.sign_message(encode_typed_data(full_message=data))
        return f"0x{signed.signature.hex().removeprefix('0x')}"
