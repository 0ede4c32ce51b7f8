"""The JSON API of the site, put together from the apps; its OpenAPI is at /api/v1/openapi.json."""

from ninja import NinjaAPI

from wetube.cloudcoin.api import router as wallet
from wetube.people.api import router as people
from wetube.video.api import router as videos

api = NinjaAPI(
    title="WeTube",
    version="1",
    description="Upload and edit films, keep channels, see the wallet. Tokens: /settings/tokens/.",
    urls_namespace="api",
)
api.add_router("", people)
api.add_router("", videos)
api.add_router("/wallet", wallet)
