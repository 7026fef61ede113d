"""What the four endpoint groups share: settings, database, identity, errors, web frame. It imports nothing of theirs."""
