"""The parts of the API, the most wanted first: a cold start imports them in this order until one has the answer.

`posts` is the last of them: its `/{post_id}` would take `/feed` for a slug.
"""

PARTS = tuple(f"posts.routes.{part}" for part in ("comments", "reactions", "follows", "notifications", "posts"))
