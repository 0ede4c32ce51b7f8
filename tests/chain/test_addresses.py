"""Addresses and their checksums."""

import pytest

from wetube.chain import addresses

# The examples of EIP-55.
EXAMPLES = [
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
    "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    "0x52908400098527886E0F7030069857D2E4169EE7",
]


@pytest.mark.parametrize("address", EXAMPLES)
def test_an_address_is_written_in_one_way(address: str) -> None:
    assert addresses.normal(address) == address
    assert addresses.normal(address.lower()) == address
    assert addresses.normal("0x" + address[2:].upper()) == address


def test_a_mistyped_digit_shows() -> None:
    mistyped = EXAMPLES[0].replace("0x5a", "0x6a")
    with pytest.raises(addresses.BadAddress):
        addresses.normal(mistyped)


@pytest.mark.parametrize(
    "text", ["", "0x", "5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0x" + "g" * 40]
)
def test_other_text_is_no_address(text: str) -> None:
    with pytest.raises(addresses.BadAddress):
        addresses.normal(text)
