"""What a node measures its line with: so many bytes taken, so many given."""

import os

from django.http import HttpRequest, HttpResponse

from wetube.nodes.api import door
from wetube.nodes.api.door import BadBody
from wetube.people import limits
from wetube.people.limits import Limit

MOST = 4 << 20  # bytes either way
A_NODE = Limit("line", 12, 60)  # requests
ALL = Limit("lines", 60, 60)


@door.streamed
def line(peer_id: str, request: HttpRequest) -> HttpResponse:
    """POST ?size=: reads the body, whatever it is, and answers with `size` random bytes."""
    limits.take(A_NODE, peer_id)
    limits.take(ALL, "")
    size = request.GET.get("size", "")
    if not (size.isascii() and size.isdigit() and len(size) <= len(str(MOST))):
        raise BadBody("How many bytes? ?size=1000")
    if int(size) > MOST or len(request.read(MOST + 1)) > MOST:
        raise BadBody(f"A line is measured with at most {MOST} bytes.")
    return HttpResponse(os.urandom(int(size)), content_type="application/octet-stream")
