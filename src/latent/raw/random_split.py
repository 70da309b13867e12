"""Which images are held out, where nobody has said it."""

import hashlib
import unicodedata


def hash_to_unit(name: str, seed: int) -> float:
    """Return a number in [0, 1) that nothing but the name of an image and the seed decides.

    An image whose number lies below the share of held-out images is one of them: so another image
    more or less moves none from one split to the other. The two ways in which Unicode writes é
    count as one, for file systems replace one by the other.
    """
    text = f"{seed}:{unicodedata.normalize('NFC', name)}"
    digest = hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()
    return int.from_bytes(digest[:6]) / 2**48
