"""One file a payment provider; see money/provider.py for what it has in it."""
