"""Addresses of the network: what nodes ask, and the pages of those who run them."""

from django.urls import path

from wetube.nodes.api import joining

app_name = "nodes"
urlpatterns = [
    path("nodes/v1/gateway", joining.gateway, name="gateway"),
    path("nodes/v1/nodes", joining.nodes, name="register"),
    path("nodes/v1/heartbeat", joining.heartbeat, name="heartbeat"),
    path("nodes/v1/exit", joining.leave, name="leave"),
]
