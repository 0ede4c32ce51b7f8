"""What the page does with points and texts is what the stock library does."""

import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.chain

SCRIPT = Path(__file__).with_name("page_modules.mjs")


def test_the_page_and_the_stock_library_agree(repository: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs node")

    done = subprocess.run(
        [node, "--no-warnings", str(SCRIPT)],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert (done.returncode, done.stdout) == (0, "ok"), done.stderr
