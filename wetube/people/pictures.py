"""Pictures people send, made into small clean ones of ours.

Nothing of the file survives but its pixels: no metadata, no colour profile, no
second frame, no bytes behind the end.
"""

from io import BytesIO
from typing import BinaryIO

from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from wetube.people.models import Picture, User

BANNER = (1600, 400)
AVATAR = (320, 320)
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
MOST_BYTES = 10 * 1024**2
MOST_PIXELS = 40_000_000  # 120 MB once decoded
BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError)
BOMB = (Image.DecompressionBombError, Image.DecompressionBombWarning)


class BadPicture(Exception):
    """Not a picture we can show; the message says why."""


def make(owner: User, file: BinaryIO, size: tuple[int, int]) -> Picture:
    """A saved picture of exactly `size`, cut from the middle. Raises BadPicture."""
    webp = encode(file, size)
    return Picture.objects.create(owner=owner, webp=webp, width=size[0], height=size[1])


def encode(file: BinaryIO, size: tuple[int, int]) -> bytes:
    """WebP bytes of exactly `size`. Raises BadPicture before anything big is decoded."""
    data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise BadPicture(_("The picture is larger than 10 MB."))
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as image:
            _refuse_too_many_pixels(image)
            return _webp(image, size)
    except BOMB as error:
        raise _too_many_pixels() from error
    except BROKEN as error:
        raise BadPicture(
            _("This is not a JPEG, PNG, WebP or GIF picture, or it is damaged.")
        ) from error


def _webp(image: Image.Image, size: tuple[int, int]) -> bytes:
    image.draft("RGB", (size[0] * 2, size[1] * 2))  # a large JPEG is decoded smaller at once
    fitted = ImageOps.fit(ImageOps.exif_transpose(image).convert("RGBA"), size)
    # A new image takes the pixels over and leaves profiles, comments and EXIF behind.
    clean = Image.new("RGB", size, "white")
    clean.paste(fitted, mask=fitted)
    out = BytesIO()
    clean.save(out, "WEBP", quality=82)
    return out.getvalue()


def _refuse_too_many_pixels(image: Image.Image) -> None:
    if image.width * image.height > MOST_PIXELS:
        raise _too_many_pixels()


def _too_many_pixels() -> BadPicture:
    return BadPicture(_("The picture has more than 40 million pixels."))
