"""Raw blocks and archives: answers that a client verifies for itself (IPFS trustless gateway)."""

import json
from base64 import b64encode
from functools import partial
from hashlib import sha256

from gateway import dispositions, formats
from gateway.answers import send_start
from gateway.asgi import Request
from gateway.formats import RAW, Format, Wanted
from gateway.hot import HotBlocks
from gateway.metering import Counting
from gateway.places import Place, written
from gateway.sending import send_bytes, unchanged
from gateway.streaming import Stream
from node_bridge import Extent, NodeEngine, Stat, dagpb
from node_bridge.cid import CBOR, DAG_CBOR, DAG_JSON, DAG_PB, JSON, parse

CODECS: dict[int, Format] = {
    CBOR: "cbor",
    DAG_CBOR: "dag-cbor",
    DAG_JSON: "dag-json",
    JSON: "json",
}


class TrustlessRoutes:
    """The forms of a place that are blocks, one or many."""

    def __init__(self, engine: NodeEngine, hot: HotBlocks, counting: Counting) -> None:
        self._engine = engine
        self._hot = hot
        self._counting = counting

    async def raw(self, request: Request, place: Place, stat: Stat) -> None:
        """The one block at the end of the path."""
        headers = place.headers(stat, etag=f'"{written(stat)}.raw"')
        headers["Content-Type"] = RAW
        headers["Content-Disposition"] = _disposition(request, "attachment", stat, "bin")
        if await unchanged(request, headers):
            return
        await self._send(request, place, await self._block(stat), headers)

    async def car(self, request: Request, place: Place, stat: Stat, wanted: Wanted) -> None:
        """The blocks on the way and those of the extent, as a stream of unknown length."""
        archive = formats.archive(request, wanted.details)
        mark = _mark(place.path, archive.extent)
        headers = place.headers(stat, etag=f'W/"{written(stat)}.car.{mark}"')
        headers["Accept-Ranges"] = "none"
        headers["Content-Type"] = archive.media_type
        headers["Content-Disposition"] = _disposition(request, "attachment", stat, "car")
        if await unchanged(request, headers):
            return
        if request.method == "HEAD":
            await send_start(request.send, 200, headers)
            await request.send({"type": "http.response.body", "body": b""})
            return
        pieces = self._hot.walk(lambda: self._engine.export_car(place.path, archive.extent))
        stream = Stream(self._hot, await self._hot.in_time(pieces))
        await stream.ready()
        await send_start(request.send, 200, headers)
        await stream.send_to(request, partial(self._counting.add, place.admitted.key))

    async def block(self, request: Request, place: Place, stat: Stat, asked: Format) -> None:
        """A block that is neither file nor folder, as it is; raises NotOffered for another form."""
        own = CODECS.get(parse(stat.cid).codec, "raw")
        suffix = own.removeprefix("dag-") if own != "raw" else "bin"
        if asked not in {"", own, suffix}:
            raise formats.NotOffered("One codec is not turned into another here.")
        form = asked or own
        headers = place.headers(stat, etag=f'"{written(stat)}.{form}"')
        kind = "inline" if suffix == "json" else "attachment"
        headers["Content-Type"] = formats.TYPES[form]
        headers["Content-Disposition"] = _disposition(request, kind, stat, suffix)
        if await unchanged(request, headers):
            return
        await self._send(request, place, await self._block(stat), headers)

    async def as_dag_json(self, request: Request, place: Place, stat: Stat) -> None:
        """A dag-pb node in its logical form; raises NotOffered for other blocks."""
        if parse(stat.cid).codec != DAG_PB:
            raise formats.NotOffered("One codec is not turned into another here.")
        headers = place.headers(stat, etag=f'"{written(stat)}.dag-json"')
        headers["Content-Type"] = formats.TYPES["dag-json"]
        headers["Content-Disposition"] = _disposition(request, "inline", stat, "json")
        if await unchanged(request, headers):
            return
        await self._send(request, place, _dag_json(await self._block(stat)), headers)

    async def _block(self, stat: Stat) -> bytes:
        return await self._hot.in_time(self._hot.run(lambda: self._engine.get_block(stat.cid)))

    async def _send(
        self, request: Request, place: Place, body: bytes, headers: dict[str, str]
    ) -> None:
        await send_bytes(request, body, headers, partial(self._counting.add, place.admitted.key))


def _disposition(request: Request, kind: str, stat: Stat, suffix: str) -> str:
    name = request.query.get("filename") or f"{written(stat)}.{suffix}"
    return dispositions.header(kind, name)


def _mark(path: str, extent: Extent) -> str:
    """Tells archives of one content apart."""
    return sha256(repr((path, extent)).encode()).hexdigest()[:16]


def _dag_json(block: bytes) -> bytes:
    node = dagpb.decode(block)
    links = [
        {"Hash": {"/": link.key.written}, "Name": link.name, "Tsize": link.dag_size}
        for link in node.links
    ]
    logical: dict[str, object] = {"Links": links}
    if node.data is not None:
        data = b64encode(node.data).decode().rstrip("=")
        logical = {"Data": {"/": {"bytes": data}}, **logical}
    return json.dumps(logical, ensure_ascii=False, separators=(",", ":")).encode()
