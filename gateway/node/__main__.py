"""`python -m gateway.node`: the node's command, without Django."""

import sys

from gateway.node.command import main

sys.exit(main(sys.argv[1:]))
