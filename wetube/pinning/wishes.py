"""What a client asks to have pinned, read strictly out of its JSON."""

import json
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from wetube.content import cids
from wetube.pinning.refusals import BadRequest

MOST_NAME = 255  # letters, by the specification
MOST_ORIGINS, LONGEST_ORIGIN = 20, 512
MOST_META, LONGEST_META = 1000, 4096  # pairs; letters of a key or a value
LONGEST_CID = 256
FENCE = "\x1f"  # between pairs of meta; JSON never holds it bare


@dataclass(frozen=True, slots=True)
class Wish:
    """A Pin object of the API: `asked` as it was written, `cid` canonical."""

    asked: str
    cid: str
    name: str = ""
    origins: tuple[str, ...] = ()
    meta: dict[str, str] = field(default_factory=dict)

    @property
    def folded(self) -> str:
        return self.name.casefold()

    @property
    def pairs(self) -> str:
        """Every pair between fences, so that one string tells whether a pair is among them."""
        return FENCE.join(["", *(pair(key, value) for key, value in self.meta.items()), ""])


def pair(key: str, value: str) -> str:
    return json.dumps([key, value])


def read(body: bytes) -> Wish:
    """The wish in a request's body; raises BadRequest."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadRequest(_("The body is not JSON.")) from error
    if not isinstance(said, dict):
        raise BadRequest(_("The body is a Pin object: a cid, and perhaps name, origins, meta."))
    return wish(said)


def wish(said: dict[str, Any]) -> Wish:
    """Raises BadRequest."""
    asked = _text(said.get("cid"), "cid", LONGEST_CID)
    name = said.get("name")
    return Wish(
        asked=asked,
        cid=canonical(asked),
        name="" if name is None else _text(name, "name", MOST_NAME),
        origins=_origins(said.get("origins")),
        meta=meta(said.get("meta")),
    )


def canonical(text: str) -> str:
    """The CID in the one form that is compared; raises BadRequest."""
    try:
        return cids.canonical(text)
    except cids.BadCid as error:
        raise BadRequest(str(error)) from error


def meta(said: object) -> dict[str, str]:
    """Pairs of text; raises BadRequest."""
    if said is None:
        return {}
    if not isinstance(said, dict) or len(said) > MOST_META:
        raise BadRequest(_("meta is an object of texts."))
    return {
        _text(key, "meta", LONGEST_META): _text(value, "meta", LONGEST_META)
        for key, value in said.items()
    }


def _origins(said: object) -> tuple[str, ...]:
    if said is None:
        return ()
    if not isinstance(said, list) or len(said) > MOST_ORIGINS:
        raise BadRequest(_("origins is a list of at most 20 multiaddrs."))
    origins = tuple(_text(origin, "origins", LONGEST_ORIGIN) for origin in said)
    if not all(origin.startswith("/") for origin in origins):
        raise BadRequest(_("origins is a list of at most 20 multiaddrs."))
    return tuple(dict.fromkeys(origins))


def _text(value: object, field_name: str, most: int) -> str:
    """Text that every database keeps as it is."""
    good = isinstance(value, str) and len(value) <= most and "\0" not in value
    if not good or not _is_unicode(str(value)):
        says = _("%(field)s is a text of at most %(most)s letters.")
        raise BadRequest(says % {"field": field_name, "most": most})
    return str(value)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a pair of surrogates
        return False
    return True
