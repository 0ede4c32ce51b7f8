"""Pages are made by a few threads that stay, each with its own open database connection.

Django's own ASGI handler makes a thread for every request, and with it a database
connection that dies with the thread. With 50 visitors at once most of the time then goes
into threads that wait for each other; here the visitors wait in line instead.
"""

from concurrent.futures import ThreadPoolExecutor

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.db import close_old_connections
from django.http import HttpRequest
from django.http.response import HttpResponseBase

# Making a page is the processor's work: more threads would only pass it to and fro.
READERS = 4
# A form waits: for a disk, a lock, a slow hash, the till's next commit.
WRITERS = 16


class PagesHandler(ASGIHandler):
    """Django's handler, whose synchronous part runs in threads of our own.

    What is asked for and what is sent have threads apart, so that neither waits for the other.
    """

    def __init__(self, *, readers: int = READERS, writers: int = WRITERS) -> None:
        super().__init__()
        self.readers = ThreadPoolExecutor(readers, thread_name_prefix="reader")
        self.writers = ThreadPoolExecutor(writers, thread_name_prefix="writer")

    def load_middleware(self, is_async: bool = False) -> None:  # noqa: FBT001, FBT002 - Django's
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        threads = self.readers if request.method in {"GET", "HEAD"} else self.writers
        make = sync_to_async(self._make, thread_sensitive=False, executor=threads)
        return await make(request)

    def _make(self, request: HttpRequest) -> HttpResponseBase:
        """Django lets go of old connections only in the thread it sends its signals from."""
        close_old_connections()
        try:
            return self.get_response(request)
        finally:
            close_old_connections()
