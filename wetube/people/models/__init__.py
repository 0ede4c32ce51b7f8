"""The rows of people: who they are, what they publish under, how they get in."""

from wetube.people.models.channel import Channel, Follow, Picture
from wetube.people.models.credentials import (
    KeyPairs,
    Passkey,
    Phrase,
    RecoveryCode,
    SecondStep,
    Token,
)
from wetube.people.models.traces import Login, SpentProof
from wetube.people.models.user import User, UserManager

__all__ = [
    "Channel",
    "Follow",
    "KeyPairs",
    "Login",
    "Passkey",
    "Phrase",
    "Picture",
    "RecoveryCode",
    "SecondStep",
    "SpentProof",
    "Token",
    "User",
    "UserManager",
]
