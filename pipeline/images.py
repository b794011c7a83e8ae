"""Pictures in and out of bytes: decoding under limits, lossless encoding, perceptual hash."""

from __future__ import annotations

import hashlib
import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

Pixels = NDArray[np.uint8]  # HxWx3, RGB, 0..255
Mask = NDArray[np.bool_]  # HxW, True on the region

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF")


class Refused(ValueError):
    """An input that is not taken into a benchmark; the message is the reason shown to the user."""


def decode(data: bytes, *, max_pixels: int) -> Pixels:
    """The picture in `data`: right side up, 8-bit sRGB, transparency on white, all metadata gone.

    Raises Refused for what is empty, not an image, animated, truncated or larger than `max_pixels`.
    """
    if not data:
        raise Refused("the file is empty")
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            _check(image, max_pixels)
            image.load()
            return np.asarray(_to_rgb(ImageOps.exif_transpose(image)))
    except Refused:
        raise
    except UnidentifiedImageError:
        raise Refused(f"not an image of a known format ({', '.join(FORMATS)})") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refused(f"more than {max_pixels:,} pixels; shrink it first") from None
    except Exception as error:  # Pillow's readers raise whatever a broken file leads them to
        raise Refused(f"damaged image: {str(error) or type(error).__name__:.200}") from None


def _check(image: Image.Image, max_pixels: int) -> None:
    width, height = image.size
    if width * height > max_pixels:
        raise Refused(f"{width} x {height} is more than {max_pixels:,} pixels; shrink it first")
    if min(width, height) < 16:
        raise Refused(f"{width} x {height} is too small to edit; at least 16 pixels a side are needed")
    frames = getattr(image, "n_frames", 1)
    if frames > 1:
        raise Refused(f"animated ({frames} frames); save the frame you mean as a PNG")


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode in {"I", "F"}:  # Pillow would clip at 255, and nobody knows which value is white
        raise Refused("32 bits a pixel; save it with 8 or 16")
    if image.mode.startswith("I;16"):  # Pillow would clip 16-bit grey at 255 instead of scaling it
        return Image.fromarray((np.asarray(image).astype(np.uint32) // 257).astype(np.uint8)).convert("RGB")
    if image.mode in {"CMYK", "RGB", "LAB"} and image.info.get("icc_profile"):
        return _through_profile(image)
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("RGB")
    return image.convert("RGB")


def _through_profile(image: Image.Image) -> Image.Image:
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(image.info["icc_profile"]))
        converted = ImageCms.profileToProfile(
            image, profile, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except ImageCms.PyCMSError:  # a broken profile says nothing about the pixels
        converted = None
    return converted if converted is not None else image.convert("RGB")


def encode(pixels: Pixels) -> bytes:
    """`pixels` as a PNG. The same pixels give the same bytes."""
    return _png(Image.fromarray(pixels))


def encode_mask(mask: Mask) -> bytes:
    """`mask` as an 8-bit grey PNG, 255 on the region."""
    return _png(Image.fromarray(mask.astype(np.uint8) * 255))


def load(data: bytes) -> Pixels:
    """The pixels of a PNG this module wrote."""
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def load_mask(data: bytes) -> Mask:
    """The region of a mask PNG: True where it is lighter than half."""
    return np.asarray(Image.open(io.BytesIO(data)).convert("L")) > 127


def _png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(
        buffer, "PNG", compress_level=1
    )  # level 1: 6 times faster than the default for 15 % more bytes
    return buffer.getvalue()


def pixels_digest(pixels: Pixels) -> str:
    """sha256 of the shape and all pixels, as hex."""
    digest = hashlib.sha256(repr(pixels.shape).encode())
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.hexdigest()


def perceptual_hash(pixels: Pixels) -> str:
    """64-bit pHash (low frequencies of the DCT) as 16 hex digits, by the imagehash library."""
    import imagehash

    return str(imagehash.phash(Image.fromarray(pixels)))


def hash_distance(first: str, second: str) -> int:
    """Bits, 0..64, in which two perceptual hashes differ."""
    return (int(first, 16) ^ int(second, 16)).bit_count()
