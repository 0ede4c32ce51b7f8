"""What the published conformance suite fetches, made anew from its recipes.

Where a recipe fixes every byte the CIDs are the published ones, and stand here
beside it: they prove that we write what Kubo writes.
"""

from dataclasses import dataclass, field
from hashlib import sha512
from random import Random

from node_bridge.cid import DAG_CBOR, RAW, SHA2_512, ParsedCid
from tests.conformance.graphs import Graphs, Made, linking

HELLO = b"hello application/vnd.ipld.car\n"
MIXED = (
    b"Lorem ipsum dolor sit amet, consectetur adipiscing elit. Nunc non imperdiet nunc. Proin "
    b"ac quam ut nibh eleifend aliquet. Vestibulum ante ipsum primis in faucibus orci luctus "
    b"et ultrices posuere cubilia curae; Sed ligula dolor, imperdiet sagittis arcu et, semper "
    b"tincidunt urna. Donec et tempor augue, quis sollicitudin metus. Curabitur semper "
    b"ullamcorper aliquet. Mauris hendrerit sodales lectus eget fermentum. Proin sollicitudin "
    b"vestibulum commodo. Vivamus nec lectus eu augue aliquet dignissim nec condimentum justo."
    b" In hac habitasse platea dictumst. Mauris vel sem neque.\n\nVivamus finibus, enim at "
    b"lacinia semper, arcu erat gravida lacus, sit amet gravida magna orci sit amet est. Sed "
    b"non leo lacus. Nullam viverra ipsum a tincidunt dapibus. Nulla pulvinar ligula sit amet "
    b"ante ultrices tempus. Proin purus urna, semper sed lobortis quis, gravida vitae ipsum. "
    b"Aliquam mi urna, pulvinar eu bibendum quis, convallis ac dolor. In gravida justo sed "
    b"risus ullamcorper, vitae luctus massa hendrerit. Pellentesque habitant amet."
)
MIXED_PIECES = (
    "bafkreie5noke3mb7hqxukzcy73nl23k6lxszxi5w3dtmuwz62wnvkpsscm",
    "bafkreih4ephajybraj6wnxsbwjwa77fukurtpl7oj7t7pfq545duhot7cq",
    "bafkreigu7buvm3cfunb35766dn7tmqyh2um62zcio63en2btvxuybgcpue",
    "bafkreicll3huefkc3qnrzeony7zcfo7cr3nbx64hnxrqzsixpceg332fhe",
    "bafkreifst3pqztuvj57lycamoi7z34b4emf7gawxs74nwrc2c7jncmpaqm",
)
CACHE_ROOTS = (
    "bafybeib3ffl2teiqdncv3mkz4r23b5ctrwkzrrhctdbne6iboayxuxk5ui",
    "bafybeih2w7hjocxjg6g2ku25hvmd53zj7og4txpby3vsusfefw5rrg5sii",
    "bafybeiawdvhmjcz65x5egzx4iukxc72hg4woks6v6fvgyupiyt3oczk5ja",
    "bafybeifq2rzpqnqrsdupncmkmhs3ckxxjhuvdcbvydkgvch3ms24k5lo7q",
    "bafkreicysg23kiwv34eg2d7qweipxwosdo2py4ldv42nbauguluen5v6am",
)
LISTING_ROOT = "bafybeig6ka5mlwkl4subqhaiatalkcleo4jgnr3hqwvpmsqfca27cijp3i"
LISTING_FILE = "bafkreialihlqnf5uwo4byh4n3cmwlntwqzxxs2fg5vanqdi3d7tb2l5xkm"
SYMLINK_ROOT = "QmWvY6FaqFMS89YAQ9NAPjVP4WZKA1qbHbicc9HeSKQTgt"
TRICKY_ROOT = "bafybeiflhd5aimv4xavauidbetge3v3uadbqfibu5lfo4b26yyieqvnvae"
NESTED_ROOT = "bafybeiab2yboxqoybfufvfjatsmqu2mkzf6piueex7xwsk74tdxobyuw6u"
SLASHED_ROOT = "bafybeihuqitp4tzukehqfyaozl6zexd7szyzeywojuynfxopnn7dqjepv4"
PERCENT = "Portugal%2C+España=Peninsula Ibérica.txt"
TRICKY = {
    "plain.txt": "plain ascii name",
    "with space.txt": "name with space",
    "100% sure.txt": "name with percent sign",
    "a#b?c.txt": "name with hash and question mark",
    "łódź.txt": "name with latin diacritics",
    "emoji🚀.txt": "name with emoji",
    "你好.txt": "name in chinese",
    "ファイル.txt": "name in japanese",
    "파일.txt": "name in korean",
    "ملف.txt": "name in arabic",
    "קובץ.txt": "name in hebrew",
    "файл.txt": "name in cyrillic",
    "αρχείο.txt": "name in greek",
    "नमस्ते.txt": "name in devanagari",
    "ไฟล์.txt": "name in thai",
}


