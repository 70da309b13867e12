"""The random split into training and test set, for images without a given split."""

import hashlib
import unicodedata


def hash_to_unit(name: str, seed: int) -> float:
    """Return a number in [0, 1) that depends only on the name of an image and the seed.

    An image belongs to the test set if its number is below the fraction of test images. Adding or
    removing images therefore never moves another image to the other split. The name is normalised
    to Unicode form NFC first, because some file systems change the form.
    """
    text = f"{seed}:{unicodedata.normalize('NFC', name)}"
    digest = hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()
    return int.from_bytes(digest[:6]) / 2**48
