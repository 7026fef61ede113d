"""The key that signs access tokens on this machine, kept so that a restart signs nobody out."""

import os
from pathlib import Path


def ensure(file: Path) -> Path:
    """Written whole or not at all, and readable by its owner only."""
    if file.exists():
        return file
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    pem = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    new = file.with_suffix(".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(pem)
    new.rename(file)
    return file
