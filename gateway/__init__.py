"""The gateway: one raw-ASGI application for all big bytes, in and out."""

from gateway.app import Gateway
from gateway.refusals import Refused
from gateway.seams import Asked, Counter, Door, Meter, NotReceived, Peer, Receiver, Router, Site
from gateway.uploads import Upload, Uploads

__all__ = [
    "Asked",
    "Counter",
    "Door",
    "Gateway",
    "Meter",
    "NotReceived",
    "Peer",
    "Receiver",
    "Refused",
    "Router",
    "Site",
    "Upload",
    "Uploads",
]
