"""The JSON API of the site, put together from the apps; its OpenAPI is at /api/v1/openapi.json."""

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from wetube.cloudcoin.api import router as wallet
from wetube.giving.api import router as giving
from wetube.people.api import router as people
from wetube.tokens.api import router as tokens
from wetube.video.api import router as videos

REFUSED = {
    "description": "What was sent does not fit; one entry for each fault.",
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "properties": {"detail": {"type": "array", "items": {"type": "object"}}},
                "required": ["detail"],
            }
        }
    },
}
UNREADABLE = {**REFUSED, "description": "The body is not JSON."}
UNREADABLE["content"] = {
    "application/json": {"schema": {"type": "object", "properties": {"detail": {"type": "string"}}}}
}


class DescribedAPI(NinjaAPI):
    """Ninja answers 422 and 400 by itself; a description that leaves them out is not true."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**options)
        for path in schema["paths"].values():
            for operation in path.values():
                if operation.get("parameters") or operation.get("requestBody"):
                    operation["responses"].setdefault("422", REFUSED)
                if operation.get("requestBody"):
                    operation["responses"].setdefault("400", UNREADABLE)
        return schema


api = DescribedAPI(
    title="WeTube",
    version="1",
    description="Upload and edit videos, keep channels, see the wallet. Tokens: /settings/tokens/.",
    urls_namespace="api",
)
api.add_router("", people)
api.add_router("", videos)
api.add_router("/wallet", wallet)
api.add_router("/wallet", giving)
api.add_router("/wallet", tokens)
