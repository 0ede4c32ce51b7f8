"""The one WebSocket address."""

from django.urls import path

from wetube.core.live import LiveConsumer

websocket_urlpatterns = [
    path("live/<str:room>/", LiveConsumer.as_asgi())  # type: ignore[arg-type]  # Channels' own way
]
