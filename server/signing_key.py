"""The secrets of this machine's stack, kept so that a restart signs nobody out."""

import os
import secrets
from pathlib import Path


def ensure(file: Path) -> Path:
    """The key that signs access tokens."""
    if file.exists():
        return file
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    pem = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return _write(file, pem)


def ensure_secret(file: Path) -> str:
    """What refresh tokens, limits and sealed values are keyed with."""
    return (file if file.exists() else _write(file, secrets.token_hex(32).encode())).read_text()


def _write(file: Path, content: bytes) -> Path:
    """Whole or not at all, and readable by its owner only."""
    new = file.with_suffix(".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(content)
    new.rename(file)
    return file
