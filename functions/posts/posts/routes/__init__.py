"""The parts of the API, the most wanted first: a cold start imports them in this order until one has the answer.

Those with a path of one word stand before `posts`, which takes any word for a post's slug.
"""

PARTS = tuple(
    f"posts.routes.{part}"
    for part in (
        "comments",
        "reactions",
        "follows",
        "notifications",
        "purchases",
        "revisions",
        "images",
        "syndication",
        "posts",
        "moderation",
    )
)
