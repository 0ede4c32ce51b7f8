"""The one WebSocket address."""

from channels.routing import URLRouter
from django.urls import path

from wetube.core.live import LiveConsumer

# Channels routes by Django's own `path`, whose stubs know views alone.
sockets = URLRouter([path("live/<str:room>/", LiveConsumer.as_asgi())])  # type: ignore[arg-type,list-item]
