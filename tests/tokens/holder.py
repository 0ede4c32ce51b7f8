"""A wallet for tests: makes secrets, blinds them, keeps what the mint signed."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from tests.tokens import other_half
from wetube.cloudcoin import caps
from wetube.people.models import User
from wetube.tokens import (
    cbor,
    curve,
    denominations,
    inputs,
    keysets,
    minting,
    quotes,
    swapping,
    texts,
)
from wetube.tokens.inputs import Token
from wetube.tokens.models import BlindSignature, Quote
from wetube.tokens.outputs import Output


@dataclass(frozen=True)
class Secret:
    """What its holder keeps until the signature is here."""

    text: str
    r: bytes
    amount: int
    keyset: str

    @property
    def output(self) -> Output:
        return Output(
            amount=self.amount, keyset=self.keyset, b_=other_half.blind(self.text, self.r)
        )

    def token(self, signed: BlindSignature) -> Token:
        key = signed.keyset.keys[str(signed.amount)]
        proven = curve.Proven(c_=signed.signature, e=signed.e, s=signed.s)
        assert other_half.is_proven(key, signed.blinded, proven)
        c = other_half.unblind(signed.signature, self.r, key)
        return Token(
            amount=signed.amount,
            keyset=signed.keyset.key,
            secret=self.text,
            c=c,
            y=curve.y_of(self.text),
        )


def hidden(amounts: Sequence[int]) -> list[Secret]:
    keyset = keysets.current().key
    return [
        Secret(secrets.token_hex(32), other_half.random_scalar(), amount, keyset)
        for amount in amounts
    ]


def split(amount: int) -> list[Secret]:
    return hidden(denominations.split(amount))


def shown(kept: Sequence[Secret]) -> list[Output]:
    return [each.output for each in kept]


def opened(kept: Sequence[Secret], signed: Sequence[BlindSignature]) -> list[Token]:
    return [each.token(row) for each, row in zip(kept, signed, strict=True)]


def paid_quote(payer: User, amount: int) -> Quote:
    return quotes.pay(quotes.ask(amount), payer=payer)


def bought(payer: User, amount: int) -> list[Token]:
    kept = split(amount)
    return opened(kept, minting.sign(paid_quote(payer, amount), shown(kept)))


def swapped(tokens: Sequence[Token], amounts: Sequence[int]) -> list[Token]:
    kept = hidden(amounts)
    return opened(kept, swapping.swap(tokens, shown(kept)))


def as_json(token: Token) -> dict[str, object]:
    return {"amount": token.amount, "id": token.keyset, "secret": token.secret, "C": token.c}


def as_text(tokens: Sequence[Token]) -> str:
    """What its holder would send: `cashuB…`."""
    groups: list[cbor.Item] = [
        {
            "i": bytes.fromhex(token.keyset),
            "p": [{"a": token.amount, "s": token.secret, "c": bytes.fromhex(token.c)}],
        }
        for token in tokens
    ]
    return "cashuB" + texts.encoded(
        cbor.write({"m": texts.mint_url(), "u": denominations.UNIT, "t": groups})
    )


def blank_text(kept: Sequence[Secret]) -> str:
    """Outputs as they travel in X-Cashu-Outputs."""
    said = [output_json(each.output) for each in kept]
    return texts.encoded(json.dumps(said).encode())


def output_json(output: Output) -> dict[str, object]:
    return {"amount": output.amount, "id": output.keyset, "B_": output.b_}


def worth(tokens: Sequence[Token]) -> int:
    return inputs.total(tokens)


def unlimited(user: User) -> User:
    caps.limit(user, per_view=10**15, per_day=10**15)
    return user
