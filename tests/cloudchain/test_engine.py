"""The thread that runs the machine also is the one in which Python handles signals."""

import signal
import threading
import time
from pathlib import Path

from wetube.cloudchain import genesis
from wetube.cloudchain.chain import Chain
from wetube.cloudchain.engine import Engine
from wetube.cloudchain.store import Store


def test_a_signal_that_woke_nobody_is_handled_soon(tmp_path: Path) -> None:
    """The kernel may hand it to another thread, or just before this one begins to wait."""
    store = Store(tmp_path)
    genesis.open_or_begin(store, folder=tmp_path, asked_id=1, now=1)
    engine = Engine(Chain(store, chain_id=1, clock=time.time))
    before = signal.signal(signal.SIGUSR1, lambda *_: engine.stop())

    def elsewhere() -> None:
        time.sleep(0.3)
        signal.pthread_kill(threading.get_ident(), signal.SIGUSR1)

    other = threading.Thread(target=elsewhere)
    other.start()
    rescue = threading.Timer(20, engine.stop)
    rescue.start()
    try:
        engine.run()
        assert rescue.is_alive()
    finally:
        rescue.cancel()
        other.join()
        signal.signal(signal.SIGUSR1, before)
        store.close()
