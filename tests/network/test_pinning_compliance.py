"""The IPFS project's own suite for pinning services, against our service over HTTP."""

import json
import subprocess
from pathlib import Path

import pytest
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from script import front_end
from tests import make
from wetube.people import tokens
from wetube.pinning.models import PinRequest

PACKAGE = "@ipfs-shipyard/pinning-service-compliance"
CHECKS = 9  # two of tokens, add, list, replace, match, pages, two of deleting


@pytest.mark.network
@pytest.mark.django_db(transaction=True)
def test_the_compliance_suite_passes_whole(
    repository: Path, live_server: LiveServer, settings: Settings, tmp_path: Path
) -> None:
    suite = repository / "tests" / "node_modules" / PACKAGE / "dist" / "src" / "index.js"
    node = front_end.find_npm().node_folder / "node"
    assert suite.is_file(), "script/test network brings it from npm"
    report = suite.parents[1] / "docs" / "localhost.json"
    report.unlink(missing_ok=True)
    settings.KEYS_DIR = tmp_path
    _token, secret = tokens.mint(make.user("alice"), name="suite", scopes=["pins"])
    schemas = Path(__file__).with_name("schemas_at_hand.cjs")
    done = subprocess.run(
        [node, "--require", schemas, suite, "-s", f"{live_server.url}/pinning/v1", secret],
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert json.loads(report.read_text()) == {
        "total": CHECKS,
        "passed": CHECKS,
        "failed": 0,
        "success": True,
    }, said
    assert not PinRequest.objects.exists()
