"""Notices that the certificate on the disk is another one, and has the node begin anew with it."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from gateway.node.certificates import BadCertificate, Certificate

EVERY = 60.0  # seconds between two looks

logger = logging.getLogger(__name__)


@dataclass
class Renewing:
    """A chore. `read` is the certificate as it is on the disk now, made anew where it ends soon;
    `shown` the one this process serves with.
    """

    read: Callable[[], Certificate]
    shown: Certificate
    begin_anew: Callable[[], object]
    every: float = EVERY

    async def run(self) -> None:
        while True:
            await asyncio.sleep(self.every)
            if await asyncio.to_thread(self.is_renewed):
                logger.info("The certificate was renewed: the node begins anew with it")
                self.begin_anew()
                return

    def is_renewed(self) -> bool:
        """False for files that do not do: they may be half written."""
        try:
            return self.read().digest != self.shown.digest
        except (BadCertificate, OSError) as error:
            logger.warning("The certificate on the disk will not do: %s", error)
            return False
