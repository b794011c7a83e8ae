"""Read or draw one picture: decode under limits, refuse what must not be stored, keep its truth."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from .config import BuildConfig
from .images import (
    Pixels,
    Refused,
    decode,
    encode,
    encode_mask,
    hash_distance,
    perceptual_hash,
    pixels_digest,
)
from .plain_file import read_plain
from .sources import SourceItem, Truth, read_bytes, read_truth
from .stage import Result, Seen, Stage
from .store import Json, Store, sha256


class Ingest(Stage[SourceItem]):
    """One picture into the store: `image`, and where the truth is known `mask`."""

    name = "ingest"
    version = 1

    def __init__(self, config: BuildConfig) -> None:
        self.source = source = config.source
        self.params: dict[str, Json] = {
            "kind": source.kind,
            "licence": source.licence,
            "max_pixels": source.max_pixels,
            "blocklist": sorted(read_blocklist(source.blocklist)),
        }

    def inputs(self, item: SourceItem) -> tuple[str, ...]:
        """A scene's seed and size; a file's bytes and what truth says of it."""
        if self.source.kind == "scenes":
            return ("scene", item.location, str(self.source.size))
        root = Path(self.source.path)
        try:
            digest = sha256(read_bytes(item, root))
        except Refused as error:  # then the reason is what the result depends on
            digest = str(error)
        return (item.name, digest, *_truth_digests(self._truth(item), root))

    def run(self, store: Store, item: SourceItem) -> Result:
        """Refuses what is no usable image, what is on the block-list, and truth that does not fit."""
        return self._scene(store, item) if self.source.kind == "scenes" else self._file(store, item)

    def _scene(self, store: Store, item: SourceItem) -> Result:
        from .scenes import make_scene

        scene = make_scene(int(item.location), self.source.size, split="test")
        outputs = {
            "image": store.put(encode(scene.image)),
            "mask": store.put(encode_mask(scene.mask)),
        }
        seen = [(thing.concept, thing.contexts) for thing in scene.objects if thing.concept]
        return Result(outputs, self._value(item, scene.image, seen, synthetic=True))

    def _file(self, store: Store, item: SourceItem) -> Result:
        root = Path(self.source.path)
        data = read_bytes(item, root)
        blocked = read_blocklist(self.source.blocklist)
        if sha256(data) in blocked:
            raise Refused("on the block-list")
        pixels = decode(data, max_pixels=self.source.max_pixels)
        if is_blocked(perceptual_hash(pixels), blocked):
            raise Refused("on the block-list (by perceptual hash)")
        truth = self._truth(item)
        outputs = {"image": store.put(encode(pixels))}
        if truth:
            outputs["mask"] = store.put(_mask_of(truth, root, pixels, self.source.max_pixels))
        seen = list(truth.sightings) if truth else []
        return Result(outputs, self._value(item, pixels, seen, synthetic=bool(truth and truth.synthetic)))

    def _truth(self, item: SourceItem) -> Truth | None:
        return read_truth(Path(self.source.path)).get(item.name) if self.source.kind == "folder" else None

    def _value(
        self, item: SourceItem, pixels: Pixels, seen: list[Seen], *, synthetic: bool
    ) -> dict[str, Json]:
        drawn = self.source.kind == "scenes"
        return {
            "name": item.name,
            "width": pixels.shape[1],
            "height": pixels.shape[0],
            "pixels": pixels_digest(pixels),
            "phash": perceptual_hash(pixels),
            "licence": "CC0-1.0" if drawn else self.source.licence,
            "source": "safeeditbench scenes" if drawn else self.source.kind,
            "synthetic": synthetic,
            "seen": [[concept, list(contexts)] for concept, contexts in seen],
        }


def _mask_of(truth: Truth, root: Path, pixels: Pixels, max_pixels: int) -> bytes:
    """The truth's mask as PNG. Raises Refused where it has another size than the picture."""
    mask = decode(read_plain(truth.mask, root), max_pixels=max_pixels)
    if mask.shape != pixels.shape:
        sizes = [f"{shape[1]} x {shape[0]}" for shape in (mask.shape, pixels.shape)]
        raise Refused(f"its mask is {sizes[0]}, the image {sizes[1]}; make them one size")
    return encode_mask(mask[..., 0] > 127)


def _truth_digests(truth: Truth | None, root: Path) -> list[str]:
    if truth is None:
        return []
    try:
        mask = sha256(read_plain(truth.mask, root))
    except Refused as error:
        mask = str(error)
    return [repr(truth.sightings), mask, str(truth.synthetic)]


@lru_cache(maxsize=4)
def read_blocklist(path: str) -> frozenset[str]:
    """Hex lines of a block-list: sha256 of files (64 digits) and perceptual hashes (16 digits)."""
    return frozenset(Path(path).read_text().lower().split()) if path else frozenset()


def is_blocked(phash: str, blocked: frozenset[str], bits: int = 4) -> bool:
    """Whether a perceptual hash is within `bits` of a listed one."""
    return any(len(line) == 16 and hash_distance(line, phash) <= bits for line in blocked)