@dataclass
class Fixtures:
    """Everything, under the names of the published archives."""

    graphs: Graphs = field(default_factory=Graphs)
    whole: Graphs = field(default_factory=lambda: Graphs(piece=262_144))
    old: Graphs = field(default_factory=lambda: Graphs(version=0, piece=1024))

    large: Graphs = field(default_factory=lambda: Graphs(piece=1 << 20))

    def __post_init__(self) -> None:
        whole = self.whole
        ascii_file, hello = whole.file(HELLO), whole.file(b"hello world\n")
        self.ascii, self.multiblock = ascii_file, self.graphs.file(MIXED)
        self.block_dir = whole.folder({"ascii.txt": ascii_file})
        self.block_root = whole.folder({"dir": self.block_dir})
        self.two_dir = whole.folder({"ascii.txt": ascii_file, "hello.txt": hello})
        self.two_root = whole.folder({"subdir": self.two_dir})
        self.mixed_dir = whole.folder({"ascii.txt": ascii_file, "multiblock.txt": self.multiblock})
        self.mixed_root = whole.folder({"subdir": self.mixed_dir})
        duplicates = {"ascii.txt": ascii_file, "ascii-copy.txt": ascii_file, "hello.txt": hello}
        self.hello = hello
        self.duplicates = whole.folder({**duplicates, "multiblock.txt": self.multiblock})
        self._cache()
        self._names()
        self._documents()
        self._orders()
        numbers = {f"{n}.txt": self.graphs.file(b"%04d " % n * 64) for n in range(1, 1001)}
        self.numbers, self.sharded = numbers, self.graphs.sharded(numbers)
        lines = [b"".join(b"%03d words\n" % (100 * n + m) for m in range(102)) for n in range(3)]
        self.torn_data = b"".join(line[:1023] + b"\n" for line in (line * 2 for line in lines))
        self.torn = self.old.file(self.torn_data)
        self.torn_leaves = [key for key in self.old.blocks if key != self.torn.key]
        self.symlink = self.old.folder(
            {"foo": self.old.file(b"content\n"), "bar": self.old.symlink("foo")}
        )

        self.cut = self.large.file(Random(4).randbytes(4 << 20))

    def archives(self) -> list[bytes]:
        """All of it as CARs; a leaf of the torn file and of the cut one stay away."""
        first = Made(next(iter(self.whole.blocks)), 0)
        return [
            self.graphs.archive(self.sharded),
            self.whole.archive(first),
            self.large.archive(self.cut, without=[list(self.large.blocks)[3]]),
            self.old.archive(self.torn, self.symlink, without=[self.torn_leaves[1]]),
        ]

    def _cache(self) -> None:
        self.cache = [self.whole.file(b"hello\n")]
        for name in ("index.html", "root4", "root3", "root2"):
            self.cache.insert(0, self.whole.folder({name: self.cache[0]}))

    def _names(self) -> None:
        whole = self.whole
        texts = {name: whole.file(f"{line}\n".encode()) for name, line in TRICKY.items()}
        self.tricky = whole.folder(texts)
        encoder = whole.folder({"file!'()*~.txt": whole.file(b"name with encoder traps\n")})
        self.nested = whole.folder({"sub dir": encoder})
        inside = whole.folder({"b.txt": whole.file(b"real nested file\n")})
        decoy = whole.file(b"not path-addressable\n")
        self.slashed = whole.folder({"a": inside, "a/b.txt": decoy})
        percent = whole.file(b"hello from a percent encoded filename\n")
        self.percent = whole.folder({PERCENT: percent})
        about = {
            name: f"I am a txt file in confusing /{name} dir\n" for name in ("api", "ipfs", "ipns")
        }
        folders = {
            name: whole.folder({"file.txt": whole.file(text.encode())})
            for name, text in about.items()
        }
        self.listed_file = whole.file(b"I am a txt file on path with utf8\n")
        deepest = whole.folder({"file-źł.txt": self.listed_file})
        self.listed = whole.folder({**folders, "ą": whole.folder({"ę": deepest})})

    def _documents(self) -> None:
        files = {"single": self.hello.key, "multi": self.multiblock.key}
        self.files = self.whole.put(linking(files), DAG_CBOR)
        nested = b"\xa1\x65files" + linking(files)
        self.document = self.whole.put(nested, DAG_CBOR)
        self.document_root = self.whole.folder({"document": Made(self.document, len(nested))})
        self.sha512 = ParsedCid(RAW, sha512(b"hello").digest(), SHA2_512)
        self.whole.blocks[self.sha512] = b"hello"

    def _orders(self) -> None:
        """One folder and one shard, each with its data before its links and behind them."""
        leaf = self.whole.file(b"hello\n")
        plain = self.whole.folder({"hello.txt": leaf})
        shard = self.whole.sharded({"hello.txt": leaf})
        self.orders = [plain, self._turned(plain), shard, self._turned(shard)]

    def _turned(self, made: Made) -> Made:
        block = self.whole.blocks[made.key]
        links = 2 + block[1]
        return Made(self.whole.put(block[links:] + block[:links], made.key.codec), made.weight)
