"""What was acknowledged is on disk: through kill -9, a full disk, and a second process."""

import json
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError

import eth_account
import pytest
from eth_account.signers.local import LocalAccount

from tests.chains import servers
from tests.chains.servers import RpcFault, TestChain

pytestmark = pytest.mark.chain
KILLS = 20
ENDURE = "tests/cloudchain/killed_chain.py"
